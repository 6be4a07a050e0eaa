"""Words: what stays words, phrases, words in a name; and how not, or and brackets join them with conditions."""

import pytest

from search.query import AllOf, AnyOf, MetricRange, Not, Phrase, Range, Words
from search.query.language import read
from tests.search.language.conftest import ASR, LEXICON, MIT, ON_IMAGENET, said

# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "resnet50",
        "RetinaNet[1]",
        "http://x",
        "https://huggingface.co/timm/resnet50.a1_in1k",
        "3:4",
        "c++",
        "a:b",
        "--a",
        "a-b--c",
        "-",
        "a!b",
        "what?!",
        "task:",
        "org/model@main",
        "or and not",
        "ORDER ANDROID NOTE",
        "{x} [y] 'z' \\ | & ~ ^2 *",
    ],
)
def test_what_names_no_field_stays_words(text):
    assert read(text, LEXICON) == (text, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("text-embedding-3-small (embed_dim=512)", "text-embedding-3-small embed_dim 512"),
        ("model(lr=0.1)", "model lr 0.1"),
        ("x=-5", "x 5"),
        ("x!=y", "x y"),
        ("a < b", "a b"),
        ("foo:(a OR b)", "foo a b"),
        ("(resnet)", "resnet"),
        ("((a) (b))", "a b"),
        ("a AND b", "a b"),
        ("  a \t b\u2028c ", "a b c"),
        ("-(-a)", "a"),
        ("NOT NOT a", "a"),
    ],
)
def test_signs_around_words_that_are_no_condition_are_let_go(text, words):
    assert read(text, LEXICON) == (words, ())


def test_what_stands_in_quotes_beside_no_field_is_a_phrase():
    assert read('foo:"task:asr OR x"', LEXICON) == ("foo", (Phrase("task:asr OR x"),))
    assert read('x="y z"', LEXICON) == ("x", (Phrase("y z"),))


def test_quotes_hold_a_phrase_and_lose_spare_blanks():
    assert said('"exact   words"') == Phrase("exact words")
    assert read('""', LEXICON) == read('-"" ("" OR "")', LEXICON) == ("", ())


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("name:resnet", Words("resnet", in_name=True)),
        ('name:"res net"', Words("res net", in_name=True)),
        ("name:(a OR b)", AnyOf((Words("a", in_name=True), Words("b", in_name=True)))),
        ("-name:old", Not(Words("old", in_name=True))),
    ],
)
def test_words_can_be_asked_for_in_the_name(text, condition):
    assert said(text) == condition


# ── not, or, brackets ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("-license:mit", Not(MIT)),
        ("NOT license:mit", Not(MIT)),
        ("license!=mit", Not(MIT)),
        ("-word", Not(Words("word"))),
        ('-"two words"', Not(Phrase("two words"))),
        ("-(two words)", Not(Words("two words"))),
        ("-(word license:mit)", Not(AllOf((Words("word"), MIT)))),
        ("-(task:asr OR license:mit)", Not(AnyOf((ASR, MIT)))),
        ("NOT -license:mit", MIT),
        ("-(-license:mit)", MIT),
        ("NOT NOT NOT license:mit", Not(MIT)),
        ("-params<50M", Not(Range("parameters", None, 50e6, below=True))),
        ("-top1@imagenet>80", Not(MetricRange(ON_IMAGENET, 80.0, above=True))),
        ("task:asr OR license:mit", AnyOf((ASR, MIT))),
        ("a b OR c", AnyOf((Words("a b"), Words("c")))),
        ("a license:mit OR c", AnyOf((AllOf((Words("a"), MIT)), Words("c")))),
        ("a OR (b OR c)", AnyOf((Words("a"), AnyOf((Words("b"), Words("c")))))),
        ("a OR b (c OR d)", AnyOf((Words("a"), AllOf((Words("b"), AnyOf((Words("c"), Words("d")))))))),
        ('"" OR a OR license:mit', AnyOf((Words("a"), MIT))),
    ],
)
def test_conditions_combine(text, condition):
    assert said(text) == condition


def test_or_binds_less_than_and():
    assert said("a AND b OR c AND d") == AnyOf((Words("a b"), Words("c d")))


def test_brackets_around_what_must_hold_anyway_change_nothing():
    assert read("(a license:mit) (b (task:asr))", LEXICON) == ("a b", (MIT, ASR))


def test_words_conditions_and_groups_stand_beside_each_other():
    words, conditions = read("small (task:asr OR b) -license:mit fast", LEXICON)
    assert words == "small fast"
    assert conditions == (AnyOf((ASR, Words("b"))), Not(MIT))
