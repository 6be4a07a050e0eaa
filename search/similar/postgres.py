"""Nominates models like another from Postgres: one statement that looks up, and never walks through all documents."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from search.backends.sql import quoted
from search.similar.service import (
    NOMINATED,
    SIZE_RANGE,
    WEIGHTS,
    Facts,
    Lookup,
    lookups,
)

LOOKED_UP = 30  # things a model has that others are looked up by
RARE = 800  # what more documents have than that is common
CANDIDATES = 4000  # documents that are weighed for having something rare in common
COMMON = 6  # common facts that are looked up together
TOGETHER = 250  # documents that are weighed for having the same common facts
READ_TOGETHER = 800


def nominate(asked: Facts, seen: str, parameters: dict[str, Any]) -> list[int]:
    """The ids of the models that share most with `asked`, of those for which the condition `seen` holds.

    Each thing the model has is looked up in the GIN indexes `document_facets` and `document_words`, and left off after
    `RARE` documents. The rarest go first: all their documents are weighed, until there are `CANDIDATES`. What is too
    common for that is looked up together, which the index answers by intersecting: all of it, all but one; where that
    finds few, each with the weightiest. Of those documents the nearest in size are weighed. So at most some thousand
    documents are read, each by its key, however many there are: about 0.1 s among 100,000.
    """
    found = lookups(asked)[:LOOKED_UP]
    if not found:
        return []
    values = parameters | _values(asked, found)
    with connection.cursor() as cursor:
        cursor.execute(_statement(found, seen), values)
        return [model_id for (model_id,) in cursor.fetchall()]


def _values(asked: Facts, found: Sequence[Lookup]) -> dict[str, Any]:
    """The parameters of the statement."""
    values: dict[str, Any] = {f"v{i}": _value(one) for i, one in enumerate(found)}
    values |= {f"w{i}": one.weight for i, one in enumerate(found)}
    values |= {
        "me": asked.model_id,
        "size": asked.parameters,
        "most": NOMINATED,
        "rare": RARE,
        "budget": CANDIDATES,
    }
    values |= {"together": TOGETHER, "read": READ_TOGETHER, "common": COMMON, "size_weight": WEIGHTS["size"]}
    values |= {"range": SIZE_RANGE}
    return values


def _statement(found: Sequence[Lookup], seen: str) -> str:
    """The SQL that looks up what was found, and weighs the documents."""
    seen = f"NOT d.is_deleted AND d.model_id <> %(me)s AND {seen}"
    probes = " UNION ALL ".join(
        f"(SELECT {i} AS i, d.model_id FROM search_searchdocument d"
        f" WHERE {_test(one, i)} AND {seen} LIMIT %(rare)s + 1)"
        for i, one in enumerate(found)
    )
    facts = [i for i, one in enumerate(found) if one.kind == "fact"]
    tokens = ", ".join(f"({i}, %(v{i})s::varchar, %(w{i})s::float)" for i in facts)
    tokens = tokens or "(-1, NULL::varchar, 0.0)"
    shared = " + ".join(f"%(w{i})s * (d.facets @> ARRAY[%(v{i})s]::varchar[])::int" for i in facts) or "0"
    others = [i for i, one in enumerate(found) if one.kind != "fact"]
    weights = ", ".join(f"({i}, %(w{i})s::float)" for i in others) or "(-1, 0.0)"
    together = f"""
        SELECT model_id FROM (
            SELECT d.model_id, d.parameters, d.popularity FROM search_searchdocument d
            WHERE d.facets @> s.tokens AND {seen} LIMIT %(read)s
        ) AS d ORDER BY {NEARNESS} DESC, d.popularity DESC LIMIT %(together)s"""  # nosec B608
    return f"""
    WITH probe AS MATERIALIZED ({probes}),
    fact (i, token, weight) AS (VALUES {tokens}),
    other (i, weight) AS (VALUES {weights}),
    rare AS (
        SELECT i FROM (
            SELECT i, sum(n) OVER (ORDER BY n, i) AS running
            FROM (SELECT i, count(*) AS n FROM probe GROUP BY i) AS counted WHERE n <= %(rare)s
        ) AS c WHERE running <= %(budget)s
    ), common AS (
        SELECT i, token FROM fact
        WHERE i IN (SELECT i FROM probe) AND i NOT IN (SELECT i FROM rare)
        ORDER BY weight DESC, i LIMIT %(common)s
    ), most_of_them AS (
        SELECT array_agg(token) AS tokens FROM common
        UNION SELECT (SELECT array_agg(o.token) FROM common o WHERE o.i <> c.i) FROM common c
    ), pairs AS (
        SELECT ARRAY[(SELECT token FROM common ORDER BY i LIMIT 1), c.token] AS tokens FROM common c
    ), nearest AS MATERIALIZED (
        SELECT DISTINCT m.model_id FROM most_of_them AS s CROSS JOIN LATERAL ({together}) AS m
    ), near AS (
        SELECT model_id FROM probe WHERE i IN (SELECT i FROM rare)
        UNION
        SELECT model_id FROM nearest
        UNION
        SELECT m.model_id FROM pairs AS s CROSS JOIN LATERAL ({together}) AS m
        WHERE (SELECT count(*) FROM nearest) < %(most)s
    ), named AS (
        SELECT model_id, sum(weight) AS points FROM probe JOIN other USING (i)
        WHERE i IN (SELECT i FROM rare) GROUP BY model_id
    )
    SELECT d.model_id FROM near LEFT JOIN named USING (model_id)
    CROSS JOIN LATERAL (
        -- OFFSET keeps Postgres from reading the whole table instead of some thousand rows by their key.
        SELECT s.model_id, s.facets, s.parameters, s.popularity FROM search_searchdocument AS s
        WHERE s.model_id = near.model_id OFFSET 0
    ) AS d
    ORDER BY round(({shared} + {NEARNESS} + coalesce(named.points, 0))::numeric, 3) DESC,
        d.popularity DESC, d.model_id
    LIMIT %(most)s
    """  # nosec B608 - only our own column names, numbers and placeholders are put in


NEARNESS = """coalesce(%(size_weight)s * greatest(0, 1 - abs(
    ln(nullif(greatest(d.parameters, 0), 0)) - ln(%(size)s::float)) / ln(%(range)s::float)), 0)"""


def _test(one: Lookup, i: int) -> str:
    # What is looked for stands in a query of its own, so that Postgres can't guess that a common one is found sooner
    # by reading the table: words would be unpacked for every row.
    if one.kind == "fact":
        return f"d.facets @> (SELECT ARRAY[%(v{i})s]::varchar[])"
    if one.kind == "name":
        return f"d.words @@ (SELECT %(v{i})s::tsquery)"
    return f"d.words @@ (SELECT plainto_tsquery('english', %(v{i})s))"


def _value(one: Lookup) -> str:
    return quoted(one.value) if one.kind == "name" else one.value
