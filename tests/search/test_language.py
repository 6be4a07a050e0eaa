"""The query language: what each form means, what stays words, what is refused and where, and writing it back."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import example, given, settings

from search.errors import InvalidQuery
from search.query import (
    AllOf,
    AnyOf,
    Attribute,
    Filter,
    MetricKey,
    MetricRange,
    Not,
    Phrase,
    Range,
    SearchQuery,
    Words,
    parse,
    read_number,
    write_number,
)
from search.query.language import DEEPEST, MOST_CONDITIONS, Misread, read
from search.query.url import LONGEST_TEXT
from tests.search.words import small_lexicon, texts

LEXICON = small_lexicon()
TOP1 = MetricKey("top-1-accuracy")
ON_IMAGENET = MetricKey("top-1-accuracy", "imagenet-1k")


def said(text: str):
    """The only condition of a text without free words."""
    words, conditions = read(text, LEXICON)
    assert words == ""
    (condition,) = conditions
    return condition


def refused(text: str) -> tuple[str, str, str]:
    """What of the text is wrong, why, and what would do."""
    with pytest.raises(Misread) as error:
        read(text, LEXICON)
    place = error.value.place
    return text[place.start : place.end], error.value.reason, error.value.suggestion


def parsed(text: str, **more: str) -> SearchQuery:
    return parse({"q": [text], **{name: [value] for name, value in more.items()}}, LEXICON)


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

MIT, ASR = Filter("license", ("mit",)), Filter("task", ("speech-recognition",))


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


# ── numbers and dates ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("params<50M", Range("parameters", None, 50e6, below=True)),
        ("parameters<=50M", Range("parameters", None, 50e6)),
        ("params > 1.5B", Range("parameters", 1.5e9, None, above=True)),
        ("params>=1.5b", Range("parameters", 1.5e9)),
        ("params=25_000_000", Range("parameters", 25e6, 25e6)),
        ("params:25,000,000", Range("parameters", 25e6, 25e6)),
        ("params!=50M", Not(Range("parameters", 50e6, 50e6))),
        ("params:10M..50M", Range("parameters", 10e6, 50e6)),
        ("params:10M..", Range("parameters", 10e6)),
        ("params:..50M", Range("parameters", None, 50e6)),
        ("params:(1M OR 2M)", AnyOf((Range("parameters", 1e6, 1e6), Range("parameters", 2e6, 2e6)))),
        ("size<90MB", Range("size", None, 90e6, below=True)),
        ("size<1.2GB", Range("size", None, 1.2e9, below=True)),
        ("flops<=4.1G", Range("flops", None, 4.1e9)),
        ("compute<=4.1GFLOPs", Range("flops", None, 4.1e9)),
        ("rating>=4", Range("rating", 4.0)),
        ("stars:4..5", Range("rating", 4.0, 5.0)),
        ("followers>10", Range("followers", 10.0, None, above=True)),
        ('params<"50 M"', Range("parameters", None, 50e6, below=True)),
    ],
)
def test_numbers_are_compared_as_people_write_them(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("released:2024", Range("released", date(2024, 1, 1), date(2024, 12, 31))),
        ("released=2024", Range("released", date(2024, 1, 1), date(2024, 12, 31))),
        ("released!=2024", Not(Range("released", date(2024, 1, 1), date(2024, 12, 31)))),
        ("released>2024", Range("released", date(2024, 12, 31), None, above=True)),
        ("released>=2024", Range("released", date(2024, 1, 1))),
        ("released<2024", Range("released", None, date(2024, 1, 1), below=True)),
        ("released<=2024", Range("released", None, date(2024, 12, 31))),
        ("released:2024-02", Range("released", date(2024, 2, 1), date(2024, 2, 29))),
        ("released>2024-02", Range("released", date(2024, 2, 29), None, above=True)),
        ("released<=2023-02", Range("released", None, date(2023, 2, 28))),
        ("released<=2024-12", Range("released", None, date(2024, 12, 31))),
        ("released=2024-06-30", Range("released", date(2024, 6, 30), date(2024, 6, 30))),
        ("released<2024-06-30", Range("released", None, date(2024, 6, 30), below=True)),
        ("released:2023..2024-06", Range("released", date(2023, 1, 1), date(2024, 6, 30))),
        ("released:2023..", Range("released", date(2023, 1, 1))),
        ("released:..2023", Range("released", None, date(2023, 12, 31))),
        ("released<=9999-12", Range("released", None, date(9999, 12, 31))),
        ("created>=2024", Range("created", date(2024, 1, 1))),
        ("added>=2024", Range("created", date(2024, 1, 1))),
        ("updated>=2024", Range("updated", date(2024, 1, 1))),
        ("changed>=2024", Range("updated", date(2024, 1, 1))),
    ],
)
def test_a_year_or_month_is_all_of_its_days(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize("hundredths", [115, 201, 229, 435, 819, 1005, 2556])
@pytest.mark.parametrize("unit", ["k", "M", "B"])
def test_a_number_with_a_unit_is_the_whole_number_it_says(hundredths, unit):
    factor = {"k": 10, "M": 10_000, "B": 10_000_000}[unit]
    assert read_number(f"{hundredths / 100}{unit}") == hundredths * factor


@pytest.mark.parametrize("number", [1e-300, -1.5e6, -0.001, 1e24, 123456.789, 0.0])
def test_any_number_is_written_so_that_it_is_read_alike(number):
    from search.query.values import read_signed

    assert read_signed(write_number(number)) == number


# ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "top1@imagenet>=85",
        "acc1@imagenet-1k >= 85",
        "Top-1-Accuracy@ImageNet-1k>=85",
        '"top-1 accuracy"@imagenet>=85',
        '"Top 1 accuracy"@"ImageNet 1k">=85%',
        "top1@imagenet>=0.85",
        'top1@imagenet>="85 %"',
    ],
)
def test_a_metric_on_a_data_set_goes_by_any_of_their_names(text):
    assert said(text) == MetricRange(ON_IMAGENET, 85.0)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("top1>85", MetricRange(TOP1, 85.0, None, above=True)),
        ("top1<=85", MetricRange(TOP1, None, 85.0)),
        ("wer<5%", MetricRange(MetricKey("word-error-rate"), None, 5.0, below=True)),
        ("top1@imagenet=85", MetricRange(ON_IMAGENET, 85.0, 85.0)),
        ("top1@imagenet!=85", Not(MetricRange(ON_IMAGENET, 85.0, 85.0))),
        ("top1@imagenet != 85", Not(MetricRange(ON_IMAGENET, 85.0, 85.0))),
        ("loss<-3", MetricRange(MetricKey("loss"), None, -3.0, below=True)),
        ("recall@1>50", MetricRange(MetricKey("recall-at-1"), 50.0, None, above=True)),
        ("recall@1@coco>50", MetricRange(MetricKey("recall-at-1", "coco"), 50.0, None, above=True)),
        ('"recall@1"@coco>50', MetricRange(MetricKey("recall-at-1", "coco"), 50.0, None, above=True)),
        ("unheard@of>5", MetricRange(MetricKey("unheard", "of"), 5.0, None, above=True)),
        ("unheard>5", MetricRange(MetricKey("unheard"), 5.0, None, above=True)),
    ],
)
def test_metrics_are_compared(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("top1>85", 85.0),
        ("top1>85%", 85.0),
        ("top1>0.85", 85.0),
        ("top1>0.5%", 0.5),
        ("top1>1%", 1.0),
        ("auc>0.85", 0.85),
        ("auc>85", 0.85),
        ("auc>85%", 0.85),
        ("auc>1", 1.0),
        ("auc>1%", 0.01),
        ("loss>0.85", 0.85),
        ("loss>85", 85.0),
        ("unheard>0.85", 0.85),
    ],
)
def test_a_share_is_said_as_85_85_percent_or_0_85(text, number):
    assert said(text).minimum == number


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


# ── errors ────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── in the address ────────────────────────────────────────────────────────────────────────────────────────


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


def again(query: SearchQuery) -> SearchQuery:
    """The query that its own address says."""
    return parse(parse_qs(query.url_query().removeprefix("?"), keep_blank_values=True), LEXICON)


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
