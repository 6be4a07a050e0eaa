"""The pages of alerts: what they show to whom, and that they work without script."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import touched
from alerts.models import Alert, Delivery, Endpoint, Event, Rule, Silence
from catalog.models import ModelVersion, Ownership, Project
from tests.makers import make_model, make_person, make_project, make_team

pytestmark = pytest.mark.django_db

LISTS = ("/alerts", "/alerts/history", "/alerts/rules", "/alerts/silences", "/alerts/webhooks")


class World:
    """A project with an alert, a silence and a webhook; `grow` adds more of everything."""

    def __init__(self, rule, arrives, visibility="public", words="Loud"):
        self.rule, self.arrives, self.words = rule, arrives, words
        self.steward, self.viewer = make_person(), make_person()
        self.team = make_team("")
        self.project = make_project(visibility, team=self.team, steward=self.steward, viewer=self.viewer)
        Project.objects.filter(pk=self.project.pk).update(name=f"{words} project")
        self.made = None
        self.grow(1)

    def grow(self, times):
        for _ in range(times):
            model = make_model(self.project, name=f"{self.words} model")
            ModelVersion.objects.update(stage="production")
            endpoint = Endpoint.objects.create(
                name=f"{self.words} hook", url="https://hush.example.org/", project=self.project
            )
            rule = self.rule(
                name=f"{self.words} rule", project=self.project, endpoints=[endpoint], note=self.words
            )
            rule.recipients.create(user=self.viewer)
            other = self.rule(name=f"{self.words} other", model=model)
            self.arrives(model, 0.5)
            for thing in ({"rule": rule}, {"model": model}, {"project": self.project}):
                Silence.objects.create(reason=self.words, until=timezone.now() + timedelta(hours=1), **thing)
            touched.drain_all()
            Silence.objects.update(ended_at=timezone.now())
            touched.drain_all()
            Silence.objects.create(rule=other, reason=self.words, until=timezone.now() + timedelta(hours=1))
            touched.drain_all()
            self.made = self.made or rule
            self.model = model
            self.endpoint = endpoint

    @property
    def addresses(self):
        alert = Alert.objects.filter(rule=self.made).earliest("pk")
        return [
            f"/alerts/{alert.pk}",
            f"/alerts/rules/{self.made.pk}",
            f"/alerts/rules/{self.made.pk}/edit",
            f"/alerts/webhooks/{self.endpoint.pk}",
            f"/alerts/webhooks/{self.endpoint.pk}/edit",
            f"/alerts/silences/new?rule={self.made.pk}",
            f"/alerts/silences/new?model={alert.model.ref}",
            f"/alerts/silences/new?project={self.project.slug}",
            f"/dashboard/projects/{self.project.slug}",
        ]


@pytest.fixture
def world(rule, arrives):
    return lambda **given: World(rule, arrives, **given)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_every_page_answers_its_steward(world):
    held = world()
    client = signed_in(held.steward)
    pages = [*LISTS, *held.addresses, "/dashboard", f"/dashboard/teams/{held.team.slug}"]
    pages += ["/alerts/rules/new", "/alerts/webhooks/new"]
    pages += [f"/alerts/rules/new?kind={kind}" for kind in ("metric", "drift", "staleness", "metadata")]
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        if "/new" not in address:
            assert "Loud" in response.content.decode(), address


def test_whoever_is_not_signed_in_is_led_there_and_told_nothing(world):
    held = world()
    for address in [*LISTS, *held.addresses[:-1], "/alerts/999999", "/alerts/rules/new"]:
        response = Client().get(address)
        assert response.status_code == 302 and response["Location"].startswith("/sign-in"), address


def test_strangers_learn_nothing_of_what_is_hidden(world):
    held = world(visibility="restricted", words="Hush")
    stranger = signed_in(make_person())
    for address in held.addresses:
        response = stranger.get(address)
        assert response.status_code == 404, address
        assert "Hush" not in response.content.decode().replace(address, "")
    for address in [*LISTS, "/dashboard", f"/dashboard/teams/{held.team.slug}", "/alerts?state=all"]:
        response = stranger.get(address)
        assert response.status_code == 200
        assert "Hush" not in response.content.decode(), address
        assert held.project.slug not in response.content.decode(), address


def test_a_reader_of_the_project_sees_alerts_and_rules_but_no_webhook_and_no_button(world):
    held = world(visibility="restricted", words="Hush")
    client = signed_in(held.viewer)
    alert, rule, edit, hook, hook_edit, *silences, dashboard = held.addresses
    for address in (
        alert,
        rule,
        dashboard,
        "/alerts",
        "/alerts/rules",
        "/alerts/silences",
        "/alerts/history",
    ):
        text = client.get(address).content.decode()
        assert "Hush" in text, address
        assert "Hush hook" not in text and "hush.example.org" not in text
        assert "End now" not in text and "Turn off" not in text
    for address in (edit, *silences):
        assert client.get(address).status_code == 403
    for address in (hook, hook_edit):
        assert client.get(address).status_code == 404
    assert "Hush" not in client.get("/alerts/webhooks").content.decode()


def test_a_rule_of_a_team_is_for_its_members(rule, arrives):
    member, other = make_person(), make_person()
    team = make_team("", member)
    model = make_model()
    Ownership.objects.create(model=model, kind="owner", team=team)
    made = rule(team=team, name="Secret plan")
    arrives(model, 0.5)
    touched.drain_all()
    for user, status in ((member, 200), (other, 404)):
        assert signed_in(user).get(made.get_absolute_url()).status_code == status
        assert signed_in(user).get(Alert.objects.get().get_absolute_url()).status_code == status
        assert ("Secret plan" in signed_in(user).get("/alerts").content.decode()) == (status == 200)


def test_an_inventory_rule_is_for_administrators_and_its_alerts_for_those_who_see_the_model(rule, arrives):
    boss, user = make_person(is_superuser=True), make_person()
    made = rule(name="House rule")
    seen, hidden = make_model(name="Open one"), make_model(visibility="restricted", name="Hidden one")
    for model in (seen, hidden):
        arrives(model, 0.5)
    touched.drain_all()
    assert signed_in(boss).get(made.get_absolute_url()).status_code == 200
    assert signed_in(user).get(made.get_absolute_url()).status_code == 404
    text = signed_in(user).get("/alerts").content.decode()
    assert "House rule" in text and "Open one" in text and "Hidden one" not in text
    assert "1 alert<" in text
    history = signed_in(user).get("/alerts/history").content.decode()
    assert "Open one" in history and "Hidden one" not in history
    hidden_alert = Alert.objects.get(model=hidden)
    assert signed_in(user).get(hidden_alert.get_absolute_url()).status_code == 404


def test_no_page_takes_more_statements_for_much_than_for_little(world):
    held = world()
    owner = make_person()
    Ownership.objects.create(model=held.model, kind="owner", user=owner)
    pages = [*LISTS, "/alerts?state=all", *held.addresses, "/dashboard", f"/dashboard/teams/{held.team.slug}"]
    pages += [held.model.get_absolute_url(), "/alerts/rules/new?kind=metric"]

    def counted(client):
        found = {}
        for address in pages:
            assert client.get(address).status_code in (200, 403, 404)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found[address] = len(queries)
        return found

    readers = [signed_in(held.steward), signed_in(owner), signed_in(make_person(is_superuser=True))]
    little = [counted(client) for client in readers]
    held.grow(6)
    assert [counted(client) for client in readers] == little
    lists = [count for counts in little for page, count in counts.items() if not page.startswith("/p/")]
    assert max(lists) <= 24, little


# ── forms, as a browser without script sends them ─────────────────────────────────────────────────


@pytest.fixture
def steward(db):
    return make_person()


@pytest.fixture
def project(steward):
    return make_project(steward=steward)


METRIC = {
    "name": "F1 is low", "severity": "critical", "metric": "f1", "op": "below", "threshold": "0.8",
    "clear_at": "0.85", "in_a_row": "1", "row_of": "values", "versions": "leading", "tell_owners": "on",
    "by_app": "on", "is_enabled": "on",
}  # fmt: skip


def test_a_rule_is_tried_made_edited_turned_off_and_removed(steward, project, arrives, look):
    model = make_model(project, name="Weak one")
    arrives(model, 0.5)
    arrives(make_model(), 0.5)
    client = signed_in(steward)
    address = f"/alerts/rules/new?kind=metric&project={project.slug}"
    scope = {"scope": f"project:{project.slug}"}
    tried = client.post(address, METRIC | scope | {"try": "1"}).content.decode()
    assert "Would fire 1 time" in tried and "Weak one" in tried
    assert not Rule.objects.exists()
    response = client.post(address, METRIC | scope)
    made = Rule.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert (made.project, made.threshold, made.clear_at, made.created_by) == (project, 0.8, 0.85, steward)
    assert look() == ["fired"]
    edited = client.post(
        f"{made.get_absolute_url()}/edit", METRIC | {"threshold": "0.4", "clear_at": "", "revision": "1"}
    )
    assert edited.status_code == 302
    assert look() == ["cleared"]
    stale = client.post(f"{made.get_absolute_url()}/edit", METRIC | {"revision": "1"})
    assert stale.status_code == 400 and "Someone else changed" in stale.content.decode()
    client.post(f"{made.get_absolute_url()}/switch", {"on": "0"})
    assert not Rule.objects.get().is_enabled
    client.post(f"{made.get_absolute_url()}/remove")
    assert not Rule.objects.exists()
    assert Event.objects.filter(rule=None).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"metric": "nothing"}, "metric", "There is no metric"),
        ({"clear_at": "0.5"}, "clear_at", "clear only at"),
        ({"people": "nobody"}, "people", "Nobody has the user name"),
        ({"dataset": "none"}, "dataset", "There is no data set"),
        ({"threshold": "nan"}, "threshold", ""),
        ({"in_a_row": "0"}, "in_a_row", ""),
        ({"name": ""}, "name", ""),
        ({"scope": "inventory"}, "scope", ""),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    steward, project, f1, wrong, field, words
):
    given = METRIC | {"scope": f"project:{project.slug}"} | wrong
    response = signed_in(steward).post("/alerts/rules/new?kind=metric", given)
    assert response.status_code == 400
    text = response.content.decode()
    assert words in text
    assert re.search(rf'id="id_{field}_error"', text), field
    assert not Rule.objects.exists()


def test_other_kinds_are_made_with_what_they_need(steward, project):
    client = signed_in(steward)
    common = {"scope": f"project:{project.slug}", "severity": "info", "by_app": "on", "is_enabled": "on"}
    client.post(
        "/alerts/rules/new?kind=staleness",
        common | {"name": "Old", "measure": "evaluation", "threshold": "90", "versions": "production"},
    )
    client.post(
        "/alerts/rules/new?kind=metadata",
        common | {"name": "Bare", "measure": "owners", "versions": "production"},
    )
    client.post(
        "/alerts/rules/new?kind=metadata",
        common | {"name": "Thin", "measure": "percent", "threshold": "60", "versions": "leading"},
    )
    found = {rule.name: (rule.op, rule.threshold) for rule in Rule.objects.all()}
    assert found == {"Old": ("above", 90), "Bare": ("above", 0.5), "Thin": ("below", 60)}
    empty = client.post(
        "/alerts/rules/new?kind=metadata",
        common | {"name": "Thin", "measure": "percent", "threshold": "", "versions": "leading"},
    )
    assert empty.status_code == 400


def test_nobody_makes_rules_beyond_their_rights(project, f1):
    viewer, owner = make_person(), make_person()
    model = make_model(project, owner=owner)
    assert signed_in(viewer).get("/alerts/rules/new?kind=metric").status_code == 403
    assert signed_in(viewer).get(f"/alerts/rules/new?kind=metric&model={model.ref}").status_code == 403
    client = signed_in(owner)
    address = f"/alerts/rules/new?kind=metric&model={model.ref}"
    assert f"Model {model.name}" in client.get(address).content.decode()
    assert client.post(address, METRIC | {"scope": f"model:{model.ref}"}).status_code == 302
    for scope in ("inventory", f"project:{project.slug}", f"model:{make_model().ref}"):
        assert client.post(address, METRIC | {"scope": scope}).status_code == 400
    assert Rule.objects.count() == 1


def test_a_silence_is_made_and_ended(steward, project, rule):
    made = rule(project=project)
    client = signed_in(steward)
    response = client.post(f"/alerts/silences/new?rule={made.pk}", {"hours": "4", "reason": "retraining"})
    assert response.status_code == 302
    silence = Silence.objects.get()
    assert abs(silence.until - timezone.now() - timedelta(hours=4)) < timedelta(minutes=1)
    assert (
        client.post(f"/alerts/silences/new?rule={made.pk}", {"hours": "4", "reason": ""}).status_code == 400
    )
    past = {"hours": "4", "until": "2020-01-01T00:00", "reason": "x"}
    assert client.post(f"/alerts/silences/new?rule={made.pk}", past).status_code == 400
    assert signed_in(make_person()).post(f"/alerts/silences/{silence.pk}/end").status_code == 403
    client.post(f"/alerts/silences/{silence.pk}/end")
    assert not Silence.objects.get().is_active


def test_a_webhook_shows_its_secret_once(steward, project, settings):
    client = signed_in(steward)
    given = {"name": "Pager", "url": "https://example.org/hook", "project": project.slug, "is_enabled": "on"}
    response = client.post("/alerts/webhooks/new", given)
    secret = re.search(r"whsec_[\w+/=]+", response.content.decode())[0]
    assert "no-store" in response["Cache-Control"]
    endpoint = Endpoint.objects.get()
    assert "whsec_" not in client.get(endpoint.get_absolute_url()).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM alerts_endpoint e")
        assert secret[6:] not in cursor.fetchone()[0]
    new = client.post(f"{endpoint.get_absolute_url()}/rotate").content.decode()
    assert "whsec_" in new and secret not in new
    for url in ("http://127.0.0.1/", "http://169.254.169.254/", "ftp://example.org/"):
        assert client.post("/alerts/webhooks/new", given | {"url": url}).status_code == 400
        assert client.post(f"{endpoint.get_absolute_url()}/edit", given | {"url": url}).status_code == 400
    assert client.post("/alerts/webhooks/new", given | {"project": "inventory"}).status_code == 400
    assert Endpoint.objects.count() == 1


def test_buttons_send_a_test_and_send_again(steward, project, receiver):
    from alerts.delivery import webhooks

    client = signed_in(steward)
    endpoint = Endpoint.objects.create(name="Pager", url=receiver.url, project=project)
    client.post(f"{endpoint.get_absolute_url()}/test")
    webhooks.drain_all()
    delivery = Delivery.objects.get()
    assert delivery.state == "delivered"
    page = client.get(endpoint.get_absolute_url()).content.decode()
    assert "answered 200" in page and delivery.message_id in page
    client.post(f"/alerts/deliveries/{delivery.pk}/again")
    webhooks.drain_all()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [delivery.message_id] * 2
    stranger = signed_in(make_person())
    for address in (f"{endpoint.get_absolute_url()}/{word}" for word in ("test", "rotate", "remove")):
        assert stranger.post(address).status_code == 404
    assert stranger.post(f"/alerts/deliveries/{delivery.pk}/again").status_code == 404
    client.post(f"{endpoint.get_absolute_url()}/remove")
    assert not Endpoint.objects.exists()


def test_the_badge_on_a_models_page_is_for_those_who_see_alerts(rule, arrives):
    model = make_model()
    rule()
    arrives(model, 0.5)
    touched.drain_all()
    assert "1 alert<" in signed_in(make_person()).get(model.get_absolute_url()).content.decode()
    assert "1 alert<" not in Client().get(model.get_absolute_url()).content.decode()


def test_the_bell_leads_to_the_alert(rule, arrives):
    user = make_person()
    rule(tells=[user])
    model = make_model()
    arrives(model, 0.5)
    touched.drain_all()
    page = signed_in(user).get("/me/notifications").content.decode()
    assert f'name="next" value="/alerts/{Alert.objects.get().pk}"' in page
    assert "F1 is low: F1 is 0.5" in page


def test_a_filter_that_there_is_not_is_said(db):
    response = signed_in(make_person()).get("/alerts?severity=purple")
    assert response.status_code == 400
    assert "Choose critical, warning or info" in response.content.decode()
    for odd in (
        "?rule=%00",
        "?rule=99999999999999999999",
        "?page=x",
        "?model=a%00b",
        "?project=%F0%9F%98%80",
    ):
        assert signed_in(make_person()).get(f"/alerts{odd}").status_code in (200, 400)
