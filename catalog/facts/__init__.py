"""The facts that a version states of itself, each declared once: see `base` for what a declaration gives."""

from catalog.facts.base import VersionFact, register, unregister, version_facts
from catalog.facts.registered import register_facts

register_facts()

__all__ = ["VersionFact", "register", "unregister", "version_facts"]
