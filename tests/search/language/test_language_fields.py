"""Fields: the values of a facet by any of their names, what is recorded or not, attributes by their type."""

from datetime import date

import pytest

from search.query import AnyOf, Attribute, Filter, Not, Range
from search.query.language import read
from tests.search.language.conftest import LEXICON, said
from tests.search.words import small_lexicon

# ── values of a facet ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("task:object-detection", ("object-detection",)),
        ("TASK:Object-Detection", ("object-detection",)),
        ("task:detection", ("object-detection",)),
        ('task:"object detection"', ("object-detection",)),
        ("task=detection", ("object-detection",)),
        ('task = "object detection"', ("object-detection",)),
        ("task:asr,detection", ("speech-recognition", "object-detection")),
        ("task:(asr OR detection)", ("speech-recognition", "object-detection")),
        ('task:(asr "object detection")', ("speech-recognition", "object-detection")),
        ("task:(asr,detection)", ("speech-recognition", "object-detection")),
        ("task:asr,asr,,", ("speech-recognition",)),
        ('task:"Never Heard Of"', ("never-heard-of",)),
        ("task:Weird/Word", ("weirdword",)),
        ("task:*", ("*",)),
        ("task:(* OR asr)", ("*",)),
    ],
)
def test_a_facet_takes_values_by_any_of_their_names(text, values):
    assert said(text) == Filter("task", values)


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("licence:x", "license"),
        ("lib:x", "library"),
        ("lang:x", "language"),
        ("arch:x", "architecture"),
        ("data:x", "dataset"),
        ("trained-on:x", "trained"),
        ("trained_on:x", "trained"),
        ("training:x", "trained"),
        ("tags:x", "tag"),
        ("team:x", "owner"),
        ("risk_class:x", "risk_class"),
        ("risk-class:x", "risk_class"),
        ("project:x", "project"),
        ("stage:x", "stage"),
        ("status:x", "status"),
        ("source:x", "source"),
    ],
)
def test_a_facet_goes_by_its_other_names(text, facet):
    assert said(text) == Filter(facet, ("x",))


def test_a_data_set_is_known_by_any_of_its_names():
    assert said('dataset:"MS COCO"') == Filter("dataset", ("coco",))
    assert said("trained-on:ImageNet") == Filter("trained", ("imagenet-1k",))


@pytest.mark.parametrize(("words", "owner"), [("me", "me"), ("@ann", "ann"), ("team:speech", "team:speech")])
def test_owners_are_people_teams_and_me(words, owner):
    assert said(f"owner:{words}") == Filter("owner", (owner,))


def test_a_value_that_is_written_as_it_stands_is_never_taken_for_another_s_name():
    lexicon = small_lexicon()
    lexicon.add("task", ("text2text",), "Embedding text", ("embedding-text",))
    lexicon.add("task", ("embedding-text",), "Other", ("Other",))
    assert read("task:embedding-text", lexicon)[1] == (Filter("task", ("embedding-text",)),)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("has:license", Filter("license", ("*",))),
        ("has:licence", Filter("license", ("*",))),
        ("no:owner", Not(Filter("owner", ("*",)))),
        ("has:params", Range("parameters", 0.0)),
        ("no:size", Not(Range("size", 0.0))),
        ("has:(license OR owner)", AnyOf((Filter("license", ("*",)), Filter("owner", ("*",))))),
    ],
)
def test_what_is_recorded_or_not_can_be_asked_for(text, condition):
    assert said(text) == condition


# ── attributes ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("cost-centre:violet", Attribute("cost-centre", "violet")),
        ("cost_centre:violet", Attribute("cost-centre", "violet")),
        ('cost-centre:"a, b"', Attribute("cost-centre", "a, b")),
        ("cost-centre:a,b", Attribute("cost-centre", "a,b")),
        ("cost-centre=violet", Attribute("cost-centre", "violet")),
        ("cost-centre!=violet", Not(Attribute("cost-centre", "violet"))),
        (
            "cost-centre:(a OR b)",
            AnyOf((Attribute("cost-centre", "a"), Attribute("cost-centre", "b"))),
        ),
        ("note:words", Attribute("note", "words")),
        ("tier:gold", Attribute("tier", "gold")),
        ("card:x.org", Attribute("card", "x.org")),
        ('card:"https://x.org"', Attribute("card", "https://x.org")),
        ("approver:ann", Attribute("approver", "ann")),
        ("budget:1.5k", Attribute("budget", 1500.0)),
        ("budget:-5", Attribute("budget", -5.0)),
        ("budget=5", Attribute("budget", 5.0)),
        ("budget!=5", Not(Attribute("budget", 5.0))),
        ("budget>5", Attribute("budget", None, 5.0, None, above=True)),
        ("budget>=-5", Attribute("budget", None, -5.0)),
        ("budget<5", Attribute("budget", None, None, 5.0, below=True)),
        ("budget<=5", Attribute("budget", None, None, 5.0)),
        ("budget:-5..5", Attribute("budget", None, -5.0, 5.0)),
        ("budget:5..5", Attribute("budget", 5.0)),
        ("budget:5..", Attribute("budget", None, 5.0)),
        ("on-gpu:yes", Attribute("on-gpu", True)),
        ("on-gpu:true", Attribute("on-gpu", True)),
        ("on_gpu:No", Attribute("on-gpu", False)),
        ("on-gpu!=0", Not(Attribute("on-gpu", False))),
        ("reviewed-on:2024", Attribute("reviewed_on", None, date(2024, 1, 1), date(2024, 12, 31))),
        ("reviewed_on>2024", Attribute("reviewed_on", None, date(2024, 12, 31), None, above=True)),
        ("reviewed_on<=2024-02", Attribute("reviewed_on", None, None, date(2024, 2, 29))),
        ("reviewed_on<2024", Attribute("reviewed_on", None, None, date(2024, 1, 1), below=True)),
        (
            "reviewed_on!=2024-06-30",
            Not(Attribute("reviewed_on", None, date(2024, 6, 30), date(2024, 6, 30))),
        ),
        ("reviewed_on:2023..2024", Attribute("reviewed_on", None, date(2023, 1, 1), date(2024, 12, 31))),
    ],
)
def test_attributes_are_read_by_their_type(text, condition):
    assert said(text) == condition


def test_an_attribute_that_is_not_in_the_vocabulary_is_words():
    assert read("secret:x", LEXICON) == ("secret:x", ())
