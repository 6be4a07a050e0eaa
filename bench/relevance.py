"""How well searches answer: nDCG@10 and MRR@10 over graded real queries, for both back ends.

Against a plain `multi_match` (best fields) over the same documents, in an index with OpenSearch's own analysis.
"""

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Context, Figure, Group, Skipped
from bench.site import Site

DEPTH = 10
PLAIN_INDEX = "bench-words"
FIELDS = ("name", "keys", "summary", "terms")
WORDS = {"type": "text"}


@dataclass(frozen=True, slots=True)
class Query:
    """A question, the kind it is of, and how well which models answer it."""

    kind: str
    words: str
    grades: Mapping[str, float]


def read_queries(path: Path) -> list[Query]:
    """The queries of a file: gzipped JSON, a list of {kind, query, relevant: {external_id: grade}}."""
    with gzip.open(path, "rt", encoding="utf-8") as content:
        return [Query(row["kind"], row["query"], row["relevant"]) for row in json.load(content)]


def gain(grade: float) -> float:
    """What a hit of this grade is worth: 2^grade − 1."""
    return 2.0**grade - 1


def dcg(grades: Sequence[float], depth: int = DEPTH) -> float:
    """The gains of hits by rank, each divided by log2(rank + 1)."""
    return sum(gain(grade) / math.log2(rank + 1) for rank, grade in enumerate(grades[:depth], 1))


def ndcg(hits: Sequence[str], grades: Mapping[str, float], depth: int = DEPTH) -> float:
    """The DCG of these hits as a share of the best there can be; a hit named twice counts once."""
    best = dcg(sorted(grades.values(), reverse=True), depth)
    unique = list(dict.fromkeys(hits))
    return dcg([grades.get(hit, 0) for hit in unique], depth) / best if best else 0.0


def reciprocal_rank(hits: Sequence[str], grades: Mapping[str, float], depth: int = DEPTH) -> float:
    """One over the rank of the first hit that is relevant at all; 0 where none of the first `depth` is."""
    ranks = (rank for rank, hit in enumerate(hits[:depth], 1) if grades.get(hit, 0) > 0)
    return 1 / next(ranks, math.inf)


def mean_by_kind(scores: Sequence[tuple[str, float]]) -> dict[str, float]:
    """The mean of the scores over all, as `all`, and of each kind."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kind, score in scores:
        by_kind["all"].append(score)
        by_kind[kind].append(score)
    return {
        kind: sum(found) / len(found)
        for kind, found in sorted(by_kind.items(), key=lambda x: (x[0] != "all", x))
    }


def measure(context: Context) -> Iterator[Figure]:
    """Both scores of both back ends, overall and for each kind of query.

    Raises:
        Skipped: the file of queries is not there.
    """
    path = Path(context.queries)
    if not path.is_file():
        raise Skipped(f"There is no file of graded queries at {context.queries}; name one with --queries.")
    queries = read_queries(path)
    if context.is_quick:
        queries = queries[::4]
    fill_plain_index(context.site)
    try:
        asked: dict[str, Callable[[str], list[str]]] = {
            "opensearch": lambda words: found_by_us(context.site, words),
            "postgres": lambda words: found_by_us(context.site, words, on_postgres=True),
            "plain": lambda words: found_plainly(context.site, words),
        }
        hits = {name: [ask(query.words) for query in queries] for name, ask in asked.items()}
    finally:
        context.site.engine("DELETE", PLAIN_INDEX)
    for label, unit, score in (("ndcg", "nDCG@10", ndcg), ("mrr", "MRR@10", reciprocal_rank)):
        means = {
            name: mean_by_kind(
                [
                    (query.kind, score(found, query.grades))
                    for query, found in zip(queries, lists, strict=True)
                ]
            )
            for name, lists in hits.items()
        }
        for backend in ("opensearch", "postgres"):
            for kind, mean in means[backend].items():
                name = f"relevance.{backend}.{label}.{kind}"
                yield Figure(name, mean, means["plain"][kind], "plain multi_match in OpenSearch", unit)


def found_by_us(site: Site, words: str, *, on_postgres: bool = False) -> list[str]:
    """The external ids of the first hits of the search API."""
    answer = site.get("/api/v1/search", on_postgres=on_postgres, q=words, page_size=DEPTH).json()
    return [hit["external_id"] for hit in answer["hits"]]


def found_plainly(site: Site, words: str) -> list[str]:
    """The external ids that a plain multi_match finds."""
    body = {
        "size": DEPTH,
        "_source": ["external_id"],
        "query": {"multi_match": {"query": words, "type": "best_fields", "fields": list(FIELDS)}},
    }
    answer = site.engine("POST", f"{PLAIN_INDEX}/_search", json=body).json()
    return [hit["_source"]["external_id"] for hit in answer["hits"]["hits"]]


def fill_plain_index(site: Site) -> None:
    """An index as one would begin: the documents' names, facts and prose as text, analysed as OpenSearch does."""
    from opensearchpy.helpers import bulk

    from search.engine.client import client
    from search.models import SearchDocument

    properties = {"external_id": {"type": "keyword"}, **dict.fromkeys(FIELDS, WORDS)}
    site.engine("PUT", PLAIN_INDEX, json={"mappings": {"dynamic": "strict", "properties": properties}})
    bodies = (
        SearchDocument.objects.filter(is_deleted=False).order_by("model_id").values_list("body", flat=True)
    )
    bulk(
        client(), ({"_index": PLAIN_INDEX, "_source": plain_document(body)} for body in bodies), refresh=True
    )


def plain_document(body: Mapping[str, Any]) -> dict[str, Any]:
    """A document's words, by field."""
    terms = [term["name"] for found in body["hit"]["terms"].values() for term in found]
    return {
        "external_id": body["hit"]["external_id"],
        "name": body["hit"]["name"],
        "keys": body["text"]["keys"] + body["text"]["papers"],
        "summary": body["text"]["prose"],
        "terms": terms,
    }


GROUP = Group(
    "relevance",
    "Graded real queries, hits matched by external id, gain 2^grade − 1, discount log2(rank + 1), against a plain"
    " `multi_match` (best fields) over name, keys, summary and terms of the same documents.",
    measure,
)
