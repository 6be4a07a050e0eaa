"""Reading URL parameters into a query, and writing it back."""

from datetime import date

import pytest

from search.errors import InvalidQuery
from search.query import Cursor, Filter, MetricKey, Sort, parse, read_number, write_number
from search.query.lexicon import Lexicon

TAXONOMIES = Lexicon(taxonomies={"task": "Task", "library": "Library"})


def read(**given):
    return parse({k: v if isinstance(v, list) else [v] for k, v in given.items()}, TAXONOMIES)


def test_nothing_asked_is_everything_by_relevance():
    query = read()
    assert (query.text, query.filters, query.sort, query.page.number) == ("", (), Sort.RELEVANCE, 1)


def test_filters_take_several_values_repeated_or_with_commas():
    query = read(task=["a", "b,c", "a"], tag="x")
    assert query.filters == (Filter("tag", ("x",)), Filter("task", ("a", "b", "c")))


def test_empty_parameters_of_a_form_are_as_if_absent():
    assert read(q="", task="", parameters_min="", released_after="", sort="", page="") == read()


def test_ranges_read_numbers_as_people_write_them():
    query = read(
        parameters_min="1.5M", parameters_max="7B", released_after="2023", released_before="2024-06-30"
    )
    assert (query.range("parameters").minimum, query.range("parameters").maximum) == (1.5e6, 7e9)
    assert (query.range("released").minimum, query.range("released").maximum) == (
        date(2023, 1, 1),
        date(2024, 6, 30),
    )


@pytest.mark.parametrize(
    ("words", "number"),
    [("25000000", 25e6), ("25M", 25e6), ("1,000", 1000), ("90 MB", 90e6), ("2e6", 2e6), ("-1", None),
     ("nan", None), ("1e99", None), ("", None), ("٣", None), ("9" * 50, None)],
)  # fmt: skip
def test_numbers(words, number):
    assert read_number(words) == number


@pytest.mark.parametrize("number", [0.5, 1.0, 1500.0, 25e6, 25560000.0, 7e9, 123456789.0])
def test_numbers_are_written_so_that_they_are_read_alike(number):
    assert read_number(write_number(number)) == number


def test_a_query_survives_its_own_address():
    query = read(
        q="a b",
        task=["x", "y"],
        parameters_min="10M",
        released_after="2023-02-01",
        sort="-parameters",
        page="3",
    )
    again: dict[str, list[str]] = {}
    for name, value in query.parameters():
        again.setdefault(name, []).append(value)
    assert parse(again, TAXONOMIES) == query


def test_sorting_by_a_metric_names_the_metric_and_the_data_set():
    query = read(sort="metric:top-1@imagenet")
    assert (query.sort, query.metric, query.descending) == (
        Sort.METRIC,
        MetricKey("top-1", "imagenet"),
        False,
    )


def test_a_chosen_value_can_be_put_in_and_taken_out_again():
    query = read(task="a", page="4")
    more = query.toggled("task", "b")
    assert more.values("task") == ("a", "b")
    assert more.page.number == 1
    assert more.toggled("task", "a").toggled("task", "b").filters == ()


def test_control_characters_in_the_text_are_blanks():
    assert read(q="a\x00b\x1f\x9fc\u2028").text == "a b c"


@pytest.mark.parametrize(
    ("given", "parameter", "words"),
    [
        ({"tsk": "x"}, "tsk", "Did you mean “task”?"),
        ({"utm_source": "x"}, "utm_source", "There is no search parameter"),
        ({"q": "x" * 2001}, "q", "2,001 characters"),
        ({"q": "x" * 10_000_000}, "q", "10,000,000 characters"),
        ({"page": "0"}, "page", "whole number from 1"),
        ({"page": "-1"}, "page", "whole number"),
        ({"page": "1.5"}, "page", "whole number"),
        ({"page": "९"}, "page", "whole number"),
        ({"page": "9" * 400}, "page", "whole number"),
        ({"page": "501"}, "page", "500"),
        ({"page_size": "101"}, "page_size", "1 to 100"),
        ({"sort": "newst"}, "sort", "Did you mean “newest”?"),
        ({"sort": "metric:"}, "sort", "metric-slug@dataset-slug"),
        ({"parameters_min": "many"}, "parameters_min", "Write 25000000, 25M or 1.5B."),
        ({"parameters_min": "nan"}, "parameters_min", "is a number"),
        ({"parameters_min": "2", "parameters_max": "1"}, "parameters_min", "Swap them."),
        ({"released_after": "soon"}, "released_after", "is a date"),
        ({"released_after": "2024-13-01"}, "released_after", "is a date"),
        ({"task": "x\x00"}, "task", "characters that can't be shown"),
        ({"task": "\ud800"}, "task", "characters that can't be shown"),
        ({"task": "x" * 400}, "task", "too long"),
        ({"task": [str(i) for i in range(60)]}, "task", "60 values"),
        ({"cursor": "nonsense"}, "cursor", "not one we gave"),
        ({"cursor": "W10"}, "cursor", "not one we gave"),
        ({"cursor": "x" * 5000}, "cursor", "not one we gave"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(given, parameter, words):
    with pytest.raises(InvalidQuery) as error:
        read(**given)
    assert error.value.parameter == parameter
    assert words in str(error.value)
    assert error.value.status == 400
    assert len(str(error.value)) < 700


def test_a_cursor_comes_back_as_it_went():
    cursor = Cursor("postgres", (-1.5, 42), 20)
    assert Cursor.decode(cursor.encode()) == cursor


@pytest.mark.parametrize(
    "after",
    [["a\x00", 1], [float("inf"), 1], [float("nan"), 1], [1], [1, "x"], [1, True], [{}, 1], [1, 2**70]],
)
def test_a_forged_cursor_is_refused(after):
    import base64
    import json

    words = base64.urlsafe_b64encode(json.dumps(["postgres", after, 0]).encode()).decode()
    with pytest.raises(InvalidQuery):
        Cursor.decode(words)
