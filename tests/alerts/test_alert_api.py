"""The API of alerts: everybody gets what they may and no more, in the shape that is described."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import get_resolver, resolve
from django.utils import timezone

from alerts import touched
from alerts.models import Delivery, Endpoint, Event, Rule, Silence
from tests.factories import Api
from tests.makers import make_model, make_person, make_project

pytestmark = pytest.mark.django_db

RULE = {"name": "F1", "kind": "metric", "metric": "f1", "op": "below", "threshold": 0.8}
RANK = ("viewer", "contributor", "steward", "administrator", "site")
# Method, path, body, the least role; "list" is for everyone signed in, who sees their own of it.
WALK = [
    ("GET", "alerts", None, "list"),
    ("GET", "alerts/history", None, "list"),
    ("GET", "alerts/{alert}", None, "viewer"),
    ("GET", "alerts/rules", None, "list"),
    ("POST", "alerts/rules", RULE | {"project": "{project}"}, "steward"),
    ("POST", "alerts/rules", RULE | {"model": "{model}"}, "steward"),
    ("POST", "alerts/rules", RULE, "site"),
    ("POST", "alerts/rules/try", RULE | {"project": "{project}"}, "steward"),
    ("GET", "alerts/rules/{rule}", None, "viewer"),
    ("PATCH", "alerts/rules/{rule}", {"threshold": 0.7}, "steward"),
    ("DELETE", "alerts/rules/{rule}", None, "steward"),
    ("GET", "alerts/silences", None, "list"),
    ("POST", "alerts/silences", {"rule": "{rule}", "until": "{later}", "reason": "x"}, "steward"),
    ("POST", "alerts/silences", {"model": "{model}", "until": "{later}", "reason": "x"}, "steward"),
    ("POST", "alerts/silences", {"project": "{project}", "until": "{later}", "reason": "x"}, "steward"),
    ("GET", "alerts/silences/{silence}", None, "viewer"),
    ("DELETE", "alerts/silences/{silence}", None, "steward"),
    ("GET", "alerts/webhooks", None, "list"),
    (
        "POST",
        "alerts/webhooks",
        {"name": "n", "url": "https://example.org/", "project": "{project}"},
        "steward",
    ),
    ("POST", "alerts/webhooks", {"name": "n", "url": "https://example.org/"}, "site"),
    ("GET", "alerts/webhooks/{webhook}", None, "hidden"),
    ("PATCH", "alerts/webhooks/{webhook}", {"name": "m"}, "hidden"),
    ("DELETE", "alerts/webhooks/{webhook}", None, "hidden"),
    ("POST", "alerts/webhooks/{webhook}/secret", None, "hidden"),
    ("POST", "alerts/webhooks/{webhook}/test", None, "hidden"),
    ("GET", "alerts/webhooks/{webhook}/deliveries", None, "hidden"),
    ("POST", "alerts/deliveries/{delivery}/again", None, "hidden"),
]


@pytest.fixture
def world(rule, arrives):
    people = {role: make_person() for role in RANK[:-1]}
    project = make_project("restricted", **people)
    model = make_model(project, name="Hush")
    endpoint = Endpoint.objects.create(name="Hush", url="https://hush.example.org", project=project)
    made = rule(name="Hush", project=project, endpoints=[endpoint])
    arrives(model, 0.5)
    touched.drain_all()
    silence = Silence.objects.create(rule=made, reason="Hush", until=timezone.now() + timedelta(hours=1))
    people |= {"site": make_person(is_superuser=True), "stranger": make_person()}
    callers = {name: Api(user) for name, user in people.items()}
    callers |= {"nobody": Api(), "read token": Api(people["administrator"], "read")}
    names = {
        "alert": made.alerts.get().pk, "rule": made.pk, "silence": silence.pk, "webhook": endpoint.pk,
        "delivery": Delivery.objects.get().pk, "project": project.slug, "model": model.ref,
        "later": (timezone.now() + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    return callers, names


def filled(body, names):
    if body is None:
        return None
    found = {key: value.format(**names) if isinstance(value, str) else value for key, value in body.items()}
    return found | ({"rule": names["rule"]} if "rule" in found else {})


def expected(method, body, needs, who):
    """Which answers are right. A scope in a body that does not exist for the caller is a wrong value, or 404."""
    if who == "nobody":
        return {401}
    if who == "read token":
        return {200} if method == "GET" else {403}
    if who == "stranger":
        if needs == "list":
            return {200}
        return {403} if needs == "site" else {404, 400}
    rank = RANK.index(who)
    if needs == "hidden":
        return {200, 201, 202, 204} if rank >= RANK.index("steward") else {404}
    if needs == "list" or rank >= RANK.index(needs):
        return {200, 201, 202, 204}
    return {403}


@pytest.mark.parametrize(
    ("method", "path", "body", "needs"), WALK, ids=[f"{m} {p} {n}" for m, p, b, n in WALK]
)
def test_everybody_gets_what_they_may_and_no_more(method, path, body, needs, world):
    callers, names = world
    for who, caller in callers.items():
        with transaction.atomic():
            response = caller(method, path.format(**names), filled(body, names))
            transaction.set_rollback(True)
        assert response.status_code in expected(method, body, needs, who), (who, response.content)
        if who in ("stranger", "nobody"):
            assert b"Hush" not in response.content and b"hush.example" not in response.content
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"


def test_the_walk_leaves_no_address_out():
    one = dict.fromkeys(("alert", "rule", "silence", "webhook", "delivery"), 1)
    walked = {resolve(f"/api/v1/{path.format(**one)}").route for _, path, *_ in WALK}
    known = set()
    for prefix in get_resolver().url_patterns:
        if getattr(prefix, "app_name", "") == "alerts_api":
            known |= {f"api/v1/{pattern.pattern}" for pattern in prefix.url_patterns}
    assert known == walked


@pytest.fixture(scope="module")
def document():
    from django.test import Client

    return json.loads(
        Client().get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )


def test_answers_have_the_shape_that_is_described(world, document):
    jsonschema = pytest.importorskip("jsonschema")
    callers, names = world
    for method, path, body, needs in WALK:
        if method == "DELETE" or needs == "site":
            continue
        with transaction.atomic():
            response = callers["site"](method, path.format(**names), filled(body, names))
            transaction.set_rollback(True)
        operation = document["paths"][f"/api/v1/{path}"][method.lower()]
        described = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
        closed = {**described, "components": document["components"]}
        jsonschema.Draft202012Validator(closed).validate(response.json())
        named = document["components"]["schemas"][described["$ref"].rpartition("/")[2]]["properties"]
        assert set(named) == set(response.json()), path
        for row in response.json().get("results", []):
            inner = named["results"]["items"]["$ref"].rpartition("/")[2]
            assert set(document["components"]["schemas"][inner]["properties"]) == set(row), path


def test_a_rule_is_made_read_changed_and_removed(world):
    callers, names = world
    steward = callers["steward"]
    body = RULE | {"project": names["project"], "clear_at": 0.85, "teams": [], "webhooks": [names["webhook"]]}
    made = steward.post("alerts/rules", body)
    assert made.status_code == 201
    rule = made.json()
    assert rule["condition"] == "F1 below 0.8" and rule["clear_at"] == 0.85
    address = made["Location"]
    changed = steward.patch(address, {"threshold": 0.4}, If_Match=made["ETag"])
    assert changed.status_code == 200 and changed.json()["revision"] == 2
    assert steward.patch(address, {"threshold": 0.5}, If_Match=made["ETag"]).status_code == 412
    assert Rule.objects.get(pk=rule["id"]).endpoints.count() == 1
    assert steward.delete(address).status_code == 204
    assert steward.get(address).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "drift"}, "measure"),
        ({"kind": "staleness", "measure": "moon"}, "measure"),
        ({"metric": "none"}, "metric"),
        ({"threshold": None}, "threshold"),
        ({"clear_at": 0.1}, "clear_at"),
        ({"people": ["nobody"]}, "people"),
        ({"teams": ["nobody"]}, "teams"),
        ({"webhooks": [999999]}, "webhooks"),
        ({"project": "x", "model": "y"}, "project"),
        ({"revision": 3}, "revision"),
        ({"created_by": 3}, "created_by"),
    ],
)
def test_what_is_wrong_is_named(world, wrong, field):
    callers, names = world
    body = RULE | {"project": names["project"]} | wrong
    body = {
        key: names["project"] if value == "x" else names["model"] if value == "y" else value
        for key, value in body.items()
    }
    response = callers["steward"].post("alerts/rules", body)
    assert response.status_code == 400, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_hidden_webhook_cannot_be_named_in_a_rule(world):
    other = make_person()
    own = make_project(steward=other)
    body = {"name": "n", "kind": "staleness", "measure": "version", "threshold": 9, "project": own.slug}
    hidden = Endpoint.objects.get().pk
    for number in (hidden, 999_999):
        response = Api(other).post("alerts/rules", body | {"webhooks": [number]})
        assert response.status_code == 400
        assert response.json()["errors"][0]["message"] == "There is no such webhook."


def test_lists_are_filtered_and_history_is_paged(world, arrives):
    callers, names = world
    viewer = callers["viewer"]
    assert len(viewer.get("alerts").json()["results"]) == 1
    assert (
        len(viewer.get(f"alerts?state=firing&rule={names['rule']}&model={names['model']}").json()["results"])
        == 1
    )
    assert viewer.get("alerts?severity=critical").json()["results"] == []
    assert viewer.get("alerts?state=purple").status_code == 400
    assert viewer.get("alerts?colour=x").status_code == 400
    event = Event.objects.get()
    Event.objects.bulk_create(
        Event(
            rule=event.rule,
            model=event.model,
            rule_name="n",
            severity="info",
            kind="fired",
            episode=n,
            words="w",
        )
        for n in range(30)
    )
    first = viewer.get("alerts/history?page_size=20").json()
    second = viewer.get(first["next"]).json()
    ids = [row["id"] for row in (*first["results"], *second["results"])]
    assert len(set(ids)) == len(ids) == 31


def test_a_secret_is_given_once_and_never_read_again(world):
    callers, names = world
    body = {"name": "n", "url": "https://example.org/", "project": names["project"]}
    made = callers["steward"].post("alerts/webhooks", body)
    assert made.json()["secret"].startswith("whsec_") and made["Cache-Control"] == "no-store"
    assert "secret" not in callers["steward"].get(made["Location"]).json()
    for url in ("http://10.0.0.1/", "http://[::1]/", "http://metadata@169.254.169.254/"):
        assert callers["steward"].post("alerts/webhooks", body | {"url": url}).status_code == 400
        assert callers["steward"].patch(made["Location"], {"url": url}).status_code == 400


def test_prometheus_reads_what_fires_and_what_waits(world, client):
    text = client.get("/metrics").content.decode()
    assert 'vitrine_alerts_firing{severity="warning"} 1.0' in text
    assert "vitrine_alerts_deliveries_waiting 1.0" in text
    assert "vitrine_alerts_deliveries_failed 0.0" in text
    assert "Hush" not in text
