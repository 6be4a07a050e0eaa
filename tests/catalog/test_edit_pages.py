"""The forms for those who may write: whole without a script, nothing typed is lost, two editors notice each other."""

import re

import pytest
from django.urls import reverse

from catalog.models import (
    AttributeDefinition,
    Classification,
    ModelVersion,
    Project,
    RegisteredModel,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(person, client):
    made = person("ada")
    client.force_login(made)
    return made


@pytest.fixture
def resnet(ada, project, model):
    return model("resnet", of=project("fraud", steward=ada), purpose="Sorting", description="First\nSecond")


def fields(page):
    """What a browser would send of a page's main form, untouched."""
    form = page.context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.html_name] = "" if value is None else str(value)
        if bound.field.show_hidden_initial:
            found = re.search(rf'name="{bound.html_initial_name}" value="([^"]*)"', page.content.decode())
            data[bound.html_initial_name] = found[1].replace("\n", "\r\n") if found else ""
    return data


PAGES = [
    ("models/new", "contributor"),
    ("projects/new", "team"),
    ("p/fraud/edit", "steward"),
    ("p/fraud/delete", "administrator"),
    ("p/fraud/grants", "administrator"),
    ("p/fraud/resnet/edit", "contributor"),
    ("p/fraud/resnet/edit/field?field=name", "contributor"),
    ("p/fraud/resnet/edit/terms", "contributor"),
    ("p/fraud/resnet/edit/attributes", "contributor"),
    ("p/fraud/resnet/delete", "steward"),
    ("p/fraud/resnet/owners", "steward"),
    ("p/fraud/resnet/versions/new", "contributor"),
    ("p/fraud/resnet/v/1/edit", "contributor"),
]
RANK = ("viewer", "contributor", "steward", "administrator")


@pytest.mark.parametrize(("path", "needs"), PAGES)
def test_a_page_opens_for_those_who_may(path, needs, person, team, project, model, version, term, client):
    people = {role: person(role) for role in RANK}
    version("1", of=model("resnet", of=project("fraud", visibility="restricted", **people)))
    term("task", "Vision")
    for kind in AttributeDefinition.Type.values:
        AttributeDefinition.objects.create(slug=kind, name=kind, type=kind, choices=["a"])
    stranger = person("stranger")
    assert client.get(f"/{path}").status_code in (
        (302,) if path in ("models/new", "projects/new") else (404,)
    )
    client.force_login(stranger)
    assert client.get(f"/{path}").status_code in (
        (403,) if path in ("models/new", "projects/new") else (404,)
    )
    for role, user in people.items():
        client.force_login(user)
        page = client.get(f"/{path}")
        if needs == "team":
            assert page.status_code == 403
            team(f"team-{role}", user)
            page = client.get(f"/{path}")
        may = needs == "team" or RANK.index(role) >= RANK.index(needs)
        assert page.status_code == (200 if may else 403), role
        if may:
            text = page.content.decode()
            assert "<style" not in text and 'style="' not in text and "csrfmiddlewaretoken" in text
            main = text.partition("<main")[2]
            assert len(re.findall(r"<h1", main)) == 1
            for name in re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', main):
                if not re.search(rf'<input type="hidden"[^>]* id="{name}"', main):
                    assert f'for="{name}"' in main or f'id="{name}" class="' in main or "check" in main, name


def test_a_model_is_registered_once_however_often_the_button_is_pressed(resnet, client, term):
    term("task", "Image classification", "classification")
    page = client.get("/models/new?project=fraud")
    data = fields(page) | {"project": "fraud", "name": "New one", "summary": "s", "task": "Classification"}
    first, second = client.post("/models/new", data), client.post("/models/new", data)
    made = RegisteredModel.objects.get(slug="new-one")
    assert first["Location"] == second["Location"] == made.get_absolute_url()
    assert Classification.objects.get(model=made).term.slug == "image-classification"


def test_what_was_typed_is_still_there_when_something_is_wrong(resnet, client, term):
    term("task", "Vision")
    data = fields(client.get("/models/new")) | {
        "project": "fraud",
        "name": "Other",
        "summary": "My <b>words</b>",
        "task": "Dreaming",
    }
    page = client.post("/models/new", data)
    text = page.content.decode()
    assert page.status_code == 400
    assert "no term “Dreaming”" in text
    assert "My &lt;b&gt;words&lt;/b&gt;" in text and ">\nDreaming</textarea>" in text
    page = client.post("/models/new", data | {"task": "", "name": "Resnet"})
    assert "is in the project already" in page.content.decode()


