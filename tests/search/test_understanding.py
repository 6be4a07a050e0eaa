"""What is understood in plain words, what is not, how the page and the API tell of it, and that it tells no secret."""

import codecs
import html
import re
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Metric, MetricAlias, Ownership, Term, TermAlias
from catalog.vocabulary.words import fold
from search import find, sync
from search.backends.reasons import reasons
from search.lexicon import forget, lexicon
from search.marks import MARK_END, MARK_START, marked
from search.presentation import chips
from search.query import SearchQuery, parse
from search.understanding import MOST_WORDS, understand
from tests.makers import make_person, seen_by
from tests.search.conftest import measure, names
from tests.search.words import small_lexicon

LEXICON = small_lexicon()


def asked(text: str, **more: str) -> SearchQuery:
    query = parse({"q": [text], **{name: [value] for name, value in more.items()}}, LEXICON)
    return understand(query, LEXICON)


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


# ── chips ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shelf(model) -> None:
    """A few models with words that can be understood, carried."""
    detector = model(
        "yolov8", task="object-detection", license="mit", parameters=3_000_000, summary="Finds a zebra."
    )
    model("yolov8x", task="object-detection", license="agpl", parameters=68_000_000, tags=["zebra"])
    model("resnet50", task="image-classification", library="timm", parameters=25_000_000)
    measure(detector, "accuracy", 80, dataset="coco")
    sync.drain_all()
    forget()


def told(text: str, user: Any = None, **given: str) -> Any:
    """The answer for a person to a text, as page and API get it."""
    viewer = seen_by(user)
    given_lists = {"q": [text], **{name: [value] for name, value in given.items()}}
    return find.search(viewer, find.read(viewer, given_lists))


def api(client: Any, text: str, **given: str) -> dict[str, Any]:
    return client.get("/api/v1/search", {"q": text, **given}).json()


pytestmark = pytest.mark.django_db


def test_a_chip_says_what_the_words_were_read_as_and_how_to_undo_it(shelf):
    result = told("object detection mit license")
    assert names(result) == ["yolov8"]
    task, license = chips(result)
    assert (task["words"], task["label"]) == ("object detection", "task: Object detection")
    assert (license["words"], license["label"]) == ("mit license", "license: Mit")
    assert task["remove_url"] == "?q=mit+license"
    assert task["as_words_url"] == "?" + urlencode({"q": 'mit license "object detection"'})


def test_a_chip_of_the_language_says_the_condition_and_leads_to_the_search_without_it(shelf):
    result = told(
        'zebra -license:mit params<50M (task:object-detection OR name:yolo) "a zebra"', library="timm"
    )
    found = {chip["label"]: chip["remove_url"] for chip in chips(result)}
    assert list(found) == [
        "library: timm",
        "not license: Mit",
        "parameters < 50 M",
        "task: Object detection or named yolo",
        "“a zebra”",
    ]
    for url in found.values():
        shorter = find.read(seen_by(None), parse_qs(url.removeprefix("?")))
        assert len(chips(find.search(seen_by(None), shorter))) == 4


def test_following_a_chip_s_link_takes_just_that_away(shelf):
    result = told("object detection under 50M mit license")
    all_chips = chips(result)
    for chip in all_chips:
        query = find.read(seen_by(None), parse_qs(chip["remove_url"].removeprefix("?")))
        left = [other["label"] for other in chips(find.search(seen_by(None), query))]
        assert left == [other["label"] for other in all_chips if other is not chip]


def test_words_turned_back_into_words_are_searched_as_a_phrase(shelf):
    (chip,) = chips(told("object detection"))
    query = find.read(seen_by(None), parse_qs(chip["as_words_url"].removeprefix("?")))
    assert query.q == '"object detection"'
    assert sorted(names(find.search(seen_by(None), query))) == ["yolov8", "yolov8x"]


def test_all_words_can_be_searched_as_they_are(client, shelf):
    page = client.get("/search", {"q": "object detection"}).content.decode()
    assert 'href="/search?q=object+detection&amp;read=words"' in page
    literal = client.get("/search", {"q": "object detection", "read": "words"}).content.decode()
    assert "search these words instead" in page and "search these words instead" not in literal
    assert 'href="/search?q=object+detection"' in literal


