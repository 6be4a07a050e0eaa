"""What is to be weighed against what: any two numbers of models, their Pareto front, and many measures at once."""

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

import moocore
import numpy as np

from core.charts import Chart, Column
from evaluations.charts.specs import (
    Axis,
    Point,
    parallel,
    radar,
    scatter,
)
from evaluations.selectors.comparison import (
    FEWEST,
    Comparison,
    FactRow,
    MetricRow,
)

FEWEST_MEASURES, MOST_MEASURES = 3, 8


class Measure(NamedTuple):
    """One number of each model, in the order of the columns: a fact or a metric under given conditions."""

    row: FactRow | MetricRow
    unit: str
    direction: str
    values: Sequence[float | None]
    digits: int

    @property
    def key(self) -> str:
        """As addresses name it: that of a fact, or metric@dataset@split@slice, ends left out."""
        return self.row.key if isinstance(self.row, FactRow) else "@".join(self.row.conditions).rstrip("@")

    @property
    def label(self) -> str:
        if isinstance(self.row, FactRow):
            return self.row.label
        return f"{self.row.metric.name}, {self.row.where}" if self.row.where else self.row.metric.name

    def axis(self, is_log: bool = False) -> Axis:
        return Axis(self.label, self.unit, self.direction, is_log)


# Facts that cost something: less is better.
COSTS = {"parameters": "", "flops": "FLOPs", "size": "bytes"}


def measures_of(comparison: Comparison) -> list[Measure]:
    """All numbers that at least two of the columns have, facts first, then metrics by importance."""
    costs = [
        Measure(row, COSTS[row.key], "lower", [fact.number for fact in row.facts], 0)
        for row in comparison.facts
        if row.key in COSTS
    ]
    found = [measure for measure in costs if len(measure.values) - measure.values.count(None) >= FEWEST]
    for row in comparison.metrics:
        metric = row.metric
        found.append(Measure(row, metric.unit, metric.direction, row.values, metric.precision))
    return found


def telling(x: Measure, others: Sequence[Measure]) -> Measure:
    """What to draw against `x`: quality before cost, then what most models have beside `x`, then the first named."""

    with_x = [place for place, value in enumerate(x.values) if value is not None]

    def missing(measure: Measure) -> tuple[bool, int]:
        return measure.direction != "higher", [measure.values[place] for place in with_x].count(None)

    return min(others, key=missing)


def pareto_front(points: Sequence[tuple[float, float]], directions: tuple[str, str]) -> list[bool]:
    """Which points no other one beats: at least as good in both, better in one. Equal points stand or fall together.

    `directions` say which way is better, `higher` or `lower`; without one for both there is no front. By moocore
    (López-Ibáñez et al.), in O(n log n) for two measures.
    """
    if not points or any(direction not in ("higher", "lower") for direction in directions):
        return [False] * len(points)
    maximise = [direction == "higher" for direction in directions]
    front = moocore.is_nondominated(np.array(points, dtype=float), maximise=maximise, keep_weakly=True)
    return [bool(one) for one in front]


def tradeoff(
    comparison: Comparison, x: Measure, y: Measure, *, log_x: bool = False, log_y: bool = False
) -> Chart:
    """The scatter of two measures over the columns that have both."""
    names = [column.model.name for column in comparison.columns]
    urls = [column.url for column in comparison.columns]
    known = [
        (name, url, a, b)
        for name, url, a, b in zip(names, urls, x.values, y.values, strict=True)
        if a is not None and b is not None and (a > 0 or not log_x) and (b > 0 or not log_y)
    ]
    front = pareto_front([(a, b) for _, _, a, b in known], (x.direction, y.direction))
    points = [
        Point(name, a, b, name, url, on_front, _text(a, x), _text(b, y))
        for (name, url, a, b), on_front in zip(known, front, strict=True)
    ]
    return scatter_chart("tradeoff", points, x.axis(log_x), y.axis(log_y))


def scatter_chart(name: str, points: Sequence[Point], x: Axis, y: Axis, group: str = "") -> Chart:
    """A scatter as a chart with its table."""
    best = sum(point.is_front for point in points)
    summary = f"{len(points):,} model{'' if len(points) == 1 else 's'}."
    if best:
        summary += f" {best:,} on the Pareto front (dashed): no other is as good in both and better in one."
    columns = [
        Column("Model"),
        Column(x.label, x.unit, is_number=True),
        Column(y.label, y.unit, is_number=True),
    ]
    columns += [Column(group)] if group else []
    columns.append(Column("Pareto front"))
    ordered = sorted(points, key=lambda point: (not point.is_front, point.x))
    return Chart(
        name,
        f"{y.label} against {x.label}",
        scatter(ordered, x, y, group),
        columns,
        [[p.name, p.x, p.y, *([p.group] if group else []), "yes" if p.is_front else "no"] for p in ordered],
        summary if points else "No model has both numbers.",
        [p.url for p in ordered],
    )


def _text(value: float, measure: Measure) -> str:
    digits = measure.digits
    text = f"{value:,.0f}" if digits == 0 or abs(value) >= 1e6 else f"{value:.{digits}f}"
    return f"{text} {measure.unit}".strip()


def at_once(comparison: Comparison, measures: Sequence[Measure]) -> list[Chart]:
    """Radar and parallel coordinates of up to eight measures that most of the models have; none for fewer than three.

    Each goes from the worst of these models to the best.
    """
    known = [
        (measure.values.count(None), place)
        for place, measure in enumerate(measures)
        if measure.direction in ("higher", "lower") and 2 * measure.values.count(None) < len(measure.values)
    ]
    chosen = [measures[place] for place in sorted(place for _, place in nsmallest(MOST_MEASURES, known))]
    if len(chosen) < FEWEST_MEASURES:
        return []
    names = _distinct([column.model.name for column in comparison.columns])
    shares = [[_share(measure, place) for measure in chosen] for place in range(len(names))]
    about, labels = _in_common([measure.label for measure in chosen])
    axes = [Axis(label, m.unit, m.direction) for label, m in zip(labels, chosen, strict=True)]
    columns = [Column("Model"), *(Column(m.label, m.unit, m.digits, is_number=True) for m in chosen)]
    rows = [[name, *(measure.values[place] for measure in chosen)] for place, name in enumerate(names)]
    links = [column.url for column in comparison.columns]
    summary = "Each measure from the worst of these models to the best."
    summary += f" Where no metric is named it is {about}." if about else ""
    return [
        Chart(
            "parallel", "Many measures at once", parallel(names, axes, shares), columns, rows, summary, links
        ),
        Chart("radar", "As a radar", radar(names, axes, shares), columns, rows, summary, links),
    ]


def _share(measure: Measure, place: int) -> float | None:
    value = measure.values[place]
    known = [one for one in measure.values if one is not None]
    if value is None:
        return None
    low, high = min(known), max(known)
    if high == low:
        return 1.0
    share = (value - low) / (high - low)
    return share if measure.direction == "higher" else 1 - share


def _in_common(labels: Sequence[str]) -> tuple[str, list[str]]:
    """The metric that those labels name which name one, if it is the same, and the labels without it."""
    parts = [label.partition(", ") for label in labels]
    metrics = [metric for metric, _, where in parts if where]
    if len(metrics) < 2 or len(set(metrics)) > 1:
        return "", list(labels)
    return metrics[0], [where or label for label, _, where in parts]


def _distinct(names: Sequence[str]) -> list[str]:
    """Names, numbered where one stands twice."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
