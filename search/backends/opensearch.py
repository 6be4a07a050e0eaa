"""Answers searches from OpenSearch, with the viewer's rights in every query's filter."""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from access.viewer import Viewer
from search import names
from search.backends.clauses import Clause, begun, clause, text_query, unnamed
from search.backends.common import complete
from search.backends.reasons import reasons
from search.backends.suggestions import from_catalog
from search.engine.client import SEARCH_SECONDS, alias, asked, client
from search.errors import EngineAway
from search.facets import FacetNames, facet_names, falls
from search.highlighting import MARK_END, MARK_START
from search.query import Cursor, Filter, MetricKey, SearchQuery, Sort
from search.results import Bin, Found, RawResult, SearchResult, SimilarResult, Suggestion
from search.similar import opensearch
from search.similar.service import Facts, similar_models

log = logging.getLogger(__name__)

MOST_VALUES = 200
MOST_BINS = 12
KEEP_MOMENT = "5m"
# A piece of the text that was found; names and facts are marked where they are shown.
HIGHLIGHT = {
    "pre_tags": [MARK_START],
    "post_tags": [MARK_END],
    "fragment_size": 150,
    "number_of_fragments": 1,
    "encoder": "default",
    "fields": {"prose": {}, "papers": {}, "talk": {}},
}


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
        if query.words and not answer["hits"]["total"]["value"] and not query.page.cursor:
            # Nothing has all the words: what has most of them, and names that look alike.
            if not self._has_all_words(viewer, query):
                answer = self._ask(viewer, query, facets, strict=False)
        elif query.page.cursor and query.page.cursor.backend == f"{self.name}-relaxed":
            answer = self._ask(viewer, query, facets, strict=False)
        return complete(viewer, query, _read(query, answer, facets), facets, self.name, began)

    def ids(self, viewer: Viewer, query: SearchQuery, most: int) -> list[int]:
        """The ids of the first `most` hits, in their order. One statement; three requests at most.

        Raises:
            EngineAway: the engine does not answer.
        """
        found = self._ids(viewer, query, most, strict=True)
        if query.words and not found and not self._has_all_words(viewer, query):
            return self._ids(viewer, query, most, strict=False)
        return found

    def suggest(self, viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]:
        """Models whose name goes on like `prefix`, then what the catalog knows. Two statements, one request.

        Raises:
            EngineAway: the engine does not answer.
        """
        words = names.words(prefix)
        if not words or limit < 1:
            return []
        must = [{"dis_max": {"queries": begun(word)}} for word in words]
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

    def similar(self, viewer: Viewer, model_id: int, limit: int = 10) -> SimilarResult:
        """Models like one. Three statements to Postgres, one request to the engine.

        Raises:
            NotVisible: there is no such model, or none for this viewer.
            EngineAway: the engine does not answer.
        """

        def named(viewer: Viewer, asked: Facts) -> list[int]:
            return opensearch.nominate(asked, _rights(viewer), _asked)

        return SimilarResult(tuple(similar_models(viewer, model_id, limit, named)), self.name)

    def _ask(
        self, viewer: Viewer, query: SearchQuery, facets: FacetNames, *, strict: bool
    ) -> Mapping[str, Any]:
        limits = {
            part.facet if isinstance(part, Filter) else part.field: clause(part) for part in query.limits
        }
        body: dict[str, Any] = {
            "size": query.page.size + 1,
            "track_total_hits": True,
            "_source": ["hit"],
            "query": {"bool": self._what(viewer, query, strict=strict)},
            "post_filter": {"bool": {"filter": list(limits.values())}},
            "aggs": _facets(query, facets, limits),
            "sort": _sort(query),
            "track_scores": bool(query.text),
        }
        cursor, moment = query.page.cursor, ""
        if cursor and cursor.backend.startswith(OpenSearchBackend.name):
            body["search_after"] = list(cursor.after)
            moment = cursor.moment or _moment()
        else:
            body["from"] = query.page.offset
        if query.words:
            body["highlight"] = HIGHLIGHT
        answer, moment = _asked_at(body, moment, scores=query.explain)
        return {**answer, "strict": strict, "moment": moment}

    def _what(self, viewer: Viewer, query: SearchQuery, *, strict: bool) -> Clause:
        """The words and conditions among what the viewer may see; choices of facets come after."""
        conditions = [clause(part) for part in query.conditions]
        text = text_query(query, strict=strict)
        return {"filter": [*_rights(viewer), *conditions], **(text if query.explain else unnamed(text))}

    def _ids(self, viewer: Viewer, query: SearchQuery, most: int, *, strict: bool) -> list[int]:
        what = self._what(viewer, query, strict=strict)
        limits = [clause(part) for part in query.limits]
        body = {
            "size": most,
            "_source": False,
            "query": {"bool": {**what, "filter": [*what["filter"], *limits]}},
            "sort": _sort(query),
        }
        return [int(hit["_id"]) for hit in _asked(body)["hits"]["hits"]]

    def _has_all_words(self, viewer: Viewer, query: SearchQuery) -> bool:
        """Whether any of the viewer's models has all words, whatever the filters."""
        if not query.limits:
            return False
        body = {
            "size": 0,
            "terminate_after": 1,
            "query": {"bool": self._what(viewer, query, strict=True)},
        }
        return bool(_asked(body)["hits"]["total"]["value"])


