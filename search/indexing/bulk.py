"""Carries documents from Postgres to the engine, in bulk, with versions that late writes can't beat."""

import logging
import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, transaction

from core.workers import Unfinished, free
from search.documents import store
from search.documents.mapping import engine_document
from search.documents.store import Stored
from search.engine.client import asked, client
from search.errors import EngineAway
from search.indexing import tally
from search.models import EngineIndex

log = logging.getLogger(__name__)

BATCH = 300
LEASE = 60
# Seconds between two looks that the engine is asked to take at once; in between its own interval does.
REFRESH_EVERY = 0.1
LATER = frozenset({429, 500, 502, 503, 504})


@dataclass(slots=True)
class Outcome:
    """What became of a bulk: done, to be tried later, refused with a reason."""

    done: set[int] = field(default_factory=set)
    later: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    missing_indexes: set[str] = field(default_factory=set)


TAKE = f"""
WITH taken AS (
    SELECT model_id FROM search_enginequeue
    WHERE {free("leased_until")}
    ORDER BY enqueued_at, model_id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE search_enginequeue q SET leased_until = clock_timestamp() + make_interval(secs => %s)
FROM taken WHERE q.model_id = taken.model_id RETURNING q.model_id
"""


def step(batch: int = BATCH) -> int:
    """Carry one batch to every index that takes writes; the number of documents that landed.

    Raises:
        EngineAway: the engine is away, or too busy for some; what did not land stays in the queue.
    """
    unfinished.let_go()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [batch, LEASE])
        ids = [row[0] for row in cursor.fetchall()]
        # Read after the rows were taken: what goes to the live index alone was in Postgres before there was another,
        # and whoever fills that one reads it there.
        targets = write_targets()
        if not targets:
            raise EngineAway("There is no index to write to.")
    if not ids:
        return 0
    with unfinished.kept(ids):
        try:
            stored = store.read_stored(ids)
            outcome = send(targets, stored, at_once=_due(len(ids) < batch))
        except EngineAway:
            _release(ids)
            tally.add(bulks=1, bulk_failures=1)
            raise
        _settle(ids, {document.model_id: document.version for document in stored}, outcome)
    if outcome.missing_indexes:
        raise EngineAway(f"The index {', '.join(sorted(outcome.missing_indexes))} is missing.")
    if outcome.later:
        raise EngineAway(f"{len(outcome.later)} documents were put off: {next(iter(outcome.later.values()))}")
    return len(outcome.done)


def drain_all(batch: int = BATCH) -> int:
    """Carry everything that waits for the engine now.

    Raises:
        EngineAway: it is away.
    """
    total = 0
    while carried := step(batch):
        total += carried
    return total


_refreshed_at = 0.0


def _due(is_last: bool) -> set[str]:
    """The index whose documents are to be searchable at once: the live one, after the last batch of those waiting.

    Many small batches, or a long row of full ones, wait for the engine's interval: each look costs it something.
    """
    global _refreshed_at
    if not is_last or time.monotonic() - _refreshed_at < REFRESH_EVERY:
        return set()
    _refreshed_at = time.monotonic()
    return set(EngineIndex.objects.filter(state=EngineIndex.State.LIVE).values_list("name", flat=True))


def write_targets() -> list[str]:
    """The indexes that take writes: the live one, and one being built beside it."""
    states = [EngineIndex.State.LIVE, EngineIndex.State.BUILDING]
    return list(EngineIndex.objects.filter(state__in=states).order_by("name").values_list("name", flat=True))


def write_alias(index: str) -> str:
    """Writes go through an alias of the index's own, so that none is ever made by accident."""
    return f"{index}-write"


