"""What the bench writes: results, tables, and the page they go into."""

import json
import re
from datetime import UTC, datetime

import pytest

from bench.measure import Figure, Group
from bench.report import (
    BEGIN,
    END,
    PAGE,
    between_markers,
    caption_of,
    shown,
    table_of,
    write_page,
    write_results,
)

FAST = Figure("search.p50", 12.345, 4.115, "raw | requests", "ms")
RATE = Figure("load.rows", 20000.4, 200000, "COPY", "rows/s")
NONE = Figure("mrr", 0.5, 0, "multi_match", "MRR@10")
GROUP = Group("search", "What it is.", lambda context: [])


def test_results_are_a_list_with_the_names_that_readers_rely_on(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, [FAST, NONE])
    rows = json.loads(path.read_text())
    assert [row["name"] for row in rows] == ["search.p50", "mrr"]
    assert set(rows[0]) == {"name", "ours", "other", "other_name", "unit", "ratio"}
    assert rows[1]["ratio"] is None


def test_no_results_are_an_empty_list(tmp_path):
    write_results(tmp_path / "results.json", [])
    assert json.loads((tmp_path / "results.json").read_text()) == []


def test_a_table_has_a_row_for_each_figure_and_as_many_cells_as_its_head():
    lines = table_of([(GROUP, [FAST, RATE, NONE])], "Today.").splitlines()
    assert lines[0] == "*Today.*"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {8}
    assert "| search.p50 | 12.3 | 4.12 | 3 × | ms | less | raw \\| requests |" in table
    assert "| load.rows | 20,000 | 200,000 | 0.1 × | rows/s | more | COPY |" in table
    assert "| mrr | 0.5 | 0 | — | MRR@10 | more | multi_match |" in table


def test_a_part_without_figures_has_no_table_and_is_named():
    table = table_of([(GROUP, [])], "Today.", ["search: it broke"])
    assert "### " not in table
    assert "**Not measured:** search: it broke" in table


def test_the_table_goes_between_the_markers_and_the_rest_stays(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"# Head\n\n{BEGIN}\nold\n{END}\n\nTail\n")
    write_page(page, "new")
    assert page.read_text() == f"# Head\n\n{BEGIN}\nnew\n{END}\n\nTail\n"
    write_page(page, "new")
    assert page.read_text().count("new") == 1


@pytest.mark.parametrize(
    "text", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}", f"{BEGIN} {END} {END}"]
)
def test_a_page_without_its_markers_is_left_alone(text):
    with pytest.raises(ValueError):
        between_markers(text, "table")


def test_the_real_page_has_its_markers():
    assert "table" in between_markers(PAGE.read_text(encoding="utf-8"), "table")


def test_the_caption_says_when_and_on_what_and_names_no_machine():
    import socket

    words = caption_of({"Postgres": "18.1", "OpenSearch": "3.6.0"}, now=datetime(2026, 11, 25, tzinfo=UTC))
    assert words.startswith("2026-11-25: ")
    assert "cores" in words
    assert "GiB of memory" in words
    assert "Python 3." in words
    assert "Postgres 18.1, OpenSearch 3.6.0" in words
    assert socket.gethostname() not in words
    assert "/" not in words


def test_a_quick_run_is_called_one():
    assert "quick run" in caption_of({}, is_quick=True)
    assert "quick" not in caption_of({})


def test_the_terminal_shows_both_numbers_and_their_ratio():
    assert shown(FAST).split() == ["search.p50", "12.3", "4.12", "ms", "3", "×"]
