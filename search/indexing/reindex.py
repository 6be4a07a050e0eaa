"""The indexes' life: made, filled beside the live one, swapped in one step, kept for roll-back, mended."""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from search.documents.mapping import MAPPING, SETTINGS, mapping_hash
from search.documents.store import Stored, read_stored
from search.engine.client import WRITE_SECONDS, alias, asked, client
from search.errors import EngineAway
from search.indexing import backfill, outbox
from search.indexing.backfill import side_by_side
from search.indexing.bulk import drain_all, send, write_alias
from search.models import EngineIndex, EngineQueue, SearchDocument

log = logging.getLogger(__name__)

REBUILD_LOCK = 7_430_001
Progress = Callable[[int, int], None]
Batches = Callable[[Sequence[int]], list[Stored]]


class RebuildRunning(Exception):
    """Another process rebuilds the index now."""


def is_sound() -> bool:
    """Whether searches reach the index we write to, and it was made for our mapping.

    Raises:
        EngineAway: the engine does not answer.
    """
    live = EngineIndex.objects.filter(state=EngineIndex.State.LIVE).first()
    if live is None or live.mapping_hash != mapping_hash():
        return False
    return served_by() == [live.name] and write_alias(live.name) in _aliases(live.name)


def served_by(seconds: float = WRITE_SECONDS) -> list[str]:
    """The indexes behind the alias that searches use."""
    if not asked(lambda: client(seconds).indices.exists_alias(name=alias())):
        return []
    return sorted(asked(lambda: client(seconds).indices.get_alias(name=alias())))


def _aliases(index: str) -> list[str]:
    if not asked(lambda: client().indices.exists(index=index)):
        return []
    return list(asked(lambda: client().indices.get_alias(index=index))[index]["aliases"])


def heal() -> bool:
    """Rebuild the index when it is missing, foreign or outdated; whether that was needed.

    Raises:
        EngineAway: the engine does not answer.
    """
    if is_sound():
        return False
    try:
        rebuild()
    except RebuildRunning:
        return False
    return True


@contextmanager
def _only_one() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REBUILD_LOCK])
        if not cursor.fetchone()[0]:
            raise RebuildRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [REBUILD_LOCK])


def rebuild(progress: Progress | None = None) -> str:
    """Fill a new index from the documents in Postgres, and move the alias to it; its name.

    Raises:
        EngineAway: the engine does not answer. RebuildRunning: another process is at it.
    """

    def documents() -> list[int]:
        held = SearchDocument.objects.filter(is_deleted=False)
        return list(held.order_by("model_id").values_list("model_id", flat=True))

    return _replaced(documents, read_stored, progress)[0]


def rebuild_anew(progress: Progress | None = None) -> tuple[str, int]:
    """Build every document anew from the catalog, on its way into Postgres and a new index; its name, and how many.

    Raises:
        EngineAway: the engine does not answer. RebuildRunning: another process is at it.
    """
    return _replaced(backfill.every_model, backfill.build, progress)


def _replaced(
    models: Callable[[], Sequence[int]],
    batches: Batches,
    progress: Progress | None,
) -> tuple[str, int]:
    """Put a new index in the place of the one there is.

    From the moment the new index is known, every write goes to both. What it is filled with carries the documents' own
    versions, so whichever of copy and write comes last, the newer one stays. What waits for the engine and was copied
    is not sent again: it is struck off once searches go to the new index, and not before.
    """
    with _only_one():
        _drop(EngineIndex.State.BUILDING)
        _forget_lost()
        name = f"{alias()}-{mapping_hash()[:8]}-{uuid.uuid4().hex[:8]}"
        _create(name)
        EngineIndex.objects.create(name=name, state=EngineIndex.State.BUILDING, mapping_hash=mapping_hash())
        try:
            ids = models()
            copied = _fill(name, batches, ids, progress)
            _hold_back(copied)
            outbox.drain_all()
            drain_all()
            _refresh_as_usual(name)
            _swap(name)
            _strike_off(copied)
        except BaseException:
            _drop(EngineIndex.State.BUILDING)
            raise
        log.info("The search index was rebuilt", extra={"index": name})
        return name, len(ids)


def _forget_lost() -> None:
    """Stop writing to a live index that is gone, else every write would wait for it."""
    for index in EngineIndex.objects.filter(state=EngineIndex.State.LIVE):
        if write_alias(index.name) not in _aliases(index.name):
            index.delete()


