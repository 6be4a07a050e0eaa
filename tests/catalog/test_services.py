"""Writes to projects, models and versions: rights, rules, and what is told when they are broken."""

import datetime as dt

import pytest

from access.viewer import Role
from catalog.models import (
    Activity,
    AttributeDefinition,
    Classification,
    FactOrigin,
    ModelVersion,
    ProjectGrant,
)
from catalog.services import attributes, grants, ownership, projects, registered, versions
from catalog.services.structure import ArtifactIn, LinkIn, PackageIn, PaperIn, PortIn, Structure
from core.errors import (
    Conflict,
    DomainError,
    EditConflict,
    Invalid,
    NotAllowed,
    NotVisible,
    ValidationErrors,
)

pytestmark = pytest.mark.django_db


def test_a_team_member_makes_a_project_of_the_team_and_administers_it(person, team, looking):
    ada = person("ada")
    vision = team("vision", ada)
    made = projects.create_project(viewer=looking(ada), name="Fraud", team=vision)
    assert made.slug == "fraud"
    assert looking(ada).role_in(made.pk) == Role.ADMINISTRATOR


def test_nobody_makes_a_project_of_a_team_they_are_not_in(person, team, looking):
    with pytest.raises(NotAllowed):
        projects.create_project(viewer=looking(person()), name="Fraud", team=team("vision"))


def test_a_site_administrator_makes_a_project_of_no_team(person, looking):
    assert projects.create_project(viewer=looking(person(admin=True)), name="Fraud").team is None


def test_the_same_submission_makes_one_project(person, looking):
    admin = looking(person(admin=True))
    first = projects.create_project(viewer=admin, name="Fraud", once="a1")
    assert projects.create_project(viewer=admin, name="Fraud", once="a1") == first
    with pytest.raises(Conflict, match="short name is taken"):
        projects.create_project(viewer=admin, name="Fraud", once="a2")


def test_a_project_is_edited_by_a_steward_but_its_visibility_only_by_an_administrator(
    person, project, looking
):
    eve = person("eve")
    fraud = project("fraud", steward=eve)
    projects.edit_project(viewer=looking(eve), project=fraud, changes={"purpose": "Find fraud"})
    with pytest.raises(NotAllowed):
        projects.edit_project(viewer=looking(eve), project=fraud, changes={"visibility": "restricted"})


def test_a_project_cannot_end_before_it_starts(person, project, looking):
    fraud = project("fraud", starts_on=dt.date(2026, 5, 1))
    with pytest.raises(DomainError, match="end is before the start") as refused:
        projects.edit_project(
            viewer=looking(person(admin=True)), project=fraud, changes={"ends_on": dt.date(2026, 4, 1)}
        )
    assert (refused.value.field, refused.value.status) == ("ends_on", 400)


def test_a_project_goes_only_when_its_name_is_typed(person, project, looking):
    admin = looking(person(admin=True))
    fraud = project("fraud")
    with pytest.raises(Invalid, match="Type “fraud”"):
        projects.delete_project(viewer=admin, project=fraud, confirmation="frau")
    projects.delete_project(viewer=admin, project=fraud, confirmation="fraud")
    with pytest.raises(NotVisible):
        projects.edit_project(viewer=admin, project=fraud, changes={"name": "x"})


def test_the_last_administrator_cannot_leave_unknowingly(person, project, looking):
    ada = person("ada")
    fraud = project("fraud", administrator=ada)
    with pytest.raises(Conflict, match="last administrator"):
        grants.revoke_role(viewer=looking(ada), project=fraud, user=ada)
    with pytest.raises(Conflict, match="last administrator"):
        grants.grant_role(viewer=looking(ada), project=fraud, user=ada, role=Role.VIEWER)
    grants.revoke_role(viewer=looking(ada), project=fraud, user=ada, last_one_knowingly=True)
    assert not ProjectGrant.objects.filter(project=fraud).exists()


def test_a_second_grant_replaces_the_role(person, project, looking):
    ada, eve = person("ada"), person("eve")
    fraud = project("fraud", administrator=ada)
    for role in (Role.VIEWER, Role.STEWARD):
        grants.grant_role(viewer=looking(ada), project=fraud, user=eve, role=role)
    assert looking(eve).role_in(fraud.pk) == Role.STEWARD
    with pytest.raises(Invalid, match="either a person or a team"):
        grants.grant_role(viewer=looking(ada), project=fraud, role=Role.VIEWER)


