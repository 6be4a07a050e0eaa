"""What a comparison is made of: models in columns, and rows of facts, parameters and numbers measured alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from catalog.models import Metric, ModelVersion, RegisteredModel
from catalog.selectors.facts import Fact
from catalog.selectors.measurements import Conditions, Interval, Measurement, best_of

FEWEST, MOST = 2, 12


@dataclass(frozen=True, slots=True)
class Column:
    """One model in the comparison, by the version that stands for it."""

    model: RegisteredModel
    version: ModelVersion | None

    @property
    def ref(self) -> str:
        return self.version.ref if self.version else self.model.ref

    @property
    def url(self) -> str:
        return self.version.get_absolute_url() if self.version else self.model.get_absolute_url()


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of every column, in their order."""

    key: str
    label: str
    kind: str
    facts: tuple[Fact, ...]

    @property
    def differs(self) -> bool:
        return len({(fact.text, fact.number) for fact in self.facts}) > 1

    @property
    def needs_digits(self) -> bool:
        """Whether two numbers differ by so little that rounded to three digits they may look alike."""
        numbers = sorted({fact.number for fact in self.facts if fact.number is not None})
        return any(0 < high < low * 1.01 for low, high in pairwise(numbers))

    @property
    def cells(self) -> list[tuple[Fact, bool]]:
        """Each fact with whether it stands out from what most of the columns say."""
        return list(zip(self.facts, stand_out([fact.text for fact in self.facts]), strict=True))


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter (or package) of every column; None where it is not recorded."""

    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        return len({json.dumps(value, sort_keys=True) for value in self.values}) > 1

    @property
    def texts(self) -> list[str | None]:
        """The values as a reader wants them: lists joined, flags as words."""
        return [None if value is None else plain(value) for value in self.values]

    @property
    def cells(self) -> list[tuple[str | None, bool]]:
        """Each text with whether it stands out from what most of the columns say."""
        return list(zip(self.texts, stand_out(self.texts), strict=True))


@dataclass(frozen=True)
class MetricRow:
    """Numbers measured alike: same metric, data set, split and slice, in the metric's unit."""

    conditions: Conditions
    metric: Metric
    dataset: str
    measurements: tuple[Measurement | None, ...]

    @cached_property
    def values(self) -> list[float | None]:
        return [m.value if m else None for m in self.measurements]

    @property
    def intervals(self) -> list[Interval | None]:
        """What each value is known within, where its source says so."""
        return [m.interval if m else None for m in self.measurements]

    @property
    def best(self) -> list[int]:
        """Positions of the best values by the metric's direction; several when tied."""
        return best_of(self.values, self.metric.direction, self.intervals)

    @property
    def worst(self) -> list[int]:
        """Positions of the worst values; several when tied, none when they tie with the best."""
        turned = {"higher": "lower", "lower": "higher"}.get(self.metric.direction, "")
        found = best_of(self.values, turned, self.intervals)
        return [] if set(found) & set(self.best) else found

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[Measurement | None, bool]]:
        """Each measurement with whether it is marked as best (never when all are equal)."""
        best = self.best if self.differs else []
        return [(m, position in best) for position, m in enumerate(self.measurements)]

    @property
    def split_is_assumed(self) -> bool:
        return any(m is not None and m.split_is_assumed for m in self.measurements)


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Measurements of one metric on one data set that must not share a row, and what differs.

    `differs` names the conditions (`split`, `slice`), or is `value` where one source states several
    numbers under the same conditions. Each entry of `measurements` is a position, its conditions and number.
    """

    metric: Metric
    dataset: str
    dataset_slug: str
    differs: tuple[str, ...]
    measurements: tuple[tuple[int, Conditions, Measurement], ...]
    names: tuple[str, ...]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """One line a number, for tables: the model's name, its conditions, the measurement."""
        return [
            {"name": self.names[position], "conditions": conditions, "measurement": measurement}
            for position, conditions, measurement in self.measurements
        ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the comparison page, its downloads and the API show."""

    columns: tuple[Column, ...]
    facts: tuple[FactRow, ...]
    parameters: tuple[ParameterRow, ...]
    packages: tuple[ParameterRow, ...]
    metrics: tuple[MetricRow, ...]
    not_comparable: tuple[NotComparable, ...]
    measured_once: int = 0

    @property
    def changed_facts(self) -> list[FactRow]:
        """Facts that differ."""
        return [row for row in self.facts if row.differs]

    @property
    def differing_parameters(self) -> int:
        """How many parameters differ."""
        return sum(row.differs for row in self.parameters)

    @property
    def changed_parameters(self) -> list[ParameterRow]:
        """Parameters and packages that differ."""
        return [row for row in (*self.parameters, *self.packages) if row.differs]

    @property
    def changed_metrics(self) -> list[MetricRow]:
        """The most important numbers that differ, measured alike; at most eight."""
        return [row for row in self.metrics if row.differs][:8]


class WrongNumber(Exception):
    """Fewer than two or more than twelve models were asked for."""

    def __init__(self, count: int) -> None:
        named = "one was" if count == 1 else f"{count} were"
        super().__init__(f"Compare {FEWEST} to {MOST} models; {named} named. Repeat the parameter `model`.")


def stand_out(values: Sequence[object]) -> list[bool]:
    """Which values are not the most frequent one; of equally frequent ones the first counts as usual."""
    usual = max(values, key=lambda value: (values.count(value), -values.index(value)))
    return [value != usual for value in values]


def plain(value: object) -> str:
    """A parameter's value as text: lists joined with commas, flags as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
