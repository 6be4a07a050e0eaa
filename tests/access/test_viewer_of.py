"""Where a person's roles come from, and that asking who sees a model gives the same from both sides."""

import pytest

from access.policy import may
from access.viewer import Role
from catalog.access import visible_models, visible_projects
from catalog.models import Ownership
from social.audience import audience
from tests.makers import make_model, make_person, make_project, make_team, seen_by

pytestmark = pytest.mark.django_db


def test_a_grant_to_the_person_gives_its_role():
    anna = make_person()
    project = make_project("restricted", contributor=anna)
    assert seen_by(anna).role_in(project.pk) is Role.CONTRIBUTOR


def test_a_grant_to_a_team_gives_its_role_to_the_members():
    anna, team = make_person(), None
    team = make_team("Readers", anna)
    project = make_project("restricted", viewer=team)
    assert seen_by(anna).role_in(project.pk) is Role.VIEWER


def test_members_of_the_owning_team_contribute_and_leads_steward():
    anna, lea = make_person(), make_person()
    project = make_project("restricted", team=make_team("Owners", anna, leads=(lea,)))
    assert seen_by(anna).role_in(project.pk) is Role.CONTRIBUTOR
    assert seen_by(lea).role_in(project.pk) is Role.STEWARD


def test_the_highest_of_several_roles_counts():
    anna = make_person()
    project = make_project("restricted", viewer=anna, administrator=make_team("Top", anna))
    assert seen_by(anna).role_in(project.pk) is Role.ADMINISTRATOR


def test_someone_inactive_is_nobody():
    anna = make_person(is_active=False, is_superuser=True)
    assert not seen_by(anna).is_signed_in
    assert not seen_by(anna).is_administrator


def test_reading_a_viewer_takes_three_queries(django_assert_max_num_queries):
    anna = make_person()
    for _ in range(5):
        make_project("restricted", team=make_team("", anna), viewer=anna)
    with django_assert_max_num_queries(3):
        seen_by(anna)


def test_owners_and_stewards_of_a_model_hold_it_and_contacts_do_not():
    anna, team = make_person(), None
    team = make_team("Holders", anna)
    by_person, by_team, as_contact = make_model(owner=anna), make_model(), make_model()
    Ownership.objects.create(model=by_team, kind="steward", team=team)
    Ownership.objects.create(model=as_contact, kind="contact", user=anna)
    viewer = seen_by(anna)
    assert may(viewer, "model.edit", by_person)
    assert may(viewer, "model.edit", by_team)
    assert not may(viewer, "model.edit", as_contact)
    assert not may(viewer, "model.delete", by_person)


@pytest.mark.parametrize("site_is_open", [True, False])
def test_lists_audiences_and_rules_agree_for_everyone(settings, site_is_open):
    settings.VITRINE_SITE_OPEN = site_is_open
    plain, granted, member, lead, via_team = (make_person() for _ in range(5))
    boss, gone = make_person(is_superuser=True), make_person(is_active=False)
    owners, readers = make_team("Own", member, leads=(lead,)), make_team("Read", via_team, gone)
    models = [
        make_model(project)
        for visibility in ("public", "internal", "restricted")
        for project in (
            make_project(visibility),
            make_project(visibility, viewer=granted),
            make_project(visibility, team=owners),
            make_project(visibility, viewer=readers),
        )
    ]
    people = [plain, granted, member, lead, via_team, boss, gone]
    for person in (*people, None):
        viewer = seen_by(person)
        by_rule = {model.pk for model in models if may(viewer, "view", model)}
        assert by_rule == set(visible_models(viewer).values_list("pk", flat=True))
        assert {m.project_id for m in models if m.pk in by_rule} == set(
            visible_projects(viewer).values_list("pk", flat=True)
        )
        if person is not None and person.is_active:
            assert by_rule == {model.pk for model in models if audience(model).filter(pk=person.pk).exists()}
    assert not any(audience(model).filter(pk=gone.pk).exists() for model in models)
