"""Answers searches from Postgres alone: the embedded default, and the fallback when the engine is away."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils.text import slugify

from access.viewer import Viewer
from search import names, ranking
from search.backends.common import complete
from search.backends.reasons import reasons
from search.backends.sql import (
    BEST,
    MEASURED_GROUPS,
    MEASURED_ROWS,
    NAME_WORDS,
    Parameters,
    condition,
    lexemes,
)
from search.backends.suggestions import from_catalog
from search.backends.text_postgres import Text, text_of
from search.documents import numbers
from search.facets import facet_names, falls
from search.query import Cursor, Filter, MetricKey, PageRequest, SearchQuery, Sort
from search.results import Bin, Found, RawResult, Reason, SearchResult, SimilarResult, Suggestion
from search.similar import postgres
from search.similar.service import Facts, similar_models

# A piece of the description, the papers' titles or the discussion that has the words; nothing when none has.
SNIPPET = """coalesce((
    SELECT nullif(ts_headline('english', t.text, plainto_tsquery('english', {words}),
        'StartSel=, StopSel=, MaxWords=24, MinWords=12, MaxFragments=1'), '')
    FROM (SELECT string_agg(value, ' ') AS text FROM jsonb_array_elements_text(
        (s.body #> '{{text,prose}}') || (s.body #> '{{text,papers}}') || (s.body #> '{{text,talk}}')) AS value) AS t
    WHERE to_tsvector('english', t.text) @@ replace(plainto_tsquery('english', {words})::text, '&', '|')::tsquery
), '')"""
MOST_BINS = 12


class PostgresBackend:
    """Full text with weights, names in parts, and likeness by runs of three letters where words fail."""

    name = "postgres"

    def search(self, viewer: Viewer, query: SearchQuery) -> SearchResult:
        """Five statements at most; one more for text, two more for a metric as order."""
        began = time.perf_counter()
        facets = facet_names()
        raw = self._raw(viewer, query)
        return complete(viewer, query, raw, facets, self.name, began)

    def ids(self, viewer: Viewer, query: SearchQuery, most: int) -> list[int]:
        """The ids of the first `most` hits, in their order. One statement, one more for text."""
        raw = self._raw(viewer, replace(query, page=PageRequest(size=most), explain=False))
        return [found.hit["id"] for found in raw.hits]

    def suggest(self, viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]:
        """Models whose name goes on like `prefix`, then what the catalog knows. Three queries."""
        words = names.words(prefix)
        if not words or limit < 1:
            return []
        parameters: dict[str, Any] = {"limit": limit, "glued": names.glued(prefix)}
        seen = _seen(viewer, parameters)
        parameters["asked"] = " & ".join(lexemes(word, prefix=True) for word in words)
        with connection.cursor() as cursor:
            # Only the few that are shown have their documents unpacked.
            cursor.execute(
                f"""
                SELECT s.body -> 'hit' ->> 'name', s.body -> 'hit' ->> 'url', s.body -> 'hit' ->> 'project_name',
                    model_id
                FROM (
                    SELECT d.model_id, d.name_length, d.popularity, d.name,
                        starts_with(regexp_replace(lower(d.name), '[^[:alnum:]]', '', 'g'), %(glued)s) AS is_begun
                    FROM search_searchdocument d
                    WHERE NOT d.is_deleted AND {seen} AND {NAME_WORDS} @@ (SELECT %(asked)s::tsquery)
                    ORDER BY is_begun DESC, name_length, popularity DESC, name, model_id LIMIT %(limit)s
                ) AS d JOIN search_searchdocument s USING (model_id)
                ORDER BY is_begun DESC, d.name_length, d.popularity DESC, d.name, model_id
                """,  # nosec B608 - only our own conditions and placeholders are put in
                parameters,
            )
            models = cursor.fetchall()
        return from_catalog(viewer, prefix, models, limit)

    def similar(self, viewer: Viewer, model_id: int, limit: int = 10) -> SimilarResult:
        """Models like one. Four statements.

        Raises:
            NotVisible: there is no such model, or none for this viewer.
        """

        def named(viewer: Viewer, asked: Facts) -> list[int]:
            parameters: dict[str, Any] = {}
            return postgres.nominate(asked, _seen(viewer, parameters), parameters)

        return SimilarResult(tuple(similar_models(viewer, model_id, limit, named)), self.name)

    def _raw(self, viewer: Viewer, query: SearchQuery) -> RawResult:
        parameters = Parameters()
        seen = _seen(viewer, parameters)
        if query.conditions:
            seen = " AND ".join([seen, *(condition(part, parameters) for part in query.conditions)])
        text = text_of(query, seen, parameters)
        parameters |= text.parameters
        failed = _failed(query, parameters)
        order = _order(query, parameters)
        page, offset = _page(query, order, parameters)
        why, snippet = "NULL::jsonb", "''"
        if query.explain and text.points:
            points = ", ".join(points for _, points in text.points)
            places = ", ".join(f"d.m{index}" for index in range(text.words))
            why = f"jsonb_build_array(jsonb_build_array({points}), jsonb_build_array({places}))"
        if query.words:
            snippet = SNIPPET.format(words=parameters.put(query.words))
        finds = _finds(query, parameters)
        measured, bins = _measured(query, parameters)
        way = "DESC" if query.sort is Sort.NAME and query.descending else "ASC"
        columns = "".join(f", {column}" for column in text.columns)
        # One pass over what the viewer may see and the words allow. `failed` names the filters a document does
        # not pass: none for a hit; only its own facet's for a value's count, so that a facet keeps its values.
        sql = f"""
        WITH {text.first}asked AS MATERIALIZED (
            SELECT d.model_id, d.facets, d.popularity, d.name, d.name_length, d.parameters, d.flops, d.size,
                d.rating, d.followers, d.created_at, d.updated_at, {ranking.sql()} AS rank{columns},
                array_remove(ARRAY[{failed}]::text[], NULL) AS failed
            FROM search_searchdocument d {text.beside}
            WHERE NOT d.is_deleted AND {seen} AND ({text.condition})
        ), ranked AS (
            SELECT d.*, {order} AS k FROM (
                SELECT d.*, {text.score} AS score, {why} AS why FROM asked d
            ) AS d
            WHERE d.failed = '{{}}'
        ), tokens AS (
            SELECT split_part(token, ':', 1) AS facet, token, count(*) AS n
            FROM asked d CROSS JOIN LATERAL unnest(d.facets) AS token
            WHERE (d.failed = '{{}}' OR d.failed = ARRAY[split_part(token, ':', 1)]){finds}
            GROUP BY token
        ){measured}, page AS (
            SELECT k, model_id, score, why FROM ranked d {page}
            ORDER BY k {way}, model_id LIMIT %(size)s OFFSET {offset}
        )
        SELECT 0, '', count(*), NULL::bigint, NULL::jsonb, NULL::text, NULL::float, NULL::jsonb, ''
        FROM ranked
        UNION ALL
        SELECT 1, t.token, t.n, NULL, NULL, NULL, NULL, NULL, '' FROM (
            SELECT token, n, row_number() OVER (PARTITION BY facet ORDER BY n DESC, token) AS place
            FROM tokens
        ) AS t WHERE t.place <= 200
        UNION ALL
        SELECT 2, '', 0, p.model_id, s.body -> 'hit', p.k::text, p.score, p.why, {snippet}
        FROM page p JOIN search_searchdocument s USING (model_id){bins}
        """  # nosec B608 - only our own column names and placeholders are put in
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters | {"size": query.page.size + 1})
            rows = cursor.fetchall()
        return _read(query, rows, text)


def _seen(viewer: Viewer, parameters: dict[str, Any]) -> str:
    """The condition that a document's model exists for the viewer."""
    scopes = viewer.scopes
    parameters |= scopes.sql_parameters
    return scopes.as_sql("d.visibility", "d.project_id")


def _finds(query: SearchQuery, parameters: Parameters) -> str:
    """The condition that a facet's value has the words that are looked for among its values."""
    found = ""
    for facet, words in query.finds:
        start, within = parameters.put(f"{facet}:"), parameters.put(f"{facet}:%{slugify(words)}%")
        found += f" AND (NOT starts_with(token, {start}) OR token LIKE {within})"
    return found


def _measured(query: SearchQuery, parameters: Parameters) -> tuple[str, str]:
    """The values of the metric in play among the hits: a named part of the statement, and its rows of bins."""
    key = query.metric_in_play
    if key is None:
        return "", ""
    on = f"AND s.slug = {parameters.put(key.dataset)}" if key.dataset else ""
    rows = MEASURED_ROWS.format(metric=parameters.put(key.metric), on=on)
    measured = f""", measured AS (
            SELECT {BEST} AS v {rows} AND v.model_id IN (SELECT model_id FROM ranked) {MEASURED_GROUPS}
        ), ends AS (SELECT min(v) AS low, max(v) AS high FROM measured)"""
    bins = f"""
        UNION ALL
        SELECT 3, '', count(*), NULL, NULL, min(v)::text, max(v), NULL, '' FROM measured, ends
        GROUP BY width_bucket(v, low,
            CASE WHEN high > low THEN high + (high - low) * 1e-9 ELSE low + 1 END, {MOST_BINS})
        """  # nosec B608
    return measured, bins


def _failed(query: SearchQuery, parameters: Parameters) -> str:
    """For each choice of a facet or range, its name where a document does not fulfil it."""
    found = []
    for part in query.limits:
        name = part.facet if isinstance(part, Filter) else part.field
        found.append(f"CASE WHEN NOT {condition(part, parameters)} THEN {parameters.put(name)} END")
    return ", ".join(found)


def _order(query: SearchQuery, parameters: dict[str, Any]) -> str:
    """What hits are ordered by: numbers always rising, so that what is not recorded comes last either way."""
    if query.sort is Sort.NAME:
        return 'lower(d.name) COLLATE "C"'
    sign = "-" if query.descending else ""
    if query.sort is Sort.METRIC and query.metric is not None:
        return _metric_order(query.metric, falls(query), parameters)
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


def _metric_order(key: MetricKey, is_falling: bool, parameters: dict[str, Any]) -> str:
    """The best value of a metric, best first; measured on everything before measured on a slice."""
    parameters |= {"metric": key.metric, "on": key.dataset}
    at = {name: place for place, name in enumerate(numbers.COLUMNS)}
    on = f"AND m ->> {at['dataset']} = %(on)s" if key.dataset else ""
    pick, sign = ("max", "-") if is_falling else ("min", "")
    return f"""coalesce({sign}(
        SELECT {pick}((m ->> {at["best"]})::float) FROM search_searchdocument s,
            jsonb_array_elements(s.body -> 'metrics') AS m
        WHERE s.model_id = d.model_id AND m ->> {at["metric"]} = %(metric)s {on}
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


# How well a document has a word, as the columns m… say it, and where it then stands.
PLACES = {1.0: "name", 0.7: "facts", 0.6: "begins", 0.4: "description", 0.25: "anywhere", 0.2: "size"}


def _reasons(text: Text, points: Sequence[float], places: Sequence[float]) -> tuple[Reason, ...]:
    """Why a hit ranks where it does, from its points in the order of the text's."""
    scores = []
    for place, ((label, _), value) in enumerate(zip(text.points, points, strict=True)):
        if place < len(places):
            scores.append((label, PLACES.get(places[place], "anywhere"), value))
        else:
            scores.append(("term" if label == "own" else "", label, value))
    return reasons(scores)


def _read(query: SearchQuery, rows: list[tuple[Any, ...]], text: Text) -> RawResult:
    is_text_order = query.sort is Sort.NAME
    total = 0
    counts: dict[str, list[tuple[str, int]]] = {}
    bins: list[Bin] = []
    found: list[tuple[str | float | None, int, Found]] = []
    for kind, token, n, model_id, hit, k, score, why, snippet in rows:
        if kind == 0:
            total = n
        elif kind == 1:
            facet, _, value = token.partition(":")
            counts.setdefault(facet, []).append((value, n))
        elif kind == 3:
            bins.append(Bin(float(k), score, n))
        else:
            place = k if is_text_order else (None if k == "Infinity" else float(k))
            points, places = json.loads(why) if why else ([], [])
            told = _reasons(text, points, places) if why else ()
            is_measured = query.sort is Sort.METRIC and place is not None
            measured = (-1.0 if falls(query) else 1.0) * float(str(place)) if is_measured else None
            shown_score = score if query.text else None
            found.append((place, model_id, Found(json.loads(hit), shown_score, told, snippet, measured)))
    found.sort(key=lambda row: row[1])
    found.sort(key=lambda row: (row[0] is None, row[0]), reverse=is_text_order and query.descending)
    shown = found[: query.page.size]
    next_cursor = ""
    if len(found) > query.page.size:
        position = query.page.offset + query.page.size
        next_cursor = Cursor(PostgresBackend.name, (shown[-1][0], shown[-1][1]), position).encode()
    ranked = tuple(sorted(bins, key=lambda one: one.low))
    return RawResult(total, [one for _, _, one in shown], counts, next_cursor, ranked, text.is_relaxed)
