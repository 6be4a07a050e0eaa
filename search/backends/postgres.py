"""Answers searches from Postgres alone: the embedded default, and the fallback when the engine is away."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from governance.viewer import Viewer
from search import names
from search.backends.common import complete, rights
from search.query import DATE_RANGE, Cursor, MetricKey, SearchQuery, Sort
from search.results import RawResult, SearchResult, Suggestion
from search.suggestions import from_catalog
from search.vocabulary import facet_names, metric_direction

COLUMNS = {
    "parameters": "d.parameters",
    "flops": "d.flops",
    "size": "d.size",
    DATE_RANGE: "d.released_on",
}
LIKENESS = 0.45  # the share of three-letter runs a name must have in common with a misspelled question


@dataclass(slots=True)
class Text:
    """The searched words as SQL: how well a document has each, and what it takes to be found."""

    columns: list[str] = field(default_factory=list)
    condition: str = "TRUE"
    score: str = "d.popularity"
    likeness: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


class PostgresBackend:
    """Full text with weights, names in parts, and likeness by runs of three letters where words fail."""

    name = "postgres"

    def search(self, viewer: Viewer, query: SearchQuery) -> SearchResult:
        """Five statements at most; one more for text, two more for a metric as order."""
        began = time.perf_counter()
        facets = facet_names()
        raw = self._raw(viewer, query)
        return complete(viewer, query, raw, facets, self.name, began)

    def suggest(self, viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]:
        """Models whose name goes on like `prefix`, then what the catalog knows. Three queries."""
        words = names.words(prefix)
        if not words or limit < 1:
            return []
        parameters: dict[str, Any] = {"limit": limit, "glued": names.glued(prefix)}
        seen = _seen(viewer, parameters)
        parameters["asked"] = " & ".join(_lexemes(word, "A", prefix=True) for word in words)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.body -> 'hit' ->> 'name', d.body -> 'hit' ->> 'url',"
                f" d.body -> 'hit' ->> 'project_name', d.model_id FROM search_searchdocument d"
                f" WHERE NOT d.is_deleted AND {seen} AND d.words @@ %(asked)s::tsquery"
                f" ORDER BY"
                f" starts_with(regexp_replace(lower(d.name), '[^[:alnum:]]', '', 'g'), %(glued)s) DESC,"
                f" d.name_length, d.popularity DESC, d.name, d.model_id LIMIT %(limit)s",  # nosec B608
                parameters,
            )
            models = cursor.fetchall()
        return from_catalog(viewer, prefix, models, limit)

    def _raw(self, viewer: Viewer, query: SearchQuery) -> RawResult:
        parameters: dict[str, Any] = {}
        seen = _seen(viewer, parameters)
        text = _text(query.text, seen, parameters)
        parameters |= text.parameters
        failed = _failed(query, parameters)
        order = _order(query, parameters)
        page, offset = _page(query, order, parameters)
        way = "DESC" if query.sort is Sort.NAME and query.descending else "ASC"
        columns = "".join(f", {column}" for column in text.columns)
        # One pass over what the viewer may see and the words allow. `failed` names the filters a document does
        # not pass: none for a hit; only its own facet's for a value's count, so that a facet keeps its values.
        sql = f"""
        WITH asked AS MATERIALIZED (
            SELECT d.model_id, d.facets, d.popularity, d.name, d.name_length, d.parameters, d.flops, d.size,
                d.rating, d.followers, d.created_at, d.updated_at{columns},
                array_remove(ARRAY[{failed}]::text[], NULL) AS failed
            FROM search_searchdocument d {text.likeness}
            WHERE NOT d.is_deleted AND {seen} AND ({text.condition})
        ), ranked AS (
            SELECT d.*, {order} AS k FROM (SELECT d.*, {text.score} AS score FROM asked d) AS d
            WHERE d.failed = '{{}}'
        ), tokens AS (
            SELECT split_part(token, ':', 1) AS facet, token, count(*) AS n
            FROM asked d CROSS JOIN LATERAL unnest(d.facets) AS token
            WHERE d.failed = '{{}}' OR d.failed = ARRAY[split_part(token, ':', 1)]
            GROUP BY token
        ), page AS (
            SELECT k, model_id, score FROM ranked d {page}
            ORDER BY k {way}, model_id LIMIT %(size)s OFFSET {offset}
        )
        SELECT 0, '', count(*), NULL::bigint, NULL::jsonb, NULL::text, NULL::float FROM ranked
        UNION ALL
        SELECT 1, t.token, t.n, NULL, NULL, NULL, NULL FROM (
            SELECT token, n, row_number() OVER (PARTITION BY facet ORDER BY n DESC, token) AS place
            FROM tokens
        ) AS t WHERE t.place <= 200
        UNION ALL
        SELECT 2, '', 0, p.model_id, s.body -> 'hit', p.k::text, p.score
        FROM page p JOIN search_searchdocument s USING (model_id)
        """  # nosec B608 - only our own column names and placeholders are put in
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters | {"size": query.page.size + 1})
            rows = cursor.fetchall()
        return _read(query, rows, is_text_order=query.sort is Sort.NAME)


def _seen(viewer: Viewer, parameters: dict[str, Any]) -> str:
    """The condition that a document's model exists for the viewer."""
    allowed = rights(viewer)
    if allowed is None:
        return "TRUE"
    parameters["visibilities"], parameters["projects"] = allowed
    return "(d.visibility = ANY(%(visibilities)s) OR d.project_id = ANY(%(projects)s))"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "").replace("'", "") + "'"


