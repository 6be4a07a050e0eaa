"""What every back end does alike: whose models a viewer finds, and a second look before showing them."""

import difflib
import time
from collections.abc import Mapping, Sequence

from access.viewer import Viewer
from catalog.access import visible_models
from search import names as reading
from search.facets import FacetNames, in_words, labels_of
from search.query import SearchQuery
from search.query.lexicon import lexicon
from search.results import MOST_BUCKETS, Bucket, Facet, Hit, RawResult, SearchResult


def complete(
    viewer: Viewer,
    query: SearchQuery,
    raw: RawResult,
    names: FacetNames,
    backend: str,
    began: float,
) -> SearchResult:
    """The result to show. Two queries: hits are looked up again among what the viewer sees; labels.

    An index may be a second behind: a model that was hidden or deleted since is left out here.
    """
    ids = [found.hit["id"] for found in raw.hits]
    seen = set(visible_models(viewer).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    hits = tuple(
        Hit(
            **found.hit,
            score=found.score,
            reasons=found.reasons,
            snippet=found.snippet,
            measured=found.measured,
        )
        for found in raw.hits
        if found.hit["id"] in seen
    )
    facets = _facets(query, raw.counts, names)
    return SearchResult(
        query=query,
        total=max(0, raw.total - (len(ids) - len(hits))),
        hits=hits,
        facets=facets,
        backend=backend,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
        next_cursor=raw.next_cursor,
        bins=tuple(raw.bins),
        did_you_mean=corrected(query.words, [hit.name for hit in hits]) if raw.is_relaxed else "",
        notices=_notices(query, facets, names),
    )


def _facets(
    query: SearchQuery,
    counts: Mapping[str, Sequence[tuple[str, int]]],
    names: FacetNames,
) -> tuple[Facet, ...]:
    shown: dict[str, list[tuple[str, int]]] = {}
    for facet in names.labels:
        ranked = sorted(counts.get(facet, ()), key=lambda pair: (-pair[1], pair[0]))
        chosen = query.values(facet)
        kept = ranked[:MOST_BUCKETS]
        kept += [pair for pair in ranked[MOST_BUCKETS:] if pair[0] in chosen]
        shown[facet] = kept
    labels = labels_of((facet, value) for facet, pairs in shown.items() for value, _ in pairs)
    facets = []
    for facet, pairs in shown.items():
        chosen = query.values(facet)
        above = lexicon().parents
        buckets = [
            Bucket(v, labels.get((facet, v), v), count, v in chosen, above.get((facet, v), ""))
            for v, count in pairs
        ]
        known = {value for value, _ in pairs}
        # A choice that finds nothing stays on the page, so that it can be taken back.
        buckets += [Bucket(value, in_words(value), 0, True) for value in chosen if value not in known]
        if buckets:
            facets.append(Facet(facet, names.labels[facet], tuple(buckets)))
    return tuple(facets)


def _notices(query: SearchQuery, facets: Sequence[Facet], names: FacetNames) -> tuple[str, ...]:
    alone = not query.text and len(query.filters) + len(query.ranges) == 1
    whose = "you can see" if alone else "of this search"
    return tuple(
        f"No model {whose} has “{bucket.label}” as {names.labels[facet.slug].lower()}."
        for facet in facets
        for bucket in facet.buckets
        if bucket.is_chosen and not bucket.count and facet.slug in {f.facet for f in query.filters}
    )


def corrected(words: str, found: Sequence[str]) -> str:
    """The words with those that stand in no name found replaced by the closest piece of one; nothing when none is.

    It knows only names of models the viewer has just been shown.
    """
    pieces = [
        piece for name in found[:10] for piece in (*reading.parts(name), *reading.joins(reading.parts(name)))
    ]
    known = dict.fromkeys(pieces)
    changed = []
    for word in words.split():
        folded = reading.glued(word)
        if len(folded) < 4 or folded.isdigit() or folded in known:
            changed.append(word)
            continue
        close = difflib.get_close_matches(folded, known, n=1, cutoff=0.72)
        changed.append(close[0] if close else word)
    said = " ".join(changed)
    return said if said != words else ""
