"""Numbers of what a search finds: any two against each other, and models ranked by one metric on one data set.

A number stands for a model by its best version, archived ones left out, under exactly the conditions that are named:
models that were measured otherwise are not on the board.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse

from access.viewer import Viewer
from catalog.access import visible_models
from core.charts import Chart, Column
from evaluations.charts.specs import Axis, Point, over_time
from evaluations.selectors.measurements import Conditions, Interval, best_of
from evaluations.selectors.tradeoffs import COSTS, pareto_front, scatter_chart
from vocabulary.models import Dataset, Metric

MOST_OFFERED = 200
FACTS = {
    "parameters": Axis("Parameters", COSTS["parameters"], "lower"),
    "flops": Axis("Compute", COSTS["flops"], "lower"),
    "size": Axis("Size", COSTS["size"], "lower"),
    "rating": Axis("Rating", "stars", "higher"),
    "followers": Axis("Followers", "", "higher"),
}
GROUPS = {
    "library": "Library",
    "task": "Task",
    "framework": "Framework",
    "license": "License",
    "project": "Project",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A metric under conditions that some of the models were measured under, and how many."""

    key: str
    label: str
    models: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One model on a board. Equal ranks are ties: the intervals meet, or the numbers are the same."""

    rank: int
    model_id: int
    name: str
    url: str
    project: str
    ref: str
    version: str
    version_url: str
    value: float
    interval: Interval | None
    at: date | None
    parameters: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """Models ranked by one metric under one set of conditions, best first."""

    metric: Metric
    dataset: Dataset | None
    conditions: Conditions
    entries: tuple[Entry, ...]
    others: tuple[Offer, ...]

    @property
    def key(self) -> str:
        """What `on` names it by in addresses."""
        return "@".join(self.conditions).rstrip("@")

    @property
    def axis(self) -> Axis:
        return Axis(self.metric.name, self.metric.unit, self.metric.direction)


def key_of(text: str) -> Conditions:
    """`metric@dataset@split@slice` as conditions; ends may be left out. A slice may hold an @ of its own."""
    metric, dataset, split, slice_ = [*text.split("@", 3), "", "", ""][:4]
    return Conditions(metric, dataset, split, slice_)


def visible(viewer: Viewer, ids: Sequence[int]) -> list[int]:
    """Those of the models that exist for the viewer, in their order. One query."""
    seen = set(visible_models(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk in seen]


OFFERS = """
SELECT m.slug, m.name, coalesce(d.slug, ''), coalesce(d.name, ''), e.split, e.slice, count(DISTINCT v.model_id) AS n
FROM catalog_modelversion v
JOIN catalog_evaluation e ON e.version_id = v.id
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
LEFT JOIN catalog_dataset d ON d.id = e.dataset_id
WHERE v.model_id = ANY(%(ids)s) AND v.stage <> 'archived' {only}
GROUP BY m.slug, m.name, m.importance, d.slug, d.name, e.split, e.slice
HAVING count(DISTINCT v.model_id) >= %(fewest)s
ORDER BY n DESC, m.importance DESC, m.slug, d.slug, e.split, e.slice LIMIT %(most)s
"""

# The best version's number; where its source states several under the same conditions, none of them.
VALUES = """
SELECT DISTINCT ON (v.model_id) v.model_id, v.label, mv.value, mv.low, mv.high, mv.interval,
    coalesce(e.evaluated_at, v.released_on), v.parameter_count
FROM catalog_modelversion v
JOIN catalog_evaluation e ON e.version_id = v.id
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
LEFT JOIN catalog_dataset d ON d.id = e.dataset_id
WHERE v.model_id = ANY(%(ids)s) AND v.stage <> 'archived' AND m.slug = %(metric)s
    AND coalesce(d.slug, '') = %(dataset)s AND e.split = %(split)s AND e.slice = %(slice)s
    AND NOT EXISTS (
        SELECT FROM catalog_metricvalue o
        WHERE o.evaluation_id = e.id AND o.metric_id = m.id AND o.value <> mv.value
    )
