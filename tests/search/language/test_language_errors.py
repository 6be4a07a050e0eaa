"""What is refused: where in the text, why, and what would do; and how much a text may hold."""

import pytest

from search.query import Not, Phrase, Words
from search.query.language import MOST_CONDITIONS, read
from search.query.misread import DEEPEST, Misread
from tests.search.language.conftest import LEXICON, parsed, refused, said


@pytest.mark.parametrize(
    ("text", "wrong", "reason", "suggestion"),
    [
        ("a tsk:asr", "tsk", "There is no field “tsk”.", "Did you mean “task”?"),
        ('licens:"x"', "licens", "There is no field “licens”.", "Did you mean “license”?"),
        ("licens=x", "licens", "There is no field “licens”.", "Did you mean “license”?"),
        ("parms<5M", "parms", "There is no field “parms”.", "Did you mean “params”?"),
        ('task:""', "task:", "“task:” needs a value.", "Write task:value."),
        ("task:,", "task:,", "“task:” needs a value.", "Write task:* for any."),
        ('name:""', "name:", "“name:” needs a value.", "Write name:value."),
        ('note:""', "note:", "“note:” needs a value.", "Write note:value."),
        ("task>x", ">", "“task” can't be compared.", "Write task:value."),
        ("params:many", "params:many", "“parameters” is a number, not “many”.", "25M"),
        ("params<many", "many", "“parameters” is a number, not “many”.", "25M"),
        ("params:..", "params:..", "“parameters” is a number, not “..”.", "25M"),
        ("params:x..5M", "params:x..5M", "“parameters” is a number, not “x..5M”.", "25M"),
        ("params:-5", "params:-5", "“parameters” is a number, not “-5”.", "25M"),
        ("params:50M..10M", "params:50M..10M", "The range begins above its end.", "Swap its ends."),
        ("released:soon", "released:soon", "“released” is a date, not “soon”.", "Write 2024-01-31 or 2024."),
        ("released>2024-13", "2024-13", "“released” is a date, not “2024-13”.", "2024-01-31"),
        ("released:..", "released:..", "“released” is a date, not “”.", "2024-01-31"),
        ("released:2024..x", "released:2024..x", "“released” is a date, not “x”.", "2024-01-31"),
        ("released:2024..2023", "released:2024..2023", "The range begins above its end.", "Swap its ends."),
        ("top1@imagenet>high", "high", "A metric is compared with a number, not “high”.", ">=85"),
        ("top1@imagenet=%", "%", "A metric is compared with a number, not “%”.", ">=85"),
        ("has:wings", "has:wings", "“has:” is followed by the name of a filter.", "has:license"),
        ("no:rating", "no:rating", "“no:” is followed by the name of a filter.", "has:license"),
        ("budget:much", "budget:much", "“budget” is a number, not “much”.", "25M"),
        ("budget>much", "much", "“budget” is a number, not “much”.", "25M"),
        ("budget:5..1", "budget:5..1", "The range begins above its end.", "Swap its ends."),
        ("on-gpu:maybe", "on-gpu:maybe", "“on-gpu” is yes or no, not “maybe”.", "on-gpu:yes or on-gpu:no"),
        ("on-gpu>1", "1", "“on-gpu” can't be compared.", "Write on-gpu:value."),
        ("note>5", "5", "“note” can't be compared.", "Write note:value."),
        ("reviewed_on>soon", "soon", "“reviewed_on” is a date, not “soon”.", "2024-01-31"),
        ('a "b c', '"', "This quotation mark is never closed.", "Close it, or leave it out."),
        ("a (b", "(", "This bracket is never closed.", "Close it, or leave it out."),
        ("a) b", ")", "This bracket closes nothing.", "put the words in quotes"),
        ("()", ")", "Something is missing before this bracket.", "Add it, or leave it out."),
        ("(a OR)", ")", "Something is missing before this bracket.", "Add it, or leave it out."),
        ("OR a", "OR", "OR stands between two things.", "write “or”"),
        ("a AND OR b", "OR", "OR stands between two things.", "write “or”"),
        ("AND", "AND", "AND stands between two things.", "write “and”"),
        ("a OR", "R", "Something is missing at the end.", "Add what follows the last word"),
        ("NOT", "T", "Something is missing at the end.", "Add what follows the last word"),
        ("params<", "<", "Something is missing at the end.", "Add what follows the last word"),
        ("<5", "<", "There is nothing before “<” to compare.", "params<50M"),
        ("-NOT a", "NOT", "“NOT” can't stand here.", "Put words in quotes"),
        ("a=b=c", "=", "“=” can't stand here.", "Put words in quotes"),
        ("a < (b)", "(", "“(” can't stand here.", "Put words in quotes"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_the_way_out(text, wrong, reason, suggestion):
    found = refused(text)
    assert (found[0], found[1]) == (wrong, reason)
    assert suggestion in found[2]


def test_brackets_may_not_be_too_deep():
    assert read("(" * DEEPEST + "a" + ")" * DEEPEST, LEXICON) == ("a", ())
    wrong, reason, _ = refused("a " + "(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1))
    assert (wrong, reason) == ("(", "There are too many brackets within each other.")


def test_brackets_in_quotes_are_not_counted():
    assert said('"' + "(" * 50 + '"') == Phrase("(" * 50)


@pytest.mark.parametrize("joint", [" ", " OR "])
def test_there_may_not_be_too_many_conditions(joint):
    enough = [f"loss>{number}" for number in range(MOST_CONDITIONS)]
    assert read(joint.join(enough), LEXICON)
    assert refused(joint.join([*enough, "-(loss<1)"]))[1] == "The search has more than 60 conditions."


def test_a_long_row_of_nots_is_read():
    assert said("NOT " * 499 + "a") == Not(Words("a"))


def test_a_place_counts_in_the_text_as_it_was_sent():
    text = "  two\x00  words \ud800 tsk:x"
    with pytest.raises(Misread) as error:
        parsed(text)
    place = error.value.place
    assert text[place.start : place.end] == "tsk"
    assert error.value.extra["place"] == {"start": place.start, "end": place.end}
    assert error.value.parameter == "q"
