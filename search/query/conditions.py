"""What a model must fulfil to be found, free of any engine's words: single conditions, and how they combine."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from search.query.values import quoted, quoted_name, write_value


@dataclass(frozen=True, slots=True)
class Filter:
    """Models with at least one of `values` in a facet."""

    facet: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        values = " OR ".join(quoted(value) for value in self.values)
        return f"{self.facet}:{values}" if len(self.values) == 1 else f"{self.facet}:({values})"


@dataclass(frozen=True, slots=True)
class Range:
    """Models with a number or date between two ends, either of which may be open.

    The ends belong to it unless `above` or `below` says that they do not.
    """

    field: str
    minimum: float | date | None = None
    maximum: float | date | None = None
    above: bool = False
    below: bool = False

    def __str__(self) -> str:
        return _between(self.field, self)


@dataclass(frozen=True, slots=True)
class MetricKey:
    """A metric, perhaps on one data set, by their slugs."""

    metric: str
    dataset: str = ""

    def __str__(self) -> str:
        return f"{self.metric}@{self.dataset}" if self.dataset else self.metric


@dataclass(frozen=True, slots=True)
class MetricRange:
    """Models that some version of was measured with a value between two ends, in the metric's own unit."""

    key: MetricKey
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    below: bool = False
    is_percent: bool = False  # said with a %, for a number that would be read as a share without it

    def __str__(self) -> str:
        metric, dataset = quoted_name(self.key.metric), quoted_name(self.key.dataset)
        name = f"{metric}@{dataset}" if self.key.dataset else metric
        return _between(name, self, "%" if self.is_percent else "")


@dataclass(frozen=True, slots=True)
class Attribute:
    """Models with a value of one of the organisation's own attributes: words, a number, a date, yes or no."""

    slug: str
    value: str | float | date | bool | None = None
    minimum: float | date | None = None
    maximum: float | date | None = None
    above: bool = False
    below: bool = False

    def __str__(self) -> str:
        if self.value is None:
            return _between(self.slug, self)
        value = {True: "yes", False: "no"}[self.value] if isinstance(self.value, bool) else self.value
        return f"{self.slug}:{quoted(value) if isinstance(value, str) else write_value(value)}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Models with these words, one after the other."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Words:
    """Models with all these words somewhere; in their name only when `in_name`."""

    text: str
    in_name: bool = False

    def __str__(self) -> str:
        return f"name:{quoted(self.text)}" if self.in_name else self.text


@dataclass(frozen=True, slots=True)
class Not:
    """Models that do not fulfil the part."""

    part: "Condition"

    def __str__(self) -> str:
        words = _grouped(self.part)
        return f"NOT {words}" if words.startswith("-") else f"-{words}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Models that fulfil every part."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " ".join(_grouped(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Models that fulfil at least one part."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " OR ".join(_grouped(part) if isinstance(part, AnyOf) else str(part) for part in self.parts)


Condition: TypeAlias = Filter | Range | MetricRange | Attribute | Phrase | Words | Not | AllOf | AnyOf


def is_group(part: Condition) -> bool:
    """Whether the part needs brackets where it stands beside others."""
    return isinstance(part, AllOf | AnyOf) or (
        isinstance(part, Words) and not part.in_name and " " in part.text
    )


def _grouped(part: Condition) -> str:
    return f"({part})" if is_group(part) else str(part)


def _between(name: str, ends: Range | MetricRange | Attribute, unit: str = "") -> str:
    low, high = ends.minimum, ends.maximum
    if low is not None and low == high:
        return f"{name}={write_value(low)}{unit}"
    if low is not None and high is not None:
        return f"{name}:{write_value(low)}..{write_value(high)}"
    if low is not None:
        return f"{name}{'>' if ends.above else '>='}{write_value(low)}{unit}"
    return f"{name}{'<' if ends.below else '<='}{'' if high is None else write_value(high)}{unit}"
