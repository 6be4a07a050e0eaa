"""Carries changes from the outbox into documents in Postgres; `search.engine` takes them further.

Claim, then look, then write, in three short transactions:

1. Rows are claimed (rows another worker holds are passed by) with a lease, and a number is drawn after that.
2. Only then a snapshot is taken, and the documents of the batch are built from it.
3. Documents are written unless a higher number was there first, and the claimed rows are deleted.

A change committed after the claim has rows of its own; a worker that dies leaves rows whose lease ends; one
that stalls holds a lower number than whoever took over, and is refused. So the newest state always wins, and
nothing is lost.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from core.workers import Unfinished, free
from search.documents import builder, store
from search.documents.builder import Document
from search.indexing import tally

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
    changed_ids: tuple[int, ...]  # those somebody changed: all, unless everything is built anew


LOOK = f"""
SELECT EXISTS (SELECT FROM search_outbox WHERE model_id IS NULL), (
    SELECT TRUE FROM search_outbox WHERE {free("leased_until")}
    ORDER BY id LIMIT 1
)
"""

# The number is drawn after the rows were seen (a statement sees what was committed when it began), and before any fact
# is read: numbers rise in the order of snapshots.
TAKE = f"""
WITH free AS (
    SELECT id, model_id FROM search_outbox
    WHERE {free("leased_until")}
    ORDER BY id LIMIT %(look)s
), chosen AS (
    SELECT model_id FROM free WHERE model_id IS NOT NULL GROUP BY model_id ORDER BY min(id) LIMIT %(batch)s
), taken AS (
    SELECT o.id FROM search_outbox o JOIN chosen USING (model_id)
    WHERE {free("o.leased_until")}
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
    WHERE model_id = ANY(%(models)s) AND {free("leased_until")}
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
            return builder.build(model_ids), {}
    except DatabaseError:
        raise
    except Exception:
        log.exception("A batch of documents could not be built; trying one by one")
    built: dict[int, Document] = {}
    failed: dict[int, str] = {}
    for model_id in model_ids:
        try:
            with snapshot():
                built |= builder.build([model_id])
        except DatabaseError:
            raise
        except Exception as error:
            log.exception(
                "The document of a model could not be built",
                extra={"model_id": model_id},
            )
            failed[model_id] = f"{type(error).__name__}: {error}"[:1000]
    return built, failed


def finish(
    claimed: Claim,
    built: Mapping[int, Document],
    failed: Mapping[int, str],
    *,
    as_it_was: Collection[int] = (),
    checksums: Mapping[int, str] | None = None,
) -> None:
    """Write the documents of a claim and let go of its rows. Models without a document are gone. Two statements.

    Those in `as_it_was` need no writing: what is stored says the same.
    """
    bodies = {pk: built.get(pk) for pk in claimed.model_ids if pk not in failed and pk not in as_it_was}
    with transaction.atomic():
        for pk, reason in failed.items():
            store.bury(pk, "build", reason, claimed.number)
        if bodies or claimed.row_ids:
            store.write(
                claimed.number,
                bodies,
                changed=claimed.changed_ids,
                outbox=claimed.row_ids,
                checksums=checksums,
            )
        tally.add(claims=1, documents=len(bodies), build_failures=len(failed))


def step(batch: int = BATCH) -> int:
    """Carry one batch; the number of models it held, 0 when there was nothing to do."""
    unfinished.let_go()
    claimed = claim(batch)
    if claimed is None:
        return 0
    with unfinished.kept(claimed):
        built, failed = build(claimed.model_ids)
        finish(claimed, built, failed)
    return len(claimed.model_ids)


def _let_go(claimed: Claim) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_outbox SET leased_until = NULL WHERE id = ANY(%s) AND claim = %s",
            [list(claimed.row_ids), claimed.number],
        )


unfinished = Unfinished(_let_go)


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