def test_a_contributor_registers_a_model_and_is_the_origin_of_what_it_says(person, project, term, looking):
    ada = person("ada")
    fraud = project("fraud", contributor=ada)
    term("task", "Image classification", "classification")
    made = registered.create_model(
        viewer=looking(ada),
        project=fraud,
        name="ResNet 50",
        summary="Sorts photographs",
        terms={"task": ["Classification"]},
    )
    assert made.slug == "resnet-50"
    assert set(FactOrigin.objects.filter(user=ada).values_list("field", flat=True)) == {
        "name",
        "summary",
        "task",
    }
    assert Classification.objects.get(model=made, version=None).term.slug == "image-classification"
    assert Activity.objects.get(model=made).verb == "created"


def test_a_viewer_registers_nothing(person, project, looking):
    eve = person("eve")
    fraud = project("fraud", visibility="restricted", viewer=eve)
    with pytest.raises(NotAllowed):
        registered.create_model(viewer=looking(eve), project=fraud, name="X")
    with pytest.raises(NotVisible):
        registered.create_model(viewer=looking(eve), project=project(visibility="restricted"), name="X")


@pytest.mark.parametrize("name", ["edit", "New", "delete"])
def test_a_model_cannot_be_named_like_a_page(name, person, project, looking):
    with pytest.raises(Invalid, match="name of a page"):
        registered.create_model(viewer=looking(person(admin=True)), project=project(), name=name)


def test_a_name_without_letters_asks_for_a_short_name(person, project, looking):
    with pytest.raises(Invalid, match="short name") as refused:
        registered.create_model(viewer=looking(person(admin=True)), project=project(), name="模型")
    assert refused.value.field == "slug"


def test_an_edit_raises_the_revision_and_names_its_author(person, model, looking):
    admin = person("root", admin=True)
    resnet = model()
    changed = registered.edit_model(
        viewer=looking(admin), model=resnet, changes={"purpose": "Sorting"}, expected_revision=1
    )
    assert changed.revision == 2
    assert FactOrigin.objects.get(model=resnet, field="purpose").user == admin
    assert Activity.objects.get(model=resnet).detail == {"fields": ["purpose"]}


def test_an_edit_that_changes_nothing_leaves_no_trace(person, model, looking):
    resnet = model(purpose="Sorting")
    same = registered.edit_model(
        viewer=looking(person(admin=True)), model=resnet, changes={"purpose": " Sorting\r\n"}
    )
    assert same.revision == 1
    assert not Activity.objects.filter(model=resnet).exists()


def test_the_second_of_two_editors_is_told_what_stands_there_now(person, model, looking):
    admin = looking(person(admin=True))
    resnet = model()
    registered.edit_model(viewer=admin, model=resnet, changes={"purpose": "theirs"}, expected_revision=1)
    with pytest.raises(EditConflict) as refused:
        registered.edit_model(viewer=admin, model=resnet, changes={"purpose": "mine"}, expected_revision=1)
    assert refused.value.extra["revision"] == 2
    assert refused.value.extra["current"]["purpose"] == "theirs"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"summary": "a\x00b"}, "summary"),
        ({"summary": 5}, "summary"),
        ({"status": "lost"}, "status"),
        ({"slug": "other"}, "slug"),
        ({"starts_on": dt.date(2026, 2, 1), "retires_on": dt.date(2026, 1, 1)}, "retires_on"),
        ({"starts_on": "soon"}, "starts_on"),
    ],
)
def test_a_wrong_value_is_refused_by_field(changes, field, person, model, looking):
    with pytest.raises(DomainError) as refused:
        registered.edit_model(viewer=looking(person(admin=True)), model=model(), changes=changes)
    error = refused.value
    assert field in (
        [name for name, _ in error.errors] if isinstance(error, ValidationErrors) else [error.field]
    )
    assert error.status == 400


def test_an_owner_edits_without_a_role_and_a_reader_does_not(person, model, looking):
    ada, eve = person("ada"), person("eve")
    resnet = model()
    ownership.set_owner(viewer=looking(person(admin=True)), model=resnet, kind="owner", user=ada)
    registered.edit_model(viewer=looking(ada), model=resnet, changes={"summary": "s"})
    with pytest.raises(NotAllowed):
        registered.edit_model(viewer=looking(eve), model=resnet, changes={"summary": "s"})
    with pytest.raises(NotAllowed, match="only read"):
        registered.edit_model(viewer=looking(ada, read_only=True), model=resnet, changes={"summary": "s"})


