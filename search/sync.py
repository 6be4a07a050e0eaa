"""Carries changes from the outbox into documents in Postgres; `search.engine` takes them further.

Claim, then look, then write, in three short transactions:

1. Rows are claimed (rows another worker holds are passed by) with a lease, and a number is drawn after that.
2. Only then a snapshot is taken, and the documents of the batch are built from it.
3. Documents are written unless a higher number was there first, and the claimed rows are deleted.

A change committed after the claim has rows of its own; a worker that dies leaves rows whose lease ends; one
that stalls holds a lower number than whoever took over, and is refused. So the newest state always wins, and
nothing is lost.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from search import documents, names, tally
from search.documents import Document

log = logging.getLogger(__name__)

BATCH = 200
LEASE = 60  # seconds; a batch takes about one
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """The rows taken from the outbox, the models they name, and the number their documents carry."""

    number: int
    row_ids: tuple[int, ...]
    model_ids: tuple[int, ...]


TAKE = """
WITH free AS (
    SELECT id, model_id FROM search_outbox
    WHERE leased_until IS NULL OR leased_until < clock_timestamp()
    ORDER BY id LIMIT %(look)s
), chosen AS (
    SELECT model_id FROM free WHERE model_id IS NOT NULL GROUP BY model_id ORDER BY min(id) LIMIT %(batch)s
), taken AS (
    SELECT o.id FROM search_outbox o JOIN chosen USING (model_id)
    WHERE o.leased_until IS NULL OR o.leased_until < clock_timestamp()
    FOR UPDATE OF o SKIP LOCKED
)
UPDATE search_outbox o SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM taken WHERE o.id = taken.id
RETURNING o.id, o.model_id
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
    """Take the changes of up to `batch` models; nothing when there are none free. Four statements."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM search_outbox WHERE model_id IS NULL)")
        if cursor.fetchone()[0]:
            cursor.execute(SPREAD)
        cursor.execute(TAKE, {"look": batch * 25, "batch": batch, "lease": lease})
        rows = cursor.fetchall()
        if not rows:
            return None
        # Drawn after the rows were seen and before any fact is read: numbers rise in the order of snapshots.
        cursor.execute("SELECT nextval('search_claim_number')")
        number = cursor.fetchone()[0]
        row_ids = tuple(row[0] for row in rows)
        cursor.execute(
            "UPDATE search_outbox SET claim = %s WHERE id = ANY(%s)",
            [number, list(row_ids)],
        )
    return Claim(number, row_ids, tuple(sorted({row[1] for row in rows})))


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
    """Write the documents of a claim and let go of its rows. Models without a document are gone."""
    gone = [pk for pk in claimed.model_ids if pk not in built and pk not in failed]
    # In the order of ids, always: two writers can then wait for each other, but never in a ring.
    written = sorted(
        [*((pk, built[pk]) for pk in built), *((pk, None) for pk in gone)],
        key=lambda pair: pair[0],
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if written:
            cursor.executemany(WRITE, [_columns(pk, claimed.number, body) for pk, body in written])
            cursor.execute(QUEUE_FOR_ENGINE, [[pk for pk, _ in written], claimed.number])
            cursor.execute(
                "DELETE FROM search_deadletter WHERE stage = 'build' AND model_id = ANY(%s)",
                [[pk for pk, _ in written]],
            )
        for pk, reason in failed.items():
            cursor.execute(BURY, [pk, "build", reason, claimed.number])
        cursor.execute(
            "DELETE FROM search_outbox WHERE id = ANY(%s) AND claim = %s",
            [list(claimed.row_ids), claimed.number],
        )
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
    """Build every document anew; to be called after a bulk load. The number of models carried."""
    with transaction.atomic():
        enqueue()
        with connection.cursor() as cursor:
            cursor.execute(SPREAD)
    return drain_all(progress)


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

# Name above facts above prose above talk; names twice, whole and in parts.
VECTOR = """
    %(name_words)s::tsvector || %(label_words)s::tsvector
    || setweight(to_tsvector('english', %(keys)s) || to_tsvector('simple', %(keys)s), 'B')
    || setweight(to_tsvector('english', %(prose)s), 'C')
    || setweight(to_tsvector('english', %(talk)s), 'D')
"""

WRITE = f"""
INSERT INTO search_searchdocument ({", ".join(COLUMNS)}, built_at, words)
VALUES ({", ".join(f"%({column})s" for column in COLUMNS)}, clock_timestamp(), {VECTOR})
ON CONFLICT (model_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])},
    built_at = excluded.built_at, words = excluded.words
WHERE search_searchdocument.version <= excluded.version
"""  # nosec B608 - column names of our own

# Only documents that were really written: one refused for its number is in the queue already.
QUEUE_FOR_ENGINE = """
INSERT INTO search_enginequeue (model_id, version)
SELECT model_id, version FROM search_searchdocument
WHERE model_id = ANY(%s) AND version = %s ORDER BY model_id
ON CONFLICT (model_id) DO UPDATE SET version = excluded.version, leased_until = NULL
WHERE search_enginequeue.version <= excluded.version
"""

BURY = """
INSERT INTO search_deadletter (model_id, stage, reason, version, attempts) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (model_id, stage) DO UPDATE SET reason = excluded.reason, version = excluded.version,
    attempts = search_deadletter.attempts + 1, failed_at = now()
"""


def _lexemes(words: Iterable[str], weight: str) -> str:
    """Words as they are, in the way Postgres writes a tsvector; they hold letters and digits only."""
    return " ".join(f"'{word[:200]}':{place}{weight}" for place, word in enumerate(dict.fromkeys(words), 1))


def _columns(pk: int, number: int, body: Document | None) -> dict[str, Any]:
    """The row of a document; of a deleted model when there is no body."""
    if body is None:
        empty: dict[str, Any] = dict.fromkeys((*COLUMNS, "keys", "prose", "talk"))
        return (
            empty
            | {
                "model_id": pk,
                "version": number,
                "is_deleted": True,
                "body": "{}",
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
        "body": json.dumps(body, ensure_ascii=False),
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
