"""A search result as the page shows it: chips, facets, orders, pages, help where nothing was found."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest

from search.documents.builder import BANDS, band_value
from search.errors import InvalidQuery
from search.facets import band_label
from search.query import DATE_RANGE, DEEPEST, NUMBER_RANGES, MetricKey, SearchQuery, Sort, write_number
from search.query.url import LONGEST_TEXT
from search.query.wording import in_words, metric_label
from search.results import Bucket, Facet, SearchResult
from search.selectors import cards

SHOWN = 6
LONG = 12  # a facet with more values has a field to look for one
MOST_YEARS = 14
# What the query language gives a meaning to.
SIGNS = re.compile(r'[()"<>=:@!]|\b(?:AND|OR|NOT)\b|(?<!\S)-')
ORDERS = (
    ("relevance", "Relevance"),
    ("rating", "Rating"),
    ("followers", "Most followed"),
    ("newest", "Newest"),
    ("updated", "Last updated"),
    ("name", "Name"),
    ("parameters", "Fewest parameters"),
    ("-parameters", "Most parameters"),
    ("flops", "Least compute"),
    ("size", "Smallest file"),
)


def page(request: HttpRequest, result: SearchResult) -> dict[str, Any]:
    """What `search/results.html` shows."""
    query = result.query
    settled = query.settled()
    return {
        "search_text": query.q,
        "form_text": settled.q,
        "degraded": result.is_degraded,
        "result": result,
        "query": query,
        "hits": cards(result.hits, query.text, query.metric),
        "facets": [_facet(facet, query) for facet in result.facets if facet.slug not in (*BANDS, DATE_RANGE)],
        "numbers": [
            _numbers(result, "parameters", "under 1 M", "100 M", "over 7 B"),
            _numbers(result, "flops", "under 100 M", "4 G", "over 64 G"),
        ],
        "released": _released(result),
        "metric": _metric(result),
        "did_you_mean": _did_you_mean(request, result),
        "chips": chips(result),
        "words_url": _url(request, replace(query.first_page(readings=()), is_literal=True))
        if query.read
        else "",
        "understand_url": _understand_url(request, query),
        "explain_url": _url(request, replace(query, explain=not query.explain)) if query.text else "",
        "clear_url": _url(request, _cleared(query)),
        "orders": _orders(result),
        "sort_words": query.sort_words,
        "notices": result.notices,
        "empty": _empty(request, result) if not result.hits else None,
        **_pages(request, result),
    }


def refused(request: HttpRequest, error: InvalidQuery) -> dict[str, Any]:
    """The page for a search that can't be understood: what is wrong, and the way out."""
    kept = request.GET.copy()
    kept.pop(error.parameter, None)
    kept.pop("page", None)
    text = request.GET.get("q", "")[:LONGEST_TEXT]
    actions = []
    if error.place is not None and (plain := " ".join(SIGNS.sub(" ", text).split())):
        words = kept.copy()
        words["q"] = plain
        actions.append(("Search the words alone", f"{request.path}?{words.urlencode()}"))
    else:
        without = f"{request.path}?{kept.urlencode()}" if kept else request.path
        actions.append((f"Search without “{error.parameter[:40]}”", without))
    return {
        "search_text": text if error.place is not None or error.parameter != "q" else "",
        "error": error,
        "typed": _around(text, error),
        "empty": {
            "title": "This search can't be understood",
            "text": error.reason,
            "hints": [error.suggestion] if error.suggestion else [],
            "actions": [*actions, ("Start again", request.path)],
        },
    }


def _around(text: str, error: InvalidQuery) -> dict[str, Any] | None:
    """The text in three parts: before what is wrong, that, and after."""
    if error.place is None:
        return None
    start, end = error.place.start, max(error.place.end, error.place.start + 1)
    return {
        "before": text[max(0, start - 120) : start],
        "wrong": text[start:end],
        "after": text[end : end + 120],
    }


def _did_you_mean(request: HttpRequest, result: SearchResult) -> dict[str, str] | None:
    """The words in another spelling, and where they lead."""
    if not result.did_you_mean:
        return None
    again = replace(result.query.first_page(text=result.did_you_mean, readings=()), is_literal=False)
    return {"words": result.did_you_mean, "url": _url(request, again)}


def _cleared(query: SearchQuery) -> SearchQuery:
    """The words alone, without any condition."""
    return replace(SearchQuery(text=query.text), sort=query.sort, descending=query.descending)


