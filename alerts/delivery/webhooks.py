"""Sends what waits for endpoints: one after another for each, the first one first, until it arrives or is given up.

An endpoint is taken with a lease. A worker that dies leaves its message waiting; one that dies between the answer and
writing it down has it sent twice, under the same `webhook-id`.
"""

import logging
import random
import time
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Now
from django.utils import timezone

from alerts.delivery import signing
from alerts.models import Attempt, Delivery, Endpoint
from core import safe_http
from core.workers import free

log = logging.getLogger(__name__)

AT_ONCE = 20
LEASE = 120  # seconds; renewed before each message
LONGEST_PAUSE = 3600.0
GONE = 410
STATE = Delivery.State

TAKE = f"""
UPDATE alerts_endpoint SET leased_until = clock_timestamp() + make_interval(secs => %s) WHERE id = (
    SELECT e.id FROM alerts_endpoint e
    WHERE e.is_enabled AND {free("e.leased_until")} AND {free("e.next_at", int(LONGEST_PAUSE) + 60)}
        AND EXISTS (SELECT FROM alerts_delivery d WHERE d.endpoint_id = e.id AND d.state = 'waiting')
    ORDER BY e.next_at NULLS FIRST, e.id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def step() -> int:
    """Send what waits for one endpoint; how many messages were tried."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [LEASE])
        row = cursor.fetchone()
    if row is None:
        return 0
    tried = 0
    try:
        while tried < AT_ONCE:
            endpoint = Endpoint.objects.filter(pk=row[0], is_enabled=True).first()
            first = Delivery.objects.filter(endpoint_id=row[0], state=STATE.WAITING).order_by("id").first()
            if endpoint is None or first is None:
                break
            _hold(endpoint.pk)
            tried += 1
            if not send(endpoint, first):
                break
    finally:
        Endpoint.objects.filter(pk=row[0]).update(leased_until=None)
    return tried


def drain_all() -> int:
    """Send all that may be sent now; how many messages were tried."""
    done = 0
    while tried := step():
        done += tried
    return done


def _hold(endpoint_id: int) -> None:
    Endpoint.objects.filter(pk=endpoint_id).update(leased_until=Now() + Value(timedelta(seconds=LEASE)))


def send(endpoint: Endpoint, delivery: Delivery) -> bool:
    """Try once, write down what came of it; whether it arrived."""
    body, started = delivery.body.encode(), time.monotonic()
    sent = {
        "content-type": "application/json",
        "user-agent": f"Vitrine/{settings.VERSION}",
        **signing.headers(endpoint, delivery.message_id, body, timezone.now()),
    }
    status, error = None, ""
    try:
        status = safe_http.post(endpoint.url, body, sent)
    except (safe_http.Refused, safe_http.Unanswered) as refusal:
        error = str(refusal)
    arrived = status is not None and 200 <= status < 300
    took = round((time.monotonic() - started) * 1000)
    with transaction.atomic():
        Attempt.objects.create(delivery=delivery, status=status, error=error[:300], milliseconds=took)
        if arrived:
            Delivery.objects.filter(pk=delivery.pk, state=STATE.WAITING).update(
                state=STATE.DELIVERED, done_at=timezone.now()
            )
            Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, next_at=None)
        else:
            _failed(endpoint, status)
    if not arrived:
        log.warning("a webhook failed", extra={"endpoint": endpoint.pk, "status": status, "reason": error})
    return arrived


def _failed(endpoint: Endpoint, status: int | None) -> None:
    now = timezone.now()
    waiting = Delivery.objects.filter(endpoint=endpoint, state=STATE.WAITING)
    if status == GONE:  # the receiver says that it wants no more
        waiting.update(state=STATE.FAILED, done_at=now)
        Endpoint.objects.filter(pk=endpoint.pk).update(is_enabled=False)
        return
    limit = now - timedelta(hours=settings.VITRINE_WEBHOOK_GIVE_UP_HOURS)
    waiting.filter(waiting_since__lt=limit).update(state=STATE.FAILED, done_at=now)
    pause = timedelta(seconds=pause_after(endpoint.failures + 1))
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=endpoint.failures + 1, next_at=now + pause)


def pause_after(failures: int) -> float:
    """Seconds until the next try: doubling, with jitter, an hour at most."""
    whole = min(LONGEST_PAUSE, settings.VITRINE_WEBHOOK_FIRST_PAUSE * 2.0 ** min(failures - 1, 20))
    return whole * random.uniform(0.6, 1.0)  # nosec B311