def test_terms_on_the_model_replace_each_other_and_may_be_taken_back(person, model, term, looking):
    admin = looking(person(admin=True))
    first, second = term("task", "Detection"), term("task", "Segmentation", "masks")
    resnet = model()
    registered.classify_model(viewer=admin, model=resnet, taxonomy="task", terms=["detection"])
    changed = registered.classify_model(
        viewer=admin, model=resnet, taxonomy="task", terms=["Masks", "segmentation"]
    )
    assert [row.term for row in Classification.objects.filter(model=resnet)] == [second]
    assert changed.revision == 3
    registered.classify_model(viewer=admin, model=resnet, taxonomy="task", terms=[])
    assert not Classification.objects.filter(model=resnet).exists()
    assert first.pk != second.pk


def test_a_taxonomy_that_allows_one_term_takes_one(person, model, term, looking):
    admin = looking(person(admin=True))
    term("license", "MIT", allows_many=False)
    term("license", "Apache 2.0")
    with pytest.raises(Invalid, match="one term"):
        registered.classify_model(
            viewer=admin, model=model(), taxonomy="license", terms=["MIT", "apache-2.0"]
        )
    with pytest.raises(Invalid, match="no term “GPL”"):
        registered.classify_model(viewer=admin, model=model(), taxonomy="license", terms=["GPL"])
    with pytest.raises(Invalid, match="no taxonomy"):
        registered.classify_model(viewer=admin, model=model(), taxonomy="nope", terms=[])


def test_a_version_lands_with_all_it_is_made_of(person, model, term, looking):
    term("framework", "PyTorch", "torch")
    resnet = model()
    made = versions.add_version(
        viewer=looking(person(admin=True)),
        model=resnet,
        label="1.0",
        parameter_count=25_600_000,
        structure=Structure(
            parameters={"lr": 0.1, "sizes": [1, 2]},
            packages=(PackageIn("torch", ">=2"),),
            artifacts=(ArtifactIn("s3://bucket/x"),),
            inputs=(PortIn("image", "float32", (None, 3, 224, 224)),),
            outputs=(PortIn("logits"),),
            training_data=("ImageNet-1k",),
            terms={"framework": ("torch",)},
            links=(LinkIn("https://example.org/card", "card"),),
            papers=(PaperIn("Deep residual learning"),),
        ),
    )
    assert made.position == 1
    assert made.parameters.get(name="sizes").value == [1, 2]
    assert made.ports.get(direction="input").shape == [None, 3, 224, 224]
    assert made.training_data.get().dataset.slug == "imagenet-1k"
    assert made.classifications.get().words == "torch"
    assert made.papers.get().title == "Deep residual learning"


@pytest.mark.parametrize(
    ("structure", "place"),
    [
        (Structure(packages=(PackageIn("a"), PackageIn("a"))), "packages[1]"),
        (Structure(artifacts=(ArtifactIn(""),)), "artifacts[0].uri"),
        (Structure(links=(LinkIn("javascript:alert(1)"),)), "links[0].url"),
        (Structure(training_data=("ImageNet 1k", "ImageNet 1k")), "training_data[1]"),
        (Structure(terms={"nope": ("x",)}), "terms.nope"),
        (Structure(parameters={"lr": None}), "parameters.lr"),
    ],
)
def test_one_wrong_part_and_nothing_of_the_version_lands(structure, place, person, model, looking):
    resnet = model()
    with pytest.raises(DomainError) as refused:
        versions.add_version(viewer=looking(person(admin=True)), model=resnet, label="1", structure=structure)
    error = refused.value
    assert place == (error.errors[0][0] if isinstance(error, ValidationErrors) else error.field)
    assert not ModelVersion.objects.filter(model=resnet).exists()


@pytest.mark.parametrize("label", ["", "a b", "a/b", "a@b", "..", "a\x00", "x" * 129])
def test_a_label_that_cannot_stand_in_an_address_is_refused(label, person, model, looking):
    with pytest.raises(Invalid):
        versions.add_version(viewer=looking(person(admin=True)), model=model(), label=label)


def test_a_taken_label_is_a_conflict_but_a_doubled_submission_is_not(person, model, looking):
    admin = looking(person(admin=True))
    resnet = model()
    first = versions.add_version(viewer=admin, model=resnet, label="1", once="a")
    assert versions.add_version(viewer=admin, model=resnet, label="1", once="a") == first
    with pytest.raises(Conflict, match="label already"):
        versions.add_version(viewer=admin, model=resnet, label="1", once="b")


