"""Keeps documents up to date from within the Celery workers, by looking at the outbox several times a second.

Looking costs one indexed question to Postgres, and finds what plain SQL changed as soon as what the site
changed; a message over a broker would be slower on files, and lost with Redis. Any number of workers may do it
side by side.
"""

import time
from collections.abc import Mapping

from core.workers import PollingWorker
from search.engine.client import is_configured
from search.errors import EngineAway
from search.indexing import bulk, outbox, reindex

EVERY = 0.1  # looking when there is nothing costs one short statement
LOOK_AT_INDEX_EVERY = 5.0
AWAY: Mapping[type[Exception], str] = {EngineAway: "The search engine is away; documents wait"}


class EngineWork:
    """Carries documents to the engine, and sees now and then to the index being there and of our making."""

    def __init__(self) -> None:
        self.looked_at = 0.0

    def __call__(self) -> int:
        if not is_configured():
            return 0
        if time.monotonic() - self.looked_at > LOOK_AT_INDEX_EVERY:
            reindex.heal()
            self.looked_at = time.monotonic()
        try:
            return bulk.step()
        except EngineAway:
            self.looked_at = 0.0
            raise


def start() -> list[PollingWorker]:
    """Begin to keep documents up to date in this process."""
    engine = PollingWorker("search-engine", EngineWork(), EVERY, known=AWAY)
    workers = [PollingWorker("search-documents", outbox.step, EVERY, next_one=engine), engine]
    for worker_thread in workers:
        worker_thread.start()
    return workers
