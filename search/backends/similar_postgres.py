"""Nominates models like another from Postgres: one statement that looks up, and never walks through all documents."""

from typing import Any

from django.db import connection

from search.backends.sql import quoted
from search.similar import NOMINATED, SIZE_RANGE, WEIGHTS, Facts, Lookup, lookups

LOOKED_UP = 36  # things a model has that others are looked up by
RARE = 1000  # what more documents have than that is common
CANDIDATES = 4000  # documents that are weighed for having something rare in common
COMMON = 8  # common facts that are looked up together
TOGETHER = 250  # documents that are weighed for having several common facts together
SEEN_TOGETHER = 1500


def nominate(asked: Facts, seen: str, parameters: dict[str, Any]) -> list[int]:
    """The ids of the models that share most with `asked`, of those for which the condition `seen` holds.

    Each thing the model has is looked up in the GIN indexes `document_facets` and `document_words`, and left off after
    `RARE` documents. The rarest go first: all their documents are weighed, until there are `CANDIDATES`. What is too
    common for that is looked up together instead (all of it, all but one, each with the weightiest), which the index
    answers by intersecting; of those documents the nearest in size are weighed. So at most some thousand documents are
    read, however many there are.
    """
    found = lookups(asked)[:LOOKED_UP]
    if not found:
        return []
    values = dict(parameters)
    values |= {f"v{i}": _value(one) for i, one in enumerate(found)}
    values |= {f"w{i}": one.weight for i, one in enumerate(found)}
    values |= {
        "me": asked.model_id,
        "size": asked.parameters,
        "most": NOMINATED,
        "rare": RARE,
        "budget": CANDIDATES,
    }
    values |= {"together": TOGETHER, "read": SEEN_TOGETHER, "common": COMMON, "size_weight": WEIGHTS["size"]}
    values |= {"range": SIZE_RANGE}
    seen = f"NOT d.is_deleted AND d.model_id <> %(me)s AND {seen}"
    probes = " UNION ALL ".join(
        f"(SELECT {i} AS i, d.model_id FROM search_searchdocument d"
        f" WHERE {_test(one, i)} AND {seen} LIMIT %(rare)s + 1)"
        for i, one in enumerate(found)
    )
    facts = [i for i, one in enumerate(found) if one.kind == "fact"]
    tokens = (
        ", ".join(f"({i}, %(v{i})s::varchar, %(w{i})s::float)" for i in facts) or "(-1, NULL::varchar, 0.0)"
    )
    shared = " + ".join(f"%(w{i})s * (d.facets @> ARRAY[%(v{i})s]::varchar[])::int" for i in facts) or "0"
    others = [i for i, one in enumerate(found) if one.kind != "fact"]
    weights = ", ".join(f"({i}, %(w{i})s::float)" for i in others) or "(-1, 0.0)"
    sql = f"""
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
    ), sets AS (
        SELECT array_agg(token) AS tokens FROM common
        UNION SELECT (SELECT array_agg(o.token) FROM common o WHERE o.i <> c.i) FROM common c
        UNION SELECT ARRAY[(SELECT token FROM common ORDER BY i LIMIT 1), c.token] FROM common c
    ), near AS (
        SELECT model_id FROM probe WHERE i IN (SELECT i FROM rare)
        UNION
        SELECT m.model_id FROM sets CROSS JOIN LATERAL (
            SELECT model_id FROM (
                SELECT d.model_id, d.parameters, d.popularity FROM search_searchdocument d
                WHERE d.facets @> sets.tokens AND {seen} LIMIT %(read)s
            ) AS d ORDER BY {NEARNESS} DESC, d.popularity DESC LIMIT %(together)s
        ) AS m
    ), named AS (
        SELECT model_id, sum(weight) AS points FROM probe JOIN other USING (i)
        WHERE i IN (SELECT i FROM rare) GROUP BY model_id
    )
    SELECT d.model_id FROM near JOIN search_searchdocument d USING (model_id) LEFT JOIN named USING (model_id)
    ORDER BY round(({shared} + {NEARNESS} + coalesce(named.points, 0))::numeric, 3) DESC,
        d.popularity DESC, d.model_id
    LIMIT %(most)s
    """  # nosec B608 - only our own column names, numbers and placeholders are put in
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [model_id for (model_id,) in cursor.fetchall()]


NEARNESS = """coalesce(%(size_weight)s * greatest(0, 1 - abs(
    ln(nullif(greatest(d.parameters, 0), 0)) - ln(%(size)s::float)) / ln(%(range)s::float)), 0)"""


def _test(one: Lookup, i: int) -> str:
    if one.kind == "fact":
        return f"d.facets @> ARRAY[%(v{i})s]::varchar[]"
    if one.kind == "name":
        return f"d.words @@ %(v{i})s::tsquery"
    return f"d.words @@ plainto_tsquery('english', %(v{i})s)"


def _value(one: Lookup) -> str:
    return quoted(one.value) if one.kind == "name" else one.value
