"""What can be wrong with a search, in words for the person who asked."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text something stands, in characters."""

    start: int
    end: int


class InvalidQuery(DomainError):
    """A search that cannot be understood: which parameter, why, and what would do."""

    place: Place | None = None  # where in the text, when it is the text that is wrong

    def __init__(self, parameter: str, reason: str, suggestion: str = "") -> None:
        self.parameter = parameter
        self.reason = reason
        self.suggestion = suggestion
        super().__init__(f"{reason} {suggestion}".strip(), field=parameter, status=400)


class EngineAway(Exception):
    """The search engine does not answer, or cannot answer now; Postgres does instead."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean …?` for the closest known word, or nothing."""
    close = difflib.get_close_matches(word[:80].lower(), list(known), n=1, cutoff=0.6)
    return f"Did you mean “{close[0]}”?" if close else ""