ORDER BY v.model_id, CASE WHEN m.direction = 'lower' THEN mv.value ELSE -mv.value END, v.position DESC, e.id
"""


def offers(ids: Sequence[int], metric: str = "") -> list[Offer]:
    """What two or more of the models were measured by, most of them first; of a metric, what one was. One query."""
    only = "AND m.slug = %(metric)s" if metric else ""
    with connection.cursor() as cursor:
        cursor.execute(
            OFFERS.format(only=only),
            {"ids": list(ids), "most": MOST_OFFERED, "metric": metric, "fewest": 1 if metric else 2},
        )
        rows = cursor.fetchall()
    return [
        Offer(
            "@".join((slug, dataset, split, slice_)).rstrip("@"),
            ", ".join([name, *(part for part in (dataset_name, split, slice_) if part)]),
            count,
        )
        for slug, name, dataset, dataset_name, split, slice_, count in rows
    ]


def values_of(ids: Sequence[int], conditions: Conditions) -> dict[int, tuple[Any, ...]]:
    """Model id → label, value, low, high, interval, date, parameters of its best version. One query."""
    with connection.cursor() as cursor:
        cursor.execute(VALUES, {"ids": list(ids), **conditions._asdict()})
        return {row[0]: row[1:] for row in cursor.fetchall()}


def board(viewer: Viewer, ids: Sequence[int], conditions: Conditions) -> Board | None:
    """The board of a metric over these models; nothing where none that the viewer sees has it. Four queries."""
    if not conditions.metric:
        return None
    ids = visible(viewer, ids)
    others = offers(ids, conditions.metric)
    if not conditions.split and not conditions.slice:
        # Named by metric and data set alone: as most of them were measured.
        wanted = [key_of(one.key) for one in others]
        fitting = (one for one in wanted if not conditions.dataset or one.dataset == conditions.dataset)
        conditions = next(fitting, conditions)
    found = values_of(ids, conditions)
    metric = Metric.objects.filter(slug=conditions.metric).first() if found else None
    if metric is None:
        return None
    dataset = Dataset.objects.filter(slug=conditions.dataset).first() if conditions.dataset else None
    models = {model.pk: model for model in visible_models(viewer).filter(pk__in=list(found))}
    sign = 1 if metric.direction == "lower" else -1
    ordered = sorted(
        (pk for pk in found if pk in models),
        key=lambda pk: (sign * found[pk][1], models[pk].name.lower(), pk),
    )
    ranks = ranked(
        [found[pk][1] for pk in ordered], [_interval(*found[pk][2:5]) for pk in ordered], metric.direction
    )
    entries = tuple(
        Entry(
            rank,
            pk,
            models[pk].name,
            models[pk].get_absolute_url(),
            models[pk].project.name,
            models[pk].ref,
            found[pk][0],
            reverse("catalog:version", args=[models[pk].project.slug, models[pk].slug, found[pk][0]]),
            found[pk][1],
            _interval(*found[pk][2:5]),
            _day(found[pk][5]),
            found[pk][6],
        )
        for rank, pk in zip(ranks, ordered, strict=True)
    )
    return Board(metric, dataset, conditions, entries, tuple(others))


def ranked(values: Sequence[float], intervals: Sequence[Interval | None], direction: str) -> list[int]:
    """Ranks of values in their order, best first: 1, 2, 2, 4. One that ties with the first of a rank shares it."""
    ranks: list[int] = []
    leader = 0
    for place, value in enumerate(values):
        pair = [values[leader], value], [intervals[leader], intervals[place]]
        tied = value == values[leader] or (
            direction in ("higher", "lower") and len(best_of(pair[0], direction, pair[1])) == 2
        )
        if not tied:
            leader = place
        ranks.append(leader + 1)
    return ranks


def _interval(low: float | None, high: float | None, about: str) -> Interval | None:
    return None if low is None or high is None else Interval(low, high, about)


def _day(moment: Any) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def progress(board: Board) -> Chart | None:
    """The best so far over time, from the dates that are known; nothing where fewer than two are."""
    dated = sorted((entry for entry in board.entries if entry.at), key=lambda entry: (entry.at, entry.rank))
    if len(dated) < 2 or board.metric.direction == "none":
        return None
    best: list[Entry] = []
    for entry in dated:
        if not best or (
            (entry.value < best[-1].value) == (board.metric.direction == "lower")
            and (entry.value != best[-1].value)
        ):
            best.append(entry)
    digits = board.metric.precision

    def line(entry: Entry) -> dict[str, Any]:
        text = f"{entry.value:.{digits}f} {board.metric.unit}".strip()
        return {
            "name": entry.name,
            "at": entry.at.isoformat() if entry.at else "",
            "value": entry.value,
            "url": entry.url,
            "text": text,
        }

    steps = [line(entry) for entry in best]
    steps.append({**steps[-1], "at": line(dated[-1])["at"]})
    return Chart(
        "progress",
        f"{board.metric.name} over time",
        over_time([line(entry) for entry in dated], board.axis, best=steps),
        [
            Column("Model"),
            Column("Date"),
            Column(board.metric.name, board.metric.unit, digits, is_number=True),
            Column("Best then"),
        ],
        [[e.name, e.at.isoformat() if e.at else "", e.value, "yes" if e in best else ""] for e in dated],
        f"{len(dated):,} models with a date; {len(best)} of them were the best when they came.",
        [e.url for e in dated],
    )


class FactRow(NamedTuple):
    """What a plot takes of a search document; numbers under the names that `FACTS` has them by."""

    model_id: int
    name: str
    url: str
    project: str
    own: list[str]
    parameters: float | None
    flops: float | None
    size: float | None
    rating: float | None
    followers: float


FACT_VALUES = """
SELECT d.model_id, d.name, d.body -> 'hit' ->> 'url', d.body -> 'hit' ->> 'project_name', d.own, d.parameters, d.flops,
    d.size, d.rating, d.followers