def _lexemes(word: names.Word, weights: str = "", *, prefix: bool = False) -> str:
    """The ways one word can stand in a document, as a tsquery: whole, in parts, joined with neighbours."""
    ways = [_quoted(word.joined), *(_quoted(join) for join in word.joins)]
    colon = f":{weights}" if weights else ""
    found = [f"{way}{colon}" for way in ways]
    if len(word.parts) > 1:
        found.append("(" + " & ".join(f"{_quoted(part)}{colon}" for part in word.parts) + ")")
    if prefix:
        found += [f"{_quoted(word.joined)}:*{weights}"]
        if len(word.parts) > 1:
            *first, last = word.parts
            found.append(
                "("
                + " & ".join(
                    [
                        *(f"{_quoted(p)}{colon}" for p in first),
                        f"{_quoted(last)}:*{weights}",
                    ]
                )
                + ")"
            )
    return "(" + " | ".join(found) + ")"


def _text(text: str, seen: str, parameters: dict[str, Any]) -> Text:
    """How to match and rank the words of a question. One query, to see whether any model has them all."""
    all_words = names.words(text)
    if not all_words:
        # Words were asked for, but none of letters or digits: nothing can have them.
        return Text(condition="FALSE") if text else Text()
    asked = [word for word in all_words if not word.is_filler] or all_words
    found = Text()
    tests = []
    for index, word in enumerate(asked):
        simple = _lexemes(word, prefix=len(word.joined) >= 3)
        found.parameters |= {
            f"exact{index}": _lexemes(word, "A"),
            f"begun{index}": _lexemes(word, "A", prefix=True),
            f"simple{index}": simple,
            f"word{index}": word.text,
        }
        anywhere = f"(%(simple{index})s::tsquery || plainto_tsquery('english', %(word{index})s))"
        known = f"(%(exact{index})s::tsquery || plainto_tsquery('english', %(word{index})s))"
        tests.append(f"d.words @@ {anywhere}")
        found.columns.append(
            f"CASE WHEN d.words @@ %(exact{index})s::tsquery THEN 1.0"
            f" WHEN NOT d.words @@ {anywhere} THEN 0.0"
            f" WHEN ts_filter(d.words, '{{a,b}}') @@ {known} THEN 0.7"
            f" WHEN d.words @@ %(begun{index})s::tsquery THEN 0.6"
            f" WHEN ts_filter(d.words, '{{c}}') @@ {known} THEN 0.4 ELSE 0.25 END AS m{index}"
        )
    count = len(asked)
    pieces = [part for word in asked for part in word.parts]
    found.parameters |= {"grams": names.grams(text), "pieces": len(pieces)}
    every = " AND ".join(tests)
    rarity = [f"ln(1 + count(*) OVER () / (1 + sum((d.m{i} > 0)::int) OVER ())::float)" for i in range(count)]
    matched = " + ".join(f"d.m{i} * {rarity[i]}" for i in range(count))
    best = " + ".join(rarity)
    found.score = (
        f"({matched}) / ({best}) + 0.4 * d.is_named - 0.012 * least(abs(d.name_length - %(pieces)s), 12)"
        " + 0.02 * d.popularity"
    )
    found.columns.append(
        "(d.grams @> %(grams)s::varchar[] AND d.grams <@ %(grams)s::varchar[])::int AS is_named"
    )
    found.condition = every
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM search_searchdocument d"
            f" WHERE NOT d.is_deleted AND {seen} AND {every})",  # nosec B608
            parameters | found.parameters,
        )
        (is_found,) = cursor.fetchone()
    if not is_found:
        # No model has all the words: take those with most of them, and names that look alike.
        enough = max(1, round(count * 0.6))
        score = " + ".join(f"({test})::int" for test in tests)
        found.likeness = """
            LEFT JOIN LATERAL (
                SELECT 2.0 * count(*) / (cardinality(d.grams) + cardinality(%(grams)s::varchar[])) AS likeness
                FROM unnest(d.grams) AS gram WHERE gram = ANY(%(grams)s::varchar[])
            ) AS l ON TRUE"""
        found.columns.append("l.likeness")
        found.condition = (
            f"({score}) >= {enough} OR l.likeness >= {LIKENESS}"
            if count > 1
            else (f"{every} OR l.likeness >= {LIKENESS}")
        )
        found.score += " + 1.2 * coalesce(d.likeness, 0)"
    return found


