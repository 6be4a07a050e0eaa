"""Background work of alerts. What arrives is looked at by `alerts.worker`, begun in each worker process."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown
from django.utils import timezone

from alerts import touched, worker
from alerts.delivery import mail, webhooks
from alerts.models import Delivery, MailItem
from core.workers import PollingWorker

KEPT_DAYS = 90

_workers: list[PollingWorker] = []


@worker_process_init.connect
def _start(**kwargs: Any) -> None:
    """After the fork, so that no process shares another's connection."""
    _workers.extend(worker.start())


@worker_process_shutdown.connect
def _stop(**kwargs: Any) -> None:
    for worker_thread in _workers:
        worker_thread.stop()
    for worker_thread in _workers:
        worker_thread.join(timeout=3)
    _workers.clear()


@shared_task(name="alerts.tasks.look_at_ages")
def look_at_ages() -> None:
    """Ages grow without anything arriving: have every rule on staleness looked at."""
    touched.touch_rules("staleness")


@shared_task(name="alerts.tasks.drain", acks_late=True)
def drain() -> int:
    """Look and deliver now; for those who do not want to wait for the next look."""
    looked = touched.drain_all()
    webhooks.drain_all()
    mail.drain_all()
    return looked


@shared_task(name="alerts.tasks.tidy")
def tidy() -> int:
    """Forget what was delivered long ago, and its attempts; the history of alerts stays."""
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    count, _ = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(done_at__lt=limit).delete()
    MailItem.objects.filter(done_at__lt=limit).delete()
    return count
