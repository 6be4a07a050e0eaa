"""What was measured: the numbers of versions by their stated conditions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F

from catalog.models import ModelVersion
from core.compiled import Compiled
from evaluations.models import MetricValue
from vocabulary.models import Dataset, Metric


class Conditions(NamedTuple):
    """What must be the same before two numbers may stand side by side. `dataset` is a slug, or empty."""

    metric: str
    dataset: str = ""
    split: str = ""
    slice: str = ""


class Interval(NamedTuple):
    """What a number is known within: from `low` to `high`; `about` says what that is."""

    low: float
    high: float
    about: str = ""


class Measurement(NamedTuple):
    """One number of a version as it was read, in the metric's unit, and what it was measured on.

    `value` is None where the source states several different numbers under the same conditions; `several` are all
    of them.
    """

    version_id: int
    metric_id: int
    dataset_id: int | None
    split: str
    slice: str
    at: datetime | None
    value: float | None
    low: float | None
    high: float | None
    about: str
    split_is_assumed: bool
    pk: int  # of the `MetricValue`, which knows the source and its own words
    several: tuple[float, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        return self.value is None

    @property
    def stated(self) -> tuple[float, ...]:
        """All numbers that the source states."""
        return self.several if self.value is None else (self.value,)

    @property
    def interval(self) -> Interval | None:
        """What the number is known within, where its source says so."""
        return None if self.low is None or self.high is None else Interval(self.low, self.high, self.about)


# A number as Postgres gives it, to be made a `Measurement` of where it is shown: of ten thousand few are.
Row = tuple[Any, ...]
AT, VALUE, LOW, ASSUMED = map(Measurement._fields.index, ("at", "value", "low", "split_is_assumed"))


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything measured for some versions: rows by version and conditions, and what their slugs stand for."""

    by_version: dict[int, dict[Conditions, Row]]
    metrics: dict[str, Metric]
    datasets: dict[str, str]

    def of(self, versions: Iterable[ModelVersion]) -> "Measured":
        """The same for some of the versions."""
        return replace(self, by_version={version.pk: self.by_version[version.pk] for version in versions})

    def groups(self, conditions: Iterable[Conditions]) -> list[list[Conditions]]:
        """By metric and data set, the most important metrics first, then by name; each by split and slice."""
        groups: dict[tuple[str, ...], list[Conditions]] = defaultdict(list)
        for one in conditions:
            groups[one[:2]].append(one)
        found = sorted(groups.values(), key=self._place)
        for group in found:
            group.sort()
        return found

    def _place(self, group: Sequence[Conditions]) -> tuple[int, str, str]:
        metric = self.metrics[group[0].metric]
        return -metric.importance, metric.name, self.datasets[group[0].dataset]


NUMBERS = Compiled(
    lambda ids: (
        MetricValue.objects.filter(evaluation__version__in=ids)
        .order_by(F("evaluation__evaluated_at").desc(nulls_last=True), "evaluation_id", "occurrence")
        .values_list(
            "evaluation__version_id",
            "metric_id",
            "evaluation__dataset_id",
            "evaluation__split",
            "evaluation__slice",
            "evaluation__evaluated_at",
            "value",
            "low",
            "high",
            "interval",
            "evaluation__split_is_assumed",
            "pk",
        )
    )
)
DATASETS = Compiled(
    lambda ids: Dataset.objects.filter(pk__in=ids).order_by().values_list("pk", "slug", "name")
)


def measured(versions: Iterable[ModelVersion]) -> Measured:
    """All measurements of `versions`. Three queries, whatever their number.

    Where a version was measured again under the same conditions later, the latest counts. Callers have
    checked that the viewer may see the versions.
    """
    found: dict[int, dict[Conditions, Row]] = {version.pk: {} for version in versions}
    rows = NUMBERS(found)
    # Names are told once each: twelve models of nine hundred numbers share most of their conditions.
    metrics = Metric.objects.in_bulk({row[1] for row in rows})
    datasets: dict[int | None, tuple[str, str]] = {None: ("", "")}
    for pk, slug, name in DATASETS({row[2] for row in rows} - {None}):
        datasets[pk] = slug, name
    named: dict[Row, Conditions] = {}
    for row in rows:
        key = row[1:5]
        conditions = named.get(key)
        if conditions is None:
            conditions = named[key] = Conditions(metrics[row[1]].slug, datasets[row[2]][0], row[3], row[4])
        column = found[row[0]]
        before = column.get(conditions)
        if before is None:
            column[conditions] = row
        elif before[AT] == row[AT] and row[VALUE] not in (first := Measurement(*before)).stated:
            column[conditions] = first._replace(value=None, several=(*first.stated, row[VALUE]))
    return Measured(found, {metric.slug: metric for metric in metrics.values()}, dict(datasets.values()))


def best_of(
    values: Sequence[float | None],
    direction: str,
    intervals: Sequence[Interval | None] = (),
) -> list[int]:
    """Positions of the best among `values` (None where not measured), several when tied.

    Numbers tie when they are equal, or when the intervals they are known within meet: then neither source says that
    one is better. Empty when the metric has no better direction or fewer than two were measured.
    """
    present = [value for value in values if value is not None]
    if direction not in ("higher", "lower") or len(present) < 2:
        return []
    target = max(present) if direction == "higher" else min(present)
    if not any(intervals):
        return [position for position, value in enumerate(values) if value == target]
    known = [
        None if value is None else (interval.low, interval.high) if interval else (value, value)
        for value, interval in zip(values, intervals, strict=True)
    ]
    low, high = next(span for span, value in zip(known, values, strict=True) if span and value == target)
    return [
        position
        for position, span in enumerate(known)
        if span is not None and span[0] <= high and span[1] >= low
    ]
