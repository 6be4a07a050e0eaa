"""Looks at what was touched, and delivers, from threads of the Celery workers: several times a second, side by side."""

import logging
import random
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from alerts import touched
from alerts.delivery import mail, webhooks

log = logging.getLogger(__name__)

LONGEST_PAUSE = 15.0


class Watch(threading.Thread):
    """Calls `work` until told to stop: without a pause while there is some; slower, with jitter, while it fails."""

    def __init__(self, name: str, work: Callable[[], int], every: float) -> None:
        super().__init__(name=name, daemon=True)
        self.work = work
        self.every = every
        self.stopping = threading.Event()
        self.failures = 0

    def run(self) -> None:
        while not self.stopping.wait(self.turn()):
            pass
        connection.close()

    def turn(self) -> float:
        """Work once; how long to wait then. Nothing that happens here may end the thread."""
        try:
            done = self.work()
            self.failures = 0
            return 0.0 if done else self.every * random.uniform(0.8, 1.2)  # nosec B311
        except Exception as error:
            self.failures += 1
            if isinstance(error, DatabaseError | InterfaceError):
                connection.close()
            if self.failures in (1, 10, 100):
                log.warning(
                    "work on alerts failed",
                    extra={"what": self.name, "reason": str(error)[:300], "failures": self.failures},
                    exc_info=not isinstance(error, DatabaseError | InterfaceError),
                )
        return min(LONGEST_PAUSE, self.every * 2.0 ** min(self.failures, 10)) * random.uniform(0.5, 1.0)  # nosec B311

    def stop(self) -> None:
        self.stopping.set()


def start() -> list[Watch]:
    """Begin in this process."""
    watches = [
        Watch("alerts-looking", touched.step, 0.5),
        Watch("alerts-webhooks", webhooks.step, 0.5),
        Watch("alerts-mail", mail.step, 2.0),
    ]
    for watch in watches:
        watch.start()
    return watches
