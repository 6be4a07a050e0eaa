"""How the page's chips and the API tell what was understood, how it is undone, and when it is taken back."""

from urllib.parse import parse_qs, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Ownership
from search import service
from search.indexing import outbox
from search.query.lexicon import forget, lexicon
from search.web.presentation import chips
from tests.makers import make_person, seen_by
from tests.search.conftest import measure, names
from tests.search.understanding.conftest import api, told
from vocabulary.models import Term

pytestmark = pytest.mark.django_db


# ── chips ─────────────────────────────────────────────────────────────────────────────────────────────────


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
        shorter = service.read(seen_by(None), parse_qs(url.removeprefix("?")))
        assert len(chips(service.search(seen_by(None), shorter))) == 4


def test_following_a_chip_s_link_takes_just_that_away(shelf):
    result = told("object detection under 50M mit license")
    all_chips = chips(result)
    for chip in all_chips:
        query = service.read(seen_by(None), parse_qs(chip["remove_url"].removeprefix("?")))
        left = [other["label"] for other in chips(service.search(seen_by(None), query))]
        assert left == [other["label"] for other in all_chips if other is not chip]


def test_words_turned_back_into_words_are_searched_as_a_phrase(shelf):
    (chip,) = chips(told("object detection"))
    query = service.read(seen_by(None), parse_qs(chip["as_words_url"].removeprefix("?")))
    assert query.q == '"object detection"'
    assert sorted(names(service.search(seen_by(None), query))) == ["yolov8", "yolov8x"]


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


# ── statements ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_with_readings_and_conditions_takes_as_many_statements_whatever_it_finds(model):
    person = make_person()
    text = 'small object detection mit license owner:me -tag:x accuracy>5 (name:m OR "some words")'

    def statements() -> int:
        outbox.drain_all()
        forget()
        lexicon()
        viewer = seen_by(person)
        with CaptureQueriesContext(connection) as context:
            chips(service.search(viewer, service.read(viewer, {"q": [text], "explain": ["1"]})))
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
