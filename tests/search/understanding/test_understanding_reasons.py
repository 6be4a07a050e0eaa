"""Why a model was found: the reasons with their points, and the words marked in its name and its text."""

import pytest

from search.backends.reasons import reasons
from search.highlighting import MARK_END, MARK_START, marked
from tests.search.conftest import carry
from tests.search.understanding.conftest import api, told

pytestmark = pytest.mark.django_db


# ── reasons ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("back_end", ["postgres", "opensearch"])
def test_reasons_say_where_each_word_was_found_and_their_points_fall(request, settings, model, back_end):
    if back_end == "opensearch":
        request.getfixturevalue("engine")
    model("yolov8", task="object-detection", summary="Finds a zebra.", tags=["savanna"])
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


# ── marks ─────────────────────────────────────────────────────────────────────────────────────────────────


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
