"""How pages write numbers, times, people's text and URLs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.template import Context, Engine
from django.test import RequestFactory
from django.utils import timezone

from core.charts import inline
from core.formatting import (
    NBSP,
    initials,
    relative_day,
    relative_time,
    share,
)
from core.templatetags import ui
from evaluations.templatetags import comparison
from vocabulary.models import Metric


def plain_spaces(text: object) -> str:
    return str(text).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        ("", "—"),
        ("many", "—"),
        (float("nan"), "—"),
        (True, "—"),
        (0, "0"),
        (950, "950"),
        (3889, "3,889"),
        (12_345, "12.3 k"),
        (999_950, "1 M"),
        (25_557_032, "25.6 M"),
        (13_000_000, "13 M"),
        (8_300_000_000, "8.3 G"),
        (1.5e12, "1.5 T"),
        (-25_557_032, "-25.6 M"),
        (0.001234, "0.00123"),
    ],
)
def test_large_numbers_are_written_short(value, written):
    assert plain_spaces(ui.compact(value)) == written


def test_parameters_may_be_counted_in_billions():
    assert plain_spaces(ui.compact(7_241_732_096, "B")) == "7.24 B"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (81.2134, "%", "81.21 %"),
        (93, "%", "93.00 %"),
        (0.04567, "", "0.04567"),
        (1234.5678, "ms", "1,234.6 ms"),
        (1_000_000, "", "1,000,000"),
        (12, "px", "12 px"),
        (None, "%", "—"),
    ],
)
def test_measurements_carry_their_unit(value, unit, written):
    assert plain_spaces(ui.number_filter(value, unit)) == written


def test_decimals_can_be_asked_for():
    assert plain_spaces(ui.number(11.7812, unit="%", digits=1)) == "11.8 %"


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "—"), (-1, "—"), (1, "1 byte"), (999, "999 bytes"), (999_999, "1 MB"), (102_540_417, "103 MB")],
)
def test_sizes_are_written_in_decimal_units(value, written):
    assert plain_spaces(ui.bytes_filter(value)) == written


NOW = datetime(2025, 11, 24, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(minutes=59, seconds=40), "1 h ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=23, minutes=59), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=100), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (-timedelta(days=3), "in 3 days"),
    ],
)
def test_times_are_relative(before, words):
    assert relative_time(NOW - before, NOW) == words


def test_a_day_without_an_hour_is_today_or_yesterday():
    today = date(2025, 11, 24)
    assert relative_day(today, today) == "today"
    assert relative_day(date(2025, 11, 23), today) == "yesterday"
    assert relative_day(date(2025, 11, 21), today) == "3 days ago"


def test_the_exact_time_is_on_hover():
    html = ui.ago(timezone.now() - timedelta(hours=2))
    assert html.startswith('<time datetime="')
    assert 'title="' in html and ">2 h ago</time>" in html
    assert ui.ago(None) == "—"
    assert ui.ago("no time at all") == "—"


def test_markdown_is_safe():
    html = ui.markdown(
        "# Title\n\n<script>alert(1)</script> <b onclick=x>b</b> ![pic](http://x/i.png) "
        "[bad](javascript:alert(1)) [good](https://example.org) www.example.com"
    )
    assert "<h3>Title</h3>" in html
    assert "<script" not in html and "<b" not in html and "<img" not in html
    assert 'href="javascript' not in html
    assert '<a href="https://example.org" rel="nofollow noopener">good</a>' in html
    assert 'href="http://www.example.com"' in html
    assert "pic" in html


def test_headings_never_pass_the_sixth_level():
    assert "<h6>deep</h6>" in ui.markdown("###### deep")


def test_tables_and_code_stay():
    html = ui.markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n<x>\n```\n")
    assert "<table>" in html and "&lt;x&gt;" in html


def test_names_become_links_to_people():
    assert 'href="/people/anna"' in ui.markdown("Thanks @anna.")
    assert "@anna</a>." in ui.markdown("Thanks @anna.")
    assert 'href="/people/' not in ui.markdown("mail anna@example.org or `@code`")
    assert "<a" not in ui.markdown("@nobody", {"anna"})
    assert 'href="/people/anna"' in ui.markdown("@Anna", {"anna"})


@pytest.mark.parametrize(
    "text", [None, 5, "[" * 20_000, "> " * 5000 + "x", "\x00\ud800", "*" * 50_000, "|" * 3000]
)
def test_bad_markdown_never_raises(text):
    assert isinstance(ui.markdown(text), str)


def test_only_marks_survive_in_fragments():
    assert ui.highlight("stt_\ue000de\ue001_<b>") == "stt_<mark>de</mark>_&lt;b&gt;"
    assert ui.highlight("a <mark>b</mark> <script>") == "a <mark>b</mark> &lt;script&gt;"
    assert ui.highlight("open \ue000 only & </mark>") == "open <mark> only &amp; </mark>"
    assert ui.highlight("\ue001 wrong way \ue000") == " wrong way "
    assert ui.highlight(None) == ""


def render(source: str, path: str = "/search?q=bert&task=asr&task=tts&page=3", **context) -> str:
    engine = Engine(libraries={"ui": "core.templatetags.ui"})
    values = {"request": RequestFactory().get(path), **context}
    return engine.from_string("{% load ui %}" + source).render(Context(values))


def test_query_parameters_are_changed_and_the_others_kept():
    assert render("{% query_with page=2 %}") == "?q=bert&amp;task=asr&amp;task=tts&amp;page=2"
    assert render("{% query_with page=None task=None %}") == "?q=bert"
    assert render('{% query_without "task" "asr" page=None %}') == "?q=bert&amp;task=tts"
    assert render('{% query_without "task" page=None %}') == "?q=bert"
    assert (
        render('{% query_plus "task" "ocr" page=None %}') == "?q=bert&amp;task=asr&amp;task=tts&amp;task=ocr"
    )


def test_an_empty_query_still_makes_a_link():
    assert ui.changed_query(QueryDict("page=3"), {"page": None}) == "?"


def test_a_request_is_not_needed():
    assert render("{% query_with page=2 %}{% theme %}", request=None) == "?page=2"


def test_the_theme_is_one_we_have():
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = 'dark"><script>'
    assert ui.theme(Context({"request": request})) == ""
    request.COOKIES["theme"] = "dark"
    assert ui.theme(Context({"request": request})) == "dark"


def test_the_current_page_is_marked_in_the_navigation():
    assert render('<a{% current "/search" %}>') == '<a aria-current="page">'
    assert render('<a{% current "/p/" %}>') == "<a>"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("R. Adler", "RA"), ("anna", "A"), ("Élodie de la Tour", "ÉT"), ("", "?"), (None, "?"), ("7", "7")],
)
def test_initials(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (1, 5, [1, 2, 0, 5]),
        (5, 9, [1, 0, 4, 5, 6, 0, 9]),
        (3, 5, [1, 2, 3, 4, 5]),
        (1, 0, []),
    ],
)
def test_page_numbers(page, pages, shown):
    assert ui.page_numbers(page, pages) == shown


def test_shares_stay_within_their_bar():
    assert share(5, 10) == 50
    assert share(20, 10) == 100
    assert share(1, 0) == 0
    assert share(None, 3) == 0


def test_stars_are_filled_to_the_nearest():
    assert ui.star_row(4.2) == [True] * 4 + [False]
    assert ui.star_row(4.5) == [True] * 5
    assert ui.star_row(None) == [False] * 5


def test_a_chart_leaves_out_what_was_not_measured():
    chart = inline.line_chart(
        [{"label": "1", "value": 76.1}, {"label": "2", "value": None}, {"label": "3", "value": 81}]
    )
    assert [point.label for point in chart.points] == ["1", "3"]
    assert chart.points[0].y > chart.points[1].y
    assert [tick.text for tick in chart.ticks] == ["76", "78", "80", "82"]


def test_a_chart_of_one_or_no_value_is_still_a_chart():
    assert inline.line_chart([]).points == []
    assert len(inline.line_chart([{"label": "1", "value": 0}]).points) == 1
    assert inline.sparkline_points([1]) == ""
    assert inline.sparkline_points([1, 1]).count(",") == 2


def test_histogram_bars_fill_the_box():
    bars = inline.histogram_bars([{"label": "a", "count": 5}, {"label": "b", "count": 10, "selected": False}])
    assert [bar.height for bar in bars] == [50, 100]
    assert bars[1].selected is False
    assert inline.histogram_bars([{"label": "a", "count": 0}]) == []


def test_options_are_text_and_one_of_them_is_chosen():
    found = ui.options([("a", "A & b"), ('"', "<i>")], "a")
    assert found == ('<option value="a" selected>A &amp; b</option><option value="&quot;">&lt;i&gt;</option>')


def test_all_numbers_that_a_source_states_are_told():
    metric = Metric(unit="%", precision=1)
    assert plain_spaces(comparison.stated([81.23, 82], metric)) == "81.2 % or 82.0 %"
