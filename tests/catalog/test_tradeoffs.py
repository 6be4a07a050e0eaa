"""Pareto fronts against brute force, and what charts are made of."""

import re
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from core.charts import (
    Chart,
    Column,
    as_csv,
    as_png,
    as_svg,
)
from core.charts.chart import (
    ACCENT,
    INK,
    LINE,
    SERIES,
    SOFT,
)
from evaluations.charts.specs import (
    Axis,
    Point,
    grouped,
    over_time,
    parallel,
    radar,
    scatter,
)
from evaluations.selectors.measurements import Interval, best_of
from evaluations.selectors.tradeoffs import (
    Measure,
    _in_common,
    pareto_front,
    telling,
)

STATIC = Path(__file__).resolve().parents[2] / "static"
numbers = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e12, 1e12))
ways = st.tuples(st.sampled_from(["higher", "lower"]), st.sampled_from(["higher", "lower"]))


@given(st.lists(st.tuples(numbers, numbers), max_size=40), ways)
def test_the_pareto_front_is_what_no_point_beats(points, directions):
    signs = [1 if way == "higher" else -1 for way in directions]
    scored = [(x * signs[0], y * signs[1]) for x, y in points]
    beaten = [any(a >= x and b >= y and (a > x or b > y) for a, b in scored) for x, y in scored]
    assert pareto_front(points, directions) == [not one for one in beaten]


def test_without_a_better_way_there_is_no_front():
    assert pareto_front([(1, 2), (2, 1)], ("higher", "none")) == [False, False]


def measure(label: str, values, direction: str = "higher") -> Measure:
    metric = SimpleNamespace(name=label, unit="", direction=direction, precision=2)
    return Measure(SimpleNamespace(metric=metric, where="", label=label), "", direction, values, 2)


def test_what_most_models_have_is_drawn_unless_somebody_chose():
    cost = measure("cost", [1, 2, None, 4], "lower")
    rare, first, second = (
        measure("rare", [1, None, 3, None]),
        measure("first", [1, 2, 3, None]),
        measure("second", [1, 2, None, 4]),
    )
    assert telling(cost, [rare, first, second]) is second
    assert telling(cost, [rare, first]) is first
    assert telling(cost, [measure("slow", [1, 2, 3, 4], "lower"), rare]) is rare


def test_what_labels_have_in_common_is_told_once():
    assert _in_common(["Size", "Score, a · test", "Score, b"]) == ("Score", ["Size", "a · test", "b"])
    assert _in_common(["Score, a", "Loss, a"]) == ("", ["Score, a", "Loss, a"])
    assert _in_common(["Size", "Score, a"]) == ("", ["Size", "Score, a"])


spans = st.tuples(numbers, st.floats(0, 10), st.floats(0, 10))


@given(st.lists(st.one_of(st.none(), spans), min_size=2, max_size=12), st.sampled_from(["higher", "lower"]))
def test_ties_are_those_whose_intervals_meet_that_of_the_best(given_ones, direction):
    values = [None if one is None else one[0] for one in given_ones]
    intervals = [None if one is None else Interval(one[0] - one[1], one[0] + one[2]) for one in given_ones]
    found = best_of(values, direction, intervals)
    known = [place for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        assert found == []
        return
    top = (max if direction == "higher" else min)(known, key=lambda place: values[place])
    a = intervals[top]
    assert found == [p for p in known if not (intervals[p].high < a.low or a.high < intervals[p].low)]


def drawn(spec, rows=(("a", 1.0),)) -> Chart:
    return Chart("c", "A chart", spec, [Column("Name"), Column("Value", "%", is_number=True)], list(rows))


def test_every_kind_of_chart_is_drawn_on_the_server():
    points = [Point(f"<b>m{n}</b>", n + 1.0, n * n + 1.0, "g", f"/p/a/m{n}", n == 3) for n in range(6)]
    x, y = Axis("Parameters", is_log=True), Axis("Accuracy", "%", "higher")
    names, axes = ["a", "b"], [x, y, Axis("Loss", direction="lower")]
    shares = [[0.0, 1.0, None], [1.0, 0.5, 0.2]]
    times = [{"name": "a", "at": "2024-01-01", "value": 1.0, "url": "/p/a/a", "text": "1"}]
    for spec in (
        scatter(points, x, y, "Group"),
        parallel(names, axes, shares),
        radar(names, axes, shares),
        over_time(times, y, best=times),
    ):
        svg = as_svg(drawn(spec))
        assert svg.startswith("<svg") and "style=" not in svg and "<b>" not in svg
        assert as_png(drawn(spec)).startswith(b"\x89PNG")
    assert 'href="/p/a/m3"' in as_svg(drawn(scatter(points, x, y, "Group")))


def test_cells_of_a_chart_are_harmless_in_a_spreadsheet():
    assert as_csv(drawn({}, [("=1+1", 2.5), ("-", None)])).splitlines() == [
        "Name,Value (%)",
        "'=1+1,2.5",
        "'-,",
    ]


def test_few_groups_keep_their_colors_and_many_rare_ones_share_one():
    assert grouped(["a", "", "a"]) == ["a", "none", "a"]
    many = ["big"] * 5 + [f"g{n}" for n in range(20)]
    assert set(grouped(many)) == {"big", "others", *(f"g{n}" for n in (0, 1, 10, 11, 12, 13))}


def test_every_color_of_a_chart_is_known_to_the_theme():
    """Specifications name light colors; style sheet and script put the token of the same color in their place."""
    tokens = dict(re.findall(r"(--[\w-]+): light-dark\((#\w{6}),", (STATIC / "css/tokens.css").read_text()))
    styles = (STATIC / "css/charts.css").read_text()
    known = dict(re.findall(r'"(#\w{6})": "(--[\w-]+)"', (STATIC / "js/charts.js").read_text()))
    for color in {INK, SOFT, LINE, ACCENT, *SERIES}:
        assert tokens[known[color]] == color
        assert re.search(rf'="{color}"\] {{\n  (fill|stroke): var\({known[color]}\)', styles), color
