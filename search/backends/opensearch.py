"""Answers searches from OpenSearch, with the viewer's rights in every query's filter."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from governance.viewer import Viewer
from search import names
from search.backends.common import complete, rights
from search.engine.client import SEARCH_SECONDS, alias, asked, client
from search.query import Cursor, Filter, Range, SearchQuery, Sort
from search.results import RawResult, SearchResult, Suggestion
from search.suggestions import from_catalog
from search.vocabulary import FacetNames, facet_names, metric_direction

Clause = dict[str, Any]
MOST_VALUES = 200


class OpenSearchBackend:
    """Names in parts, words of facts and prose, and likeness where words are misspelled."""

    name = "opensearch"

    def search(self, viewer: Viewer, query: SearchQuery) -> SearchResult:
        """Three statements to Postgres (two more for a metric as order), one or two requests to the engine.

        Raises:
            EngineAway: the engine does not answer.
        """
        began = time.perf_counter()
        facets = facet_names()
        answer = self._ask(viewer, query, facets, strict=True)
        if query.text and not answer["hits"]["total"]["value"] and not query.page.cursor:
            # Nothing has all the words: what has most of them, and names that look alike.
            if not self._has_all_words(viewer, query):
                answer = self._ask(viewer, query, facets, strict=False)
        elif query.page.cursor and query.page.cursor.backend == f"{self.name}-relaxed":
            answer = self._ask(viewer, query, facets, strict=False)
        return complete(viewer, query, _read(query, answer, facets), facets, self.name, began)

    def suggest(self, viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]:
        """Models whose name goes on like `prefix`, then what the catalog knows. Two statements, one request.

        Raises:
            EngineAway: the engine does not answer.
        """
        words = names.words(prefix)
        if not words or limit < 1:
            return []
        must = [{"dis_max": {"queries": _begun(word)}} for word in words]
        body = {
            "size": limit,
            "_source": ["hit.id", "hit.name", "hit.url", "hit.project_name"],
            "query": {
                "bool": {
                    "filter": _rights(viewer),
                    "must": must,
                    "should": [{"prefix": {"glued": {"value": names.glued(prefix), "boost": 5}}}],
                }
            },
            "sort": [
                "_score",
                {"name_length": "asc"},
                {"popularity": "desc"},
                {"model_id": "asc"},
            ],
        }
        answer = _asked(body)
        hits = [hit["_source"]["hit"] for hit in answer["hits"]["hits"]]
        models = [(hit["name"], hit["url"], hit["project_name"], hit["id"]) for hit in hits]
        return from_catalog(viewer, prefix, models, limit)

    def _ask(
        self, viewer: Viewer, query: SearchQuery, facets: FacetNames, *, strict: bool
    ) -> Mapping[str, Any]:
        limits = {
            **{f.facet: _filter(f) for f in query.filters},
            **{r.field: _range(r) for r in query.ranges},
        }
        body: dict[str, Any] = {
            "size": query.page.size + 1,
            "track_total_hits": True,
            "_source": ["hit"],
            "query": {"bool": {"filter": _rights(viewer), **_words(query.text, strict=strict)}},
            "post_filter": {"bool": {"filter": list(limits.values())}},
            "aggs": _facets(facets, limits),
            "sort": _sort(query),
            "track_scores": bool(query.text),
        }
        cursor = query.page.cursor
        if cursor and cursor.backend.startswith(OpenSearchBackend.name):
            body["search_after"] = list(cursor.after)
        else:
            body["from"] = query.page.offset
        answer = _asked(body)
        return {**answer, "strict": strict}

    def _has_all_words(self, viewer: Viewer, query: SearchQuery) -> bool:
        """Whether any of the viewer's models has all words, whatever the filters."""
        if not query.is_narrowed:
            return False
        body = {
            "size": 0,
            "terminate_after": 1,
            "query": {"bool": {"filter": _rights(viewer), **_words(query.text, strict=True)}},
        }
        return bool(_asked(body)["hits"]["total"]["value"])


def _asked(body: Mapping[str, Any]) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = asked(lambda: client(SEARCH_SECONDS).search(body=body, index=alias()))
    return answer


