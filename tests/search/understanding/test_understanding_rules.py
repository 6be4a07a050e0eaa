"""What is understood in plain words by each rule, what is not, and what wins over being understood. No database."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query import parse
from search.query.understanding import MOST_WORDS
from tests.search.understanding.conftest import LEXICON, asked


def sure(text: str) -> dict[str, str]:
    """What was surely understood: the words, and the condition as the query language writes it."""
    return {reading.words: str(reading.condition) for reading in asked(text).read}


# ── each rule ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "words", "condition"),
    [
        ("object detection", "object detection", "task:object-detection"),
        ("Object Detection", "Object Detection", "task:object-detection"),
        ("object detections", "object detections", "task:object-detection"),
        ("“object detection”,", "“object detection”,", "task:object-detection"),
        ("asr", "asr", "task:speech-recognition"),
        ("speech to text", "speech to text", "task:speech-recognition"),
        ("german", "german", "language:german"),
        ("Deutsch", "Deutsch", "language:german"),
        ("timm", "timm", "library:timm"),
        ("mit", "mit", "license:mit"),
        ("mit license", "mit license", "license:mit"),
        ("license mit", "license mit", "license:mit"),
        ("licence: mit", None, None),
        ("licensed under apache 2.0", "licensed under apache 2.0", "license:apache-2-0"),
        ("with an mit licence", "with an mit licence", "license:mit"),
        ("models in production", "production", "stage:production"),
        ("production", None, None),
        ("trained on coco", "trained on coco", "trained:(coco OR coco-stuff)"),
        ("fine-tuned on kinetics", "fine-tuned on kinetics", "trained:(kinetics-400 OR kinetics-600)"),
        ("trained on ms coco", "trained on ms coco", "trained:coco"),
        ("pretrained on the imagenet", None, None),
        ("pretrained on imagenet dataset", "pretrained on imagenet dataset", "trained:imagenet-1k"),
        ("evaluated on librispeech", "evaluated on librispeech", "dataset:librispeech"),
        ("tested on coco-stuff data", "tested on coco-stuff data", "dataset:coco-stuff"),
        ("trained on nothing", None, None),
        ("under 10M", "under 10M", "parameters<10M"),
        ("under 10M parameters", "under 10M parameters", "parameters<10M"),
        ("smaller than 1.5B", "smaller than 1.5B", "parameters<1.5B"),
        ("at most 10M params", "at most 10M params", "parameters<=10M"),
        ("up to 10M", "up to 10M", "parameters<=10M"),
        ("no more than 20M", "no more than 20M", "parameters<=20M"),
        ("over 1B", "over 1B", "parameters>1B"),
        ("at least 5M", "at least 5M", "parameters>=5M"),
        ("no less than 5M", "no less than 5M", "parameters>=5M"),
        ("more than 1 billion parameters", "more than 1 billion parameters", "parameters>1B"),
        ("under 50 million", "under 50 million", "parameters<50M"),
        ("at most 90MB", "at most 90MB", "size<=90M"),
        ("at most 90 MB", "at most 90 MB", "size<=90M"),
        ("less than 4 GFLOPs", "less than 4 GFLOPs", "flops<4B"),
        ("under 10", None, None),
        ("between 10M and 50M", "between 10M and 50M", "parameters:10M..50M"),
        ("between 50M and 10M", None, None),
        ("since 2024", "since 2024", "released>=2024-01-01"),
        ("since 2024-06", "since 2024-06", "released>=2024-06-01"),
        ("after 2023", "after 2023", "released>=2024-01-01"),
        ("released after 2023-06", "released after 2023-06", "released>=2023-07-01"),
        ("after 2023-06-30", "after 2023-06-30", "released>=2023-07-01"),
        ("newer than 2022", "newer than 2022", "released>=2023-01-01"),
        ("before 2020", "before 2020", "released<2020-01-01"),
        ("older than 2020", "older than 2020", "released<2020-01-01"),
        ("2024", None, None),
        ("after 2024-13", None, None),
        ("top1 above 85 on imagenet", "top1 above 85 on imagenet", "top-1-accuracy@imagenet-1k>85"),
        ("top 1 accuracy at least 0.85", "top 1 accuracy at least 0.85", "top-1-accuracy>=85"),
        ("wer under 5%", "wer under 5%", "word-error-rate<5"),
        ("wer under 0.5%", "wer under 0.5%", "word-error-rate<0.5%"),
        ("recall@1 over 50 on coco", "recall@1 over 50 on coco", "recall-at-1@coco>50"),
        ("wer under control", None, None),
        ("resnet architecture", "resnet architecture", "architecture:resnet OR name:resnet"),
        ("architecture resnet", "architecture resnet", "architecture:resnet OR name:resnet"),
        ("vit backbone", "vit backbone", "architecture:vision-transformer OR name:vit"),
        ("vision transformer", "vision transformer", "architecture:vision-transformer OR name:vit"),
        ("vit", None, None),
        ("bert", None, None),
        ("de", None, None),
    ],
)  # fmt: skip
def test_a_phrase_is_understood_by_its_rule(text, words, condition):
    assert sure(text) == ({words: condition} if words else {})


@pytest.mark.parametrize(
    "text",
    ["bert base", "swin base", "resnet 50", "text embedding 3 small", "text-embedding-3-small", "tiny bert",
     "german whisper", "mit vision", "asr conformer", "gpt2"],
)  # fmt: skip
def test_a_name_is_not_understood_as_a_filter(text):
    query = asked(text)
    assert query.read == ()
    assert query.words == text


def test_a_whole_sentence_is_understood_word_by_word():
    query = asked("show me small german speech recognition models under 50M with mit license since 2024")
    assert [str(reading.condition) for reading in query.read] == [
        "language:german",
        "task:speech-recognition",
        "parameters<50M",
        "license:mit",
        "released>=2024-01-01",
    ]
    assert query.words == ""


def test_a_task_of_two_words_is_understood_beside_a_name():
    query = asked("object detection yolo")
    assert [str(reading.condition) for reading in query.read] == ["task:object-detection"]
    assert query.words == "yolo"


def test_small_words_between_what_is_understood_are_not_searched():
    query = asked("a model for object detection with mit license by yolo")
    assert query.words == "yolo"


def test_of_two_words_for_one_facet_the_first_is_understood():
    assert sure("speech recognition object detection") == {"speech recognition": "task:speech-recognition"}


# ── sizes that are only hinted at ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("tiny object detection", "parameters<=30M"),
        ("small object detection", "parameters<=100M"),
        ("large object detection", "parameters>=300M"),
    ],
)
def test_a_word_of_size_orders_and_does_not_filter(text, condition):
    query = asked(text)
    (hint,) = (reading for reading in query.readings if not reading.is_sure)
    assert str(hint.condition) == condition
    assert query.words == hint.words


def test_a_word_of_size_says_nothing_beside_a_number():
    query = asked("small object detection under 50M")
    assert all(reading.is_sure for reading in query.readings)
    assert query.words == ""


# ── what wins over being understood ───────────────────────────────────────────────────────────────────────


def test_words_as_they_are_are_not_understood():
    assert asked("object detection", read="words").readings == ()


def test_a_filter_that_is_chosen_wins_over_words():
    query = asked("object detection", task="speech-recognition")
    assert query.read == ()
    assert query.values("task") == ("speech-recognition",)


def test_a_range_that_is_chosen_wins_over_words():
    assert asked("under 50M", parameters_max="10M").read == ()


def test_a_filter_of_the_language_wins_over_words():
    query = asked("object detection task:asr")
    assert query.read == ()
    assert query.values("task") == ("speech-recognition",)


def test_what_stands_in_quotes_is_not_understood():
    assert asked('"object detection"').readings == ()


def test_a_very_long_text_is_not_understood():
    assert asked("object detection " + "word " * (MOST_WORDS - 2)).read
    assert not asked("object detection " + "word " * (MOST_WORDS - 1)).readings


# ── whatever the text ─────────────────────────────────────────────────────────────────────────────────────


WORDS = st.sampled_from(
    "a small large object detection asr german mit license licensed under over at most least no more less than"
    " between and 10M 50M 90 MB 5 0.5% million parameters since after before 2024 2023-06 released trained on coco"
    " kinetics top1 wer above imagenet resnet vit architecture production in with models yolo 3 , ?".split()
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_whatever_is_understood_is_words_of_the_text_and_settles_as_the_same_question(text):
    query = asked(text)
    words = query.text.split()
    places = [place for reading in query.readings for place in range(reading.start, reading.end)]
    assert len(places) == len(set(places))
    for reading in query.readings:
        assert reading.words in " ".join(words[reading.start : reading.end])
    settled = query.settled()
    assert settled.readings == ()
    assert settled.text == query.words
    again = parse(parse_qs(settled.url_query().removeprefix("?")), LEXICON)
    assert {*again.limits, *again.conditions} == {*query.limits, *query.conditions}
