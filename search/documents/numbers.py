"""The numbers in models' documents: best and latest of each metric under the same conditions.

A document may hold hundreds, so each is a row of plain values in the order of `COLUMNS`, and what a metric or a data
set is called is not repeated in it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from typing import Any, NamedTuple

from django.db import connection

from core.compiled import array_of

COLUMNS = ("metric", "dataset", "split", "slice", "best", "latest", "version")
MOST = 400


class MetricFacts(NamedTuple):
    """A metric of the vocabulary."""

    slug: str
    name: str
    unit: str
    direction: str
    precision: int
    importance: int


class DatasetFacts(NamedTuple):
    """A data set of the vocabulary; without slug and name where none is stated."""

    slug: str
    name: str


class Number(NamedTuple):
    """A metric under one set of conditions, over the versions of a model: `version` is that of the best."""

    model_id: int
    metric_id: int
    dataset_id: int | None
    split: str
    slice: str
    best: float
    latest: float
    version: str
    values: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of some models, with the metrics and data sets they name; rows are those of `Number`, unnamed.

    `tested` has the data sets that any of a model's versions was evaluated on, with a number or without.
    """

    rows: Mapping[int, list[tuple[Any, ...]]]
    tested: Mapping[int, Sequence[int]]
    metrics: Mapping[int, MetricFacts]
    datasets: Mapping[int | None, DatasetFacts]


NUMBERS = """
SELECT v.model_id, mv.metric_id, e.dataset_id, e.split, e.slice,
    CASE WHEN m.direction = 'lower' THEN min(mv.value) ELSE max(mv.value) END,
    (array_agg(mv.value ORDER BY v.position DESC, e.evaluated_at DESC NULLS LAST, mv.id))[1],
    (array_agg(v.label ORDER BY
        CASE WHEN m.direction = 'lower' THEN mv.value ELSE -mv.value END, v.position DESC))[1],
    count(*)
FROM catalog_modelversion v
JOIN catalog_evaluation e ON e.version_id = v.id
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
WHERE v.model_id = ANY(%s::bigint[]) AND v.stage <> 'archived'
GROUP BY v.model_id, mv.metric_id, m.direction, e.dataset_id, e.split, e.slice
ORDER BY v.model_id, mv.metric_id, m.direction, e.dataset_id, e.split, e.slice
"""

TESTED = """
SELECT v.model_id, array_agg(DISTINCT e.dataset_id)
FROM catalog_modelversion v JOIN catalog_evaluation e ON e.version_id = v.id
WHERE v.model_id = ANY(%s::bigint[]) AND e.dataset_id IS NOT NULL
GROUP BY v.model_id
"""

NAMED = """
SELECT TRUE, id, slug, name, unit, direction, precision, importance FROM catalog_metric WHERE id = ANY(%s::bigint[])
UNION ALL
SELECT FALSE, id, slug, name, '', '', 0, 0 FROM catalog_dataset WHERE id = ANY(%s::bigint[])
"""


def read(ids: Sequence[int]) -> Numbers:
    """The numbers of these models, which archived versions have no part in. Three queries."""
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [array_of(ids)])
        found = cursor.fetchall()
        for row in found:
            rows[row[0]].append(row)
        cursor.execute(TESTED, [array_of(ids)])
        tested = dict(cursor.fetchall())
        metric_ids = {row[1] for row in found}
        dataset_ids = {pk for tested_on in tested.values() for pk in tested_on}
        cursor.execute(NAMED, [array_of(metric_ids), array_of(dataset_ids)])
        named = cursor.fetchall()
    metrics = {pk: MetricFacts(*facts) for is_metric, pk, *facts in named if is_metric}
    datasets: dict[int | None, DatasetFacts] = {None: DatasetFacts("", "")}
    datasets |= {pk: DatasetFacts(slug, name) for is_metric, pk, slug, name, *_ in named if not is_metric}
    return Numbers(rows, tested, metrics, datasets)


def tested_on(numbers: Numbers, model_id: int) -> list[DatasetFacts]:
    """The data sets that a model was evaluated on, in the order of their ids."""
    return [numbers.datasets[pk] for pk in numbers.tested.get(model_id, ())]


def in_document(numbers: Numbers, model_id: int) -> list[tuple[Any, ...]]:
    """The rows of a model as its document holds them: all, or the most important where they are too many."""
    rows = numbers.rows.get(model_id, [])
    if len(rows) > MOST:
        rows = nsmallest(MOST, rows, key=partial(_by_importance, numbers))
    metrics, datasets = numbers.metrics, numbers.datasets
    return [
        (metrics[metric_id].slug, datasets[dataset_id].slug, split, part, best, latest, version)
        for _, metric_id, dataset_id, split, part, best, latest, version, _ in rows
    ]


def key_metric(numbers: Numbers, model_id: int) -> dict[str, Any] | None:
    """The number to show for a model: its most important metric, under the conditions most of it was measured under.

    Of conditions alike in that, the better number; it is shown with its conditions.
    """
    rows = numbers.rows.get(model_id)
    if not rows:
        return None
    wanted = min({row[1] for row in rows}, key=lambda pk: _rank(numbers.metrics[pk]))
    facts = numbers.metrics[wanted]
    own = [row for row in rows if row[1] == wanted]
    most = Counter(row[2] for row in own)
    whole = [row for row in own if row[4] == ""] or own
    top = max(most[row[2]] for row in whole)
    ways = (row for row in whole if most[row[2]] == top)
    shown = Number._make(min(ways, key=partial(_by_number, numbers, -1 if facts.direction == "lower" else 1)))
    dataset = numbers.datasets[shown.dataset_id]
    return {
        "metric": facts.slug,
        "name": facts.name,
        "unit": facts.unit,
        "direction": facts.direction,
        "precision": facts.precision,
        "dataset": dataset.slug,
        "dataset_name": dataset.name,
        "split": shown.split,
        "slice": shown.slice,
        "best": shown.best,
        "latest": shown.latest,
        "version": shown.version,
    }


def _rank(metric: MetricFacts) -> tuple[int, str]:
    return -metric.importance, metric.slug


def _by_number(numbers: Numbers, sign: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of one metric: by data set, what was measured more often, then the better."""
    _, _, dataset_id, split, part, best, _, _, values = row
    return numbers.datasets[dataset_id].slug, -values, -best * sign, split, part


def _by_importance(numbers: Numbers, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Metrics by importance; of one, what was measured on everything before what was measured on a slice."""
    _, metric_id, dataset_id, split, part, *_ = row
    return (*_rank(numbers.metrics[metric_id]), part != "", numbers.datasets[dataset_id].slug, split, part)
