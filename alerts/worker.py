"""Looks at what was touched, and delivers, from threads of the Celery workers: several times a second, side by side."""

from alerts import touched
from alerts.delivery import mail, webhooks
from catalog.background import Sweeper


def start() -> list[Sweeper]:
    """Begin in this process."""
    sweepers = [
        Sweeper("alerts-looking", touched.step, 0.5),
        Sweeper("alerts-webhooks", webhooks.step, 0.5),
        Sweeper("alerts-mail", mail.step, 2.0),
    ]
    for sweeper in sweepers:
        sweeper.start()
    return sweepers
