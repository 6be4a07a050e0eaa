"""From measurements in a source's own words to rows that can be written: the one place where this is decided.

It writes nothing. Single writes (`evaluations.services.evaluations`) and batches (`ingestion.writer`) build the same
drafts; they differ only in what they do with what is refused.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.errors import Invalid
from core.validation import tidy_line
from evaluations.services.records import EvaluationIn, MetricIn
from vocabulary.models import Dataset, Source
from vocabulary.resolver import Meaning, Resolver, check_number, to_own_unit

LONGEST = {"unit": 40, "split": 120, "slice": 300, "dataset": 300, "interval": 60}


class Conditions(NamedTuple):
    """What numbers of one version share: they stand in one evaluation."""

    dataset_id: int | None
    split: str
    slice: str
    evaluated_at: dt.datetime | None
    source_id: int | None


class Number(NamedTuple):
    """One row of `MetricValue` but for its evaluation."""

    metric_id: int
    value: float
    words: str
    raw_value: float
    raw_unit: str
    occurrence: int
    low: float | None = None
    high: float | None = None
    interval: str = ""

    @property
    def content(self) -> tuple[object, ...]:
        """What the number says, to compare it with one that is stored."""
        return (self.metric_id, self.occurrence, self.value, str((self.low, self.high, self.interval)))


@dataclass(slots=True)
class Draft:
    """One evaluation of a version with its numbers, not yet written."""

    dataset_words: str
    split_is_assumed: bool
    numbers: list[Number] = field(default_factory=list)


@dataclass(slots=True)
class Drafts:
    """What the measurements of one version become. `refused` lists (field, message)."""

    evaluations: dict[Conditions, Draft] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    occurrences: Counter[tuple[Conditions, int]] = field(default_factory=Counter)


def resolver_for(evaluations: Iterable[EvaluationIn]) -> Resolver:
    """A resolver that knows what these measurements name; unknown datasets are created."""
    evaluations = list(evaluations)
    metrics = {number.metric for evaluation in evaluations for number in evaluation.metrics}
    datasets = [evaluation.dataset for evaluation in evaluations if evaluation.dataset]
    resolver = Resolver.load_for(metrics=metrics, datasets=datasets)
    resolver.create_datasets(datasets_needed(evaluations, resolver))
    return resolver


def datasets_needed(
    evaluations: Iterable[EvaluationIn], resolver: Resolver, source: Source | None = None
) -> Iterator[str]:
    """The names of datasets under which some number can be written: only these are worth a new dataset."""
    for evaluation in evaluations:
        if evaluation.dataset and any(
            _can_be_written(number, evaluation, resolver, source) for number in evaluation.metrics
        ):
            yield evaluation.dataset


def _can_be_written(
    number: MetricIn, evaluation: EvaluationIn, resolver: Resolver, source: Source | None
) -> bool:
    try:
        meaning = resolver.resolve_metric(number.metric, number.unit, evaluation.source or source)
        check_number(meaning, number.metric, number.value)
    except Invalid:
        return False
    return meaning.metric is not None


def build_drafts(
    evaluations: Sequence[EvaluationIn],
    resolver: Resolver,
    *,
    within: str = "evaluations",
    source: Source | None = None,
    taken_parameters: Collection[str] = (),
) -> Drafts:
    """Put measurements in order by the vocabulary. No query, but for names that are new to it.

    Numbers of one metric under the same conditions are numbered by `occurrence`. What measures nothing becomes a
    parameter; beside a parameter of that name in `taken_parameters` it is called “… (evaluation)”. `within` begins
    the places of what is refused; `source` says what an evaluation without a source of its own is from.
    """
    drafts = Drafts()
    parameters: dict[str, list[float]] = defaultdict(list)
    for position, evaluation in enumerate(evaluations):
        place = f"{within}[{position}]." if within else ""
        if not evaluation.metrics:
            drafts.refused.append((f"{place}metrics", "Give at least one metric."))
            continue
        try:
            shared = _shared_conditions(evaluation, resolver, place, source)
        except Invalid as error:
            drafts.refused.append((error.field or place, error.message))
            continue
        for index, number in enumerate(evaluation.metrics):
            where = f"{place}metrics[{index}]"
            try:
                _add_number(drafts, parameters, evaluation, number, shared, resolver, where)
            except _WrongDataset as error:
                drafts.refused.append((f"{place}dataset", error.message))
                break
            except Invalid as error:
                drafts.refused.append((_join(where, error.field), error.message))
    for name, values in parameters.items():
        label = name if name not in taken_parameters else f"{name} (evaluation)"
        drafts.parameters[label] = values[0] if len(set(values)) == 1 else sorted(set(values))
    return drafts


class _WrongDataset(Invalid):
    """The dataset of an evaluation, and so all its numbers, cannot be written."""


class _Shared(NamedTuple):
    """The conditions that an evaluation states for all its numbers."""

    dataset_words: str
    split: str
    slice: str
    source: Source | None


def _shared_conditions(
    evaluation: EvaluationIn, resolver: Resolver, place: str, source: Source | None
) -> _Shared:
    return _Shared(
        tidy_line(evaluation.dataset, LONGEST["dataset"], f"{place}dataset"),
        tidy_line(evaluation.split, LONGEST["split"], f"{place}split"),
        tidy_line(evaluation.slice, LONGEST["slice"], f"{place}slice"),
        evaluation.source or source,
    )


def _add_number(
    drafts: Drafts,
    parameters: dict[str, list[float]],
    evaluation: EvaluationIn,
    number: MetricIn,
    shared: _Shared,
    resolver: Resolver,
    where: str,
) -> None:
    unit = tidy_line(number.unit, LONGEST["unit"], "unit")
    meaning = resolver.resolve_metric(number.metric, unit, shared.source)
    value = check_number(meaning, number.metric, number.value)
    if meaning.metric is None:
        parameters[meaning.parameter].append(value)
        return
    dataset = _resolve_dataset(evaluation, resolver)
    interval = _interval(number, meaning, value)
    stated = meaning.split or shared.split
    assumed = "" if stated or dataset is None else dataset.default_split
    conditions = Conditions(
        dataset.pk if dataset else None,
        stated or assumed,
        tidy_line(_slice(number.metric, meaning.slice, shared.slice), LONGEST["slice"], "slice"),
        evaluation.evaluated_at,
        shared.source.pk if shared.source else None,
    )
    draft = drafts.evaluations.get(conditions)
    if draft is None:
        draft = drafts.evaluations[conditions] = Draft(shared.dataset_words, bool(assumed))
    drafts.occurrences[conditions, meaning.metric.pk] += 1
    occurrence = drafts.occurrences[conditions, meaning.metric.pk]
    words = tidy_line(number.metric, 200, "metric")
    draft.numbers.append(Number(meaning.metric.pk, value, words, number.value, unit, occurrence, *interval))


def _resolve_dataset(evaluation: EvaluationIn, resolver: Resolver) -> Dataset | None:
    if not evaluation.dataset:
        return None
    try:
        return resolver.resolve_dataset(evaluation.dataset, field="dataset")
    except Invalid as error:
        raise _WrongDataset(error.message, field="dataset") from error


def _slice(metric: str, implied: str, stated: str) -> str:
    """What the metric's name implies and what the source states, without the name said again."""
    parts = (implied, stated.removeprefix(metric).strip())
    return "; ".join(part for part in parts if part)


def _interval(number: MetricIn, meaning: Meaning, value: float) -> tuple[float | None, float | None, str]:
    """The ends of the interval in the metric's own unit, and what the interval is.

    Raises:
        Invalid: one end alone, ends that do not enclose the number, a spread below 0 or beside ends.
    """
    low, high = number.low, number.high
    if number.spread is not None:
        if low is not None or high is not None:
            raise Invalid("Give a spread, or low and high, not both.", field="spread")
        if number.spread < 0:
            raise Invalid("A spread is 0 or more.", field="spread")
        low, high = number.value - number.spread, number.value + number.spread
    if low is None and high is None:
        return (None, None, "")
    if low is None or high is None:
        raise Invalid("Give both low and high.", field="low" if low is None else "high")
    if not low <= number.value <= high:
        raise Invalid(f"The interval {low:g} to {high:g} does not hold {number.value:g}.", field="low")
    ends = [to_own_unit(end, meaning.factor) for end in (low, high)]
    name = number.interval or ("standard deviation" if number.spread is not None else "")
    return min(ends[0], value), max(ends[1], value), tidy_line(name, LONGEST["interval"], "interval")


def _join(place: str, field: str | None) -> str:
    return f"{place}.{field}" if field else place
