"""Carries changes from the outbox into documents in Postgres; `search.engine` takes them further.

Claim, then look, then write, in three short transactions:

1. Rows are claimed (rows another worker holds are passed by) with a lease, and a number is drawn after that.
2. Only then a snapshot is taken, and the documents of the batch are built from it.
3. Documents are written unless a higher number was there first, and the claimed rows are deleted.

A change committed after the claim has rows of its own; a worker that dies leaves rows whose lease ends; one
that stalls holds a lower number than whoever took over, and is refused. So the newest state always wins, and
nothing is lost.

Building everything anew (`index_all`) goes the same way, but for models that nobody changed: what comes out as it was
is not sent to the engine again, and what does not waits a while for the rebuild of the index that usually follows.
"""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from search import documents, names, tally
from search.documents import Document

log = logging.getLogger(__name__)

BATCH = 200
LEASE = 60  # seconds; a batch takes about one
# Seconds that a document waits which was built anew without a change, so that a new index can take it first. Whoever
# rebuilt may have died: then it goes the way of every other.
HELD_BACK = 600
LONGEST_LEASE = 900  # seconds; longer than LEASE and HELD_BACK
WRITERS = 2  # batches written at once while everything is built anew
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """The rows taken from the outbox, the models they name, and the number their documents carry."""

    number: int
    row_ids: tuple[int, ...]
    model_ids: tuple[int, ...]
    changed_ids: tuple[int, ...]  # those somebody changed: all, unless everything is built anew


def free(table: str = "") -> str:
    """SQL: nobody holds this row. A lease further ahead than any we give is of a clock that was wrong, and over."""
    until = f"{table}leased_until"
    later = f"clock_timestamp() + interval '{LONGEST_LEASE} seconds'"
    return f"({until} IS NULL OR {until} NOT BETWEEN clock_timestamp() AND {later})"


LOOK = f"""
SELECT EXISTS (SELECT FROM search_outbox WHERE model_id IS NULL), (
    SELECT TRUE FROM search_outbox WHERE {free()}
    ORDER BY id LIMIT 1
)
"""

# The number is drawn after the rows were seen (a statement sees what was committed when it began), and before any fact
# is read: numbers rise in the order of snapshots.
TAKE = f"""
WITH free AS (
    SELECT id, model_id FROM search_outbox
    WHERE {free()}
    ORDER BY id LIMIT %(look)s
), chosen AS (
    SELECT model_id FROM free WHERE model_id IS NOT NULL GROUP BY model_id ORDER BY min(id) LIMIT %(batch)s
), taken AS (
    SELECT o.id FROM search_outbox o JOIN chosen USING (model_id)
    WHERE {free("o.")}
    FOR UPDATE OF o SKIP LOCKED
)
UPDATE search_outbox o SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s),
    claim = (SELECT nextval('search_claim_number'))
FROM taken WHERE o.id = taken.id
RETURNING o.id, o.model_id, o.claim
"""

TAKE_THESE = f"""
WITH taken AS (
    SELECT id FROM search_outbox
    WHERE model_id = ANY(%(models)s) AND {free()}
    FOR UPDATE SKIP LOCKED
)
UPDATE search_outbox o SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s),
    claim = (SELECT nextval('search_claim_number'))
FROM taken WHERE o.id = taken.id
RETURNING o.id, o.model_id, o.claim
"""

# "Every model" becomes a row for each, for what is in the catalog and what is only in documents.
SPREAD = """
WITH everything AS (
    DELETE FROM search_outbox WHERE id IN (
        SELECT id FROM search_outbox WHERE model_id IS NULL FOR UPDATE SKIP LOCKED
    ) RETURNING id, enqueued_at
), oldest AS (SELECT min(enqueued_at) AS at FROM everything)
INSERT INTO search_outbox (model_id, enqueued_at)
SELECT m.id, oldest.at FROM oldest CROSS JOIN (
    SELECT id FROM catalog_registeredmodel
    UNION SELECT model_id FROM search_searchdocument WHERE NOT is_deleted
) AS m (id)
WHERE oldest.at IS NOT NULL
"""


