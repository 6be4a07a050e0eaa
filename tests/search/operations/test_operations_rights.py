"""Search is operated by administrators of the site, and by nobody else."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tokens import create_token
from search.indexing import outbox
from search.models import DeadLetter, Job, Outbox
from tests.makers import make_person, make_project, make_team
from tests.search.operations.conftest import API, BUTTONS, PAGE, read

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["visitor", "stranger", "steward", "staff"])
def outsider(request, client):
    """`client` as someone who is no administrator of the site."""
    if request.param != "visitor":
        person = make_person(is_staff=request.param == "staff")
        make_project(administrator=person)
        make_team("Lead", leads=(person,))
        client.force_login(person)
    return client


def test_there_are_no_operations_for_anyone_but_administrators(outsider):
    job = Job.objects.create(kind="check", state="done", alive_until=timezone.now())
    letter = DeadLetter.objects.create(model_id=999, stage="build", reason="x")
    outbox.drain_all()
    for address in (PAGE, f"{PAGE}/runs/{job.pk}", f"{PAGE}/check", API, f"{API}/jobs/{job.pk}"):
        assert outsider.get(address).status_code == 404
    for button in BUTTONS:
        answer = outsider.post(f"{PAGE}/{button}", {"job": job.pk, "entry": letter.pk})
        assert answer.status_code == 404
    for button in ("check", "repair", "rebuild", "retry"):
        answer = outsider.post(f"{API}/{button}", {}, content_type="application/json")
        assert answer.status_code in (401, 404)
    assert Job.objects.count() == DeadLetter.objects.count() == 1
    assert not Outbox.objects.exists()


def test_the_menu_leads_administrators_there_and_nobody_else(client, boss):
    assert f'href="{PAGE}"' in read(client, "/")
    client.force_login(make_person(is_staff=True))
    assert f'href="{PAGE}"' not in read(client, "/")


def test_a_button_pressed_from_another_site_does_nothing(boss):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(boss)
    for button in BUTTONS:
        assert strict.post(f"{PAGE}/{button}").status_code == 403
    assert not Job.objects.exists()


def test_nothing_begins_by_following_a_link(client, boss):
    for button in BUTTONS:
        assert client.get(f"{PAGE}/{button}").status_code == 405
    assert not Job.objects.exists()


def test_a_token_that_may_only_read_begins_nothing(boss):
    for scope, status in (("read", 403), ("write", 202)):
        _, secret = create_token(user=boss, name=scope, scope=scope)
        answer = Client(headers={"Authorization": f"Bearer {secret}"}).post(f"{API}/check")
        assert answer.status_code == status
    assert Job.objects.count() == 1
