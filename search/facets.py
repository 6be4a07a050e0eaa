"""The words facets are labelled with, read from the catalog. Both back ends share them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from access.viewer import Viewer
from core.formatting import short
from evaluations.selectors.vocabulary_use import metrics
from search.documents.builder import BANDS, band_value
from search.errors import InvalidQuery, did_you_mean
from search.query import DATE_RANGE, FIXED_FACETS, NUMBER_RANGES, MetricKey, SearchQuery
from search.query.lexicon import (
    STAGES,
    STATUSES,
    Lexicon,
    lexicon,
)


@dataclass(frozen=True, slots=True)
class FacetNames:
    """Every facet search offers, in the order of the page, with its label."""

    labels: Mapping[str, str]
    taxonomies: tuple[str, ...]


def facet_names() -> FacetNames:
    """The facets there are now: taxonomies first, then what every model has. No query while the lexicon is fresh."""
    taxonomies = lexicon().taxonomies
    ranges = {name: NUMBER_RANGES[name] for name in BANDS} | {DATE_RANGE: "Released"}
    return FacetNames({**taxonomies, **ranges, **FIXED_FACETS}, tuple(taxonomies))


LABELS = """
SELECT x.slug, t.slug, t.name FROM catalog_term t JOIN catalog_taxonomy x ON x.id = t.taxonomy_id
    WHERE x.slug || ':' || t.slug = ANY(%(wanted)s)
UNION ALL SELECT 'project', slug, name FROM catalog_project WHERE slug = ANY(%(project)s)
UNION ALL SELECT 'tag', slug, name FROM catalog_tag WHERE slug = ANY(%(tag)s)
UNION ALL SELECT 'dataset', slug, name FROM catalog_dataset WHERE slug = ANY(%(dataset)s)
UNION ALL SELECT 'trained', slug, name FROM catalog_dataset WHERE slug = ANY(%(trained)s)
UNION ALL SELECT 'source', slug, name FROM catalog_source WHERE slug = ANY(%(source)s)
UNION ALL SELECT 'owner', username, coalesce(nullif(name, ''), username) FROM accounts_user
    WHERE username = ANY(%(owner)s)
UNION ALL SELECT 'owner', 'team:' || slug, name FROM accounts_team WHERE 'team:' || slug = ANY(%(owner)s)
"""


def labels_of(values: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What to call each (facet, value). One query. Pass only values that the viewer's own models have."""
    by_facet: dict[str, list[str]] = {}
    for facet, value in values:
        by_facet.setdefault(facet, []).append(value)
    wanted = [f"{facet}:{value}" for facet, found in by_facet.items() for value in found]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        named = ("project", "tag", "dataset", "trained", "source", "owner")
        lists = {facet: by_facet.get(facet, []) for facet in named}
        cursor.execute(LABELS, {"wanted": wanted, **lists})
        found = {(facet, value): label for facet, value, label in cursor.fetchall()}
    found |= {("stage", value): label for value, label in STAGES.items()}
    found |= {("status", value): label for value, label in STATUSES.items()}
    return found | {(name, value): label for name in BANDS for value, label in band_labels(name).items()}


def band_labels(name: str) -> dict[str, str]:
    """What to call the steps of a scale: `10–30 M`."""
    return {band_value(low, high): band_label(name, low, high) for low, high in BANDS[name]}


def band_label(name: str, low: float, high: float) -> str:
    start, end = (short(number, "B" if name == "parameters" else "G") for number in (low, high))
    if high == float("inf"):
        return f"{start} or more"
    return f"{start} to {end}" if low else f"under {end}"


def in_words(value: str) -> str:
    """A value nobody's models have, as typed, without telling whether it exists."""
    return value.removeprefix("team:").replace("-", " ").strip() or value


def metric_direction(key: MetricKey) -> tuple[str, str]:
    """The direction of a metric (higher, lower, none) and its name. No query while the lexicon is fresh.

    Raises:
        InvalidQuery: there is no such metric or data set.
    """
    known = lexicon()
    if key.metric not in known.metrics:
        raise InvalidQuery(
            "sort",
            f"There is no metric “{key.metric}”.",
            did_you_mean(key.metric, known.metrics),
        )
    if key.dataset and key.dataset not in known.dataset_names:
        raise InvalidQuery(
            "sort",
            f"There is no data set “{key.dataset}”.",
            "Leave out “@…” for any data set.",
        )
    return known.metrics[key.metric].direction, known.metrics[key.metric].name


def require_metric(viewer: Viewer, key: MetricKey, known: Lexicon) -> None:
    """Refuse an order by a metric or data set that does not exist for the viewer. One query when it does not.

    Raises:
        InvalidQuery: there is no such metric or data set.
    """
    if not known.has("metric", key.metric):
        close = did_you_mean(key.metric, metrics(viewer).values_list("slug", flat=True))
        raise InvalidQuery("sort", f"There is no metric “{key.metric}”.", close)
    if key.dataset and not known.has("dataset", key.dataset):
        raise InvalidQuery(
            "sort",
            f"There is no data set “{key.dataset}”.",
            "Leave out “@…” for any data set.",
        )


def falls(query: SearchQuery) -> bool:
    """Whether hits ordered by a metric begin with the highest value.

    Raises:
        InvalidQuery: there is no such metric or data set.
    """
    if query.metric is None:
        return False
    direction, _ = metric_direction(query.metric)
    return (direction != "lower") != query.descending


def owner_values(viewer: Viewer) -> list[str]:
    """The values of the facet of owners that stand for the viewer: themselves, and their teams. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT username FROM accounts_user WHERE id = %s"
            " UNION ALL SELECT 'team:' || slug FROM accounts_team WHERE id = ANY(%s)",
            [viewer.user_id, sorted(viewer.team_ids)],
        )
        return [value for (value,) in cursor.fetchall()]