def test_an_edit_is_saved_with_what_changed_only(resnet, client):
    page = client.get("/p/fraud/resnet/edit")
    assert client.post("/p/fraud/resnet/edit", fields(page)).status_code == 302
    resnet.refresh_from_db()
    assert resnet.revision == 1
    client.post("/p/fraud/resnet/edit", fields(page) | {"summary": "New"})
    resnet.refresh_from_db()
    assert (resnet.summary, resnet.revision, resnet.description) == ("New", 2, "First\nSecond")


def test_two_editors_of_different_fields_both_win(resnet, client):
    one = two = fields(client.get("/p/fraud/resnet/edit"))
    client.post("/p/fraud/resnet/edit", one | {"summary": "theirs"})
    assert client.post("/p/fraud/resnet/edit", two | {"purpose": "mine"}).status_code == 302
    resnet.refresh_from_db()
    assert (resnet.summary, resnet.purpose) == ("theirs", "mine")


def test_two_editors_of_one_field_see_both_texts_and_choose(resnet, client):
    form = fields(client.get("/p/fraud/resnet/edit"))
    client.post("/p/fraud/resnet/edit", form | {"purpose": "theirs", "summary": "their summary"})
    page = client.post("/p/fraud/resnet/edit", form | {"purpose": "mine", "description": "mine too"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "theirs" in text and "mine" in text and "Someone else saved" in text
    resnet.refresh_from_db()
    assert (resnet.purpose, resnet.description) == ("theirs", "First\nSecond")
    again = fields(page)
    assert again["purpose"] == "mine"
    assert client.post("/p/fraud/resnet/edit", again | {"purpose": "theirs and mine"}).status_code == 302
    resnet.refresh_from_db()
    assert (resnet.purpose, resnet.description, resnet.summary) == (
        "theirs and mine",
        "mine too",
        "their summary",
    )


def test_theirs_may_be_kept(resnet, client):
    form = fields(client.get("/p/fraud/resnet/edit"))
    client.post("/p/fraud/resnet/edit", form | {"purpose": "theirs"})
    page = client.post("/p/fraud/resnet/edit", form | {"purpose": "mine", "summary": "mine"})
    assert client.post("/p/fraud/resnet/edit", fields(page) | {"theirs": "purpose"}).status_code == 302
    resnet.refresh_from_db()
    assert (resnet.purpose, resnet.summary) == ("theirs", "mine")


def test_one_field_is_edited_in_place_with_and_without_a_script(resnet, client):
    path = "/p/fraud/resnet/edit/field"
    assert "<html" in client.get(f"{path}?field=purpose").content.decode()
    data = {"field": "purpose", "value": "By a form", "state": "1"}
    assert client.post(path, data)["Location"] == resnet.get_absolute_url()
    part = client.post(path, {**data, "value": "In place", "state": "2"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.content.decode() and "In place" in part.content.decode()
    late = client.post(path, {**data, "value": "Late", "state": "2"}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "In place" in late.content.decode() and "Late" in late.content.decode()
    assert 'name="state" value="3"' in late.content.decode()
    wrong = client.post(path, {"field": "name", "value": "", "state": "3"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 400
    assert client.post(path, {"field": "revision", "value": "9"}).status_code == 400


def test_a_version_is_added_with_all_that_the_form_holds(resnet, client):
    path = "/p/fraud/resnet/versions/new"
    data = fields(client.get(path)) | {
        "label": "2.0",
        "stage": "staging",
        "parameter_count": "25600000",
        "parameters": "lr = 0.1\nsizes = [1, 2]\nmode = fast",
        "packages": "torch ==2.1\nnumpy",
        "artifacts": "s3://bucket/x",
        "training_data": "ImageNet-1k",
        "links": "https://example.org",
        "evaluations": "top-1; 80.1; %; ImageNet-1k; val\ntop-5; 95\n",
    }
    assert client.post(path, data).status_code == client.post(path, data).status_code == 302
    made = ModelVersion.objects.get(model=resnet)
    assert {p.name: p.value for p in made.parameters.all()} == {"lr": 0.1, "sizes": [1, 2], "mode": "fast"}
    assert {(p.name, p.specifier) for p in made.packages.all()} == {("torch", "==2.1"), ("numpy", "")}
    assert made.evaluations.count() == 2


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("label", "a b", "without spaces"),
        ("parameters", "lr", "Line 1: write name = value"),
        ("parameters", "a = 1\na = 2", "Line 2"),
        ("evaluations", "top-1; high", "“high” is no number"),
        ("evaluations", "top-1; nan", "finite"),
        ("evaluations", "top-1", "Line 1"),
        ("packages", "a\na", "given twice"),
        ("links", "javascript:alert(1)", "begins with https"),
        ("parameter_count", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_line_is_named(field, words, said, resnet, client):
    path = "/p/fraud/resnet/versions/new"
    page = client.post(path, fields(client.get(path)) | {"label": "1", field: words})
    assert page.status_code == 400
    assert said in page.content.decode().replace("&quot;", '"')
    assert not ModelVersion.objects.exists()


def test_stage_and_aliases_move(resnet, version, client):
    one, two = version("1", of=resnet), version("2", of=resnet)
    path = "/p/fraud/resnet/v/{}/edit"
    client.post(path.format(1), {"action": "stage", "stage": "production", "notes": "n"})
    client.post(path.format(1), {"action": "alias", "name": "champion"})
    client.post(path.format(2), {"action": "alias", "name": "champion"})
    one.refresh_from_db()
    assert (one.stage, one.notes) == ("production", "n")
    assert [alias.name for alias in two.aliases.all()] == ["champion"]
    assert client.post(path.format(2), {"action": "alias", "name": "1"}).status_code == 400
    client.post(path.format(2), {"action": "remove-alias", "name": "champion"})
    assert not two.aliases.exists()


def test_owners_come_and_go(resnet, person, team, client):
    person("eve"), team("vision")
    path = "/p/fraud/resnet/owners"
    assert client.post(path, {"kind": "owner", "username": "@Eve"}).status_code == 302
    assert client.post(path, {"kind": "contact", "team": "vision"}).status_code == 302
    assert client.post(path, {"kind": "owner", "username": "nobody"}).status_code == 400
    assert client.post(path, {"kind": "owner"}).status_code == 400
    assert "eve" in client.get(path).content.decode()
    client.post(path, {"remove": resnet.ownerships.first().pk})
    assert resnet.ownerships.count() == 1
    assert client.post(path, {"remove": "9999999999999999999999"}).status_code == 404


def test_terms_and_attributes_are_set_in_their_types(resnet, client, term):
    term("task", "Vision", "seeing")
    for kind in ("number", "boolean", "choice", "user", "date"):
        AttributeDefinition.objects.create(slug=kind, name=kind, type=kind, choices=["a", "b"])
    client.post("/p/fraud/resnet/edit/terms", {"task": "Seeing"})
    assert Classification.objects.get(model=resnet).term.name == "Vision"
    path = "/p/fraud/resnet/edit/attributes"
    data = {"number": "2.5", "boolean": "no", "choice": "b", "user": "ada", "date": "2026-03-31"}
    assert client.post(path, data).status_code == 302
    assert resnet.attribute_values.count() == 5
    assert fields(client.get(path)) == data
    assert client.post(path, data | {"user": "nobody"}).status_code == 400
    assert client.post(path, data | {"number": ""}).status_code == 302
    assert resnet.attribute_values.count() == 4


def test_a_project_is_made_edited_and_removed(ada, team, client):
    vision = team("vision", ada)
    data = fields(client.get("/projects/new")) | {"name": "Fraud"}
    assert data["team"] == str(vision.pk)
    assert (
        client.post("/projects/new", data).status_code
        == client.post("/projects/new", data).status_code
        == 302
    )
    fraud = Project.objects.get()
    form = fields(client.get("/p/fraud/edit"))
    client.post("/p/fraud/edit", form | {"purpose": "theirs"})
    assert client.post("/p/fraud/edit", form | {"region": "EU"}).status_code == 302
    late = client.post("/p/fraud/edit", form | {"purpose": "mine"})
    assert late.status_code == 409 and "theirs" in late.content.decode()
    assert client.post("/p/fraud/edit", fields(late)).status_code == 302
    fraud.refresh_from_db()
    assert (fraud.purpose, fraud.region, fraud.team) == ("mine", "EU", vision)
    assert client.post("/p/fraud/delete", {"confirmation": "x"}).status_code == 400
    assert client.post("/p/fraud/delete", {"confirmation": "fraud"}).status_code == 302
    assert not Project.objects.exists()


def test_the_last_administrator_is_warned(ada, person, project, client):
    eve = person("eve")
    fraud = project("fraud", administrator=ada)
    path = reverse("catalog_edit:grants", args=["fraud"])
    refused = client.post(path, {"remove": fraud.grants.get().pk})
    assert refused.status_code == 400 and "last administrator" in refused.content.decode()
    assert client.post(path, {"username": "eve", "role": "4"}).status_code == 302
    assert fraud.grants.get(user=eve).role == 4
    assert client.post(path, {"remove": fraud.grants.get(user=ada).pk}).status_code == 302


def test_a_model_goes_when_its_name_is_typed(resnet, client):
    assert client.post("/p/fraud/resnet/delete", {"confirmation": "no"}).status_code == 400
    assert client.post("/p/fraud/resnet/delete", {"confirmation": "resnet"})["Location"] == "/p/fraud"
    assert not RegisteredModel.objects.exists()
