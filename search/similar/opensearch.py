"""Nominates models like another from OpenSearch: one request, whatever the model has."""

from collections.abc import Callable, Mapping
from typing import Any

from search.backends.clauses import Clause
from search.similar.service import (
    NOMINATED,
    SIZE_RANGE,
    WEIGHTS,
    Facts,
    Lookup,
    lookups,
)

SIZE_STEPS = 8
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def nominate(asked: Facts, rights: list[Clause], ask: Ask) -> list[int]:
    """The ids of the models that share most with `asked`, of those that the rights let through.

    Every shared thing is a clause with its weight as a constant score, so that points add up as they do in
    `search.similar.service`, and rarity in the index, which also tells of models the viewer can't see, has no say.
    """
    found = lookups(asked)
    if not found:
        return []
    body = {
        "size": NOMINATED,
        "_source": False,
        "docvalue_fields": ["model_id"],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    *rights,
                    {"bool": {"should": [_clause(one) for one in found], "minimum_should_match": 1}},
                ],
                "must_not": [{"term": {"model_id": asked.model_id}}],
                "should": [_scored(_clause(one), one.weight) for one in found] + _size(asked),
            }
        },
        "sort": ["_score", {"popularity": "desc"}, {"model_id": "asc"}],
    }
    return [int(hit["fields"]["model_id"][0]) for hit in ask(body)["hits"]["hits"]]


def _clause(one: Lookup) -> Clause:
    if one.kind == "fact":
        facet, _, value = one.value.partition(":")
        return {"term": {f"facet.{facet}": value}}
    if one.kind == "name":
        return {"term": {"name_parts": one.value}}
    return {"match": {"prose": one.value}}


def _scored(clause: Clause, weight: float) -> Clause:
    return {"constant_score": {"filter": clause, "boost": round(weight, 4)}}


def _size(asked: Facts) -> list[Clause]:
    """Nearness of size in steps: the more of the ranges around the asked size hold, the nearer."""
    if not asked.parameters:
        return []
    found = []
    for step in range(1, SIZE_STEPS + 1):
        factor = SIZE_RANGE ** (step / SIZE_STEPS)
        ends = {"gte": asked.parameters / factor, "lte": asked.parameters * factor}
        found.append(_scored({"range": {"parameters": ends}}, WEIGHTS["size"] / SIZE_STEPS))
    return found