def _rights(viewer: Viewer) -> list[Clause]:
    """The condition that a document's model exists for the viewer."""
    allowed = rights(viewer)
    if allowed is None:
        return []
    visibilities, projects = allowed
    seen: list[Clause] = [
        {"terms": {"visibility": visibilities}},
        {"terms": {"project_id": projects}},
    ]
    return [{"bool": {"should": seen, "minimum_should_match": 1}}]


def _filter(chosen: Filter) -> Clause:
    return {"terms": {f"facet.{chosen.facet}": list(chosen.values)}}


def _range(wanted: Range) -> Clause:
    ends = {
        end: value if isinstance(value, float) else value.isoformat()
        for end, value in (("gte", wanted.minimum), ("lte", wanted.maximum))
        if value is not None
    }
    return {"range": {wanted.field: ends}}


def _constant(field: str, value: str, boost: float) -> Clause:
    return {"constant_score": {"filter": {"term": {field: value}}, "boost": boost}}


def _begun(word: names.Word) -> list[Clause]:
    """A word as the beginning of a piece of a name."""
    found: list[Clause] = [
        {"constant_score": {"filter": {"prefix": {field: word.joined}}, "boost": 1.0}}
        for field in ("name_parts", "name_joins")
    ]
    found += [_constant("name_joins", join, 1.0) for join in word.joins]
    if len(word.parts) > 1:
        found.append({"match": {"name_parts": {"query": " ".join(word.parts), "operator": "and"}}})
    return found


def _word(word: names.Word) -> Clause:
    """The ways a document can have a word, the best of them counting most."""
    ways: list[Clause] = [
        {"term": {"name_parts": {"value": word.joined, "boost": 3.0}}},
        {"term": {"name_joins": {"value": word.joined, "boost": 3.0}}},
        *({"term": {"name_joins": {"value": join, "boost": 2.5}}} for join in word.joins),
        {"match": {"labels": {"query": word.joined, "boost": 1.0}}},
        {"match": {"keys": {"query": word.text, "boost": 2.0, "operator": "and"}}},
        {"match": {"keys.plain": {"query": word.text, "boost": 2.0, "operator": "and"}}},
        {"match": {"papers": {"query": word.text, "boost": 1.5, "operator": "and"}}},
        {"match": {"prose": {"query": word.text, "boost": 0.8, "operator": "and"}}},
        {"match": {"talk": {"query": word.text, "boost": 0.4, "operator": "and"}}},
    ]
    if len(word.parts) > 1:
        parts = " ".join(word.parts)
        ways += [
            {"match": {"name_parts": {"query": parts, "operator": "and", "boost": 2.0}}},
            {"match": {"labels": {"query": parts, "operator": "and", "boost": 0.7}}},
        ]
    if len(word.joined) >= (2 if word.is_last else 3):
        ways += [
            {
                "constant_score": {
                    "filter": {"prefix": {field: word.joined}},
                    "boost": 2.0,
                }
            }
            for field in ("name_parts", "name_joins")
        ]
    if len(word.joined) >= 4 and not word.joined.isdigit():
        for field in ("name_parts", "name_joins"):
            fuzzy = {
                "value": word.joined,
                "fuzziness": "AUTO:4,8",
                "prefix_length": 1,
                "max_expansions": 30,
            }
            ways.append({"fuzzy": {field: {**fuzzy, "boost": 1.2}}})
    return {"dis_max": {"queries": ways, "tie_breaker": 0.1}}


