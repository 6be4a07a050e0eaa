"""Writing a text back: what becomes a parameter of the address, what stays in the words, and in which form."""

from datetime import date

import pytest
from hypothesis import example, given, settings

from search.errors import InvalidQuery
from search.query import Filter, Range, SearchQuery
from search.query.language import read
from search.query.misread import Misread
from search.query.url import LONGEST_TEXT
from tests.search.language.conftest import ASR, LEXICON, again, parsed
from tests.search.words import texts


def test_a_condition_that_a_parameter_can_say_becomes_one():
    query = parsed("x task:asr,detection params<=50M released:2024 license:*")
    assert query.text == "x"
    assert query.values("task") == ("speech-recognition", "object-detection")
    assert query.range("parameters") == Range("parameters", None, 50e6)
    assert query.range("released") == Range("released", date(2024, 1, 1), date(2024, 12, 31))
    assert query.where == (Filter("license", ("*",)),)


def test_a_condition_beside_a_parameter_of_the_same_facet_must_hold_too():
    query = parsed("task:asr params<=50M", task="detection", parameters_min="1M")
    assert query.values("task") == ("object-detection",)
    assert query.where == (ASR, Range("parameters", None, 50e6))


def test_what_is_open_at_its_end_stays_in_the_words():
    assert parsed("params<50M").q == "parameters<50M"


def test_any_value_in_the_address_is_a_condition():
    assert parsed("", task="*").where == (Filter("task", ("*",)),)


@pytest.mark.parametrize("text", ['owner:"a,b"', "tag:" + "x" * 301, "tag:" + ",".join(map(str, range(60)))])
def test_values_that_a_parameter_cannot_hold_stay_in_the_words(text):
    query = parsed(text)
    assert (query.filters, len(query.where)) == ((), 1)
    assert again(query) == query


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("NOT license!=mit", "license:mit"),
        ("b (a OR license:mit)", "b (a OR license:mit)"),
        ("(a OR b)", "a OR b"),
        ("released!=2024", "-released:2024-01-01..2024-12-31"),
        ("reviewed-on:2024", "reviewed_on:2024-01-01..2024-12-31"),
        ("budget:1..5", "budget:1..5"),
        ('"Top 1 accuracy"@imagenet>0.9', "top-1-accuracy@imagenet-1k>90"),
        ("wer<=1%", "word-error-rate<=1%"),
        ("wer<=5%", "word-error-rate<=5"),
        ("NOT --a", "NOT --a"),
        ('-owner:"a,b"', '-owner:"a,b"'),
        ('"odd (name"@"x y">5', '"odd (name"@"x y">5'),
        ("-params!=2.5M", "parameters=2.5M"),
    ],
)
def test_a_query_is_written_in_one_way(text, canonical):
    words, conditions = read(text, LEXICON)
    assert SearchQuery(text=words, where=conditions).q == canonical


@settings(max_examples=400, deadline=None)
@given(texts)
@example("released!=2024")
@example("wer<=0.5%")
@example("top1@imagenet!=85")
@example("NOT NOT a")
@example("(OR)")
@example('a:"(x"')
@example("x=-5")
@example("task:(* OR a)")
@example("owner:@")
def test_any_text_is_read_or_refused_at_a_place_and_written_back_alike(text):
    try:
        query = parsed(text)
    except Misread as error:
        assert 0 <= error.place.start < error.place.end <= len(text)
        assert error.reason and error.suggestion
        return
    assert read(query.q, LEXICON) == (query.text, query.where)
    assert again(query) == query


def test_a_text_of_the_greatest_length_is_read():
    for unit in ("a ", "(a) ", "a OR ", "-a ", '"a" ', "NOT ", "a:b ", "x=y ", "(", "((a OR b) c) "):
        text = (unit * LONGEST_TEXT)[:LONGEST_TEXT]
        try:
            parsed(text)
        except InvalidQuery as error:
            assert error.suggestion
