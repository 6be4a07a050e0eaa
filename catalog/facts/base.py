"""What a fact of a version is, and the registry of all of them.

From its declaration a fact gets its place in the form for a new version, in the API's input, answers and description,
on the pages of models and versions, in the comparison, in what importers may state, and, for text, in the words that
search reads. Only a new column needs a migration.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What a fact is, and so how it is written: a number of things, operations or bytes; a day; text."""

    COUNT = "count"
    FLOPS = "flops"
    BYTES = "bytes"
    DATE = "date"
    TEXT = "text"

    @property
    def is_number(self) -> bool:
        return self in (Kind.COUNT, Kind.FLOPS, Kind.BYTES)


@dataclass(frozen=True, slots=True)
class VersionFact:
    """One column of a version that states a fact.

    `column` names it in the API, forms, records and origins; `key` on pages and in comparisons. `position` orders the
    facts of a page: those of the structure (training data, signature) have theirs in `catalog.selectors.facts`.
    """

    column: str
    key: str
    label: str
    kind: Kind = Kind.TEXT
    position: int = 100
    longest: int = 300  # characters of a text
    form_label: str = ""  # where the form says more than `label`
    help: str = ""
    in_lists: bool = False  # stands in the API's lists of versions, too, not only in one version
    is_searched: bool = True  # its text is among the words that search reads


_facts: dict[str, VersionFact] = {}


def register(fact: VersionFact) -> VersionFact:
    """Add a fact.

    Raises:
        ValueError: its column or key is taken.
    """
    if fact.column in _facts or any(other.key == fact.key for other in _facts.values()):
        raise ValueError(f"a fact is called {fact.column} or {fact.key} already")
    _facts[fact.column] = fact
    return fact


def unregister(fact: VersionFact) -> None:
    """Take a fact out again, as tests do with theirs."""
    del _facts[fact.column]


def version_facts() -> Iterable[VersionFact]:
    """All facts, in the order of their declaration."""
    return tuple(_facts.values())
