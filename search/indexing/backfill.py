"""Builds every document anew, many batches side by side, by the way every change goes (`search.indexing.outbox`).

For models that nobody changed, what comes out as it was is neither written nor sent to the engine again, and what does
not waits a while for the rebuild of the index that usually follows.
"""

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

from search.documents import builder, store
from search.documents.store import Stored
from search.indexing import outbox

BATCH = 400
WINDOW = 12  # batches that are mixed with each other
GARBAGE = 1_000_000  # objects that came and did not go again, before rubbish is looked for
WORKERS = 4  # batches under way at once: one is built while another waits for Postgres or the engine
Progress = Callable[[int, int], None]
Result = TypeVar("Result")

EVERY_MODEL = """
SELECT id FROM catalog_registeredmodel UNION SELECT model_id FROM search_searchdocument WHERE NOT is_deleted
ORDER BY 1
"""


def index_all(progress: Progress | None = None) -> int:
    """Build every document anew, then carry what changed meanwhile; the number of models built.

    Should it die on the way, no change is lost: those have rows of their own, which are let go of only when their
    documents are written.
    """
    ids = every_model()
    side_by_side(ids, lambda batch: len(build(batch)), progress)
    outbox.drain_all()
    return len(ids)


def every_model() -> list[int]:
    """The models in the catalog and those that only have a document; what asks for all asks for each from here on."""
    with connection.cursor() as cursor:
        cursor.execute(outbox.SPREAD)
        cursor.execute(EVERY_MODEL)
        return [row[0] for row in cursor.fetchall()]


def build(ids: Sequence[int]) -> list[Stored]:
    """Build the documents of these models anew, write what is otherwise than it was, and give all of them.

    Whoever sends them to the engine sends nothing wrong: one that is as it was has the version under which it was
    written, so a newer one beats it.
    """
    claimed = outbox.claim_these(ids)
    built, failed = outbox.build(ids)
    checksums = {pk: builder.checksum(body) for pk, body in built.items()}
    before = store.sound(ids)
    changed = frozenset(claimed.changed_ids)
    as_it_was = {
        pk: before[pk][0]
        for pk, checksum in checksums.items()
        if pk in before and before[pk][1] == checksum and pk not in changed
    }
    outbox.finish(claimed, built, failed, as_it_was=as_it_was, checksums=checksums)
    found = [Stored(pk, as_it_was.get(pk, claimed.number), body, checksums[pk]) for pk, body in built.items()]
    return [*found, *store.read_stored(sorted(failed))] if failed else found


def side_by_side(
    ids: Sequence[int],
    work: Callable[[Sequence[int]], Result],
    progress: Progress | None = None,
) -> list[Result]:
    """What `work` makes of each batch of ids, batch by batch.

    In threads with connections of their own; within someone's transaction, which they would not see, here and now.
    After a failure nothing is begun any more, and what is under way ends first.

    Raises:
        Whatever `work` or `progress` raises first.
    """
    batches = list(mixed(ids))
    if connection.in_atomic_block:
        return _told([_done(work(batch)) for batch in batches], len(ids), progress)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="search-anew") as pool, _unseen_by_collector():
        futures = [pool.submit(work, batch) for batch in batches]
        try:
            return _told(futures, len(ids), progress)
        finally:
            for future in futures:
                future.cancel()
            _close_connections(pool)


def mixed(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """All ids in batches, neighbours in different ones.

    Models read from one source lie side by side, and those of one can be ten times as heavy as those of another: were
    they in the same batches, either Postgres or the engine would wait for the other. Far apart in the catalog are the
    ids of a batch never: their rows are read from few pages.
    """
    for start in range(0, len(ids), WINDOW * BATCH):
        near = ids[start : start + WINDOW * BATCH]
        count = -(-len(near) // BATCH)
        if count > 1:
            count += -count % WORKERS  # so that all end together
        for first in range(count):
            yield near[first::count]


@contextmanager
def _unseen_by_collector() -> Iterator[None]:
    """What is there already is not looked through again for rubbish with every thousand rows, nor are the rows of a
    batch, which go with it: a fifth of the time.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(GARBAGE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _close_connections(pool: ThreadPoolExecutor) -> None:
    """Close the connection of each thread: none ends before all are there, so each has one of these."""
    together = threading.Barrier(WORKERS)

    def close() -> None:
        connection.close()
        together.wait()

    for _ in range(WORKERS):
        pool.submit(close)


def _done(result: Result) -> "Future[Result]":
    future: Future[Result] = Future()
    future.set_result(result)
    return future


def _told(futures: Sequence["Future[Result]"], of: int, progress: Progress | None) -> list[Result]:
    """Results one by one, and how far that is."""
    results = []
    for number, future in enumerate(futures, 1):
        results.append(future.result())
        if progress:
            progress(min(number * BATCH, of), of)
    return results