def _create(name: str) -> None:
    # Nobody searches it yet. What comes meanwhile is still written out every second, side by side with the next
    # batches: all at once at the end, by one thread, it would take a tenth of the whole time.
    body = {
        "settings": {**SETTINGS, "index": {**SETTINGS["index"], "refresh_interval": "1s"}},
        "mappings": {**MAPPING, "_meta": {"hash": mapping_hash()}},
        "aliases": {write_alias(name): {"is_write_index": True}},
    }
    asked(lambda: client().indices.create(index=name, body=body))


def _fill(name: str, batches: Batches, ids: Sequence[int], progress: Progress | None) -> dict[int, int]:
    """Put every document into the index; those among them that wait for the engine, with the version they were put
    there in.
    """

    def carry(ids: Sequence[int]) -> dict[int, int]:
        stored = batches(ids)
        _put(name, stored)
        return _waiting(stored)

    copied: dict[int, int] = {}
    for waiting in side_by_side(ids, carry, progress):
        copied.update(waiting)
    return copied


def _waiting(stored: list[Stored]) -> dict[int, int]:
    """The documents, with their versions, that wait for the engine in this version or an older one."""
    versions = {document.model_id: document.version for document in stored}
    queued = EngineQueue.objects.filter(model_id__in=versions).values_list("model_id", "version")
    return {pk: versions[pk] for pk, version in queued if version <= versions[pk]}


def _hold_back(copied: dict[int, int]) -> None:
    """Let what was copied wait a little longer; should we die before the swap, it is sent after that."""
    _queued(
        "UPDATE search_enginequeue q SET leased_until = clock_timestamp() + make_interval(secs => 60)",
        "FROM",
        copied,
    )


def _strike_off(copied: dict[int, int]) -> None:
    _queued("DELETE FROM search_enginequeue q", "USING", copied)


def _queued(what: str, beside: str, copied: dict[int, int]) -> None:
    """Do something to the rows of the engine's queue that ask for these versions of documents, or older ones."""
    if copied:
        pairs = sorted(copied.items())
        with connection.cursor() as cursor:
            cursor.execute(
                f"{what} {beside} unnest(%s::bigint[], %s::bigint[]) AS sent (model_id, version)"
                " WHERE q.model_id = sent.model_id AND q.version <= sent.version",
                [[pk for pk, _ in pairs], [version for _, version in pairs]],
            )


def _refresh_as_usual(name: str) -> None:
    usual = {"index": {"refresh_interval": SETTINGS["index"]["refresh_interval"]}}
    asked(lambda: client().indices.put_settings(index=name, body=usual))
    asked(lambda: client().indices.refresh(index=name))


def _put(name: str, stored: list[Stored], tries: int = 6) -> None:
    """Send a batch until nothing is put off any more; what is refused is for `check` to tell.

    An engine that is late with one bulk of thousands does not end the rebuild: sent again, it changes nothing.
    """
    for attempt in range(1, tries + 1):
        try:
            outcome = send([name], stored)
        except EngineAway:
            if attempt == tries:
                raise
        else:
            if not outcome.later:
                return
            stored = [document for document in stored if document.model_id in outcome.later]
        time.sleep(min(10.0, 0.2 * 2**attempt))
    raise EngineAway(f"{len(stored)} documents were put off again and again.")


def _swap(name: str) -> None:
    """Let searches go to the new index, in one step; the one before is kept for roll-back."""
    old = served_by()
    actions = [{"remove": {"index": index, "alias": alias()}} for index in old]
    actions.append({"add": {"index": name, "alias": alias()}})
    asked(lambda: client().indices.update_aliases(body={"actions": actions}))
    _drop(EngineIndex.State.RETIRED)
    with transaction.atomic():
        EngineIndex.objects.filter(state=EngineIndex.State.LIVE).update(state=EngineIndex.State.RETIRED)
        EngineIndex.objects.filter(name=name).update(state=EngineIndex.State.LIVE)


def _drop(state: EngineIndex.State) -> None:
    """Remove the indexes in a state, at the engine and here; one that is gone already is no matter."""
    for index in EngineIndex.objects.filter(state=state):
        try:
            asked(lambda index=index: client().indices.delete(index=index.name, ignore_unavailable=True))  # type: ignore[misc]
        except EngineAway:
            log.warning("An old search index could not be removed", extra={"index": index.name})
        index.delete()