FROM search_searchdocument d WHERE d.model_id = ANY(%s) AND NOT d.is_deleted
"""


def plot(
    viewer: Viewer, ids: Sequence[int], x: str, y: str, *, log_x: bool, log_y: bool, group: str = ""
) -> tuple[Chart, list[Offer]]:
    """The scatter of two numbers of these models, with the Pareto front, and what else could be drawn. Six queries.

    `x` and `y` are a fact, or a metric as `metric@dataset@split@slice`.
    """
    ids = visible(viewer, ids)
    found = offers(ids)
    with connection.cursor() as cursor:
        cursor.execute(FACT_VALUES, [ids])
        rows = {row[0]: FactRow._make(row) for row in cursor.fetchall()}
    across, up = _measure(x, ids, rows), _measure(y, ids, rows)
    axes = [Axis(a.label, a.unit, a.direction, log) for (a, _), log in ((across, log_x), (up, log_y))]
    known: list[tuple[int, float, float]] = []
    for pk in ids:
        a, b = across[1].get(pk), up[1].get(pk)
        if pk in rows and a is not None and b is not None and (a > 0 or not log_x) and (b > 0 or not log_y):
            known.append((pk, a, b))
    front = pareto_front([(a, b) for _, a, b in known], (axes[0].direction, axes[1].direction))
    points = [
        Point(rows[pk].name, a, b, _group(rows[pk], group), rows[pk].url, on_front, f"{a:,.6g}", f"{b:,.6g}")
        for (pk, a, b), on_front in zip(known, front, strict=True)
    ]
    return scatter_chart("plot", points, axes[0], axes[1], GROUPS.get(group, "")), found


def _measure(key: str, ids: Sequence[int], rows: dict[int, FactRow]) -> tuple[Axis, dict[int, float | None]]:
    if key in FACTS:
        return FACTS[key], {pk: getattr(row, key) for pk, row in rows.items()}
    conditions = key_of(key)
    metric = Metric.objects.filter(slug=conditions.metric).first()
    found = values_of(ids, conditions)
    if metric is None or not found:
        return Axis(key[:80]), {}
    dataset = Dataset.objects.filter(slug=conditions.dataset).first() if conditions.dataset else None
    where = (dataset.name if dataset else "", conditions.split, conditions.slice)
    label = ", ".join([metric.name, *(part for part in where if part)])
    return Axis(label, metric.unit, metric.direction), {pk: row[1] for pk, row in found.items()}


def _group(row: FactRow, group: str) -> str:
    """The value that colors a model's point: of several terms the first."""
    if group == "project":
        return row.project
    return next((term.partition(":")[2] for term in row.own if group and term.startswith(f"{group}:")), "")
