"""Who is told, by which way, and that no storm reaches anybody."""

from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core import mail as outbox
from django.utils import timezone

from access.viewer import Role
from alerts.delivery import mail
from alerts.models import Alert, Event, Mailbox, MailItem, Silence
from catalog.models import Ownership, Project, ProjectGrant
from social.models import Notification
from social.selectors import notification_rows
from tests.makers import make_model, make_person, make_project, make_team, seen_by

pytestmark = pytest.mark.django_db


def told(user) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("words", flat=True))


def test_the_named_their_teams_and_the_owners_are_told_once_each(rule, arrives, look):
    named, member, owner, both, stranger = (make_person() for _ in range(5))
    team, owning = make_team("", member, both), make_team("", both)
    model = make_model(owner=owner)
    Ownership.objects.create(model=model, kind="owner", team=owning)
    Ownership.objects.create(model=model, kind="contact", user=stranger)
    made = rule(tells=[named])
    made.recipients.create(team=team)
    arrives(model, 0.5)
    look()
    for person in (named, member, owner, both):
        assert len(told(person)) == 1
    assert told(stranger) == []
    assert told(named) == ["F1 is low: F1 is 0.5 on fraud-eval, test; the rule says below 0.8"]
    assert Notification.objects.first().url == f"/alerts/{Alert.objects.get().pk}"


def test_owners_are_left_alone_where_the_rule_says_so(rule, arrives, look):
    owner = make_person()
    rule(tell_owners=False)
    arrives(make_model(owner=owner), 0.5)
    look()
    assert told(owner) == []


def test_nobody_is_told_of_a_model_they_may_not_see(rule, arrives, look):
    inside, outside, boss, gone = (
        make_person(),
        make_person(),
        make_person(is_superuser=True),
        make_person(is_active=False),
    )
    model = make_model(make_project("restricted", viewer=inside), owner=outside)
    rule(tells=[inside, outside, boss, gone], by_mail=True)
    arrives(model, 0.5)
    look()
    assert len(told(inside)) == len(told(boss)) == 1
    assert told(outside) == told(gone) == []
    assert set(MailItem.objects.values_list("recipient_id", flat=True)) == {inside.pk, boss.pk}


def test_many_models_of_one_rule_are_one_line_until_it_is_read(rule, arrives, look):
    person = make_person()
    rule(tells=[person])
    for _ in range(30):
        arrives(make_model(), 0.5)
    look()
    arrives(make_model(), 0.5)
    look()
    row = Notification.objects.get(recipient=person)
    assert row.count == 31
    assert row.url.startswith("/alerts?rule=")
    Notification.objects.update(read_at=timezone.now())
    arrives(make_model(), 0.5)
    look()
    assert [row.count for row in Notification.objects.order_by("pk")] == [31, 1]


def test_news_of_what_is_hidden_since_is_not_shown(rule, arrives, look):
    person = make_person()
    model = make_model()
    rule(tells=[person])
    arrives(model, 0.5)
    look()
    assert notification_rows(seen_by(person)).count() == 1
    Project.objects.update(visibility="restricted")
    assert notification_rows(seen_by(person)).count() == 0


# ── mail ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ann(db):
    return make_person("ann", name="Ann", email="ann@example.org")


def test_a_storm_is_one_mail_and_the_next_comes_minutes_later(rule, arrives, look, ann):
    rule(tells=[ann], by_mail=True)
    for _ in range(120):
        arrives(make_model(), 0.5)
    look()
    assert mail.drain_all() == 1
    assert [letter.subject for letter in outbox.outbox] == ["Alerts: 120 fired"]
    assert outbox.outbox[0].to == ["ann@example.org"]
    assert outbox.outbox[0].body.count("FIRED (warning)") == 50
    assert "And 70 more: http://localhost:8000/alerts" in outbox.outbox[0].body
    for _ in range(3):
        arrives(make_model(), 0.5)
        look()
        assert mail.drain_all() == 0
    assert len(outbox.outbox) == 1
    Mailbox.objects.update(next_at=timezone.now())
    assert mail.drain_all() == 1
    assert outbox.outbox[1].subject == "Alerts: 3 fired"
    assert mail.drain_all() == 0