def _words(text: str, *, strict: bool) -> Clause:
    """The searched words as a query: all of them; where that finds nothing, most, or a name alike."""
    typed = names.words(text)
    if not typed:
        return {"must": [{"match_none": {}}]} if text else {}
    asked_for = [word for word in typed if not word.is_filler] or typed
    grams = names.grams(text)
    alike: Clause = {"match": {"name_grams": {"query": " ".join(grams), "boost": 0.6}}}
    better: list[Clause] = [
        alike,
        _constant("glued", names.glued(text), 30.0),
        {
            "function_score": {
                "query": {"match_all": {}},
                "field_value_factor": {"field": "popularity", "missing": 0},
                "boost": 0.3,
            }
        },
    ]
    found = [_word(word) for word in asked_for]
    if strict:
        return {"must": found, "should": better}
    near: Clause = {"match": {"name_grams": {"query": " ".join(grams), "minimum_should_match": "55%"}}}
    most: Clause = {
        "bool": {
            "should": found,
            "minimum_should_match": max(1, round(len(found) * 0.6)),
        }
    }
    either: Clause = {"bool": {"should": [most, near], "minimum_should_match": 1}}
    return {"must": [either], "should": better}


def _facets(facets: FacetNames, limits: Mapping[str, Clause]) -> dict[str, Any]:
    """Counts of each facet's values among documents that pass every other filter."""

    def counted(facet: str) -> Clause:
        return {"terms": {"field": f"facet.{facet}", "size": MOST_VALUES}}

    free = {facet: counted(facet) for facet in facets.labels if facet not in limits}
    found: dict[str, Any] = {"free": {"filter": {"bool": {"filter": list(limits.values())}}, "aggs": free}}
    for facet in facets.labels:
        if facet in limits:
            others = [clause for name, clause in limits.items() if name != facet]
            found[f"own:{facet}"] = {
                "filter": {"bool": {"filter": others}},
                "aggs": {facet: counted(facet)},
            }
    return found


def _sort(query: SearchQuery) -> list[Clause]:
    """What hits are ordered by; what is not recorded comes last either way."""
    way = "desc" if query.descending else "asc"
    last: Clause = {"model_id": "asc"}
    if query.sort is Sort.METRIC and query.metric is not None:
        direction, _ = metric_direction(query.metric)
        is_falling = (direction != "lower") != query.descending
        wanted: list[Clause] = [{"term": {"metrics.metric": query.metric.metric}}]
        if query.metric.dataset:
            wanted.append({"term": {"metrics.dataset": query.metric.dataset}})
        nested = {"path": "metrics", "filter": {"bool": {"filter": wanted}}}
        order = {
            "order": "desc" if is_falling else "asc",
            "mode": "max" if is_falling else "min",
            "nested": nested,
            "missing": "_last",
        }
        return [{"metrics.best": order}, last]
    if query.sort is Sort.RELEVANCE:
        return [{"_score": "desc"} if query.text else {"popularity": "desc"}, last]
    field = {
        Sort.NAME: "sort_name",
        Sort.NEWEST: "created_at",
        Sort.UPDATED: "updated_at",
        Sort.RATING: "rating",
        Sort.FOLLOWERS: "followers",
        Sort.PARAMETERS: "parameters",
        Sort.FLOPS: "flops",
        Sort.SIZE: "size",
    }[query.sort]
    return [{field: {"order": way, "missing": "_last"}}, last]


def _read(query: SearchQuery, answer: Mapping[str, Any], facets: FacetNames) -> RawResult:
    found: Sequence[Mapping[str, Any]] = answer["hits"]["hits"]
    shown = found[: query.page.size]
    next_cursor = ""
    if len(found) > query.page.size:
        backend = OpenSearchBackend.name if answer["strict"] else f"{OpenSearchBackend.name}-relaxed"
        after = tuple(_place(value) for value in shown[-1]["sort"])
        next_cursor = Cursor(backend, after, query.page.offset + query.page.size).encode()
    counts: dict[str, list[tuple[str, int]]] = {}
    for name, filtered in answer["aggregations"].items():
        for facet in facets.labels if name == "free" else [name.removeprefix("own:")]:
            if facet in filtered:
                counts[facet] = [
                    (bucket["key"], bucket["doc_count"]) for bucket in filtered[facet]["buckets"]
                ]
    return RawResult(
        total=answer["hits"]["total"]["value"],
        hits=[(hit["_source"]["hit"], hit.get("_score")) for hit in shown],
        counts=counts,
        next_cursor=next_cursor,
    )


def _place(value: Any) -> Any:
    """A sort value that can be sent back: infinity, which stands for "not recorded", goes as a word."""
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
