"""Every error of the API is a problem document that names the place, and nothing it should not."""

import json

import pytest
from django.test import Client

from catalog.models import Parameter
from core.api import parsing

pytestmark = pytest.mark.django_db


def refused(response, status, *, field=None, said=""):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "instance", "request_id"} <= set(body)
    if field is not None:
        assert field in [error["field"] for error in body["errors"]], body
    assert said in json.dumps(body, ensure_ascii=False), body
    return body


@pytest.fixture
def writer(api, person, project):
    ada = person("ada")
    project("fraud", administrator=ada)
    return api(ada)


def test_what_is_not_there_is_a_problem_even_outside_of_any_endpoint(api):
    refused(api().get("models/no/such"), 404)
    refused(api().get("/api/v1/nowhere/at/all"), 404)
    refused(api().get("/api/nothing"), 404)
    refused(api().get("/api/v1/models//%0A"), 404)


def test_a_method_that_is_not_offered(writer):
    response = writer.put("models", {})
    refused(response, 405)
    assert "GET" in response["Allow"]


def test_a_write_without_an_account_is_401_whatever_it_is_about(api):
    for path in ("projects", "projects/no/models", "models/no/such/versions"):
        response = api().post(path, {})
        refused(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_none_is_401(api):
    refused(api().get("models", Authorization="Bearer vtr_nonsense"), 401)
    refused(api().get("models", Authorization="Bearer"), 401)


def test_a_read_token_writes_nothing(api, person, project):
    ada = person("ada")
    project("fraud", administrator=ada)
    reader = api(ada, scope="read")
    assert reader.get("projects/fraud").status_code == 200
    refused(reader.post("projects/fraud/models", {"name": "X"}), 403, said="write scope")
    refused(reader.delete("projects/fraud"), 403)


def test_a_session_needs_the_forgery_token(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("ada"))
    refused(client.post("/api/v1/projects", "{}", content_type="application/json"), 403, said="CSRF")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Some fields"),
        (b"{", "line 1"),
        (b'{"name": "a", "name": "b"}', "given twice"),
        (b'{"name": NaN}', "NaN is no JSON"),
        (b'{"name": -Infinity}', "Infinity"),
        (b'{"name": 1e999}', "too large"),
        (b'{"name": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"name": 99999999999999999999}', "64 bits"),
        (b'{"name": "\xff"}', "UTF-8"),
        (b'{"name": "a\\u0000b"}', "not allowed"),
        (b'{"name": "\\ud800"}', "not allowed"),
        (b'{"\\u0000": 1}', "not allowed"),
        (b"[" * 100_000, "deeper"),
        (b'{"name":' + b"[" * 30 + b"]" * 30 + b"}", "deeper"),
        (b"[1, 2]", "JSON object"),
        (b'"text"', "JSON object"),
        (b'{"name": 5}', "Write text"),
        (b'{"name": null}', "null"),
        (b'{"name": ["a"]}', "Write text"),
        (b'{"nmae": "a", "name": "b"}', "no such field"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(body, said, writer):
    refused(writer.post("projects/fraud/models", body), 400, said=said)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"name": "a\\u0000b"}', "name"),
        (b'{"terms": {"task": ["fine", "\\ud800"]}}', "terms.task[1]"),
        (
            b'{"evaluations": [{}, {"metrics": [{"value": 9223372036854775808}]}]}',
            "evaluations[1].metrics[0].value",
        ),
        (b'{"parameters": {"a": {"\\u0000": 1}}}', "parameters.a"),
    ],
)
def test_a_value_that_cannot_be_kept_is_named_by_its_place(body, place, writer):
    answer = writer.post("projects/fraud/models", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [place]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_write_to_an_address_that_is_none_is_a_problem_document(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/models/a%20b/c")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_body_that_is_no_json_is_415(writer):
    response = writer.client.post("/api/v1/projects/fraud/models", {"name": "X"}, headers=writer.headers)
    refused(response, 415)


def test_a_body_too_large_is_413(writer, settings):
    settings.VITRINE_API_LARGEST_BODY = 1000
    refused(writer.post("projects/fraud/models", {"name": "x" * 2000}), 413)


def test_bytes_of_a_mark_at_the_start_are_no_harm(writer):
    assert writer.post("projects/fraud/models", b'\xef\xbb\xbf{"name": "X"}').status_code == 201


@pytest.mark.parametrize(
    "path", ["models?nmae=x", "projects?page=2", "models/a/b?x=1", "?q=1", "compare?models=x"]
)
def test_an_unknown_parameter_is_named(path, api, model, project):
    model("b", of=project("a"))
    name = path.partition("?")[2].partition("=")[0]
    refused(api().get(path), 400, field=name)


@pytest.mark.parametrize("size", ["0", "101", "-1", "ten", "1.5", "", "9" * 50, "٣"])
def test_a_page_size_is_a_number_from_1_to_100(size, api):
    refused(api().get(f"models?page_size={size}"), 400, field="page_size", said="1 to 100")


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "W10", "WzAsIHt9XQ", "WzAsIG51bGxd", "WzAsIDFlOTldCg", "WzUsIDFd", "%00", "WzAsIC0xXQ=="],
)
def test_a_cursor_that_is_none_is_refused(cursor, api):
    response = api().get(f"models?cursor={cursor}")
    assert (
        response.status_code == 200
        if cursor.startswith("WzAsIC0x")
        else refused(response, 400, field="cursor")
    )


