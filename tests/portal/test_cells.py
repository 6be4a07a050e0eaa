"""Cells of wide tables: what a source, a person or the vocabulary wrote is text in them, and nothing but text."""

import pytest

from catalog.selectors.facts import FactValue
from evaluations import cells
from evaluations.selectors.compare_page import Cell, Row
from evaluations.selectors.comparison import MetricRow, NotComparable
from evaluations.selectors.measurements import Conditions, Measurement
from vocabulary.models import Metric

BAD = '<b>"&'
SAFE = "&lt;b&gt;&quot;&amp;"


def measurement(value: float | None = 1.5, **more) -> Measurement:
    read = dict.fromkeys(Measurement._fields) | {"several": (), "split_is_assumed": False}
    return Measurement(**read | {"value": value, **more})


def metric_row(*measured: Measurement | None, **where: str) -> MetricRow:
    metric = Metric(name="Top-1", unit=BAD, precision=2)
    values = [one.value if one else None for one in measured]
    return MetricRow(Conditions("top-1", **where), metric, where.get("dataset", ""), values, list(measured))


def html(*made: Cell) -> str:
    return cells.numbers(Row("Top-1", list(made), metric=metric_row()))


def test_words_of_facts_are_links_where_they_lead_somewhere_and_stay_text():
    found = cells.words([FactValue(BAD), FactValue(BAD, f"/search?q={BAD}")])
    assert found == f'{SAFE}, <a href="/search?q={SAFE}">{SAFE}</a>'
    assert cells.words([]) == ""


def test_a_number_stands_with_its_unit_and_what_it_is_known_within():
    found = html(Cell(number=measurement(low=1.25, high=1.75, about=BAD)))
    assert f"<span>1.50\u00a0{SAFE}</span>" in found
    assert f'<small class="interval" title="{SAFE}">1.25 to 1.75</small>' in found
    assert "<b>" not in found


def test_what_is_missing_or_stated_several_times_is_said():
    assert "not measured" in html(Cell())
    assert ">2 values</span>" in html(Cell(number=measurement(None, several=(1.0, 2.0))))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell(is_best=True), 'class="best">1.50'),
        (Cell(is_worst=True), 'class="worst">1.50'),
        (Cell(change=0.5, is_gain=True), 'class="change good">+0.50'),
        (Cell(change=-0.5, is_gain=False), 'class="change bad">-0.50'),
        (Cell(change=0.0), 'class="change">0.00</small>'),
    ],
)
def test_marks_are_said_in_words_too(cell, said):
    cell.number = measurement()
    assert said in html(cell)


def test_conditions_are_one_line_without_what_is_not_stated():
    assert cells.conditions(metric_row()) == ""
    row = metric_row(measurement(split_is_assumed=True), dataset=BAD, split=BAD, slice=BAD)
    first, second, third = cells.conditions(row).split(" · ")
    assert (first, third) == (SAFE, SAFE)
    assert second.startswith(f"{SAFE} <span title=") and second.endswith(">(assumed)</span>")


def test_numbers_that_are_not_alike_have_a_line_each():
    metric = Metric(name="Top-1", unit="", precision=1)
    rows = (
        (0, Conditions("top-1", slice=BAD), measurement(1.25)),
        (1, Conditions("top-1", split=BAD), measurement(None, several=(1.0, 2.0))),
    )
    found = cells.close_numbers(NotComparable(metric, "", "", ("slice",), rows, ("First", BAD)))
    assert found == (
        f'<tr><th scope="row">First</th><td>not stated</td><td>{SAFE}</td><td class="num">1.2</td></tr>'
        f'<tr><th scope="row">{SAFE}</th><td>{SAFE}</td><td>not stated</td><td class="num">1.0 or 2.0</td></tr>'
    )