def _understand_url(request: HttpRequest, query: SearchQuery) -> str:
    """The same search with its words read, where somebody asked for words as they are: whether any would be understood
    is not looked up, since that may tell of what the viewer can't see."""
    is_asked = query.is_literal and query.text
    return _url(request, replace(query.first_page(), is_literal=False)) if is_asked else ""


def _url(request: HttpRequest, query: SearchQuery) -> str:
    return request.path + query.url_query() if query.url_query() else request.path


def chips(result: SearchResult) -> list[dict[str, str]]:
    """Every filter in force, with the address of the same search without it; what was understood comes first."""
    query, known = result.query, result.known
    found = []
    for reading in query.read:
        found.append(
            {
                "label": in_words(reading.condition, known),
                "words": reading.words,
                "remove_url": query.without_reading(reading).url_query() or "?",
                "as_words_url": query.as_words(reading).url_query(),
            }
        )
    for chosen in query.filters:
        facet = result.facet(chosen.facet)
        labels = {bucket.value: bucket.label for bucket in facet.buckets}
        for value in chosen.values:
            label = f"{facet.label.lower()}: {labels.get(value, value)}"
            found.append(
                {
                    "label": label,
                    "remove_url": query.toggled(chosen.facet, value).url_query() or "?",
                }
            )
    for wanted in query.ranges:
        url = query.without_range(wanted.field).url_query() or "?"
        found.append({"label": in_words(wanted, known), "remove_url": url})
    for part in query.where:
        url = query.without_condition(part).url_query() or "?"
        found.append({"label": in_words(part, known), "remove_url": url})
    return found


def _facet(facet: Facet, query: SearchQuery) -> dict[str, Any]:
    """A facet as `_facet.html` takes it: what is chosen and what is frequent at once, the rest on demand.

    Values of a taxonomy stand under the one above them.
    """
    found = query.find(facet.slug)
    known = {bucket.value for bucket in facet.buckets}
    below: dict[str, list[Bucket]] = defaultdict(list)
    for bucket in facet.buckets:
        below[bucket.parent if bucket.parent in known and not found else ""].append(bucket)
    top = [_branch(bucket, below) for bucket in below[""]]
    most = len(top) if found else SHOWN
    return {
        "key": facet.slug,
        "label": facet.label,
        "buckets": [b for i, b in enumerate(top) if i < most or b["selected"] or b["open"]],
        "more": [b for i, b in enumerate(top) if i >= most and not (b["selected"] or b["open"])],
        "max": facet.most,
        "find": found,
        "is_long": len(facet.buckets) > LONG or bool(found),
    }


def _branch(bucket: Bucket, below: Mapping[str, Sequence[Bucket]]) -> dict[str, Any]:
    narrower = [_branch(one, below) for one in below.get(bucket.value, ())]
    return {
        "value": bucket.value,
        "label": bucket.label,
        "count": bucket.count,
        "selected": bucket.is_chosen,
        "narrower": narrower,
        "open": bucket.is_chosen or any(one["selected"] or one["open"] for one in narrower),
    }


def _numbers(result: SearchResult, name: str, low: str, middle: str, high: str) -> dict[str, Any]:
    """The facet of a number: how many models at each step of its scale, and two fields for a range."""
    counts = {bucket.value: bucket.count for bucket in result.facet(name).buckets}
    wanted = result.query.range(name)
    least = float(wanted.minimum) if wanted and isinstance(wanted.minimum, float) else 0.0
    most = float(wanted.maximum) if wanted and isinstance(wanted.maximum, float) else float("inf")
    bins = [
        {
            "label": band_label(name, start, end),
            "count": counts.get(band_value(start, end), 0),
            "selected": wanted is None or (start < most and end > least),
        }
        for start, end in BANDS[name]
    ]
    return {
        "key": name,
        "label": NUMBER_RANGES[name],
        "note": "log scale",
        "bins": bins,
        "low": low,
        "middle": middle,
        "high": high,
        "min_name": f"{name}_min",
        "max_name": f"{name}_max",
        "min": write_number(least) if wanted and wanted.minimum is not None and not wanted.above else None,
        "max": write_number(most) if wanted and wanted.maximum is not None and not wanted.below else None,
        "has_any": any(counts.values()) or wanted is not None,
    }


