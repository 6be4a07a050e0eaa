"""Writes mail about alerts: one to each person with all that has gathered, and none again for some minutes."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from access.viewers import load_viewer
from accounts.models import User
from alerts.delivery.messages import address
from alerts.models import Event, Mailbox, MailItem

log = logging.getLogger(__name__)

LISTED = 50  # of a storm; the rest is counted
TRIES = 8

# One person with mail waiting whose pause is over. Those written to for the first time get their mailbox first.
PREPARE = """
INSERT INTO alerts_mailbox (recipient_id, failures)
SELECT DISTINCT m.recipient_id, 0 FROM alerts_mailitem m WHERE m.done_at IS NULL
    AND NOT EXISTS (SELECT FROM alerts_mailbox b WHERE b.recipient_id = m.recipient_id)
ON CONFLICT DO NOTHING
"""
TAKE = """
SELECT b.id FROM alerts_mailbox b WHERE b.next_at <= clock_timestamp()
    AND EXISTS (SELECT FROM alerts_mailitem m WHERE m.recipient_id = b.recipient_id AND m.done_at IS NULL)
ORDER BY b.next_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""


@transaction.atomic
def step() -> int:
    """Write to one person; 1 when someone had mail waiting, else 0. The mailbox is held until the mail is out."""
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)
        cursor.execute(TAKE)
        row = cursor.fetchone()
    if row is None:
        return 0
    mailbox = Mailbox.objects.select_related("recipient").get(pk=row[0])
    items = MailItem.objects.filter(recipient=mailbox.recipient, done_at=None)
    ids = list(items.values_list("pk", flat=True))
    events = _still_to_tell(mailbox.recipient, ids)
    now = timezone.now()
    try:
        if events and mailbox.recipient.email:
            letter(mailbox.recipient, events).send()
    except (SMTPException, OSError) as error:
        mailbox.failures += 1
        pause = min(3600.0, 30.0 * 2**mailbox.failures)
        log.warning(
            "mail about alerts failed", extra={"user_id": mailbox.recipient_id, "reason": str(error)[:300]}
        )
        if mailbox.failures < TRIES:
            mailbox.next_at = now + timedelta(seconds=pause)
            mailbox.save()
            return 1
    MailItem.objects.filter(pk__in=ids).update(done_at=now)
    mailbox.failures = 0
    if events:
        mailbox.next_at = now + timedelta(minutes=settings.VITRINE_ALERT_MAIL_MINUTES)
    mailbox.save()
    return 1


def drain_all() -> int:
    """Write to all who may be written to now; to how many."""
    done = 0
    while step():
        done += 1
    return done


def _still_to_tell(person: User, item_ids: list[int]) -> list[Event]:
    """What the person may still see: rights may have changed since. Four queries."""
    if not person.is_active:
        return []
    seen = load_viewer(person).scopes.as_q("model__project__")
    rows = Event.objects.filter(seen, mail__in=item_ids).select_related("model__project", "version", "alert")
    return list(rows.order_by("at", "pk"))


def letter(person: User, events: list[Event]) -> EmailMessage:
    """One mail on all of `events`."""
    fired = sum(event.kind == Event.Kind.FIRED for event in events)
    lines = [
        {"event": event, "url": address(event.alert.get_absolute_url() if event.alert else "/alerts")}
        for event in events[:LISTED]
    ]
    context = {
        "person": person,
        "lines": lines,
        "more": len(events) - len(lines),
        "all_url": address("/alerts"),
        "minutes": settings.VITRINE_ALERT_MAIL_MINUTES,
    }
    body = render_to_string("alerts/mail.txt", context)
    return EmailMessage(_subject(events, fired), body, to=[person.email])


def _subject(events: list[Event], fired: int) -> str:
    if len(events) == 1:
        event = events[0]
        text = f"{event.get_kind_display()}: {event.rule_name} ({event.model.name})"
    else:
        cleared = len(events) - fired
        parts = [f"{fired} fired" if fired else "", f"{cleared} cleared" if cleared else ""]
        text = f"Alerts: {', '.join(part for part in parts if part)}"
    return " ".join(text.split())[:200]