def test_characters_that_no_text_holds_are_refused_in_addresses(api, model, project):
    model("b", of=project("a"))
    refused(api().get("models?project=a%00"), 400, field="project")
    refused(api().get("models/a/b/versions/%00"), 404)
    refused(api().get("models/a/b/aliases/a%00"), 404)


def test_nested_places_are_named(writer, project, model):
    writer.post("projects/fraud/models", {"name": "X"})
    body = {
        "label": "1",
        "packages": [{"name": "a"}, {"name": 5}],
        "inputs": [{"shape": ["x"]}],
        "evaluations": [{"metrics": [{"metric": "m", "value": "high"}]}],
    }
    response = writer.post("models/fraud/x/versions", body)
    refused(response, 400, field="packages[1].name")
    refused(response, 400, field="inputs[0].shape[0]")
    refused(response, 400, field="evaluations[0].metrics[0].value")


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ({"label": "1", "stage": "lost"}, "stage", 400),
        ({"label": "1", "parameter_count": -1}, "parameter_count", 400),
        ({"label": "1", "parameter_count": 2**63 - 1}, None, 201),
        ({"label": "1", "flops": 2.5}, "flops", 400),
        ({"label": "1", "packages": [{"name": "a"}, {"name": "a"}]}, "packages[1]", 400),
        ({"label": "1", "artifacts": [{"uri": "a"}, {"uri": "a"}]}, "artifacts[1]", 400),
        ({"label": "1", "links": [{"url": "a"}, {"url": "a"}]}, "links[1]", 400),
        ({"label": "1", "papers": [{"title": "a"}, {"title": "a"}]}, "papers[1]", 400),
        ({"label": "1", "links": [{"url": "javascript:alert(1)"}]}, "links[0].url", 400),
        ({"label": "1", "artifacts": [{"uri": "a", "kind": "no slug"}]}, "artifacts[0].kind", 400),
        ({"label": "1", "terms": {"nope": ["x"]}}, "terms.nope", 400),
        ({"label": "1", "training_data": ["-"]}, "training_data[0]", 400),
        ({"label": "1", "evaluations": [{"metrics": []}]}, "evaluations[0].metrics", 400),
        (
            {"label": "1", "evaluations": [{"source": "no", "metrics": [{"metric": "m", "value": 1}]}]},
            None,
            400,
        ),
        ({"label": "1", "parameters": {"x" * 300: 1}}, None, 400),
        ({"label": "a b"}, "label", 400),
        ({"label": "taken"}, "label", 409),
        ({"label": "1", "external_id": "taken"}, "external_id", 409),
    ],
)
def test_every_rule_of_a_version_is_told_in_words(body, field, status, writer):
    writer.post("projects/fraud/models", {"name": "X"})
    writer.post("models/fraud/x/versions", {"label": "taken", "external_id": "taken"})
    response = writer.post("models/fraud/x/versions", body)
    if status == 201:
        assert response.status_code == 201
    else:
        refused(response, status, field=field)


def test_an_error_of_ours_tells_nothing_of_our_insides(api, monkeypatch, project):
    project("a")

    def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("catalog.selectors.api_reads.project_data", broken)
    nobody = api()
    nobody.client.raise_request_exception = False
    body = refused(nobody.get("projects"), 500)
    assert "secret" not in json.dumps(body)


def test_what_only_the_database_refuses_is_still_told_kindly(writer, monkeypatch):
    writer.post("projects/fraud/models", {"name": "X"})
    body = {"label": "1", "parameters": {"a": 1}}

    def doubled(version, structure):
        for _ in range(2):
            Parameter.objects.create(version=version, name="a", value=1)

    monkeypatch.setattr("catalog.services.versions.write_structure", doubled)
    refused(writer.post("models/fraud/x/versions", body), 409, field="parameters")


def test_parsing_is_quick_on_what_is_large():
    assert len(parsing.loads(json.dumps({"a": [1.5] * 200_000}).encode())["a"]) == 200_000
