"""Work that threads of the Celery workers do again and again, in one process or in many side by side."""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)

LONGEST_PAUSE = 15.0  # seconds
LONGEST_LEASE = 900  # seconds; longer than any that is given


def free(column: str, longest: int = LONGEST_LEASE) -> str:
    """SQL: the moment in `column` is none, or over. One further ahead than any we give is of a clock that was wrong."""
    later = f"clock_timestamp() + interval '{longest} seconds'"
    return f"({column} IS NULL OR {column} NOT BETWEEN clock_timestamp() AND {later})"


Claim = TypeVar("Claim")


class Unfinished(Generic[Claim]):
    """Claims of this process whose work a lost connection ended. Their rows are let go when the next one works, rather
    than wait for the end of their lease.
    """

    def __init__(self, let_go: Callable[[Claim], None]) -> None:
        self._let_go = let_go
        self._claims: deque[Claim] = deque()

    @contextmanager
    def kept(self, claim: Claim) -> Iterator[None]:
        """Remember the claim if what is done within ends because Postgres is away, or wants it tried again."""
        try:
            yield
        except (OperationalError, InterfaceError):
            self._claims.append(claim)
            raise

    def let_go(self) -> None:
        """Let the rows of all of them go.

        Raises:
            DatabaseError: Postgres is still away; the claims stay remembered.
        """
        while self._claims:
            claim = self._claims.popleft()
            with self.kept(claim):
                self._let_go(claim)


class PollingWorker(threading.Thread):
    """Calls `work` until told to stop: at once while there is some, else every so many seconds; slower, with jitter,
    while it fails.

    What it carried is work for `next_one`, which is woken then. A turn that carried less than `full` took all there
    was, and what comes then has `gather` seconds to gather, where many small turns cost more than a few large ones. Of
    failures in `known` the words are told, of others where they come from.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], int],
        every: float = 0.1,
        next_one: "PollingWorker | None" = None,
        full: int = 1,
        gather: float = 0.0,
        known: Mapping[type[Exception], str] | None = None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.work = work
        self.every = every
        self.next = next_one
        self.full = full
        self.gather = gather
        self.known = dict(known or {})
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
        except Exception as error:
            self._failed(error)
            pause: float = min(LONGEST_PAUSE, self.every * 2.0 ** min(self.failures, 10))
            return pause * random.uniform(0.5, 1.0)  # nosec B311
        self.failures = 0
        if carried and self.next is not None:
            self.next.wake()
        if carried:
            return 0.0 if carried >= self.full else self.gather
        return self.every * random.uniform(0.8, 1.2)  # nosec B311

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        is_away = isinstance(error, DatabaseError | InterfaceError)
        if is_away:
            connection.close()
        words = next((words for kind, words in self.known.items() if isinstance(error, kind)), "")
        if self.failures in (1, 10, 100):
            log.warning(
                words or ("Postgres is away; work waits" if is_away else "Work in the background failed"),
                extra={"what": self.name, "reason": str(error)[:300], "failures": self.failures},
                exc_info=not (words or is_away),
            )

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()
