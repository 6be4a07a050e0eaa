"""Which models and versions a rule looks at, and what clears when they leave its scope."""

import pytest

from alerts.models import Alert, Event, Rule, Touched
from catalog.models import ModelVersion, Ownership, RegisteredModel
from tests.alerts.conftest import sql
from tests.makers import make_model, make_project, make_team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("versions", "expected"), [("leading", {"2"}), ("production", {"2"}), ("every", {"1", "2", "3"})]
)
def test_which_versions_are_looked_at(model, rule, arrives, look, versions, expected):
    one = model.versions.get()
    two = ModelVersion.objects.create(model=model, label="2", position=2, stage="production")
    three = ModelVersion.objects.create(model=model, label="3", position=3)
    for version in (one, two, three):
        arrives(version, 0.5)
    rule(versions=versions)
    look()
    assert {alert.version.label for alert in Alert.objects.all()} == expected


def test_another_leading_version_clears_what_the_one_before_did(model, rule, arrives, look):
    rule()
    arrives(model, 0.5)
    assert look() == ["fired"]
    ModelVersion.objects.create(model=model, label="2", position=2)
    assert look() == ["cleared"]
    assert Event.objects.latest("pk").words == "No longer watched by this rule"


def test_a_rule_is_about_the_models_in_its_scope(rule, arrives, look):
    team = make_team()
    mine, owned, other = make_model(make_project(team=team)), make_model(), make_model()
    Ownership.objects.create(model=owned, kind="owner", team=team)
    Ownership.objects.create(model=other, kind="contact", team=team)
    for model in (mine, owned, other):
        arrives(model, 0.5)
    for scope, expected in (
        ({}, {mine, owned, other}),
        ({"project": mine.project}, {mine}),
        ({"team": team}, {mine, owned}),
        ({"model": other}, {other}),
    ):
        made = rule(**scope)
        look()
        assert {alert.model for alert in made.alerts.all()} == expected
        made.delete()


def test_a_model_that_leaves_the_scope_or_is_archived_is_cleared(model, rule, arrives, look):
    project, elsewhere = model.project, make_project()
    rule(project=project)
    arrives(model, 0.5)
    assert look() == ["fired"]
    RegisteredModel.objects.filter(pk=model.pk).update(project=elsewhere)
    assert look() == ["cleared"]
    RegisteredModel.objects.filter(pk=model.pk).update(project=project)
    assert look() == ["fired"]
    RegisteredModel.objects.filter(pk=model.pk).update(status="archived")
    assert look() == ["cleared"]


def test_a_project_that_changes_its_team_is_looked_at(model, rule, arrives, look):
    team = make_team()
    rule(team=team)
    arrives(model, 0.5)
    assert look() == []
    sql("UPDATE catalog_project SET team_id = %s", team.pk)
    assert look() == ["fired"]
    sql("UPDATE catalog_project SET description = 'x'")
    assert not Touched.objects.exists()


def test_a_rule_that_is_turned_off_or_narrowed_clears(model, rule, arrives, look):
    made = rule()
    arrives(model, 0.5)
    assert look() == ["fired"]
    sql("UPDATE alerts_rule SET is_enabled = false")
    assert look() == ["cleared"]
    sql("UPDATE alerts_rule SET is_enabled = true")
    assert look() == ["fired"]
    Rule.objects.filter(pk=made.pk).update(project=make_project())
    assert look() == ["cleared"]
