"""Reading by the API: pages, ETags, filters, and a constant number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    Link,
    ModelTag,
    Ownership,
    Parameter,
    RegisteredModel,
    Tag,
    VersionAlias,
)
from evaluations.models import Evaluation, MetricValue
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    Source,
)

pytestmark = pytest.mark.django_db


def walk(api, path):
    """All rows of a list, page after page."""
    rows, pages = [], 0
    while path:
        body = api.get(path).json()
        rows += body["results"]
        path, pages = (body["next"] or "").replace("http://testserver", ""), pages + 1
        assert pages < 50
    return rows


def test_pages_hold_each_row_once_forwards_and_backwards(api, model, project):
    fraud = project("fraud")
    made = [model(f"m{n}", of=fraud).slug for n in range(7)]
    nobody = api()
    assert [row["slug"] for row in walk(nobody, "models?page_size=3")] == made
    second = nobody.get(
        nobody.get("models?page_size=3").json()["next"].replace("http://testserver", "")
    ).json()
    first = nobody.get(second["previous"].replace("http://testserver", "")).json()
    assert [row["slug"] for row in first["results"]] == made[:3]
    assert first["previous"] is None


def test_pages_by_a_column_with_equal_values_lose_nothing(api, project):
    for n in range(6):
        made = project(f"p{n}")
        made.name = "Same"
        made.save()
    assert len({row["slug"] for row in walk(api(), "projects?page_size=2")}) == 6


def test_rows_that_come_in_between_shift_no_page(api, version, model):
    resnet = model("m")
    for n in range(4):
        version(f"{n}", of=resnet)
    path = f"models/{resnet.ref}/versions?page_size=2"
    first = api().get(path).json()
    version("new", of=resnet)
    second = api().get(first["next"].replace("http://testserver", "")).json()
    labels = [row["label"] for row in first["results"] + second["results"]]
    assert labels == ["3", "2", "1", "0"]


def test_links_of_a_page_keep_the_filters(api, model, project):
    fraud = project("fraud")
    for n in range(3):
        model(f"m{n}", of=fraud)
    model("other")
    assert len(walk(api(), "models?project=fraud&page_size=1")) == 3


def test_models_are_filtered_by_what_they_are(api, model, project):
    source = Source.objects.create(slug="timm", name="timm")
    one = model("one", of=project("fraud"), source=source, external_id="timm/x/one", status="deprecated")
    model("two")
    RegisteredModel.objects.filter(slug="two").update(updated_at="2020-01-01T00:00:00Z")
    for query in (
        "project=fraud",
        "source=timm",
        "external_id=timm/x/one",
        "status=deprecated",
        "updated_since=2021-01-01",
        "updated_since=2021-01-01T00:00:00%2B01:00",
    ):
        assert [row["id"] for row in api().get(f"models?{query}").json()["results"]] == [one.pk], query
    assert api().get("models?updated_since=yesterday").status_code == 400


def test_an_unseen_project_filters_to_nothing_like_one_that_is_not_there(api, model, project):
    model(of=project("secret", visibility="restricted"))
    unseen, absent = (api().get(f"models?project={slug}").json() for slug in ("secret", "absent"))
    assert unseen["results"] == absent["results"] == []


def test_what_has_not_changed_is_304_and_what_has_is_not(api, person, version):
    one = version()
    admin, path = api(person(admin=True)), f"models/{one.model.ref}"
    tag = admin.get(path)["ETag"]
    again = admin.get(path, If_None_Match=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert admin.get(path, If_None_Match=f'"other", W/{tag}').status_code == 304
    assert admin.patch(path, {"summary": "New"}).status_code == 200
    assert admin.get(path, If_None_Match=tag).status_code == 200


def test_a_change_on_an_old_state_is_412_with_what_stands_there(api, person, model):
    resnet = model("m")
    admin, path = api(person(admin=True)), f"models/{resnet.ref}"
    tag = admin.get(path)["ETag"]
    assert admin.patch(path, {"purpose": "theirs"}, If_Match=tag).status_code == 200
    late = admin.patch(path, {"purpose": "mine"}, If_Match=tag)
    assert late.status_code == 412
    assert late.json()["current"]["purpose"] == "theirs"
    assert admin.patch(path, {"purpose": "mine"}, If_Match='"nonsense"').status_code == 412
    assert admin.delete(path, If_Match=tag).status_code == 412
    assert admin.delete(path, If_Match="*").status_code == 204


def test_a_writer_who_wants_no_answer_gets_the_revision_alone(
    api, person, model, django_assert_max_num_queries
):
    resnet = model("m")
    admin, path = api(person(admin=True)), f"models/{resnet.ref}"
    whole = admin.patch(path, {"summary": "one"})
    with django_assert_max_num_queries(13):
        brief = admin.patch(path, {"summary": "two"}, Prefer="respond-async, return=minimal")
    assert (brief.status_code, brief.content) == (204, b"")
    assert brief["Preference-Applied"] == "return=minimal"
    assert whole.json()["revision"] + 1 == admin.get(path).json()["revision"] == int(brief["ETag"].strip('"'))
    assert admin.patch(path, {"summary": "three"}, If_Match=whole["ETag"]).status_code == 412
    assert admin.patch(path, {"summary": "three"}, If_Match=brief["ETag"]).status_code == 200
    assert admin.get(path, Prefer="return=minimal").status_code == 200


def test_etags_guard_projects_stages_aliases_attributes_and_grants(api, person, version, project):
    ada = person("ada")
    project("fraud", administrator=ada)
    one = version()
    AttributeDefinition.objects.create(slug="risk", name="Risk", type="number")
    admin = api(person(admin=True))
    model = f"models/{one.model.ref}"
    admin.put(f"{model}/aliases/champion", {"version": "1"})
    admin.put(f"{model}/attributes/risk", {"value": 1})
    for method, path, read, body in (
        ("PATCH", "projects/fraud", "projects/fraud", {"purpose": "p"}),
        ("PUT", f"{model}/versions/1/stage", f"{model}/versions/1", {"stage": "staging"}),
        ("PUT", f"{model}/aliases/champion", f"{model}/aliases/champion", {"version": "1"}),
        ("PUT", f"{model}/attributes/risk", f"{model}/attributes/risk", {"value": 2}),
        ("PUT", "projects/fraud/grants", "projects/fraud/grants", {"user": "ada", "role": "administrator"}),
    ):
        assert admin(method, path, body, If_Match='"1.0"').status_code == 412, path
        assert admin(method, path, body, If_Match=admin.get(read)["ETag"]).status_code == 200, path


def test_an_alias_is_resolved_to_the_version_it_stands_for_now(api, person, version):
    one = version()
    two = version("2", of=one.model)
    admin, path = api(person(admin=True)), f"models/{one.model.ref}/aliases/champion"
    assert api().get(path).status_code == 404
    assert admin.put(path, {"version": "1"}).json()["label"] == "1"
    found = api().get(path)
    assert "must-revalidate" in found["Cache-Control"]
    assert api().get(path, If_None_Match=found["ETag"]).status_code == 304
    admin.put(path, {"version": "2"})
    assert api().get(path, If_None_Match=found["ETag"]).json()["label"] == two.label
    assert admin.put(path, {"version": "9"}).status_code == 400
    assert admin.delete(path).status_code == 204
    assert api().get(path).status_code == 404


def test_answers_are_private_and_vary_by_who_asks(api, model):
    response = api().get(f"models/{model().ref}")
    assert "private" in response["Cache-Control"]
    assert "Authorization" in response["Vary"] and "Cookie" in response["Vary"]


def test_the_same_word_sent_again_is_answered_with_the_first(api, person, project):
    project("fraud")
    admin = api(person(admin=True))
    first = admin.post("projects/fraud/models", {"name": "A"}, Idempotency_Key="k1")
    again = admin.post("projects/fraud/models", {"name": "A"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert admin.post("projects/fraud/models", {"name": "A"}, Idempotency_Key="k2").status_code == 409
    assert "once" not in admin.get("models/fraud/a/activity").content.decode()


def test_an_evaluation_sent_again_is_200_and_adds_nothing(api, person, version):
    one = version()
    admin, path = api(person(admin=True)), f"models/{one.model.ref}/versions/1/evaluations"
    body = {"dataset": "D", "metrics": [{"metric": "Top-1", "value": 80.5, "unit": "%"}]}
    assert admin.post(path, body).status_code == 201
    assert admin.post(path, body).status_code == 200
    assert len(api().get(path).json()["results"]) == 1
    body["metrics"][0]["value"] = 81
    assert admin.post(path, body).status_code == 409


def fill(models, person, term):
    """A few of everything on each model."""
    ada = person()
    dataset, _ = Dataset.objects.get_or_create(slug="d", name="D")
    DatasetAlias.objects.get_or_create(dataset=dataset, words="D", folded="d")
    tag, _ = Tag.objects.get_or_create(slug="t", name="t")
    field, _ = AttributeDefinition.objects.get_or_create(slug="f", name="F", type="user")
    for held in models:
        for number in range(3):
            made = held.versions.create(label=f"v{number}", position=number + 10)
            VersionAlias.objects.create(model=held, version=made, name=f"a{number}")
            Parameter.objects.create(version=made, name="lr", value=0.1)
            Classification.objects.create(model=held, version=made, term=term)
            evaluation = Evaluation.objects.create(version=made, dataset=dataset, slice=str(number))
            for n in range(2):
                metric, _ = Metric.objects.get_or_create(slug=f"m{n}", name=f"M{n}")
                MetricValue.objects.create(evaluation=evaluation, metric=metric, value=n)
            AttributeValue.objects.create(definition=field, type="user", model=held, version=made, user=ada)
            Ownership.objects.create(model=held, kind="owner", user=person())
        ModelTag.objects.create(model=held, tag=tag)
        Link.objects.create(model=held, kind="page", url="https://example.org")


LISTS = [
    "projects",
    "models",
    "projects/fraud/models",
    "models/fraud/m0",
    "models/fraud/m0/versions",
    "models/fraud/m0/versions/v0",
    "models/fraud/m0/versions/v0/evaluations",
    "models/fraud/m0/owners",
    "models/fraud/m0/attributes",
    "models/fraud/m0/classifications",
    "models/fraud/m0/activity",
    "taxonomies",
    "taxonomies/task/terms",
    "metrics",
    "datasets",
    "tags",
    "sources",
    "attribute-definitions",
    "compare?model=fraud/m0&model=fraud/m1",
]


@pytest.mark.parametrize("path", LISTS)
def test_queries_do_not_grow_with_rows(path, api, person, project, model, term):
    ada = person("ada")
    fraud, vision = project("fraud", contributor=ada), term("task", "Vision")
    term("task", "Detection", parent=vision)
    fill([model("m0", of=fraud), model("m1", of=fraud)], person, vision)
    reader = api(ada, scope="read")
    reader.get(path)
    counts = []
    for round_ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(path).status_code == 200
        counts.append(len(queries))
        if round_ == 0:
            fill([model(of=fraud) for _ in range(3)], person, vision)
            held = RegisteredModel.objects.get(slug="m0")
            for number in range(20, 25):
                made = held.versions.create(label=f"x{number}", position=number)
                Evaluation.objects.create(version=held.versions.get(label="v0"), slice=str(number))
                Classification.objects.create(model=held, version=made, term=vision)
                Ownership.objects.create(model=held, kind="contact", user=person())
                term("task", f"Term {number}", f"other words {number}", parent=vision)
                project(f"p{number}")
    assert counts[0] == counts[1], queries.captured_queries
    assert counts[0] <= 30


def test_a_model_shows_sensitive_attributes_only_to_those_who_may_edit_it(api, person, project, model):
    ada, eve = person("ada"), person("eve")
    resnet = model("m", of=project("fraud", contributor=ada, viewer=eve))
    field = AttributeDefinition.objects.create(slug="review", name="Review", type="text", is_sensitive=True)
    AttributeValue.objects.create(definition=field, type="text", model=resnet, text="under review")
    for caller, seen in ((api(ada), True), (api(ada, "read"), True), (api(eve), False), (api(), False)):
        for path in ("models/fraud/m", "models/fraud/m/attributes"):
            assert ("under review" in caller.get(path).content.decode()) is seen
        assert caller.get("models/fraud/m/attributes/review").status_code == (200 if seen else 404)
