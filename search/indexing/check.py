"""Is search right: what differs from the catalog, in Postgres and at the engine; and mending it.

How search stands from one moment to the next is in `search.operations.state`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from django.db.models import Q

from catalog.models import RegisteredModel
from search.documents import builder, store
from search.documents.store import Stored
from search.engine.client import alias, asked, client, is_configured
from search.errors import EngineAway
from search.indexing import bulk, outbox, reindex
from search.models import DeadLetter, Outbox, SearchDocument

BATCH = 200
MOST_AGAIN = 1000  # differences that are looked up alone the second time; with more all is compared again
PATIENCE = 10.0  # seconds that a check waits for changes under way
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that is not what the catalog says."""

    model_id: int
    where: str  # postgres or opensearch
    kind: str  # missing, stale or surplus
    version: int = 0  # that the engine holds
    is_under_way: bool = field(default=False, compare=False)  # a change of it was waiting when this was seen

    def __str__(self) -> str:
        return f"{self.kind} in {self.where}: model {self.model_id}"


@dataclass(slots=True)
class Report:
    """What a check found."""

    models: int = 0
    documents: int = 0
    engine_documents: int | None = None
    differences: list[Difference] = field(default_factory=list)
    dead: int = 0
    engine_error: str = ""

    @property
    def is_right(self) -> bool:
        return not self.differences and not self.engine_error


def check(progress: Progress | None = None, at_engine: Progress | None = None) -> Report:
    """Build every document anew and compare it with what is stored, in Postgres and at the engine.

    What differs only because its change is still under way is looked at again until it has arrived.
    """
    report = Report()
    ids = sorted(
        {
            *RegisteredModel.objects.values_list("pk", flat=True),
            *SearchDocument.objects.filter(is_deleted=False).values_list("model_id", flat=True),
        }
    )
    report.models = RegisteredModel.objects.count()
    found = _settled(ids, _postgres_differences, progress)
    report.differences += found
    report.documents = SearchDocument.objects.filter(is_deleted=False).count()
    if is_configured():
        try:
            report.differences += _engine_settled(at_engine)
            report.engine_documents = int(asked(lambda: client().count(index=alias()))["count"])
        except EngineAway as error:
            report.engine_error = str(error)
    report.dead = DeadLetter.objects.count()
    return report


def repair(progress: Progress | None = None, at_engine: Progress | None = None) -> Report:
    """Mend what a check finds, by the same way every change goes; the differences that were there.

    Raises:
        EngineAway: the engine is configured, and away.
    """
    if is_configured():
        reindex.heal()
    report = check(progress, at_engine)
    if report.differences:
        with connection.cursor() as cursor:
            # Versions may have been changed by hand; numbers drawn from here on are above all of them.
            cursor.execute(
                "SELECT setval('search_claim_number', greatest(%s,"
                " (SELECT last_value FROM search_claim_number),"
                " (SELECT coalesce(max(version), 1) FROM search_searchdocument)))",
                [max(difference.version for difference in report.differences)],
            )
        outbox.enqueue(sorted({difference.model_id for difference in report.differences}))
    outbox.drain_all()
    if is_configured():
        bulk.drain_all()
        asked(lambda: client().indices.refresh(index=alias()))
    return report


def _settled(
    ids: Sequence[int],
    look: Callable[[Sequence[int]], list[Difference]],
    progress: Progress | None,
) -> list[Difference]:
    found: list[Difference] = []
    for start in range(0, len(ids), BATCH):
        found += look(ids[start : start + BATCH])
        if progress:
            progress(min(start + BATCH, len(ids)), len(ids))
    deadline = time.monotonic() + PATIENCE
    while any(difference.is_under_way for difference in found) and time.monotonic() < deadline:
        time.sleep(0.2)
        found = look(sorted({difference.model_id for difference in found}))
    return found


def _under_way(ids: Sequence[int], table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {table} WHERE model_id = ANY(%s) OR model_id IS NULL)",  # nosec B608
            [list(ids)],
        )
        return bool(cursor.fetchone()[0])