def _moment() -> str:
    """A point in time of the index, kept for some minutes; nothing when the engine has no room for another."""
    try:
        answer = asked(lambda: client(SEARCH_SECONDS).create_pit(index=alias(), keep_alive=KEEP_MOMENT))
    except EngineAway:
        return ""
    return str(answer["pit_id"])


def _asked_at(body: Mapping[str, Any], moment: str, *, scores: bool) -> tuple[Mapping[str, Any], str]:
    """The answer as of a moment, and the moment to go on from; as of now where it is over."""
    if moment:
        parameters = {"include_named_queries_score": "true"} if scores else {}
        pit = {"pit": {"id": moment, "keep_alive": KEEP_MOMENT}}
        try:
            answer = asked(lambda: client(SEARCH_SECONDS).search(body={**body, **pit}, params=parameters))
            return answer, str(answer.get("pit_id", moment))
        except EngineAway as error:
            log.info(
                "A point in time is over; the search goes on as of now", extra={"reason": str(error)[:200]}
            )
    return _asked(body, scores=scores), ""


def _asked(body: Mapping[str, Any], *, scores: bool = False) -> Mapping[str, Any]:
    """The answer as of now. The engine keeps what it found (ids and counts) until the index changes, for the same
    question of someone with the same rights.
    """
    parameters = {"request_cache": "true"}
    if scores:
        parameters["include_named_queries_score"] = "true"
    answer: Mapping[str, Any] = asked(
        lambda: client(SEARCH_SECONDS).search(body=body, index=alias(), params=parameters)
    )
    return answer


def _rights(viewer: Viewer) -> list[Clause]:
    """The condition that a document's model exists for the viewer."""
    return viewer.scopes.as_clauses("visibility", "project_id")


def _facets(query: SearchQuery, facets: FacetNames, limits: Mapping[str, Clause]) -> dict[str, Any]:
    """Counts of each facet's values among documents that pass every other filter, and the metric's values."""

    def counted(facet: str) -> Clause:
        asked = {"field": f"facet.{facet}", "size": MOST_VALUES}
        if words := slugify(query.find(facet)):
            asked["include"] = f".*{words}.*"  # a slug holds no sign that a pattern knows
        return {"terms": asked}

    free = {facet: counted(facet) for facet in facets.labels if facet not in limits}
    every = {"bool": {"filter": list(limits.values())}}
    found: dict[str, Any] = {"free": {"filter": every, "aggs": free}}
    for facet in facets.labels:
        if facet in limits:
            others = [clause for name, clause in limits.items() if name != facet]
            found[f"own:{facet}"] = {
                "filter": {"bool": {"filter": others}},
                "aggs": {facet: counted(facet)},
            }
    if key := query.metric_in_play:
        found["metric"] = {"filter": every, "aggs": {"rows": _measured(key)}}
    return found


def _measured(key: MetricKey) -> dict[str, Any]:
    wanted: list[Clause] = [{"term": {"metrics.metric": key.metric}}]
    if key.dataset:
        wanted.append({"term": {"metrics.dataset": key.dataset}})
    bins = {"variable_width_histogram": {"field": "metrics.best", "buckets": MOST_BINS}}
    rows = {"filter": {"bool": {"filter": wanted}}, "aggs": {"bins": bins}}
    return {"nested": {"path": "metrics"}, "aggs": {"of": rows}}


def _bins(answer: Mapping[str, Any]) -> tuple[Bin, ...]:
    measured = answer["aggregations"].get("metric")
    buckets = measured["rows"]["of"]["bins"]["buckets"] if measured else []
    return tuple(Bin(b["min"], b["max"], b["doc_count"]) for b in buckets if b["doc_count"])


def _sort(query: SearchQuery) -> list[Clause]:
    """What hits are ordered by; what is not recorded comes last either way."""
    way = "desc" if query.descending else "asc"
    last: Clause = {"model_id": "asc"}
    if query.sort is Sort.METRIC and query.metric is not None:
        is_falling = falls(query)
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
        return [{"_score": "desc"}, last]
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
        position = query.page.offset + query.page.size
        next_cursor = Cursor(backend, after, position, answer["moment"]).encode()
    counts: dict[str, list[tuple[str, int]]] = {}
    for name, filtered in answer["aggregations"].items():
        if name == "metric":
            continue
        for facet in facets.labels if name == "free" else [name.removeprefix("own:")]:
            if facet in filtered:
                counts[facet] = [
                    (bucket["key"], bucket["doc_count"]) for bucket in filtered[facet]["buckets"]
                ]
    return RawResult(
        total=answer["hits"]["total"]["value"],
        hits=[_found(query, hit) for hit in shown],
        counts=counts,
        next_cursor=next_cursor,
        bins=_bins(answer),
        is_relaxed=not answer["strict"],
    )


def _found(query: SearchQuery, hit: Mapping[str, Any]) -> Found:
    pieces = [piece for fields in hit.get("highlight", {}).values() for piece in fields]
    matched = hit.get("matched_queries", {}) if query.explain else {}
    scores = [(*label.split("|")[:2], float(points)) for label, points in matched.items()]
    value = hit["sort"][0] if query.sort is Sort.METRIC else None
    measured = value if isinstance(value, float) and math.isfinite(value) else None
    return Found(
        hit["_source"]["hit"], hit.get("_score"), reasons(scores), pieces[0] if pieces else "", measured
    )


def _place(value: Any) -> Any:
    """A sort value that can be sent back: infinity, which stands for "not recorded", goes as a word."""
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