def test_a_mail_about_one_alert_says_all_of_it(rule, arrives, look, ann):
    rule(tells=[ann], by_mail=True, severity="critical", name="F1 & friends\nBcc: x")
    model = make_model(name="Fraud <b>")
    arrives(model, 0.5)
    look()
    mail.drain_all()
    letter = outbox.outbox[0]
    assert letter.subject == "Fired: F1 & friends Bcc: x (Fraud <b>)"
    assert f"{model.ref}@1" in letter.body
    assert "F1 is 0.5 on fraud-eval, test; the rule says below 0.8" in letter.body
    assert f"http://localhost:8000/alerts/{Alert.objects.get().pk}" in letter.body


def test_no_mail_names_what_its_reader_may_not_see_any_more(rule, arrives, look, ann):
    rule(tells=[ann], by_mail=True)
    hidden, seen = make_model(name="Hidden"), make_model(name="Seen")
    arrives(hidden, 0.5)
    arrives(seen, 0.5)
    look()
    Project.objects.filter(pk=hidden.project_id).update(visibility="restricted")
    mail.drain_all()
    assert "Hidden" not in outbox.outbox[0].body + outbox.outbox[0].subject
    assert hidden.ref not in outbox.outbox[0].body
    assert seen.ref in outbox.outbox[0].body


def test_a_mail_server_that_is_away_loses_nothing(rule, arrives, look, ann, monkeypatch):
    rule(tells=[ann], by_mail=True)
    arrives(make_model(), 0.5)
    look()

    def fails(self, **more):
        raise SMTPException("away")

    from django.core.mail import EmailMessage

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", fails)
        assert mail.step() == 1
        assert mail.step() == 0
    assert MailItem.objects.get().done_at is None
    Mailbox.objects.update(next_at=timezone.now())
    mail.drain_all()
    assert len(outbox.outbox) == 1
    assert MailItem.objects.get().done_at


def test_someone_without_an_address_is_passed_over(rule, arrives, look):
    rule(tells=[make_person()], by_mail=True)
    arrives(make_model(), 0.5)
    look()
    mail.drain_all()
    assert outbox.outbox == []
    assert not MailItem.objects.filter(done_at=None).exists()


# ── silences ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def silenced(rule, ann):
    made = rule(tells=[ann], tell_owners=False, clear_at=0.85)
    until = timezone.now() + timedelta(hours=1)
    return Silence.objects.create(rule=made, reason="known", until=until)


def end(silence):
    Silence.objects.filter(pk=silence.pk).update(until=timezone.now() - timedelta(seconds=1))


def test_what_still_fires_after_a_silence_is_told_once(silenced, arrives, look, ann):
    model = make_model()
    arrives(model, 0.5)
    look()
    assert told(ann) == []
    assert Event.objects.count() == 1
    end(silenced)
    for _ in range(3):
        look()
        arrives(model, 0.5)
    assert len(told(ann)) == 1


def test_what_came_and_went_in_a_silence_is_history_only(silenced, arrives, look, ann):
    model = make_model()
    for value in (0.5, 0.9, 0.5, 0.9):
        arrives(model, value)
        look()
    end(silenced)
    look()
    assert told(ann) == []
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["fired", "cleared"] * 2


def test_what_was_told_before_a_silence_and_ended_in_it_is_told_after(rule, arrives, look, ann):
    made = rule(tells=[ann])
    model = make_model()
    arrives(model, 0.5)
    look()
    silence = Silence.objects.create(rule=made, reason="known", until=timezone.now() + timedelta(hours=1))
    arrives(model, 0.9)
    assert look() == ["cleared"]
    assert len(told(ann)) == 1
    end(silence)
    look()
    assert [words.partition(":")[0] for words in told(ann)] == ["F1 is low", "Cleared"]


def test_a_silence_of_one_model_is_none_of_others(rule, arrives, look, ann):
    rule(tells=[ann])
    quiet, loud = make_model(), make_model()
    Silence.objects.create(model=quiet, reason="known", until=timezone.now() + timedelta(hours=1))
    arrives(quiet, 0.5)
    arrives(loud, 0.5)
    look()
    assert Notification.objects.get(recipient=ann).model == loud


def test_a_team_that_owns_a_model_it_may_not_see_hears_nothing(rule, arrives, look):
    lead = make_person()
    team = make_team("", leads=(lead,))
    model = make_model(make_project("restricted"))
    Ownership.objects.create(model=model, kind="owner", team=team)
    rule(team=team)
    arrives(model, 0.5)
    assert look() == ["fired"]
    assert told(lead) == []
    ProjectGrant.objects.create(project=model.project, user=lead, role=Role.VIEWER)
    arrives(model, 0.9)
    look()
    arrives(model, 0.5)
    look()
    assert len(told(lead)) == 2
