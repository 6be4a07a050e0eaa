"""Words of the vocabulary that a viewer must not know of: those that stand only on models they can't see.

For them such a word is as any unknown one: it has no other names, no label, no unit, and is not understood. Words that
stand on no model at all are everybody's.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from access.viewer import Viewer
from access.visibility import sql_condition
from search.query import AllOf, AnyOf, Condition, Filter, MetricRange, Not, SearchQuery
from search.query.lexicon import Lexicon

Token = tuple[str, str]  # a facet and its value; `metric` and its slug

SEEN = sql_condition("d.visibility", "d.project_id")
UNSEEN = f"""
SELECT token FROM unnest(%(values)s::varchar[]) AS token
WHERE NOT EXISTS (SELECT FROM search_searchdocument d WHERE d.facets @> ARRAY[token] AND {SEEN})
    AND EXISTS (SELECT FROM search_searchdocument d WHERE d.facets @> ARRAY[token])
UNION ALL
SELECT 'metric:' || m.slug FROM catalog_metric m
WHERE m.slug = ANY(%(metrics)s) AND EXISTS (SELECT FROM catalog_metricvalue mv WHERE mv.metric_id = m.id)
    AND NOT EXISTS (
        SELECT FROM catalog_metricvalue mv
        JOIN catalog_evaluation e ON e.id = mv.evaluation_id
        JOIN catalog_modelversion v ON v.id = e.version_id
        JOIN search_searchdocument d ON d.model_id = v.model_id
        WHERE mv.metric_id = m.id AND {SEEN}
    )
"""  # nosec B608 - our own fragments


def unseen(viewer: Viewer, tokens: Iterable[Token]) -> frozenset[Token]:
    """Those of the tokens that stand on models, but on none that the viewer sees. One query, or none."""
    asked = set(tokens)
    if not asked or viewer.scopes.everything:
        return frozenset()
    parameters: dict[str, Any] = {
        "values": [f"{facet}:{value}" for facet, value in asked if facet != "metric"],
        "metrics": [slug for facet, slug in asked if facet == "metric"],
        **viewer.scopes.sql_parameters,
    }
    with connection.cursor() as cursor:
        cursor.execute(UNSEEN, parameters)
        found = [token.partition(":") for (token,) in cursor.fetchall()]
    return frozenset((facet, value) for facet, _, value in found)


def named(query: SearchQuery, known: Lexicon) -> Iterator[Token]:
    """The words of the vocabulary that a query's conditions, order and readings name."""
    conditions = [*query.filters, *query.where, *(reading.condition for reading in query.readings)]
    for token in (token for condition in conditions for token in _tokens(condition)):
        if known.has(*token):
            yield token
    if query.metric is not None:
        yield ("metric", query.metric.metric)
        yield ("dataset", query.metric.dataset)


def _tokens(part: Condition) -> Iterator[Token]:
    match part:
        case Filter(facet, values):
            for value in values:
                yield ("dataset" if facet == "trained" else facet, value)
        case MetricRange(key):
            yield ("metric", key.metric)
            yield ("dataset", key.dataset)
        case Not(inner):
            yield from _tokens(inner)
        case AllOf(parts) | AnyOf(parts):
            for one in parts:
                yield from _tokens(one)