def claim(batch: int = BATCH, lease: float = LEASE) -> Claim | None:
    """Take the changes of up to `batch` models; nothing when there are none free. Two statements, one for nothing."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK)
        is_everything, is_any = cursor.fetchone()
        if is_everything:
            cursor.execute(SPREAD)
        elif not is_any:
            return None
        cursor.execute(TAKE, {"look": batch * 25, "batch": batch, "lease": lease})
        rows = cursor.fetchall()
    if not rows:
        return None
    ids = tuple(sorted({row[1] for row in rows}))
    return Claim(rows[0][2], tuple(row[0] for row in rows), ids, ids)


def claim_these(model_ids: Sequence[int], lease: float = LEASE) -> Claim:
    """Take these models, with what changes of them there are. Two statements at most."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_THESE, {"models": list(model_ids), "lease": lease})
        rows = cursor.fetchall()
        if rows:
            number = rows[0][2]
        else:
            cursor.execute("SELECT nextval('search_claim_number')")
            (number,) = cursor.fetchone()
    changed = tuple(sorted({row[1] for row in rows}))
    return Claim(number, tuple(row[0] for row in rows), tuple(model_ids), changed)


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees one moment of the catalog; within another transaction, as it sees things."""
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        if not is_nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def build(model_ids: Sequence[int]) -> tuple[dict[int, Document], dict[int, str]]:
    """The documents of these models from one snapshot, and why those that can't be built can't.

    One odd model must not keep its neighbours from search, so after a failure each is tried alone.
    """
    try:
        with snapshot():
            return documents.build(model_ids), {}
    except DatabaseError:
        raise
    except Exception:
        log.exception("A batch of documents could not be built; trying one by one")
    built: dict[int, Document] = {}
    failed: dict[int, str] = {}
    for model_id in model_ids:
        try:
            with snapshot():
                built |= documents.build([model_id])
        except DatabaseError:
            raise
        except Exception as error:
            log.exception(
                "The document of a model could not be built",
                extra={"model_id": model_id},
            )
            failed[model_id] = f"{type(error).__name__}: {error}"[:1000]
    return built, failed


def finish(claimed: Claim, built: dict[int, Document], failed: dict[int, str]) -> None:
    """Write the documents of a claim and let go of its rows. Models without a document are gone. Two statements."""
    gone = [pk for pk in claimed.model_ids if pk not in built and pk not in failed]
    # In the order of ids, always: two writers can then wait for each other, but never in a ring.
    written = sorted(
        [*((pk, built[pk]) for pk in built), *((pk, None) for pk in gone)],
        key=lambda pair: pair[0],
    )
    rows = ",".join(_row(pk, claimed.number, body) for pk, body in written)
    with transaction.atomic(), connection.cursor() as cursor:
        for pk, reason in failed.items():
            cursor.execute(BURY, [pk, "build", reason, claimed.number])
        given: dict[str, Any] = {
            "rows": f"[{rows}]",
            "models": [pk for pk, _ in written],
            "changed": list(claimed.changed_ids),
            "held_back": HELD_BACK,
            "claimed": list(claimed.row_ids),
            "number": claimed.number,
        }
        cursor.execute(WRITE, given)
        tally.add(claims=1, documents=len(written), build_failures=len(failed))


def step(batch: int = BATCH) -> int:
    """Carry one batch; the number of models it held, 0 when there was nothing to do."""
    claimed = claim(batch)
    if claimed is None:
        return 0
    built, failed = build(claimed.model_ids)
    finish(claimed, built, failed)
    return len(claimed.model_ids)


def drain_all(progress: Progress | None = None, batch: int = BATCH) -> int:
    """Carry everything that waits in the outbox now; the number of models carried."""
    done, total = 0, waiting() if progress else 0
    while carried := step(batch):
        done += carried
        if progress:
            total = max(total, done)
            progress(done, total)
    return done


def enqueue(model_ids: Sequence[int] | None = None) -> None:
    """Ask for documents to be built again: those of these models, or all."""
    with connection.cursor() as cursor:
        if model_ids is None:
            cursor.execute("INSERT INTO search_outbox (model_id) VALUES (NULL)")
        else:
            cursor.execute(
                "INSERT INTO search_outbox (model_id) SELECT unnest(%s::bigint[])",
                [list(model_ids)],
            )


def index_all(progress: Progress | None = None) -> int:
    """Build every document anew, then carry what changed meanwhile; the number of models built.

    Should it die on the way, no change is lost: those have rows of their own, which are let go of only when their
    documents are written. While batches are written the next one is built.
    """
    with connection.cursor() as cursor:
        cursor.execute(SPREAD)
        cursor.execute(EVERY_MODEL)
        ids = [row[0] for row in cursor.fetchall()]
    writing: deque[tuple[Future[None], int]] = deque()

    def written() -> None:
        under_way, done = writing.popleft()
        under_way.result()
        if progress:
            progress(done, len(ids))

    # Within someone's transaction another connection would see nothing of it, and wait for it forever.
    with _beside() if not connection.in_atomic_block else _at_once() as write:
        for start in range(0, len(ids), BATCH):
            claimed = claim_these(ids[start : start + BATCH])
            built, failed = build(claimed.model_ids)
            writing.append((write(claimed, built, failed), min(start + BATCH, len(ids))))
            if len(writing) > WRITERS:
                written()
        while writing:
            written()
    drain_all()
    return len(ids)


Writer = Callable[[Claim, dict[int, Document], dict[int, str]], "Future[None]"]


@contextmanager
def _beside() -> Iterator[Writer]:
    """Writes in threads of their own, over their own connections; what has not begun when we fail never does."""

    def write(*what: Any) -> None:
        try:
            finish(*what)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS, thread_name_prefix="search-write") as pool:
        try:
            yield lambda *what: pool.submit(write, *what)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _at_once() -> Iterator[Writer]:
    """Writes here and now."""

    def write(*what: Any) -> "Future[None]":
        done: Future[None] = Future()
        finish(*what)
        done.set_result(None)
        return done

    yield write


def waiting() -> int:
    """How many models have changes that are not in documents yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT model_id) FROM search_outbox")
        return int(cursor.fetchone()[0])


