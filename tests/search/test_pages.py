"""The search page, its suggestions, and the API's contract."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search import selectors
from search.indexing import outbox
from search.query import Sort
from tests.makers import make_person, make_project, seen_by
from tests.search.conftest import measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(model):
    """A few models, carried."""
    resnet = model(
        "resnet50", task="classify", library="timm", parameters=25_000_000, external_id="timm/hf/resnet50"
    )
    measure(resnet, "accuracy", 81.5, dataset="imagenet")
    model("yolov8", task="detect", library="ultra", parameters=3_000_000)
    model("hidden", task="secrettask", visibility="restricted")
    outbox.drain_all()
    return resnet


def test_the_page_shows_hits_counts_and_facets(client, shelf):
    page = client.get("/search").content.decode()
    assert "2 models" in page
    assert "resnet50" in page
    assert "yolov8" in page
    assert 'name="task" value="classify"' in page
    assert "hidden" not in page.split('<div id="results">')[1].split("_tray")[0].replace(
        "visually-hidden", ""
    ).replace('type="hidden"', "").replace('aria-hidden="true"', "")
    assert "secrettask" not in page


def test_the_page_keeps_what_was_asked_as_chips_that_can_be_taken_away(client, shelf):
    page = client.get("/search?q=resnet&task=classify&parameters_max=50M").content.decode()
    assert "1 model<" in page
    assert "task: Classify" in page
    assert "parameters ≤ 50 M" in page
    assert 'href="?q=resnet&amp;parameters_max=50M"' in page
    assert 'href="?q=resnet&amp;task=classify"' in page
    assert 'name="q" value="resnet"' in page


def test_hits_can_be_ticked_for_comparison(client, shelf):
    page = client.get("/search?q=resnet50").content.decode()
    assert f'name="model" value="{shelf.ref}" form="compare-form"' in page
    assert "81.50" in page


def test_nothing_found_says_why_and_what_to_try(client, shelf):
    page = client.get("/search?q=zzzqqq&task=classify").content.decode()
    assert "No model found for “zzzqqq” with these filters" in page
    assert "Remove all filters" in page
    assert "Search without the words" in page


def test_an_empty_catalog_says_so(client):
    assert "There are no models here yet that you may see." in client.get("/search").content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("tsk=x", "Did you mean “task”?"),
        ("page=0", "whole number from 1"),
        ("page=99999999999999999999", "whole number"),
        ("sort=best", "There is no order"),
        ("parameters_min=lots", "Write 25000000, 25M or 1.5B."),
        ("cursor=xx", "Start again"),
        ("task=%00", "can&#x27;t be shown"),
        ("q=" + "x" * 2001, "2,000 is the most"),
    ],
)
def test_a_search_that_cannot_be_read_is_answered_with_the_way_out(client, shelf, query, words):
    response = client.get(f"/search?{query}")
    assert response.status_code == 400
    page = response.content.decode()
    assert words in page
    assert "Start again" in page
    problem = client.get(f"/api/v1/search?{query}")
    assert problem.status_code == 400
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ff%fe", "q=%F0%9F%98%80", "q='\"--", "q=%1f%7f", "task=nope", "task=%27", "tag=%E2%80%AE",
     "owner=team:", "page=500", "dataset=" + "x" * 300, "released_after=0001-01-01", "parameters_max=0",
     "sort=-name", "sort=metric:none", "q=a&q=b", "page_size=100"],
)  # fmt: skip
def test_odd_input_is_never_our_error(client, shelf, query):
    for path in ("/search", "/api/v1/search"):
        assert client.get(f"{path}?{query}").status_code in (200, 400), path


def test_ten_megabytes_of_question_are_refused_kindly(client, shelf):
    assert client.get("/search", {"q": "x" * 10_000_000}).status_code == 400
    assert client.get("/api/v1/search", {"q": "x" * 10_000_000}).status_code == 400
    assert client.get("/search/suggest", {"q": "x" * 1_000_000}).status_code == 200


def test_scripts_in_names_and_words_stay_text(client, model):
    model("<script>alert(1)</script>", tags=["<b>"])
    outbox.drain_all()
    page = client.get("/search?q=<script>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_pages_turn_and_stop(client, model):
    for number in range(25):
        model(f"model {number:02}")
    outbox.drain_all()
    first = client.get("/search?sort=name").content.decode()
    assert "page=2" in first
    second = client.get("/search?sort=name&page=2").content.decode()
    assert "model 24" in second
    assert "There is nothing on this page" in client.get("/search?page=9").content.decode()


def test_the_page_takes_the_same_number_of_statements_whatever_it_shows(client, model):
    def statements() -> int:
        outbox.drain_all()
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/search?q=model").status_code == 200
        return len(queries)

    model("model 0", task="t")
    few = statements()
    for number in range(1, 20):
        made = model(f"model {number}", task=f"t{number}", tags=[f"g{number}"], stage="production")
        measure(made, "acc", number)
    assert statements() == few


def test_suggestions_are_json_for_the_box(client, shelf):
    answer = client.get("/search/suggest?q=res").json()
    assert answer["suggestions"][0] == {
        "kind": "model",
        "label": "resnet50",
        "url": f"/p/{shelf.project.slug}/{shelf.slug}",
        "hint": shelf.project.name,
        "text": "",
    }
    assert client.get("/search/suggest").json() == {"suggestions": []}
    assert client.get("/search/suggest?q=hidden").json() == {"suggestions": []}
    assert client.get("/api/v1/suggest?q=res").json()["suggestions"][0]["label"] == "resnet50"


def test_the_api_keeps_its_contract(client, shelf):
    answer = client.get("/api/v1/search?q=&page_size=1&sort=name").json()
    assert answer["total"] == 2
    assert answer["backend"] == "postgres"
    assert isinstance(answer["took_ms"], float)
    (hit,) = answer["hits"]
    assert {"id", "urn", "url", "project", "name", "external_id"} <= hit.keys()
    assert hit["external_id"] == "timm/hf/resnet50"
    assert hit["project"] == shelf.project.slug
    assert {"value": "classify", "label": "Classify", "count": 1, "parent": ""} in answer["facets"]["task"]
    following = client.get(answer["next"]).json()
    assert [h["name"] for h in following["hits"]] == ["yolov8"]
    assert following["next"] is None


def test_the_api_shows_a_token_s_owner_what_they_may_see(client, model):
    person = make_person()
    model("inside", project=make_project("restricted", viewer=person))
    outbox.drain_all()
    assert client.get("/api/v1/search").json()["total"] == 0
    client.force_login(person)
    assert client.get("/api/v1/search").json()["total"] == 1
    assert client.get("/search").content.decode().count("hit-name") == 1


def test_answers_are_not_kept_by_caches_for_others(client, shelf):
    for path in ("/search", "/search/suggest?q=r", "/api/v1/search"):
        response = client.get(path)
        assert "private" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]


def test_other_methods_are_refused(client, shelf):
    assert client.post("/search").status_code == 405
    assert client.post("/search/suggest").status_code == 405


def test_home_can_browse_what_the_viewer_has(shelf):
    found = selectors.browse(seen_by(None))
    assert found.total == 2
    assert {b.value for b in found.facet("task").buckets} == {"classify", "detect"}


def test_other_pages_can_list_models_by_facet(shelf):
    result = selectors.listed(seen_by(None), {"task": "classify"}, sort=Sort.NAME)
    (card,) = selectors.cards(result.hits)
    assert (card["name"], card["key"]) == (
        "resnet50",
        {"value": "81.50", "label": "accuracy · imagenet test"},
    )
    assert "25 M parameters" in card["facts"]