def _released(result: SearchResult) -> dict[str, Any]:
    """The years of release as bars, and two fields for a range of dates."""
    wanted = result.query.range(DATE_RANGE)
    ends = (wanted.minimum, wanted.maximum) if wanted else (None, None)
    after, before = (end.isoformat() if isinstance(end, date) else "" for end in ends)
    counts = {bucket.value: bucket.count for bucket in result.facet(DATE_RANGE).buckets}
    years = sorted(int(year) for year in counts if year.isdigit())
    first = max(years[0], years[-1] - MOST_YEARS) if years else 0
    bins = [
        {
            "label": str(year),
            "count": counts.get(str(year), 0),
            "selected": (not after or str(year) >= after[:4]) and (not before or str(year) <= before[:4]),
        }
        for year in range(first, years[-1] + 1 if years else 0)
    ]
    return {
        "after": after,
        "before": before,
        "bins": bins if len(bins) > 1 else [],
        "low": str(first) if first == (years or [0])[0] else f"from {first}",
        "high": str(years[-1]) if years else "",
    }


def _metric(result: SearchResult) -> dict[str, Any] | None:
    """The spread of the metric in play over the hits."""
    key, known = result.query.metric_in_play, result.known
    if key is None or not result.bins:
        return None
    metric = known.metrics.get(key.metric)
    unit = f" {metric.unit}" if metric and metric.unit not in ("", "ratio") else ""
    better = {"higher": "higher is better", "lower": "lower is better"}.get(
        metric.direction if metric else "", ""
    )
    return {
        "label": metric_label(known, key),
        "note": "values measured",
        "bins": [
            {"label": f"{one.low:.4g} to {one.high:.4g}{unit}", "count": one.count, "selected": True}
            for one in result.bins
        ],
        "low": f"{result.bins[0].low:.4g}{unit}",
        "middle": better,
        "high": f"{result.bins[-1].high:.4g}{unit}",
    }


def _orders(result: SearchResult) -> list[tuple[str, str]]:
    """The orders on offer: the usual ones, and the metrics that the hits on this page show."""
    query, known = result.query, result.known
    orders = list(ORDERS)
    keys = dict.fromkeys(
        MetricKey(hit.key_metric["metric"], hit.key_metric["dataset"])
        for hit in result.hits
        if hit.key_metric
    )
    if key := query.metric_in_play:
        keys = {key: None, **keys}
    offered = [(f"metric:{key}", f"Best {metric_label(known, key)}") for key in list(keys)[:5]]
    orders += [pair for pair in offered if pair[0] != query.sort_words or query.sort is Sort.METRIC]
    if query.sort_words not in dict(orders):
        words = f"Worst {metric_label(known, query.metric)}" if query.metric else query.sort_words
        orders.append((query.sort_words, words))
    return orders


def _pages(request: HttpRequest, result: SearchResult) -> dict[str, Any]:
    """Numbered pages as far as they can be counted to; beyond, one after the other."""
    query, size = result.query, result.query.page.size
    last = min(result.pages, DEEPEST // size)
    if query.page.cursor is not None:
        following = _url(request, query.after(result.next_cursor)) if result.next_cursor else ""
        return {"first_url": _url(request, query.at_page(1)), "next_url": following}
    following = ""
    if query.page.number == last and result.next_cursor:
        following = _url(request, query.after(result.next_cursor))
    return {
        "page": query.page.number,
        "pages": last,
        "next_url": following,
        "past_end": query.page.number > max(1, last),
    }


def _empty(request: HttpRequest, result: SearchResult) -> dict[str, Any]:
    """Why nothing was found, and what to try."""
    query = result.query
    if result.total:
        return {
            "title": "There is nothing on this page",
            "text": f"The search has {result.pages:,} page{'s' if result.pages != 1 else ''}.",
            "hints": [],
            "actions": [("Go to the first page", _url(request, query.at_page(1)))],
        }
    hints: list[str] = list(result.notices)
    actions: list[tuple[str, str]] = []
    if query.is_narrowed:
        for facet in result.facets:
            others: Sequence[Any] = [b for b in facet.buckets if b.count and not b.is_chosen]
            if facet.is_chosen and others:
                names = ", ".join(f"{b.label} ({b.count:,})" for b in others[:3])
                hints.append(f"With another {facet.label.lower()} there are: {names}.")
        actions.append(("Remove all filters", _url(request, _cleared(query))))
    if query.text:
        hints.append("Check the spelling, or use fewer words: a model's family, its task, a data set.")
        if query.is_narrowed:
            actions.append(("Search without the words", _url(request, query.first_page(text=""))))
    actions.append(("See all models", request.path))
    words = f" for “{query.text[:80]}”" if query.text else ""
    filters = " with these filters" if query.is_narrowed else ""
    return {
        "title": f"No model found{words}{filters}",
        "text": "" if query.text or query.is_narrowed else "There are no models here yet that you may see.",
        "hints": hints,
        "actions": actions,
    }
