"""Every address of the inventory's API, walked as nobody, a stranger, a reader, a contributor, a read token."""

import pytest
from django.db import transaction
from django.urls import get_resolver, resolve

from catalog.models import AttributeDefinition, Ownership

pytestmark = pytest.mark.django_db

M = "models/fraud/m"
# Method, path, body, who may: "all" who see the project, or the least role, or "site" for administrators of the site.
WALK = [
    ("GET", "", None, "all"),
    ("GET", "projects", None, "all"),
    ("POST", "projects", {"name": "New one"}, "site"),
    ("GET", "projects/fraud", None, "sees"),
    ("PATCH", "projects/fraud", {"purpose": "p"}, "steward"),
    ("DELETE", "projects/fraud", None, "administrator"),
    ("GET", "projects/fraud/grants", None, "administrator"),
    ("PUT", "projects/fraud/grants", {"user": "friend", "role": "viewer"}, "administrator"),
    ("DELETE", "projects/fraud/grants", {"user": "friend"}, "administrator"),
    ("GET", "projects/fraud/models", None, "sees"),
    ("POST", "projects/fraud/models", {"name": "Second"}, "contributor"),
    ("GET", "models", None, "all"),
    ("GET", M, None, "sees"),
    ("PATCH", M, {"summary": "s"}, "contributor"),
    ("DELETE", M, None, "steward"),
    ("GET", f"{M}/owners", None, "sees"),
    ("POST", f"{M}/owners", {"kind": "owner", "user": "friend"}, "steward"),
    ("DELETE", f"{M}/owners/{{owner}}", None, "steward"),
    ("GET", f"{M}/attributes", None, "sees"),
    ("GET", f"{M}/attributes/risk", None, "absent"),
    ("PUT", f"{M}/attributes/risk", {"value": 1}, "contributor"),
    ("DELETE", f"{M}/attributes/risk", None, "absent"),
    ("GET", f"{M}/classifications", None, "sees"),
    ("PUT", f"{M}/classifications/task", {"terms": ["vision"]}, "contributor"),
    ("GET", f"{M}/activity", None, "sees"),
    ("GET", f"{M}/aliases/champion", None, "sees"),
    ("PUT", f"{M}/aliases/champion", {"version": "1"}, "contributor"),
    ("DELETE", f"{M}/aliases/champion", None, "contributor"),
    ("GET", f"{M}/versions", None, "sees"),
    ("POST", f"{M}/versions", {"label": "2"}, "contributor"),
    ("GET", f"{M}/versions/1", None, "sees"),
    ("PUT", f"{M}/versions/1/stage", {"stage": "staging"}, "contributor"),
    ("GET", f"{M}/versions/1/evaluations", None, "sees"),
    ("POST", f"{M}/versions/1/evaluations", {"metrics": [{"metric": "a", "value": 1}]}, "contributor"),
    ("GET", f"{M}/versions/1/statistics", None, "sees"),
    ("POST", f"{M}/versions/1/statistics", {"series": [{"name": "a", "points": [[0, 1]]}]}, "contributor"),
    ("GET", f"{M}/versions/1/statistics/{{statistic}}", None, "sees"),
    ("DELETE", f"{M}/versions/1/statistics/{{statistic}}", None, "contributor"),
    ("GET", f"{M}/versions/1/statistics/drift", None, "sees"),
    ("DELETE", f"{M}/versions/1/statistics/drift", {"feature": "age"}, "contributor"),
    ("GET", f"{M}/versions/1/statistics/series", None, "sees"),
    ("DELETE", f"{M}/versions/1/statistics/series", {"name": "loss"}, "contributor"),
    ("GET", f"{M}/versions/1/statistics/series/points?name=loss", None, "sees"),
    ("GET", "compare?model=fraud/m&model=open/o", None, "sees"),
    ("GET", "taxonomies", None, "all"),
    ("POST", "taxonomies", {"name": "Risk"}, "site"),
    ("GET", "taxonomies/task/terms", None, "all"),
    ("POST", "taxonomies/task/terms", {"name": "Sound"}, "site"),
    ("GET", "taxonomies/task/terms/vision", None, "all"),
    ("PATCH", "taxonomies/task/terms/vision", {"name": "Seeing"}, "site"),
    ("POST", "taxonomies/task/terms/vision/merge", {"into": "speech"}, "site"),
    ("GET", "metrics", None, "all"),
    ("GET", "datasets", None, "all"),
    ("GET", "tags", None, "all"),
    ("GET", "sources", None, "all"),
    ("GET", "attribute-definitions", None, "all"),
]
STATISTICS = {
    "statistics": [{"kind": "confusion_matrix", "labels": ["a", "b"], "matrix": [[3, 1], [0, 2]]}],
    "drift": [{"feature": "age", "at": "2026-03-01", "measure": "psi", "value": 0.1}],
    "series": [{"name": "loss", "points": [[0, 1.5]]}],
}
RANK = ("viewer", "contributor", "steward", "administrator", "site")