def send(indexes: Iterable[str], documents: Sequence[Stored], at_once: Container[str] = ()) -> Outcome:
    """Put documents into indexes; in those named `at_once` they are searchable when it returns.

    Raises:
        EngineAway: nothing can be said about any of them.
    """
    outcome = Outcome()
    if not documents:
        return outcome
    prepared: list[tuple[Stored, bytes | None]] = []
    for document in documents:
        try:
            prepared.append((document, written(document)))
        except Exception as error:
            # One odd document must not keep its neighbours from the engine.
            outcome.refused[document.model_id] = f"{type(error).__name__}: {error}"[:1000]
    if not prepared:
        return outcome
    for index in indexes:
        lines: list[bytes] = []
        for document, words in prepared:
            action = "delete" if words is None else "index"
            about = {
                "_id": str(document.model_id),
                "version": document.version,
                "version_type": "external_gte",
            }
            lines.append(orjson.dumps({action: about}))
            if words is not None:
                lines.append(words)
        body = b"\n".join(lines) + b"\n"
        answer = asked(
            lambda body=body, index=index: client().bulk(  # type: ignore[misc]
                body=body,
                index=write_alias(index),
                params={
                    "require_alias": "true",
                    "refresh": "true" if index in at_once else "false",
                    "filter_path": "items.*.status,items.*.error",
                },
            )
        )
        for (document, _), item in zip(prepared, answer["items"], strict=True):
            _read_item(document, next(iter(item.values())), index, outcome)
    outcome.done -= outcome.later.keys() | outcome.refused.keys()
    return outcome


def written(document: Stored) -> bytes | None:
    """The document as the engine reads it; nothing for one that is to be deleted."""
    if document.body is None:
        return None
    return orjson.dumps(engine_document(document.body, document.checksum))


def _read_item(document: Stored, result: dict[str, Any], index: str, outcome: Outcome) -> None:
    status, error = result.get("status", 500), result.get("error") or {}
    if error.get("type") in ("index_not_found_exception", "alias_not_found_exception"):
        outcome.missing_indexes.add(index)
        outcome.later[document.model_id] = "the index is missing"
    elif status < 300 or status == 409 or (status == 404 and document.body is None):
        # A conflict says that the engine has a newer one; a deletion of nothing is done, too.
        outcome.done.add(document.model_id)
    elif status in LATER or error.get("type") == "cluster_block_exception":
        outcome.later[document.model_id] = f"{status} {error.get('reason', '')}"[:300]
    else:
        cause = (error.get("caused_by") or {}).get("reason", "")
        outcome.refused[document.model_id] = f"{status} {error.get('reason', '')} {cause}".strip()[:1000]


def _release(ids: Sequence[int]) -> None:
    """Let others take these. What another worker holds meanwhile is sent twice: its version makes that harmless."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_enginequeue SET leased_until = NULL WHERE model_id = ANY(%s)",
            [list(ids)],
        )


unfinished = Unfinished(_release)


def _settle(ids: Sequence[int], versions: dict[int, int], outcome: Outcome) -> None:
    """Strike off what landed or was refused; a document that changed meanwhile stays in the queue."""
    gone = [pk for pk in ids if pk not in versions]
    done = sorted(outcome.done)
    with transaction.atomic(), connection.cursor() as cursor:
        pairs = [(pk, versions[pk]) for pk in sorted([*done, *outcome.refused])] + [
            (pk, 2**62) for pk in gone
        ]
        cursor.execute(
            "DELETE FROM search_enginequeue q"
            " USING unnest(%s::bigint[], %s::bigint[]) AS sent (model_id, version)"
            " WHERE q.model_id = sent.model_id AND q.version <= sent.version",
            [[pk for pk, _ in pairs], [version for _, version in pairs]],
        )
        cursor.execute(
            "DELETE FROM search_deadletter WHERE stage = 'engine' AND model_id = ANY(%s)",
            [done],
        )
        for pk, reason in outcome.refused.items():
            log.warning(
                "The search engine refused a document",
                extra={"model_id": pk, "reason": reason},
            )
            store.bury(pk, "engine", reason, versions[pk])
        if outcome.later:
            _release(sorted(outcome.later))
        tally.add(
            bulks=1,
            bulk_landed=len(outcome.done),
            bulk_put_off=len(outcome.later),
            bulk_refused=len(outcome.refused),
        )