def test_the_form_holds_what_was_understood_as_choices(client, shelf):
    page = client.get("/search", {"q": "zebra object detection under 50M"}).content.decode()
    assert 'name="q" value="zebra parameters&lt;50M"' in page
    assert 'value="zebra object detection under 50M"' in page  # the box keeps what was typed


def test_an_address_keeps_the_words_and_not_what_they_were_read_as(shelf):
    assert told("object detection mit license").query.url_query() == "?q=object+detection+mit+license"


# ── taken back ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_leaves_nothing_to_find_is_taken_back_and_searched_as_words(shelf):
    term = Term.objects.get(slug="image-classification")
    Term.objects.create(taxonomy=term.taxonomy, slug="pose-estimation", name="Pose estimation")
    forget()
    result = told("pose estimation")
    assert result.query.readings == ()
    assert chips(result) == []


def test_what_is_taken_back_does_not_change_the_address(shelf, client):
    result = told("object detection agpl license under 5M")
    assert result.query.readings == ()
    assert result.query.url_query() == "?q=object+detection+agpl+license+under+5M"


def test_an_explicit_filter_is_never_taken_back(shelf):
    assert told("task:image-classification license:mit").total == 0


# ── the API ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_api_tells_what_was_understood(client, shelf):
    answer = api(client, "small object detection")
    assert answer["understood"] == [
        {
            "words": "small",
            "condition": "parameters<=100M",
            "label": "parameters ≤ 100 M",
            "is_filter": False,
        },
        {
            "words": "object detection",
            "condition": "task:object-detection",
            "label": "task: Object detection",
            "is_filter": True,
        },
    ]
    assert answer["total"] == 2


def test_what_the_api_understood_can_be_asked_for_as_it_is_written(client, shelf):
    understood = api(client, "object detection")["understood"]
    again = api(client, understood[0]["condition"])
    assert again["understood"] == []
    assert again["total"] == api(client, "object detection")["total"] == 2


def test_the_api_searches_words_as_they_are(client, shelf):
    answer = api(client, "object detection", read="words")
    assert (answer["understood"], answer["total"]) == ([], 2)
    assert client.get("/api/v1/search", {"q": "x", "read": "filters"}).status_code == 400


def test_the_api_says_where_a_text_is_wrong(client, shelf):
    response = client.get("/api/v1/search", {"q": "zebra  tsk:x"})
    assert response.status_code == 400
    problem = response.json()
    assert problem["place"] == {"start": 7, "end": 10}
    assert problem["errors"] == [{"field": "q", "message": "There is no field “tsk”. Did you mean “task”?"}]


def test_the_page_shows_where_a_text_is_wrong(client, shelf):
    response = client.get("/search", {"q": "zebra  tsk:x"})
    assert response.status_code == 400
    page = response.content.decode()
    assert 'zebra  <mark class="wrong">tsk</mark>:x' in page
    assert 'href="/search?q=zebra+tsk+x"' in page
    assert client.get("/search?q=zebra+tsk+x").status_code == 200


# ── reasons and marks ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("back_end", ["postgres", "opensearch"])
def test_reasons_say_where_each_word_was_found_and_their_points_fall(request, settings, model, back_end):
    if back_end == "opensearch":
        request.getfixturevalue("engine")
    model("yolov8", task="object-detection", summary="Finds a zebra.", tags=["savanna"])
    from tests.search.conftest import carry

    carry(to_engine=bool(settings.OPENSEARCH_URL))
    result = told("yolov8 savanna zebra", explain="1", read="words")
    assert result.backend == back_end
    (hit,) = result.hits
    said = [reason.words for reason in hit.reasons]
    assert {"“yolov8” is in its name", "“savanna” is among its facts", "“zebra” is in its description"} <= {
        *said
    }
    points = [reason.points for reason in hit.reasons]
    assert points == sorted(points, reverse=True)
    assert told("yolov8", read="words").hits[0].reasons == ()


def test_of_several_places_of_a_word_the_best_is_the_reason():
    found = reasons([("zebra", "description", 0.2), ("zebra", "facts", 1.5), ("", "popularity", 0.004)])
    assert [(reason.words, reason.points) for reason in found] == [("“zebra” is among its facts", 1.5)]


