"""Writing measurements: mapped onto the vocabulary, the source's own words kept beside."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from access.policy import require
from access.viewer import Viewer
from catalog.models import ModelVersion, Parameter
from catalog.services import activity
from catalog.services.registered import lock_model
from core.errors import Conflict, Invalid
from core.validation import translate_db_errors, validate_row
from evaluations.models import Evaluation, MetricValue
from evaluations.services.records import EvaluationIn, MetricIn
from vocabulary.models import Dataset
from vocabulary.services.resolving import (
    Mapped,
    MetricWords,
    datasets_named,
    scaled,
)

BATCH = 2000
# Data set, split, slice, time and source: the conditions that numbers share.
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """The evaluations that hold what was handed in; `is_new` is false when all of it stood there already."""

    evaluations: tuple[Evaluation, ...]
    is_new: bool


@transaction.atomic
def add_evaluation(*, viewer: Viewer, version: ModelVersion, evaluation: EvaluationIn) -> Added:
    """Add measurements to a version.

    Metric words may imply a slice or split (“mAP small”), so that one call may fill several evaluations.
    The same numbers handed in again change nothing.

    Raises:
        NotAllowed: less than a contributor. Conflict: other numbers stand under the same conditions.
        Invalid: not a finite number, out of the metric's range, unknown unit; the field names the row.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    added = write_evaluations(version, [evaluation], within="")
    if added.is_new:
        activity.record(
            viewer=viewer,
            verb="evaluated",
            model=version.model,
            version=version,
            label=version.label,
            metrics=len(evaluation.metrics),
        )
    return added


def write_evaluations(
    version: ModelVersion, given: Sequence[EvaluationIn], *, within: str = "evaluations"
) -> Added:
    """Write the measurements. The model's row is held by the caller; about ten queries and one for 2,000 rows.

    Raises:
        Conflict, Invalid: as `add_evaluation`.
    """
    if not given:
        return Added((), False)
    places = [f"{within}[{position}]." if within else "" for position in range(len(given))]
    datasets = datasets_named(
        {one.dataset: None for one in given if one.dataset},
        field=f"{within}.dataset" if within else "dataset",
    )
    words = MetricWords({number.metric: None for one in given for number in one.metrics})
    rows: dict[Key, Evaluation] = {}
    values: dict[Key, list[MetricValue]] = defaultdict(list)
    parameters: dict[str, float] = {}
    for place, one in zip(places, given, strict=True):
        if not one.metrics:
            raise Invalid("Give at least one metric.", field=f"{place}metrics")
        dataset = datasets.get(one.dataset)
        for position, number in enumerate(one.metrics):
            field = f"{place}metrics[{position}]"
            mapped = words.map(number.metric, number.value, unit=number.unit, source=one.source, field=field)
            if mapped.metric is None:
                parameters[mapped.parameter] = mapped.value
                continue
            row = _evaluation(version, one, dataset, mapped.split, mapped.slice, place)
            key: Key = (row.dataset_id, row.split, row.slice, row.evaluated_at, row.source_id)
            rows.setdefault(key, row)
            values[key].append(
                validate_row(
                    MetricValue(
                        metric=mapped.metric,
                        value=mapped.value,
                        words=number.metric,
                        raw_value=number.value,
                        raw_unit=number.unit,
                        **_interval(number, mapped, field),
                    ),
                    within=f"{field}.",
                )
            )
    for numbers in values.values():
        _number_occurrences(numbers)
    there = _standing(version, rows, values)
    fresh = [key for key in rows if key not in there]
    with translate_db_errors():
        made = [rows[key] for key in fresh if rows[key].pk is None]
        Evaluation.objects.bulk_create(made, batch_size=BATCH)
        for key in fresh:
            for value in values[key]:
                value.evaluation = rows[key]
        MetricValue.objects.bulk_create([value for key in fresh for value in values[key]], batch_size=BATCH)
        kept = [
            validate_row(Parameter(version=version, name=name, value=value))
            for name, value in parameters.items()
        ]
        Parameter.objects.bulk_create(kept, ignore_conflicts=True)
    return Added(tuple(there.get(key) or rows[key] for key in rows), bool(fresh))


def _evaluation(
    version: ModelVersion, one: EvaluationIn, dataset: Dataset | None, split: str, slice_: str, place: str
) -> Evaluation:
    stated = split or one.split
    assumed = "" if stated or dataset is None else dataset.default_split
    return validate_row(
        Evaluation(
            version=version,
            dataset=dataset,
            dataset_words=one.dataset,
            split=stated or assumed,
            split_is_assumed=bool(assumed),
            slice="; ".join(part for part in (slice_, one.slice) if part),
            evaluated_at=one.evaluated_at,
            source=one.source,
        ),
        within=place,
    )


def _interval(number: MetricIn, mapped: Mapped, field: str) -> dict[str, Any]:
    """The ends of the interval in the metric's own unit.

    Raises:
        Invalid: one end alone, ends that do not enclose the number, a spread below 0 or beside ends.
    """
    low, high = number.low, number.high
    if number.spread is not None:
        if low is not None or high is not None:
            raise Invalid("Give a spread, or low and high, not both.", field=f"{field}.spread")
        if number.spread < 0:
            raise Invalid("A spread is 0 or more.", field=f"{field}.spread")
        low, high = number.value - number.spread, number.value + number.spread
    if low is None and high is None:
        return {}
    if low is None or high is None:
        raise Invalid("Give both low and high.", field=f"{field}.{'low' if low is None else 'high'}")
    if not low <= number.value <= high:
        raise Invalid(
            f"The interval {low:g} to {high:g} does not hold {number.value:g}.", field=f"{field}.low"
        )
    ends = [scaled(end, mapped.factor) for end in (low, high)]
    return {
        "low": min(ends[0], mapped.value),
        "high": max(ends[1], mapped.value),
        "interval": number.interval or ("standard deviation" if number.spread is not None else ""),
    }


def _number_occurrences(numbers: Sequence[MetricValue]) -> None:
    counts: dict[int, int] = defaultdict(int)
    for number in numbers:
        counts[number.metric_id] += 1
        number.occurrence = counts[number.metric_id]


def _standing(
    version: ModelVersion,
    rows: dict[Key, Evaluation],
    values: dict[Key, list[MetricValue]],
) -> dict[Key, Evaluation]:
    """Those of `rows` that stand already with the same numbers. Two queries.

    Where one stands without any number yet (it has statistics only), it takes its place in `rows`.
    """
    found: dict[Key, Evaluation] = {}
    for old in Evaluation.objects.filter(version=version).prefetch_related("values"):
        key: Key = (old.dataset_id, old.split, old.slice, old.evaluated_at, old.source_id)
        if key not in rows:
            continue
        before, now = _told(old.values.all()), _told(values[key])
        if not before:
            rows[key] = old
            continue
        if before != now:
            raise Conflict(
                "Other numbers stand under these conditions. Say when these were measured (evaluated_at), "
                "or on which slice, to add them beside.",
                field="evaluated_at",
            )
        found[key] = old
    return found


def _told(values: Iterable[MetricValue]) -> list[tuple[object, ...]]:
    """What numbers say, for telling whether others say the same."""
    return sorted(
        (value.metric_id, value.occurrence, value.value, str((value.low, value.high, value.interval)))
        for value in values
    )
