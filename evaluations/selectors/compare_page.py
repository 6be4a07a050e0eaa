"""A comparison as its page shows it: in sections of fifty rows, beside a base line, with what was looked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.selectors.facts import Fact
from evaluations.selectors.comparison import (
    Comparison,
    FactRow,
    MetricRow,
    ParameterRow,
)
from evaluations.selectors.measurements import Measurement

MOST_ROWS = 50  # of a section, unless all of it is asked for
PEOPLE = ("owner", "steward", "contact")
DATA = ("training_data", "base_model", "inputs", "outputs")


@dataclass(slots=True)
class Cell:
    """One value of a row: a fact, a text or a number; `change` is its distance from the base line."""

    fact: Fact | None = None
    text: str | None = None
    number: Measurement | None = None
    stands_out: bool = False
    is_best: bool = False
    is_worst: bool = False
    is_base: bool = False
    change: float | None = None
    share: float | None = None  # the change in percent of the base line
    is_gain: bool | None = None


@dataclass(slots=True)
class Row:
    """One line of the table: what it is of, and a cell for each column."""

    label: str
    cells: list[Cell]
    metric: MetricRow | None = None
    kind: str = "text"
    exact: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in ("count", "flops", "bytes", "metric")


@dataclass(slots=True)
class Section:
    """Rows of one sort: those on the page, and how many more there are."""

    key: str
    title: str
    note: str = ""
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    empty: str = ""


def sections(
    comparison: Comparison,
    *,
    base: int | None = None,
    only_differences: bool = True,
    find: str = "",
    whole: Iterable[str] = (),
) -> list[Section]:
    """The sections that have something in them, in the order they are read."""
    words = find.lower().split()
    opened = set(whole)

    def section(
        key: str, title: str, rows: Sequence[Any], make: Callable[[Any], Row], note: str = ""
    ) -> Section:
        found = [row for row in rows if row.differs] if only_differences else rows
        if words:
            found = [row for row in found if all(word in row.words.lower() for word in words)]
        shown = found if key in opened else found[:MOST_ROWS]
        return Section(key, title, note, [make(row) for row in shown], len(found) - len(shown))

    facts: dict[str, list[FactRow]] = {"facts": [], "data": [], "people": [], "tags": []}
    for row in comparison.facts:
        facts[_kind_of(row.key)].append(row)
    whole_metrics = [row for row in comparison.metrics if not row.conditions.slice]
    sliced = [row for row in comparison.metrics if row.conditions.slice]

    def fact(row: FactRow) -> Row:
        return _fact_row(row, base)

    def metric(row: MetricRow) -> Row:
        return _metric_row(row, base)

    alike = f"{len(whole_metrics)} measured alike"
    if comparison.measured_once:
        alike += f" · {comparison.measured_once} measured for one model only"
    metrics = section("metrics", "Metrics", whole_metrics, metric, alike)
    if not comparison.metrics:
        metrics.empty = "No number was measured for two of these models under the same conditions."
    elif not metrics.rows and not sliced and not words:
        metrics.empty = "Every number measured alike is the same."
    found = [
        section("facts", "Facts", facts["facts"], fact, _differ(facts["facts"])),
        metrics,
        section("slices", "Metrics under stated conditions", sliced, metric, f"{len(sliced)} measured alike"),
        section("data", "Data", facts["data"], fact, _differ(facts["data"])),
        section(
            "parameters", "Parameters", comparison.parameters, _parameter_row, _differ(comparison.parameters)
        ),
        section("packages", "Packages", comparison.packages, _parameter_row, _differ(comparison.packages)),
        section("people", "People", facts["people"], fact, _differ(facts["people"])),
        section("tags", "Tags and attributes", facts["tags"], fact, _differ(facts["tags"])),
    ]
    return [one for one in found if one.rows or one.empty]


def _kind_of(key: str) -> str:
    if key in PEOPLE:
        return "people"
    if key in DATA:
        return "data"
    return "tags" if key == "tags" or key.startswith("attribute:") else "facts"


def _differ(rows: Sequence[FactRow | ParameterRow]) -> str:
    return f"{sum(row.differs for row in rows)} of {len(rows)} differ"


def _fact_row(row: FactRow, base: int | None) -> Row:
    numbers = [fact.number if not fact.values else None for fact in row.facts]
    cells = [
        Cell(fact=fact, stands_out=out, is_base=place == base) for place, (fact, out) in enumerate(row.cells)
    ]
    _changes(cells, numbers, base, "")
    return Row(row.label, cells, kind=row.kind, exact=row.needs_digits)


def _parameter_row(row: ParameterRow) -> Row:
    cells = [Cell(text=text, stands_out=out) for text, out in row.cells]
    return Row(row.name, cells)


def _metric_row(row: MetricRow, base: int | None) -> Row:
    best, worst = row.extremes if row.differs else ([], [])
    if len(row.values) - row.values.count(None) < 3:
        worst = []
    cells = [
        Cell(number=number, is_best=place in best, is_worst=place in worst, is_base=place == base)
        for place, number in enumerate(row.measurements)
    ]
    _changes(cells, row.values, base, row.metric.direction)
    return Row(row.metric.name, cells, metric=row, kind="metric")


def _changes(
    cells: Sequence[Cell], numbers: Sequence[float | None], base: int | None, direction: str
) -> None:
    """Say of each number how far it is from the base line's, and whether that is better."""
    start = None if base is None else numbers[base]
    if start is None:
        return
    for cell, number in zip(cells, numbers, strict=True):
        if number is None or cell.is_base:
            continue
        cell.change = number - start
        cell.share = 100 * cell.change / abs(start) if start else None
        if cell.change and direction in ("higher", "lower"):
            cell.is_gain = (cell.change > 0) == (direction == "higher")