def test_a_word_that_is_in_the_name_is_not_said_to_begin_a_part_of_it():
    for ways in (
        (("zebra", "name", 0.9), ("zebra", "begins", 2.0)),
        (("zebra", "begins", 2.0), ("zebra", "name", 0.9)),
    ):
        (found,) = reasons(ways)
        assert (found.words, found.points) == ("“zebra” is in its name", 2.0)


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("resnet50_a1", "resnet 50", "[resnet50]_a1"),
        ("ResNet-50", "resnet50", "[ResNet-50]"),
        ("vit_base", "base", "vit_[base]"),
        ("detector", "det", "[det]ector"),
        ("the_model", "the", ""),
        ("vit", "bert", ""),
        ("vit", "", ""),
        ("<b>vit</b>", "vit", "<b>[vit]</b>"),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_marked_in_a_name(name, words, expected):
    assert marked(name, words).replace(MARK_START, "[").replace(MARK_END, "]") == expected


@pytest.mark.parametrize("back_end", ["postgres", "opensearch"])
def test_a_piece_of_the_text_shows_the_words_marked_and_nothing_unescaped(
    request, settings, client, model, back_end
):
    if back_end == "opensearch":
        request.getfixturevalue("engine")
    from tests.search.conftest import carry

    model("m", summary="It is <b>fond</b> of a zebra & its stripes.")
    carry(to_engine=bool(settings.OPENSEARCH_URL))
    (hit,) = api(client, "zebra")["hits"]
    assert "<mark>zebra</mark>" in hit["snippet"]
    assert "&amp;" in hit["snippet"] and "<b>" not in hit["snippet"]
    page = client.get("/search?q=zebra").content.decode()
    assert "<mark>zebra</mark>" in page
    assert "<b>fond" not in page


def test_names_are_marked_on_the_page(client, shelf):
    page = client.get("/search?q=resnet").content.decode()
    assert "<mark>resnet</mark>50" in page


# ── no secrets ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def hidden(model) -> Any:
    """Words of the vocabulary that stand on a restricted model only, each with another name."""
    open_one = model("opened", task="object-detection", license="mit", parameters=1_000_000)
    made = model(
        "covert",
        visibility="restricted",
        task="secret-spotting",
        license="secret-license",
        architecture="secretnet",
        language="secretish",
        tags=["secrettag"],
        parameters=1_000_000,
    )
    Ownership.objects.create(model=made, kind="owner", user=make_person("secretowner", name="Secret Owner"))
    measure(made, "secret-score", 90, dataset="secretset")
    measure(open_one, "accuracy", 90, dataset="openset")
    Metric.objects.filter(slug="secret-score").update(name="Secret Score", unit="%")
    for slug in ("secret-spotting", "secretish"):
        term = Term.objects.get(slug=slug)
        alias = f"alias {slug}"
        TermAlias.objects.create(taxonomy=term.taxonomy, term=term, words=alias, folded=fold(alias))
    MetricAlias.objects.create(
        metric=Metric.objects.get(slug="secret-score"), words="aliasscore", folded="aliasscore"
    )
    sync.drain_all()
    forget()
    return made


SECRETS = (
    "secret-spotting", "alias secret-spotting", "Secret spotting", "secret-license", "secretnet", "secretish",
    "secrettag", "secretowner", "secretset", "secret-score", "Secret Score", "aliasscore",
)  # fmt: skip


def unknown(word: str) -> str:
    """A word of the same shape that nobody knows."""
    return codecs.encode(word, "rot13")


FORMS = {
    "{0}": SECRETS,
    "opened {0}": SECRETS,
    "object detection {0}": SECRETS,
    "{0} under 5M": SECRETS,
    "{0} license mit": SECRETS,
    "trained on {0}": ("secretset",),
    "object detection {0} above 50": ("secret-score", "Secret Score", "aliasscore"),
    "opened accuracy above 50 on {0}": ("secretset",),
    "opened {0} architecture": ("secretnet",),
    '-task:"{0}"': ("secret-spotting", "alias secret-spotting", "Secret spotting"),
    'opened OR task:"{0}"': ("secret-spotting", "alias secret-spotting", "Secret spotting"),
    'task:"{0}"': ("secret-spotting", "alias secret-spotting"),
    "-tag:{0}": ("secrettag",),
    "-owner:{0}": ("secretowner",),
    "-dataset:{0}": ("secretset",),
    '-"{0}">0.5': ("secret-score", "Secret Score", "aliasscore"),
    '"{0}"@secretset>0.5': ("secret-score", "Secret Score", "aliasscore"),
    "-accuracy@{0}>5": ("secretset",),
    "{0}:x": tuple(one for one in SECRETS if " " not in one),
    "task:({0}": SECRETS,
}


