"""Looks at what was touched, and delivers, from threads of the Celery workers: several times a second, side by side."""

from alerts import touched
from alerts.delivery import mail, webhooks
from core.workers import PollingWorker

# A look reads all facts of a model: while many are written, few large looks leave the machine to those who write.
GATHER = 2.0


def start() -> list[PollingWorker]:
    """Begin in this process."""
    workers = [
        PollingWorker("alerts-looking", touched.step, 0.5, full=touched.BATCH, gather=GATHER),
        PollingWorker("alerts-webhooks", webhooks.step, 0.5),
        PollingWorker("alerts-mail", mail.step, 2.0),
    ]
    for worker_thread in workers:
        worker_thread.start()
    return workers
