"""What every quantity that rules compare has in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from alerts.models import Rule
from catalog.models import ModelVersion, RegisteredModel

Pair = tuple[Rule, RegisteredModel]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value and the moment it stands for."""

    at: datetime
    value: float


@dataclass(slots=True)
class Subject:
    """What a rule measures on one model or version: a series of readings, newest first, for each of its conditions.

    Values stand in one series only when measured under the same conditions. `words` say what a part is, such as the
    data set; the part "" needs none.
    """

    version: ModelVersion | None = None
    series: dict[str, list[Reading]] = field(default_factory=dict)


class Quantity(Protocol):
    """A kind of rule. `measures` are its choices of `Rule.measure`, with their words."""

    measures: Mapping[str, str]

    def measure(self, pairs: Sequence[Pair]) -> Mapping[tuple[int, int], Sequence[Subject]]:
        """The subjects of each (rule, model), by their ids. A constant number of queries for all pairs."""
        ...

    def words(self, rule: Rule, value: float | None, part: str) -> str:
        """What a value is, in a sentence without its subject: `F1 is 0.71 on fraud-eval, below 0.8`."""
        ...

    def unit(self, rule: Rule) -> str:
        """The unit of the threshold."""
        ...


def number(value: float) -> str:
    """A number as people write it: no zeros at the end, thousands set apart, six digits that count."""
    text = f"{value:,.6g}"
    return text if "e" not in text else f"{value:,.0f}" if abs(value) >= 1 else text


def with_unit(value: float | None, unit: str) -> str:
    return "not measured" if value is None else f"{number(value)} {unit}".strip()


def comparison(rule: Rule, unit: str) -> str:
    """The rule's condition in words: `below 0.8 for 3 values in a row`."""
    row = f" for {rule.in_a_row} {rule.get_row_of_display()} in a row" if rule.in_a_row > 1 else ""
    return f"{rule.op} {with_unit(rule.threshold, unit)}{row}"
