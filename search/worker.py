"""Keeps documents up to date from within the Celery workers, by looking at the outbox several times a second.

Looking costs one indexed question to Postgres, and finds what plain SQL changed as soon as what the site
changed; a message over a broker would be slower on files, and lost with Redis. Any number of workers may do it
side by side.
"""

import logging
import random
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from search import sync
from search.engine import index, ship
from search.engine.client import is_configured
from search.errors import EngineAway

log = logging.getLogger(__name__)

EVERY = 0.1  # looking when there is nothing costs one short statement
LOOK_AT_INDEX_EVERY = 5.0
LONGEST_PAUSE = 15.0


class Sweeper(threading.Thread):
    """Calls `work` again and again until told to stop; slower, with jitter, while it fails.

    What it carried is work for `next_one`, which is woken then.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], int],
        every: float = EVERY,
        next_one: "Sweeper | None" = None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.work = work
        self.every = every
        self.next = next_one
        self.stopping = threading.Event()
        self.woken = threading.Event()
        self.failures = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            self.woken.wait(self.turn())
            self.woken.clear()
        connection.close()

    def wake(self) -> None:
        """Look now; one that fails keeps its pause."""
        if not self.failures:
            self.woken.set()

    def turn(self) -> float:
        """Work once; how long to wait then. Nothing that happens here may end the thread."""
        try:
            carried = self.work()
            self.failures = 0
            if carried and self.next is not None:
                self.next.wake()
            return 0.0 if carried else self.every * random.uniform(0.8, 1.2)  # nosec B311
        except EngineAway as error:
            self._failed("The search engine is away; documents wait", error)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            self._failed("Postgres is away; the outbox waits", error)
        except Exception as error:
            log.exception("Carrying documents failed")
            self._failed("Carrying documents failed", error)
        pause: float = min(LONGEST_PAUSE, self.every * 2.0 ** min(self.failures, 10))
        return pause * random.uniform(0.5, 1.0)  # nosec B311

    def _failed(self, words: str, error: Exception) -> None:
        self.failures += 1
        if self.failures in (1, 10, 100):
            log.warning(words, extra={"reason": str(error)[:300], "failures": self.failures})

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()


class EngineWork:
    """Carries documents to the engine, and sees now and then to the index being there and of our making."""

    def __init__(self) -> None:
        self.looked_at = 0.0

    def __call__(self) -> int:
        if not is_configured():
            return 0
        if time.monotonic() - self.looked_at > LOOK_AT_INDEX_EVERY:
            index.heal()
            self.looked_at = time.monotonic()
        try:
            return ship.step()
        except EngineAway:
            self.looked_at = 0.0
            raise


def start() -> list[Sweeper]:
    """Begin to keep documents up to date in this process."""
    engine = Sweeper("search-engine", EngineWork())
    sweepers = [Sweeper("search-documents", sync.step, next_one=engine), engine]
    for sweeper in sweepers:
        sweeper.start()
    return sweepers
