"""The OpenAPI document is valid, complete, and says what the API really answers."""

import json

import pytest
from openapi_spec_validator import validate

from catalog.models import AttributeDefinition
from evaluations.statistics.kinds import KINDS
from tests import statistics as real

VERSION = "/models/{project}/{model}/versions/{label}"
STATISTICS = real.document()
pytestmark = pytest.mark.django_db


# (method, address as described, address as asked, body)
MODEL = "models/fraud/x"
SENT = [
    (
        "POST",
        "/projects/{project}/models",
        "projects/fraud/models",
        {"name": "X", "terms": {"task": ["vision"]}},
    ),
    (
        "POST",
        "/models/{project}/{model}/versions",
        f"{MODEL}/versions",
        {
            "label": "1",
            "parameters": {"a": [1]},
            "packages": [{"name": "p"}],
            "inputs": [{"shape": [None, 3]}],
            "outputs": [{}],
            "training_data": ["D"],
            "terms": {"task": ["vision"]},
            "papers": [{"title": "t"}],
            "artifacts": [{"uri": "u"}],
            "links": [{"url": "u"}],
            "evaluations": [{"dataset": "D", "metrics": [{"metric": "m", "value": 1}]}],
        },
    ),
    ("PUT", "/models/{project}/{model}/attributes/{attribute}", f"{MODEL}/attributes/risk", {"value": 2}),
    ("POST", "/models/{project}/{model}/owners", f"{MODEL}/owners", {"kind": "owner", "user": "root"}),
    ("PUT", "/models/{project}/{model}/aliases/{name}", f"{MODEL}/aliases/best", {"version": "1"}),
    ("POST", "/projects/{project}/models", "projects/fraud/models", {"name": "Y"}),
    ("GET", "/models/{project}/{model}", MODEL, None),
    ("GET", "/models/{project}/{model}/versions", f"{MODEL}/versions", None),
    ("GET", "/models/{project}/{model}/versions/{label}", f"{MODEL}/versions/1", None),
    (
        "GET",
        "/models/{project}/{model}/versions/{label}/evaluations",
        f"{MODEL}/versions/1/evaluations",
        None,
    ),
    ("POST", f"{VERSION}/statistics", f"{MODEL}/versions/1/statistics", STATISTICS),
    ("GET", f"{VERSION}/statistics", f"{MODEL}/versions/1/statistics", None),
    ("GET", f"{VERSION}/statistics/drift", f"{MODEL}/versions/1/statistics/drift", None),
    ("GET", f"{VERSION}/statistics/series", f"{MODEL}/versions/1/statistics/series", None),
    (
        "GET",
        f"{VERSION}/statistics/series/points",
        f"{MODEL}/versions/1/statistics/series/points?name=train/loss",
        None,
    ),
    ("GET", "/models/{project}/{model}/classifications", f"{MODEL}/classifications", None),
    ("GET", "/models/{project}/{model}/activity", f"{MODEL}/activity", None),
    ("GET", "/compare", "compare?model=fraud/x&model=fraud/y", None),
    ("GET", "/models", "models", None),
    ("GET", "/projects", "projects", None),
    ("GET", "/projects/{project}/grants", "projects/fraud/grants", None),
    ("GET", "/taxonomies", "taxonomies", None),
    ("GET", "/taxonomies/{taxonomy}/terms", "taxonomies/task/terms", None),
    ("GET", "/metrics", "metrics", None),
    ("GET", "/datasets", "datasets", None),
    ("GET", "/attribute-definitions", "attribute-definitions", None),
    ("GET", "/", "", None),
]


@pytest.fixture
def document(client):
    return json.loads(
        client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )


def test_the_document_is_valid_openapi_31(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_says_what_it_does_and_how_it_fails(document):
    ids = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            ids.append(operation["operationId"])
            if operation["operationId"].partition("_")[0] in (
                "list",
                "get",
                "edit",
                "create",
                "delete",
                "add",
            ):
                assert operation.get("description"), (path, method)
            if "/search" not in path and "default" in operation["responses"]:
                assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert len(ids) == len(set(ids))
    assert "token" in document["components"]["securitySchemes"]


def test_answers_have_the_shape_that_is_described(document, api, person, project, term):
    jsonschema = pytest.importorskip("jsonschema")
    root = person("root", admin=True)
    admin = api(root)
    project("fraud", administrator=root)
    term("task", "Vision")
    AttributeDefinition.objects.create(slug="risk", name="Risk", type="number")
    sent = list(SENT)
    open_to_nothing = forbid_extras(document)
    for method, template, path, body in sent:
        response = admin(method, path, body)
        if body is STATISTICS:
            every = {line["id"]: line["kind"] for line in response.json()["statistics"]}
            assert set(every.values()) == set(KINDS)
            sent += [("GET", f"{VERSION}/statistics/{{statistic}}", f"{path}/{pk}", None) for pk in every]
        assert response.status_code in (200, 201), (path, response.content)
        operation = document["paths"][f"/api/v1{template}"][method.lower()]
        described = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
        closed = {**described, "components": open_to_nothing["components"]}
        jsonschema.Draft202012Validator(closed).validate(response.json())
        missing = set(_properties(described, document)) - set(_first(response.json()))
        assert not missing, (path, missing)


def forbid_extras(document):
    """The document with every object of a fixed shape closed: what is answered must be described."""
    copy = json.loads(json.dumps(document))
    stack = [copy["components"]["schemas"]]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            if isinstance(node.get("properties"), dict) and node.get("type") == "object":
                node.setdefault("additionalProperties", False)
            stack += node.values()
    return copy


def _properties(schema, document):
    if "$ref" in schema:
        return _properties(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if schema.get("type") == "array":
        return _properties(schema["items"], document)
    return schema.get("properties", {})


def _first(value):
    return value[0] if isinstance(value, list) and value else value or ()


def test_the_reader_needs_no_inline_script_or_style(client):
    page = client.get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text and "style=" not in text and "onload" not in text
    assert all("src=" in tag for tag in text.split("<script")[1:])
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    script = client.get("/api/docs?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema" in script.content.decode()