def _postgres_differences(ids: Sequence[int]) -> list[Difference]:
    """Documents that are not what the catalog says at one moment, and which of them had a change waiting then.

    A change comes with its row in the outbox, and a document goes with it: seen at one moment, none is told wrongly.
    """
    with outbox.snapshot():
        waiting = set(
            Outbox.objects.filter(Q(model_id__in=ids) | Q(model_id=None)).values_list("model_id", flat=True)
        )
        stored = {one.model_id: one for one in store.read_stored(ids) if one.body is not None}
        built = builder.build(ids)
    kinds: dict[int, str] = {}
    for pk in ids:
        if pk in built and pk not in stored:
            kinds[pk] = "missing"
        elif pk not in built and pk in stored:
            kinds[pk] = "surplus"
        elif pk in built:
            # Not the checksums alone: a row may have been changed by hand with the triggers off.
            is_same = builder.checksum(built[pk]) == stored[pk].checksum
            if not is_same or orjson.loads(orjson.dumps(built[pk])) != stored[pk].body:
                kinds[pk] = "stale"
    return [
        Difference(pk, "postgres", kind, is_under_way=pk in waiting or None in waiting)
        for pk, kind in kinds.items()
    ]


def _engine_settled(progress: Progress | None) -> list[Difference]:
    """What differs at the engine, and did so at a second look while nothing of it was on its way.

    The engine and Postgres are never seen at one moment: a document may be written and sent between the two.
    """
    found = _engine_differences(progress)
    deadline = time.monotonic() + PATIENCE
    while found and time.monotonic() < deadline:
        ids = [difference.model_id for difference in found]
        is_under_way = _under_way(ids, "search_enginequeue")
        time.sleep(0.3)
        before, found = found, _engine_differences(only=ids if len(ids) <= MOST_AGAIN else None)
        if not is_under_way and all(difference in before for difference in found):
            break
    return found


def _engine_differences(
    progress: Progress | None = None, only: Sequence[int] | None = None
) -> list[Difference]:
    """What the engine holds against what it should: whole documents, so that no changed word goes unseen."""
    asked(lambda: client().indices.refresh(index=alias()))
    wanted = SearchDocument.objects.filter(is_deleted=False)
    if only is not None:
        wanted = wanted.filter(model_id__in=only)
    missing = set(wanted.values_list("model_id", flat=True))
    found: list[Difference] = []
    seen, of = 0, len(missing)
    for held in _held(only):
        seen += len(held)
        stored = {document.model_id: document for document in store.read_stored(sorted(held))}
        for pk, (source, version) in held.items():
            missing.discard(pk)
            document = stored.get(pk)
            if document is None or document.body is None:
                found.append(Difference(pk, "opensearch", "surplus", version))
            elif _wanted(document) != source:
                found.append(Difference(pk, "opensearch", "stale", version))
        if progress:
            progress(seen, of)
    found += [Difference(pk, "opensearch", "missing") for pk in missing]
    return sorted(found, key=lambda difference: difference.model_id)


def _wanted(document: Stored) -> dict[str, Any] | None:
    """What the engine should hold of a document; nothing when its row was spoilt by hand, so that it is stale."""
    try:
        return dict(orjson.loads(bulk.written(document) or b"{}"))
    except Exception:
        return None


def _held(only: Sequence[int] | None = None) -> Iterator[dict[int, tuple[dict[str, Any], int]]]:
    """Every document of the engine, or those of some models, with its version, page by page."""
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "size": BATCH,
            "version": True,
            "sort": [{"model_id": "asc"}],
        }
        if only is not None:
            body["query"] = {"ids": {"values": [str(pk) for pk in only]}}
        if after:
            body["search_after"] = after
        hits = asked(lambda body=body: client().search(body=body, index=alias()))["hits"]["hits"]  # type: ignore[misc]
        if not hits:
            return
        yield {int(hit["_id"]): (hit["_source"], hit["_version"]) for hit in hits}
        after = hits[-1]["sort"]
