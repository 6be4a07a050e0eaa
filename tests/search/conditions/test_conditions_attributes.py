"""Conditions on the organisation's own attributes, of each type; sensitive ones never match."""

from datetime import date

from search.query import Attribute, parse
from search.query.lexicon import lexicon
from tests.makers import make_person
from tests.search.conditions.conftest import check, ids
from tests.search.conftest import carry, give


def test_attributes_of_each_type(finds, model):
    one, two = model("one"), model("two")
    model("three")
    give(one, "cost", "Violet Team"), give(two, "cost", "crimson")
    give(one, "note", "some words"), give(one, "tier", "gold"), give(one, "card", "https://x.org/a")
    give(one, "approver", make_person("ann"))
    give(one, "budget", 5.5), give(two, "budget", -3)
    give(one, "reviewed", date(2024, 2, 29)), give(two, "reviewed", date(2023, 12, 31))
    give(one, "on-gpu", True), give(two, "on-gpu", False)
    check(
        finds,
        {
            'cost:"violet team"': {"one"},
            "cost:(violet OR crimson)": {"two"},
            "cost!=crimson": {"one", "three"},
            'note:"some words"': {"one"},
            "tier:gold": {"one"},
            'card:"https://x.org/a"': {"one"},
            "approver:ann": {"one"},
            "budget:5.5": {"one"},
            "budget<0": {"two"},
            "budget>-3": {"one"},
            "budget>=-3": {"one", "two"},
            "-budget>0": {"two", "three"},
            "budget:-5..0": {"two"},
            "reviewed:2024": {"one"},
            "reviewed:2024-02-29": {"one"},
            "reviewed<2024": {"two"},
            "reviewed>2023": {"one"},
            "reviewed<=2023": {"two"},
            "reviewed:2023..2024": {"one", "two"},
            "on-gpu:yes": {"one"},
            "on-gpu:no": {"two"},
            "-on-gpu:yes": {"two", "three"},
            "budget>0 reviewed:2024": {"one"},
            "budget<0 reviewed:2024": set(),
        },
    )


def test_letters_beyond_ascii_are_compared_alike_by_both(finds, model):
    give(model("one"), "cost", "MÜNCHEN")
    check(finds, {"cost:mÜnchen": {"one"}, "cost:münchen": set()})


def test_a_sensitive_attribute_is_no_field_and_never_matches(finds, model):
    give(model("one"), "risk", "crimson", kind="keyword", is_sensitive=True)
    model("two")
    assert "risk" not in lexicon().attributes
    assert finds("risk:crimson") == finds("risk=crimson") == finds("risk>5") == []
    assert parse({"q": ["risk:crimson"]}, lexicon()).where == ()


def test_a_sensitive_attribute_cannot_be_asked_for_behind_the_language_s_back(backend, settings, model):
    give(model("one"), "risk", "crimson", kind="keyword", is_sensitive=True)
    carry(to_engine=bool(settings.OPENSEARCH_URL))
    assert ids(backend, Attribute("risk", "crimson")) == []
