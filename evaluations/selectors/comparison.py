"""What a comparison is made of: models in columns, and rows of facts, parameters and numbers measured alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any, NamedTuple

from catalog.models import ModelVersion, RegisteredModel
from catalog.selectors.facts import Fact
from evaluations.selectors.measurements import ASSUMED, LOW, Conditions, Interval, Measurement, Row, best_of
from vocabulary.models import Metric

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

    @property
    def words(self) -> str:
        """What a reader may look for."""
        return " ".join([self.label, *(fact.text for fact in self.facts)])


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

    @property
    def words(self) -> str:
        """What a reader may look for."""
        return " ".join([self.name, *(text or "" for text in self.texts)])


class MetricRow(NamedTuple):
    """Numbers measured alike: same metric, data set, split and slice, in the metric's unit.

    `values` has None where a version was not measured, or its source states several numbers. Of thousands of rows a
    page shows a hundred, so all else waits until it is asked for.
    """

    conditions: Conditions
    metric: Metric
    dataset: str
    values: list[float | None]
    rows: list[Row | None]

    @property
    def measurements(self) -> list[Measurement | None]:
        return [Measurement(*row) if row else None for row in self.rows]

    @property
    def intervals(self) -> list[Interval | None]:
        """What each value is known within, where its source says so."""
        return [Interval(*row[LOW : LOW + 3]) if row and row[LOW] is not None else None for row in self.rows]

    @property
    def extremes(self) -> tuple[list[int], list[int]]:
        """Positions of the best values by the metric's direction and of the worst; several when tied.

        None is the worst when it ties with the best.
        """
        intervals = self.intervals
        turned = {"higher": "lower", "lower": "higher"}.get(self.metric.direction, "")
        best = best_of(self.values, self.metric.direction, intervals)
        worst = best_of(self.values, turned, intervals)
        return best, [] if set(worst) & set(best) else worst

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[Measurement | None, bool]]:
        """Each measurement with whether it is marked as best (never when all are equal)."""
        best = self.extremes[0] if self.differs else []
        return [(m, position in best) for position, m in enumerate(self.measurements)]

    @property
    def split_is_assumed(self) -> bool:
        return any(row is not None and row[ASSUMED] for row in self.rows)

    @property
    def where(self) -> str:
        """What the numbers were measured on."""
        return " · ".join(
            part for part in (self.dataset, self.conditions.split, self.conditions.slice) if part
        )

    @property
    def words(self) -> str:
        """What a reader may look for."""
        return " ".join((self.metric.name, self.dataset, self.conditions.split, self.conditions.slice))


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Measurements of one metric on one data set that must not share a row, and what differs.

    `differs` names the conditions (`split`, `slice`), or is `value` where one source states several
    numbers under the same conditions. Each entry of `rows` is a position, its conditions and number.
    """

    metric: Metric
    dataset: str
    dataset_slug: str
    differs: tuple[str, ...]
    rows: tuple[tuple[int, Conditions, Row], ...]
    names: tuple[str, ...]

    @property
    def measurements(self) -> list[tuple[int, Conditions, Measurement]]:
        return [(position, conditions, Measurement(*row)) for position, conditions, row in self.rows]


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
    def changed_parameters(self) -> list[ParameterRow]:
        """Parameters and packages that differ."""
        return [row for row in (*self.parameters, *self.packages) if row.differs]

    @property
    def changed_metrics(self) -> list[MetricRow]:
        """The most important numbers that differ, measured alike; at most eight."""
        return list(islice((row for row in self.metrics if row.differs), 8))


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
