"""Reads of search for other apps' pages: counts to browse by, and hits as cards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.viewer import Viewer
from core.formatting import short
from search.highlighting import marked
from search.query import Filter, MetricKey, PageRequest, SearchQuery, Sort
from search.query.lexicon import lexicon
from search.query.wording import metric_label
from search.results import Facet, Hit, SearchResult
from search.service import search


@dataclass(frozen=True, slots=True)
class Browse:
    """What the viewer's catalog holds: how many models, and its taxonomies with counts."""

    total: int
    facets: tuple[Facet, ...]
    is_degraded: bool = False

    def facet(self, slug: str) -> Facet:
        return next((facet for facet in self.facets if facet.slug == slug), Facet(slug, slug))


def browse(viewer: Viewer) -> Browse:
    """Counts of all facets over everything the viewer may see. As many queries as a search."""
    result = search(viewer, SearchQuery(page=PageRequest(size=1)))
    return Browse(result.total, result.facets, result.is_degraded)


def listed(
    viewer: Viewer,
    filters: Mapping[str, str | Sequence[str]],
    *,
    sort: Sort = Sort.RELEVANCE,
    page: int = 1,
    page_size: int = 20,
) -> SearchResult:
    """Models with the given facet values, as for `/search`; for the pages of a project, tag, term or person.

    As many queries as a search. Owners are usernames, teams `team:slug`.
    """
    chosen = tuple(
        Filter(facet, (values,) if isinstance(values, str) else tuple(values))
        for facet, values in filters.items()
    )
    descending = sort in (
        Sort.RELEVANCE,
        Sort.NEWEST,
        Sort.UPDATED,
        Sort.RATING,
        Sort.FOLLOWERS,
    )
    request = PageRequest(number=page, size=page_size)
    return search(
        viewer,
        SearchQuery(filters=chosen, sort=sort, descending=descending, page=request),
    )


def taxonomies() -> tuple[str, ...]:
    """The taxonomies search can filter by. No query while the lexicon is fresh."""
    return tuple(lexicon().taxonomies)


def cards(hits: Iterable[Hit], words: str = "", metric: MetricKey | None = None) -> list[dict[str, Any]]:
    """Hits as the partial `_hit.html` takes them. No query.

    The `words` that were asked for are marked; with a `metric` its value stands for each hit that has one.
    """
    return [card(hit, words, metric) for hit in hits]


def card(hit: Hit, words: str = "", metric: MetricKey | None = None) -> dict[str, Any]:
    """One hit as `_hit.html` takes it."""
    owner = next((owner for owner in hit.owners if owner["kind"] == "owner"), None)
    facts = [
        hit.project_name,
        hit.terms_of("architecture") if len(hit.terms.get("architecture", ())) <= 3 else "",
        hit.terms_of("framework"),
        f"{short(hit.parameters)} parameters" if hit.parameters is not None else "",
        f"{hit.versions} versions" if hit.versions > 1 else "",
        "" if hit.status == "active" else hit.status,
    ]
    return {
        "id": hit.id,
        "url": hit.url,
        "ref": hit.ref,
        "name": hit.name,
        "stage": hit.stage,
        "facts": [fact for fact in facts if fact],
        "owner": {"name": owner["name"], "url": owner["url"]} if owner else None,
        "updated_at": datetime.fromisoformat(hit.updated_at),
        "tags": [{"label": tag["name"], "url": f"/tags/{tag['slug']}"} for tag in hit.tags[:6]],
        "name_marked": marked(hit.name, words) if words else "",
        "why": "" if hit.snippet else hit.summary,
        "summary_marked": hit.snippet,
        "reasons": hit.reasons,
        "key": _key(hit.key_metric) if metric is None else _in_play(hit, metric),
        "rating": hit.rating,
        "rating_count": hit.ratings,
        "comment_count": hit.comments,
    }


def _in_play(hit: Hit, key: MetricKey) -> dict[str, str]:
    """The value of the metric that hits are ordered by; a dash where there is none."""
    known = lexicon()
    label = metric_label(known, key)
    if hit.measured is None:
        return {"value": "—", "label": f"no {label}"}
    metric = known.metrics.get(key.metric)
    unit = metric.unit if metric and metric.unit not in ("", "ratio") else ""
    return {"value": f"{hit.measured:,.4g} {unit}".strip(), "label": f"best {label}"}


def _key(metric: Mapping[str, Any] | None) -> dict[str, str] | None:
    if metric is None:
        return None
    unit = "" if metric["unit"] == "ratio" else metric["unit"]
    value = f"{metric['best']:,.{min(metric['precision'], 6)}f}"
    where = " ".join(word for word in (metric["dataset_name"], metric["split"]) if word)
    label = " · ".join(word for word in (metric["name"], where, metric["slice"]) if word)
    return {"value": f"{value} {unit}".strip(), "label": label}