def purge_deleted(older_than_hours: int = 24) -> int:
    """Forget deleted models' rows that no late write can threaten any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_searchdocument d"
            " WHERE is_deleted AND built_at < now() - make_interval(hours => %s)"
            " AND NOT EXISTS (SELECT FROM search_enginequeue q WHERE q.model_id = d.model_id)"
            " AND NOT EXISTS (SELECT FROM search_outbox o WHERE o.model_id = d.model_id)",
            [older_than_hours],
        )
        return int(cursor.rowcount)


COLUMNS = [
    "model_id",
    "version",
    "is_deleted",
    "checksum",
    "body",
    "visibility",
    "project_id",
    "name",
    "name_length",
    "facets",
    "own",
    "grams",
    "parameters",
    "flops",
    "size",
    "released_on",
    "rating",
    "followers",
    "popularity",
    "created_at",
    "updated_at",
]

EVERY_MODEL = """
SELECT id FROM catalog_registeredmodel UNION SELECT model_id FROM search_searchdocument WHERE NOT is_deleted
ORDER BY 1
"""

# What a row is made of besides columns of its own: words, from which its vector is.
WORDS = {
    **dict.fromkeys(("name_words", "label_words", "keys", "prose", "talk"), "text"),
}
TYPES = {
    **dict.fromkeys(COLUMNS, "text"),
    **dict.fromkeys(("model_id", "version", "project_id"), "bigint"),
    **dict.fromkeys(("facets", "own", "grams"), "varchar[]"),
    **dict.fromkeys(("name_length", "parameters", "flops", "size", "rating", "popularity"), "float"),
    **dict.fromkeys(("created_at", "updated_at"), "timestamptz"),
    "is_deleted": "boolean",
    "body": "jsonb",
    "released_on": "date",
    "followers": "integer",
}

# Name above facts above prose above talk; names twice, whole and in parts.
VECTOR = """
    g.name_words::tsvector || g.label_words::tsvector
    || setweight(to_tsvector('english', g.keys) || to_tsvector('simple', g.keys), 'B')
    || setweight(to_tsvector('english', g.prose), 'C')
    || setweight(to_tsvector('english', g.talk), 'D')
