"""What was measured: the numbers of versions by their stated conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from catalog.compiled import Compiled
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


NUMBERS = Compiled(
    lambda ids: (
        MetricValue.objects.filter(evaluation__version__in=ids)
        .order_by(F("evaluation__evaluated_at").desc(nulls_last=True), "evaluation_id", "occurrence")
        .values_list(
            "evaluation__version_id",
            "metric__slug",
            "evaluation__dataset__slug",
            "evaluation__split",
            "evaluation__slice",
            "evaluation__evaluated_at",
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
            "evaluation__dataset__name",
        )
    )
)


def measured(versions: Sequence[ModelVersion]) -> Measured:
    """All measurements of `versions`. Two queries, whatever their number.

    Where a version was measured again under the same conditions later, the latest counts. Callers have
    checked that the viewer may see the versions.
    """
    found: dict[int, dict[Conditions, Measurement]] = {version.pk: {} for version in versions}
    datasets: dict[str, str] = {}
    named: dict[
        tuple[str, ...], Conditions
    ] = {}  # each once: twelve models of nine hundred numbers share most
    for row in NUMBERS(found):
        version_id, metric, dataset, split, slice_, at, value, *others = row
        words, raw, unit, assumed, source, url, low, high, about, name = others
        key = (metric, dataset or "", split, slice_)
        conditions = named.get(key)
        if conditions is None:
            conditions = named[key] = Conditions(*key)
            datasets[key[1]] = name or ""
        column = found[version_id]
        before = column.get(conditions)
        if before is None:
            interval = Interval(low, high, about) if low is not None else None
            column[conditions] = Measurement(
                value, (value,), words, raw, unit, assumed, source or "", url or "", at, interval
            )
        elif before.at == at and value not in before.stated:
            column[conditions] = before._replace(value=None, stated=(*before.stated, value))
    metrics = {metric.slug: metric for metric in Metric.objects.filter(slug__in={key[0] for key in named})}
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