@pytest.fixture
def world(api, person, project, model, version, term):
    """A restricted project with one person of each role, and the owner whose ownership may be removed."""
    people = {role: person(role) for role in RANK[:-1]}
    fraud = project("fraud", visibility="restricted", **people)
    person("friend")
    people["site"] = person("site", admin=True)
    people["stranger"] = person("stranger")
    one = version("1", of=model("m", of=fraud))
    one.aliases.create(model=one.model, name="champion")
    version("1", of=model("o", of=project("open")))
    term("task", "Vision")
    term("task", "Speech")
    AttributeDefinition.objects.create(slug="risk", name="Risk", type="number")
    owner = Ownership.objects.create(model=one.model, kind="contact", user=people["viewer"])
    callers = {name: api(user) for name, user in people.items()}
    callers["nobody"] = api()
    sent = callers["site"].post(f"{M}/versions/1/statistics", STATISTICS).json()
    callers["read token"] = api(people["administrator"], "read")
    return callers, {"owner": owner.pk, "statistic": sent["statistics"][0]["id"]}


def expected(method, needs, who):
    if who == "nobody":
        if method != "GET":
            return {401}
        return {200} if needs == "all" else {404}
    if who == "read token":
        if method != "GET":
            return {403}
        return {404} if needs == "absent" else {200}
    if who == "stranger":
        if needs == "all":
            return {200}
        return {403} if needs == "site" else {404}
    if needs in ("all", "sees"):
        return {200}
    if needs == "absent":
        return {404} if method == "GET" or RANK.index(who) >= RANK.index("contributor") else {403}
    return {200, 201, 204} if RANK.index(who) >= RANK.index(needs) else {403}


@pytest.mark.parametrize(("method", "path", "body", "needs"), WALK, ids=[f"{m} {p}" for m, p, *_ in WALK])
def test_everybody_gets_what_they_may_and_no_more(method, path, body, needs, world):
    callers, there = world
    for who, caller in callers.items():
        with transaction.atomic():
            response = caller(method, path.format(**there), body)
            transaction.set_rollback(True)
        assert response.status_code in expected(method, needs, who), (who, response.content)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"


def test_the_walk_leaves_no_address_out():
    """A new address must be walked, too."""
    walked = {
        resolve(f"/api/v1/{path.partition('?')[0].format(owner=1, statistic=1)}").route
        for _, path, *_ in WALK
    }
    known = set()
    for prefix in get_resolver().url_patterns:
        if getattr(prefix, "app_name", "") == "catalog_api":
            known |= {f"api/v1/{pattern.pattern}" for pattern in prefix.url_patterns}
    assert known == walked


def test_what_is_hidden_looks_like_what_is_not_there(world):
    callers, _ = world
    for who in ("nobody", "stranger"):
        for hidden, absent in (("projects/fraud", "projects/absent"), (M, "models/fraud/absent")):
            one, two = callers[who].get(hidden), callers[who].get(absent)
            texts = []
            for response, path in ((one, hidden), (two, absent)):
                body = response.json()
                body.pop("request_id")
                assert body.pop("instance").endswith(path)
                texts.append(body)
            assert texts[0] == texts[1]


def test_words_of_hidden_models_are_in_no_list(world):
    callers, _ = world
    body = {
        "label": "3",
        "training_data": ["Secret data"],
        "evaluations": [{"dataset": "Secret set", "metrics": [{"metric": "Secret metric", "value": 1}]}],
    }
    assert callers["contributor"].post(f"{M}/versions", body).status_code == 201
    for path in ("metrics", "datasets", "tags", "models", "projects", "sources"):
        assert "ecret" not in callers["stranger"].get(path).content.decode(), path
        assert "ecret" not in callers["nobody"].get(path).content.decode(), path
    assert "Secret metric" in callers["viewer"].get("metrics").content.decode()
    assert "Secret set" in callers["viewer"].get("datasets").content.decode()


def test_a_closed_site_shows_nobody_anything(world, settings):
    settings.VITRINE_SITE_OPEN = False
    callers, _ = world
    assert callers["nobody"].get("projects").json()["results"] == []
    assert callers["nobody"].get("models/open/o").status_code == 404
    assert callers["stranger"].get("models/open/o").status_code == 200


def test_a_body_sets_nothing_that_it_should_not(world):
    callers, _ = world
    for field in ("revision", "id", "project", "source", "external_id", "created_at", "team_id"):
        response = callers["steward"].patch(M, {field: 1})
        assert response.status_code == 400, field
    assert callers["steward"].patch("projects/fraud", {"visibility": "public"}).status_code == 403


def test_ownerships_of_other_models_are_out_of_reach(world):
    callers, there = world
    owner = there["owner"]
    assert callers["site"].delete(f"models/open/o/owners/{owner}").status_code == 404
    assert callers["site"].delete(f"{M}/owners/99999999999999999999").status_code == 404


def test_statistics_of_other_versions_are_out_of_reach(world):
    callers, there = world
    number = there["statistic"]
    assert callers["site"].get(f"models/open/o/versions/1/statistics/{number}").status_code == 404
    assert callers["site"].delete(f"models/open/o/versions/1/statistics/{number}").status_code == 404
    assert callers["site"].get(f"{M}/versions/1/statistics/{'9' * 30}").status_code == 404
    assert callers["site"].get(f"{M}/versions/1/statistics/{number}").status_code == 200
