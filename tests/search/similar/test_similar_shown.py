"""Models like another in the API and on a model's page."""

import json

import pytest
from django.test import Client

from search.indexing import outbox
from search.similar.service import MOST
from tests.makers import make_person, make_project
from tests.search.conftest import measure

pytestmark = pytest.mark.django_db


def path(made, query=""):
    return f"/api/v1/models/{made.ref}/similar{query}"


def test_the_api_lists_what_is_alike_and_why(client, model, asked):
    other = model("other", task="classify", parameters=25_000_000)
    measure(asked, "accuracy", 80, dataset="imagenet"), measure(other, "accuracy", 81, dataset="imagenet")
    outbox.drain_all()
    answer = client.get(path(asked)).json()
    assert (answer["model"], answer["backend"], answer["degraded"]) == (asked.ref, "postgres", False)
    (one,) = answer["similar"]
    assert (one["ref"], one["why"]) == (other.ref, "same task, similar size")
    assert one["shared"] == ["task", "size"]
    assert (one["number"]["value"], one["number"]["compared_with"]) == (81, 80)
    assert one["url"].startswith("http://testserver/p/")


@pytest.mark.parametrize("limit", ["0", "-1", str(MOST + 1), "many", "1.5", "99999999999", "", " 1", "¹"])
def test_a_bad_limit_is_a_problem_document(client, asked, limit):
    response = client.get(path(asked), {"limit": limit})
    if limit == "":
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "limit"


def test_the_api_knows_no_other_parameter(client, asked):
    assert client.get(path(asked, "?size=3")).status_code == 400


def test_the_api_keeps_the_limit(client, model, asked):
    for n in range(4):
        model(f"m{n}", task="classify")
    outbox.drain_all()
    assert len(client.get(path(asked, "?limit=2")).json()["similar"]) == 2


def test_what_is_not_seen_is_not_there_for_the_api(client, model):
    hidden = model("hidden", visibility="restricted")
    outbox.drain_all()
    unseen, missing = client.get(path(hidden)), client.get("/api/v1/models/no/such/similar")
    assert unseen.status_code == missing.status_code == 404
    assert unseen["Content-Type"] == "application/problem+json"
    assert client.get(path(hidden, "?limit=x")).status_code == 404


def test_the_api_says_what_it_answers(client):
    document = json.loads(
        client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )
    operation = document["paths"]["/api/v1/models/{project}/{model}/similar"]["get"]
    assert operation["operationId"] == "get_similar_models"
    assert "limit" in [parameter["name"] for parameter in operation["parameters"]]


def section(made, by=None):
    client = Client()
    if by:
        client.force_login(by)
    page = client.get(made.get_absolute_url())
    assert page.status_code == 200
    _, found, rest = page.content.decode().partition('aria-labelledby="similar"')
    return rest.partition("</section>")[0] if found else ""


def test_the_page_shows_them_and_leads_to_the_comparison(model, asked):
    others = [model(f"other{n}", task="classify", parameters=1_000_000 * (n + 10)) for n in range(8)]
    measure(asked, "accuracy", 80.25, dataset="imagenet")
    for other in others:
        measure(other, "accuracy", 81.5, dataset="imagenet")
    outbox.drain_all()
    shown = section(asked)
    assert shown.count("<li>") == 6
    assert "same task" in shown
    assert "81.5" in shown and "this model 80.2" in shown
    assert f"/compare?model={asked.ref.replace('/', '%2F')}&amp;model=" in shown
    compared = shown.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert Client().get(compared).status_code == 200


def test_the_page_has_no_such_part_where_nothing_is_alike(model):
    alone = model("alone")
    outbox.drain_all()
    assert section(alone) == ""


def test_the_page_names_only_what_its_reader_may_see(model, asked):
    owner = make_person()
    model("hiddenname", project=make_project("restricted", viewer=owner), task="classify")
    outbox.drain_all()
    assert section(asked) == ""
    assert "hiddenname" in section(asked, by=owner)


def test_the_page_stands_without_them(model, asked, monkeypatch):
    model("other", task="classify")
    outbox.drain_all()

    def fails(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr("portal.similar.similar", fails)
    assert section(asked) == ""


def test_the_page_stands_when_the_engine_is_away(settings, model, asked):
    model("other", task="classify")
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    assert "other" in section(asked)