def _failed(query: SearchQuery, parameters: dict[str, Any]) -> str:
    """For each filter, its name where a document does not pass it."""
    found = []
    for index, chosen in enumerate(query.filters):
        parameters[f"chosen{index}"] = [f"{chosen.facet}:{value}" for value in chosen.values]
        parameters[f"facet{index}"] = chosen.facet
        found.append(f"CASE WHEN NOT d.facets && %(chosen{index})s::varchar[] THEN %(facet{index})s END")
    for wanted in query.ranges:
        column = COLUMNS[wanted.field]
        ends = []
        for end, sign, value in (
            ("min", ">=", wanted.minimum),
            ("max", "<=", wanted.maximum),
        ):
            if value is not None:
                parameters[f"{wanted.field}_{end}"] = value
                ends.append(f"{column} {sign} %({wanted.field}_{end})s")
        found.append(f"CASE WHEN ({' AND '.join(ends)}) IS NOT TRUE THEN '{wanted.field}' END")
    return ", ".join(found)


def _order(query: SearchQuery, parameters: dict[str, Any]) -> str:
    """What hits are ordered by: numbers always rising, so that what is not recorded comes last either way."""
    if query.sort is Sort.NAME:
        return 'lower(d.name) COLLATE "C"'
    sign = "-" if query.descending else ""
    if query.sort is Sort.METRIC and query.metric is not None:
        return _metric_order(query.metric, query.descending, parameters)
    number = {
        Sort.RELEVANCE: "round(d.score::numeric, 6)::float",
        Sort.NEWEST: "extract(epoch FROM d.created_at)::float",
        Sort.UPDATED: "extract(epoch FROM d.updated_at)::float",
        Sort.RATING: "d.rating",
        Sort.FOLLOWERS: "d.followers::float",
        Sort.PARAMETERS: "d.parameters",
        Sort.FLOPS: "d.flops",
        Sort.SIZE: "d.size",
    }[query.sort]
    return f"coalesce({sign}{number}, 'Infinity'::float)"


def _metric_order(key: MetricKey, is_reversed: bool, parameters: dict[str, Any]) -> str:
    """The best value of a metric, best first; measured on everything before measured on a slice."""
    direction, _ = metric_direction(key)
    is_falling = (direction != "lower") != is_reversed
    parameters |= {"metric": key.metric, "on": key.dataset}
    on = "AND m ->> 'dataset' = %(on)s" if key.dataset else ""
    pick, sign = ("max", "-") if is_falling else ("min", "")
    return f"""coalesce({sign}(
        SELECT {pick}((m ->> 'best')::float) FROM search_searchdocument s,
            jsonb_array_elements(s.body -> 'metrics') AS m
        WHERE s.model_id = d.model_id AND m ->> 'metric' = %(metric)s {on}
    ), 'Infinity'::float)"""  # nosec B608


def _page(query: SearchQuery, order: str, parameters: dict[str, Any]) -> tuple[str, int]:
    """Where the page begins: after a place of our own, else by counting."""
    cursor = query.page.cursor
    if cursor is None or cursor.backend != PostgresBackend.name:
        return "", query.page.offset
    after, model_id = cursor.after
    if query.sort is Sort.NAME:
        parameters |= {"after": str(after), "after_id": model_id}
        sign = "<" if query.descending else ">"
        return f"WHERE k {sign} %(after)s OR (k = %(after)s AND model_id > %(after_id)s)", 0
    number = float("inf") if after is None or isinstance(after, str) else float(after)
    parameters |= {"after": number, "after_id": model_id}
    return "WHERE (k, model_id) > (%(after)s::float, %(after_id)s)", 0


def _read(query: SearchQuery, rows: list[tuple[Any, ...]], *, is_text_order: bool) -> RawResult:
    total = 0
    counts: dict[str, list[tuple[str, int]]] = {}
    found: list[tuple[str | float | None, int, Any, float | None]] = []
    for kind, token, n, model_id, hit, k, score in rows:
        if kind == 0:
            total = n
        elif kind == 1:
            facet, _, value = token.partition(":")
            counts.setdefault(facet, []).append((value, n))
        else:
            place = k if is_text_order else (None if k == "Infinity" else float(k))
            found.append((place, model_id, json.loads(hit), score))
    found.sort(key=lambda row: row[1])
    found.sort(key=lambda row: (row[0] is None, row[0]), reverse=is_text_order and query.descending)
    shown = found[: query.page.size]
    next_cursor = ""
    if len(found) > query.page.size:
        position = query.page.offset + query.page.size
        next_cursor = Cursor(PostgresBackend.name, (shown[-1][0], shown[-1][1]), position).encode()
    hits = [(hit, score if query.text else None) for _, _, hit, score in shown]
    return RawResult(total, hits, counts, next_cursor)