def test_an_alias_moves_and_never_hides_a_label(person, model, version, looking):
    admin = looking(person(admin=True))
    resnet = model()
    one, two = version("1", of=resnet), version("two", of=resnet)
    versions.set_alias(viewer=admin, version=one, name="champion")
    assert versions.set_alias(viewer=admin, version=two, name="champion").version == two
    with pytest.raises(Conflict, match="has this label"):
        versions.set_alias(viewer=admin, version=one, name="two")
    with pytest.raises(Conflict, match="alias of the model"):
        versions.add_version(viewer=admin, model=resnet, label="champion")
    with pytest.raises(Invalid):
        versions.set_alias(viewer=admin, version=one, name="9 lives")
    versions.remove_alias(viewer=admin, model=resnet, name="champion")
    with pytest.raises(NotVisible):
        versions.remove_alias(viewer=admin, model=resnet, name="champion")


def test_a_stage_is_one_of_those_known(person, version, looking):
    admin = looking(person(admin=True))
    one = version()
    assert versions.set_stage(viewer=admin, version=one, stage="production", notes="n").stage == "production"
    with pytest.raises(Invalid, match="Choose development"):
        versions.set_stage(viewer=admin, version=one, stage="lost")
    assert Activity.objects.get(verb="set-stage").detail == {
        "label": "1",
        "before": "",
        "stage": "production",
    }


def test_an_owner_is_a_person_or_a_team_of_a_known_kind(person, team, model, looking):
    admin = looking(person(admin=True))
    resnet, vision = model(), team("vision")
    held = ownership.set_owner(viewer=admin, model=resnet, kind="steward", team=vision)
    assert ownership.set_owner(viewer=admin, model=resnet, kind="steward", team=vision) == held
    with pytest.raises(DomainError):
        ownership.set_owner(viewer=admin, model=resnet, kind="king", team=vision)
    with pytest.raises(Invalid):
        ownership.set_owner(viewer=admin, model=resnet, kind="owner", team=vision, user=person())
    ownership.remove_owner(viewer=admin, model=resnet, ownership_id=held.pk)
    with pytest.raises(NotVisible):
        ownership.remove_owner(viewer=admin, model=resnet, ownership_id=held.pk)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "  words ", "words"),
        ("number", 3, 3.0),
        ("number", "2.5", 2.5),
        ("date", "2026-03-31", dt.date(2026, 3, 31)),
        ("boolean", "no", False),
        ("choice", "red", "red"),
        ("url", "https://example.org/x", "https://example.org/x"),
    ],
)
def test_an_attribute_keeps_its_type(kind, value, kept, person, model, looking):
    field = AttributeDefinition.objects.create(slug="f", name="Field", type=kind, choices=["red", "blue"])
    row = attributes.set_attribute(
        viewer=looking(person(admin=True)), model=model(), definition=field, value=value
    )
    row.refresh_from_db()
    assert row.value == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("text", 5),
        ("keyword", "x" * 201),
        ("number", "many"),
        ("number", True),
        ("number", float("nan")),
        ("number", "inf"),
        ("number", 10**400),
        ("date", "31.3.2026"),
        ("boolean", "perhaps"),
        ("boolean", None),
        ("choice", "green"),
        ("url", "javascript:alert(1)"),
        ("user", "nobody"),
        ("user", "a\x00"),
        ("text", "a\x00"),
    ],
)
def test_an_attribute_refuses_what_is_not_of_its_type(kind, value, person, model, looking):
    field = AttributeDefinition.objects.create(slug="f", name="Field", type=kind, choices=["red", "blue"])
    with pytest.raises(Invalid):
        attributes.set_attribute(
            viewer=looking(person(admin=True)), model=model(), definition=field, value=value
        )


def test_a_required_attribute_is_not_emptied(person, model, looking):
    admin = looking(person(admin=True))
    field = AttributeDefinition.objects.create(slug="f", name="Field", type="text", is_required=True)
    resnet = model()
    attributes.set_attribute(viewer=admin, model=resnet, definition=field, value="x")
    with pytest.raises(Invalid, match="must have a value"):
        attributes.clear_attribute(viewer=admin, model=resnet, definition=field)


def test_the_feed_does_not_name_a_sensitive_attribute(person, model, looking):
    field = AttributeDefinition.objects.create(slug="f", name="Under review", type="text", is_sensitive=True)
    resnet = model()
    attributes.set_attribute(viewer=looking(person(admin=True)), model=resnet, definition=field, value="x")
    assert Activity.objects.get(model=resnet).detail == {"attribute": ""}


def test_a_model_goes_with_its_versions_and_its_project_remembers(person, version, looking):
    one = version()
    resnet = one.model
    registered.delete_model(viewer=looking(person(admin=True)), model=resnet, confirmation=resnet.slug)
    assert not ModelVersion.objects.filter(pk=one.pk).exists()
    assert Activity.objects.get(project=resnet.project, verb="deleted").detail == {"name": resnet.name}
