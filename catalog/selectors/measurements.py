"""What was measured: the numbers of versions by their stated conditions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from catalog.models import Metric, MetricValue, ModelVersion


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
    """The number of one version under given conditions.

    `value` is None where the source states several different numbers under the same conditions;
    all of them are in `stated`. Values are in the metric's unit.
    """

    value: float | None
    stated: tuple[float, ...]
    words: str = ""
    raw_value: float | None = None
    raw_unit: str = ""
    split_is_assumed: bool = False
    source: str = ""
    source_url: str = ""
    at: datetime | None = None
    interval: Interval | None = None

    @property
    def is_ambiguous(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything measured for some versions: the numbers, and the definitions they refer to."""

    by_version: dict[int, dict[Conditions, Measurement]]
    metrics: dict[str, Metric]
    datasets: dict[str, str]


def measured(versions: Sequence[ModelVersion]) -> Measured:
    """All measurements of `versions`. Two queries, whatever their number.

    Where a version was measured again under the same conditions later, the latest counts. Callers have
    checked that the viewer may see the versions.
    """
    rows = (
        MetricValue.objects.filter(evaluation__version__in=[version.pk for version in versions])
        .order_by(F("evaluation__evaluated_at").desc(nulls_last=True), "evaluation_id", "occurrence")
        .values_list(
            "evaluation__version_id",
            "metric__slug",
            "evaluation__dataset__slug",
            "evaluation__dataset__name",
            "evaluation__split",
            "evaluation__slice",
            "value",
            "words",
            "raw_value",
            "raw_unit",
            "evaluation__split_is_assumed",
            "evaluation__source__name",
            "evaluation__source__url",
            "low",
            "high",
            "interval",
            "evaluation__evaluated_at",
        )
    )
    stated: dict[tuple[int, Conditions], list[tuple]] = defaultdict(list)  # type: ignore[type-arg]
    datasets: dict[str, str] = {}
    for version_id, metric, dataset, name, split, slice_, *rest in rows:
        datasets[dataset or ""] = name or ""
        stated[version_id, Conditions(metric, dataset or "", split, slice_)].append(tuple(rest))
    found: dict[int, dict[Conditions, Measurement]] = {version.pk: {} for version in versions}
    for (version_id, conditions), numbers in stated.items():
        newest = numbers[0][-1]
        current = [number for number in numbers if number[-1] == newest]
        values = tuple(dict.fromkeys(number[0] for number in current))
        _, words, raw, unit, assumed, source, url, low, high, about, at = current[0]
        found[version_id][conditions] = Measurement(
            values[0] if len(values) == 1 else None,
            values,
            words,
            raw,
            unit,
            assumed,
            source or "",
            url or "",
            at,
            Interval(low, high, about) if low is not None else None,
        )
    slugs = {conditions.metric for rows in found.values() for conditions in rows}
    metrics = {metric.slug: metric for metric in Metric.objects.filter(slug__in=slugs)}
    return Measured(found, metrics, datasets)


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