VOLATILE = re.compile(r'"(?:took_ms|request_id)": ?[^,}]+|\b\w{64}\b')


def seen_of(client: Any, address: str, parameters: dict[str, str], word: str) -> str:
    """All that an answer says, with the typed word's own letters taken out in each of the ways it may be written."""
    text = html.unescape(client.get(address, parameters).content.decode())
    text = unquote_plus(unquote_plus(text))  # the address to come back to after signing in is quoted twice
    for spelling in (word, word.lower(), word.lower().replace(" ", "-"), word.lower().replace("-", " ")):
        text = text.replace(spelling, "WORD")
    return VOLATILE.sub("", text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("literal", [False, True])
def test_a_word_that_only_hidden_models_have_is_answered_like_one_that_does_not_exist(
    client, hidden, form, literal
):
    for word in FORMS[form]:
        for address in ("/api/v1/search", "/search"):
            answers = []
            for one in (word, unknown(word)):
                parameters = {"q": form.format(one), **({"read": "words"} if literal else {})}
                answers.append(seen_of(client, address, parameters, one))
            assert answers[0] == answers[1], (word, address)


def test_those_who_see_the_model_have_its_words_understood(hidden):
    boss = make_person(is_superuser=True)
    (chip,) = chips(told("secret spotting", boss))
    assert chip["label"] == "task: Secret spotting"
    assert names(told("alias secret-spotting", boss)) == ["covert"]
    assert told("secret-score>0.5", boss).query.q == "secret-score>50"
    assert told("secret-score>0.5").query.q == "secret-score>0.5"


def test_of_a_family_of_data_sets_only_those_that_are_seen_are_named(client, model):
    for name, visibility in (("a", "public"), ("b", "restricted")):
        measure(model(name, visibility=visibility), "accuracy", 90, dataset=f"squad-{name}")
    sync.drain_all()
    forget()
    understood = api(client, "evaluated on squad")["understood"]
    assert [one["condition"] for one in understood] == ["dataset:squad-a"]


@pytest.mark.parametrize("word", ["secret-score", "secret-scor", "accuracy@secretset"])
def test_an_order_by_a_hidden_metric_is_refused_like_an_unknown_one(client, hidden, word):
    said = []
    for one in (word, word.replace("secret", "frperg")):
        response = client.get("/api/v1/search", {"sort": f"metric:{one}"})
        assert response.status_code == 400
        said.append(response.json()["detail"].replace(one.rpartition("@")[2], "WORD"))
    assert said[0] == said[1]


def test_a_word_that_no_model_has_yet_is_everybody_s(shelf):
    Metric.objects.create(slug="unused-score", name="Unused score", unit="%")
    MetricAlias.objects.create(
        metric=Metric.objects.get(slug="unused-score"), words="unused", folded="unused"
    )
    forget()
    assert told("unused>0.5").query.q == "unused-score>50"


# ── statements ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_with_readings_and_conditions_takes_as_many_statements_whatever_it_finds(model):
    person = make_person()
    text = 'small object detection mit license owner:me -tag:x accuracy>5 (name:m OR "some words")'

    def statements() -> int:
        sync.drain_all()
        forget()
        lexicon()
        viewer = seen_by(person)
        with CaptureQueriesContext(connection) as context:
            chips(find.search(viewer, find.read(viewer, {"q": [text], "explain": ["1"]})))
        return len(context)

    def fill(number: int) -> None:
        made = model(
            f"m{number}", task="object-detection", license="mit", summary="some words", tags=[f"t{number}"]
        )
        Ownership.objects.create(model=made, kind="owner", user=person)
        measure(made, "accuracy", 10 + number, dataset=f"d{number}")

    fill(0)
    few = statements()
    for number in range(1, 9):
        fill(number)
    assert statements() == few <= 12
