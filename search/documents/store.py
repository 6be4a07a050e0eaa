"""Documents in Postgres: written a batch at a time, in one statement; read back as the engine is to have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from search import names
from search.documents import builder
from search.documents.builder import Document

# Seconds that a document waits for the engine which was built anew without a change, so that a new index can take it
# first. Whoever rebuilt may have died: then it goes the way of every other.
HELD_BACK = 600


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it stands in Postgres: no body when its model is gone."""

    model_id: int
    version: int
    body: Document | None
    checksum: str = ""


def read_stored(ids: Sequence[int]) -> list[Stored]:
    """The documents of these models, in the order of ids. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT model_id, version, is_deleted, body, checksum FROM search_searchdocument WHERE model_id = ANY(%s)"
            " ORDER BY model_id",
            [list(ids)],
        )
        return [
            Stored(pk, version, None if gone else orjson.loads(body), checksum)
            for pk, version, gone, body, checksum in cursor
        ]


def sound(ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Version and checksum of those of these models whose documents are there and were never refused. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT model_id, version, checksum FROM search_searchdocument d WHERE model_id = ANY(%s)"
            " AND NOT is_deleted"
            " AND NOT EXISTS (SELECT FROM search_deadletter l WHERE l.model_id = d.model_id AND l.stage = 'build')",
            [list(ids)],
        )
        return {pk: (version, checksum) for pk, version, checksum in cursor}


def write(
    number: int,
    bodies: Mapping[int, Document | None],
    *,
    changed: Sequence[int],
    outbox: Sequence[int],
    checksums: Mapping[int, str] | None = None,
) -> None:
    """Write documents under the number of a claim, and let go of its rows of the outbox. One statement.

    A model without a body is gone. `changed` are those somebody changed: they go to the engine in any case.
    """
    sums = checksums or {}
    ids = sorted(
        bodies
    )  # in the order of ids, always: two writers can wait for each other, but never in a ring
    rows = [_columns(pk, number, bodies[pk], sums.get(pk, "")) for pk in ids]
    given: dict[str, Any] = {
        "rows": orjson.dumps(rows).decode(),
        "models": ids,
        "changed": list(changed),
        "held_back": HELD_BACK,
        "claimed": list(outbox),
        "number": number,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, given)


def bury(model_id: int, stage: str, reason: str, version: int) -> None:
    """Put a document on the list of those that failed, with the reason. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(BURY, [model_id, stage, reason, version])


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


def _deleted_columns(pk: int, number: int) -> dict[str, Any]:
    """The row of a model that is gone."""
    nothing: dict[str, Any] = dict.fromkeys((*COLUMNS, "keys", "prose", "talk"))
    texts = ("checksum", "visibility", "name", "name_words", "label_words", "keys", "prose", "talk")
    numbers = ("project_id", "name_length", "followers", "popularity")
    lists: dict[str, Any] = {"facets": [], "own": [], "grams": []}
    identity = {"model_id": pk, "version": number, "is_deleted": True, "body": {}}
    return nothing | dict.fromkeys(texts, "") | dict.fromkeys(numbers, 0) | lists | identity


def _columns(pk: int, number: int, body: Document | None, checksum: str) -> dict[str, Any]:
    """The row of a document; of a deleted model when there is no body."""
    if body is None:
        return _deleted_columns(pk, number)
    hit, text, found = body["hit"], body["text"], builder.name_fields(body)
    return {
        "model_id": pk,
        "version": number,
        "is_deleted": False,
        "checksum": checksum or builder.checksum(body),
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