"""

# All of a batch in one statement: its documents, unless a higher number was there first; what of them the engine must
# be told; and the rows of the outbox, which are done with. Documents that were refused for their number are in the
# queue already. What nobody changed is queued only if it came out otherwise, and then held back.
WRITE = f"""
WITH before AS (
    SELECT model_id, checksum, is_deleted FROM search_searchdocument WHERE model_id = ANY(%(models)s)
), written AS (
    INSERT INTO search_searchdocument ({", ".join(COLUMNS)}, built_at, words)
    SELECT {", ".join(f"g.{column}" for column in COLUMNS)}, clock_timestamp(), {VECTOR}
    FROM json_to_recordset(%(rows)s::json)
        AS g ({", ".join(f"{name} {kind}" for name, kind in {**TYPES, **WORDS}.items())})
    ON CONFLICT (model_id) DO UPDATE SET
        {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])},
        built_at = excluded.built_at, words = excluded.words
    WHERE search_searchdocument.version <= excluded.version
    RETURNING model_id, version, checksum, is_deleted
), carried AS (
    DELETE FROM search_outbox WHERE id = ANY(%(claimed)s) AND claim = %(number)s
), healed AS (
    DELETE FROM search_deadletter WHERE stage = 'build' AND model_id = ANY(%(models)s)
)
INSERT INTO search_enginequeue AS q (model_id, version, leased_until)
SELECT w.model_id, w.version,
    CASE WHEN w.model_id <> ALL(%(changed)s) THEN clock_timestamp() + make_interval(secs => %(held_back)s) END
FROM written w LEFT JOIN before b USING (model_id)
WHERE w.model_id = ANY(%(changed)s) OR (w.checksum, w.is_deleted) IS DISTINCT FROM (b.checksum, b.is_deleted)
ORDER BY w.model_id
ON CONFLICT (model_id) DO UPDATE SET version = excluded.version,
    leased_until = CASE WHEN excluded.leased_until IS NOT NULL THEN q.leased_until END
WHERE q.version <= excluded.version
"""  # nosec B608 - column names of our own

BURY = """
INSERT INTO search_deadletter (model_id, stage, reason, version, attempts) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (model_id, stage) DO UPDATE SET reason = excluded.reason, version = excluded.version,
    attempts = search_deadletter.attempts + 1, failed_at = now()
"""


def _lexemes(words: Iterable[str], weight: str) -> str:
    """Words as they are, in the way Postgres writes a tsvector; they hold letters and digits only."""
    return " ".join(f"'{word[:200]}':{place}{weight}" for place, word in enumerate(dict.fromkeys(words), 1))


def _row(pk: int, number: int, body: Document | None) -> str:
    """The row of a document as JSON; of a deleted model when there is no body."""
    return json.dumps(_columns(pk, number, body), ensure_ascii=False)


def _columns(pk: int, number: int, body: Document | None) -> dict[str, Any]:
    if body is None:
        empty: dict[str, Any] = dict.fromkeys((*COLUMNS, "keys", "prose", "talk"))
        return (
            empty
            | {
                "model_id": pk,
                "version": number,
                "is_deleted": True,
                "body": {},
                "facets": [],
                "own": [],
                "grams": [],
                "project_id": 0,
                "name_length": 0,
                "followers": 0,
                "popularity": 0,
            }
            | dict.fromkeys(
                (
                    "checksum",
                    "visibility",
                    "name",
                    "name_words",
                    "label_words",
                    "keys",
                    "prose",
                    "talk",
                ),
                "",
            )
        )
    hit, text, found = body["hit"], body["text"], documents.name_fields(body)
    return {
        "model_id": pk,
        "version": number,
        "is_deleted": False,
        "checksum": documents.checksum(body),
        "body": body,
        "visibility": body["visibility"],
        "project_id": body["project_id"],
        "name": hit["name"],
        "name_length": len(names.parts(hit["name"])),
        "facets": [f"{facet}:{value}" for facet, values in body["facets"].items() for value in values],
        "own": body["own"],
        "grams": found["grams"],
        "name_words": _lexemes((*found["parts"], *found["joins"]), "A"),
        "label_words": _lexemes(found["label_parts"], "B"),
        "keys": " \n".join((*text["keys"], *text["papers"])),
        "prose": " \n".join(text["prose"]),
        "talk": " \n".join(text["talk"]),
        "parameters": hit["parameters"],
        "flops": hit["flops"],
        "size": hit["size"],
        "released_on": hit["released"],
        "rating": hit["rating"],
        "followers": hit["followers"],
        "popularity": body["numbers"]["popularity"],
        "created_at": hit["created_at"],
        "updated_at": hit["updated_at"],
    }
