"""Template tags and filters every page uses. The work is done in `core.formatting`, `.markdown`, `.charts`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from core import cells, formatting
from core import markdown_html as md
from core.charts import Chart, as_svg, inline

register = template.Library()

THEMES = ("light", "dark")


# ── values ──────────────────────────────────────────────────────────────────────────────────────


@register.filter
def compact(value: object, billion: str = "G") -> str:
    """`{{ n|compact }}` 25.6 M, 8.3 G; `{{ n|compact:"B" }}` 7 B; missing is —."""
    return formatting.compact(value, billion)


@register.filter
def count(value: object) -> str:
    """`{{ n|count }}` 3,889: the exact number with separators."""
    return formatting.plain(value)


@register.filter(name="number")
def number_filter(value: object, unit: str = "") -> str:
    """`{{ value|number:"%" }}` 81.21 %."""
    return formatting.measured(value, unit)


@register.simple_tag
def number(value: object, unit: str = "", digits: int | None = None) -> str:
    """`{% number value unit="ms" digits=1 %}`."""
    return formatting.measured(value, unit, digits)


@register.filter(name="bytes")
def bytes_filter(value: object) -> str:
    """`{{ n|bytes }}` 103 MB."""
    return formatting.file_size(value)


@register.filter
def share_of(part: object, whole: object) -> str:
    """`{{ part|share_of:whole }}` percent from 0 to 100, for the width of a bar."""
    return f"{formatting.share(part, whole):g}"


@register.filter
def initials(name: object) -> str:
    """`{{ person.name|initials }}` RA."""
    return formatting.initials(name)


@register.filter
def spaced(name: object) -> str:
    """`{{ "intended_use"|spaced }}` intended use: a field's name as words."""
    return str(name).replace("_", " ").replace("-", " ")


@register.filter
def ago(value: object) -> str | SafeString:
    """A <time> that reads "2 h ago" and tells the exact moment on hover; missing is —."""
    if isinstance(value, date) and not isinstance(value, datetime):
        words = formatting.relative_day(value, timezone.localdate())
        return _time(value.isoformat(), formatting.exact_time(value), words)
    moment = formatting.as_moment(value)
    if moment is None:
        return formatting.MISSING
    local = timezone.localtime(moment)
    words = formatting.relative_time(moment, timezone.now())
    return _time(local.isoformat(timespec="seconds"), formatting.exact_time(local), words)


def _time(machine: str, exact: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, words)


# ── text ────────────────────────────────────────────────────────────────────────────────────────


@register.filter
def markdown(text: object, known: Collection[str] | md.PersonUrl | None = None) -> SafeString:
    """Safe HTML. With `known` usernames (or a callback), only those @names become links."""
    if known is None:
        return md.render(text)
    return md.render(text, known if callable(known) else md.only_known(known))


@register.filter
def highlight(fragment: object) -> SafeString:
    """A search fragment with its found words in <mark>."""
    return md.highlight(fragment)


@register.filter
def web(address: object) -> str:
    """`{% if paper.url|web %}`: an address that a reader may be led to, http or https; else nothing."""
    words = str(address or "")
    return words if words.lower().startswith(("https://", "http://")) else ""


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """The options of a <select>, from pairs of value and words."""
    return cells.options(choices, chosen)


@register.simple_tag
def icon(name: str, size: int = 16) -> str:
    """A lucide icon, hidden from screen readers: a word or a label always stands beside it."""
    return lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": "icon"})


# ── URLs ────────────────────────────────────────────────────────────────────────────────────────


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: object) -> str:
    """This page's query string with parameters set; None or "" removes: `{% query_with page=2 q=None %}`."""
    return changed_query(_query(context), changes)


@register.simple_tag(takes_context=True)
def query_plus(context: template.Context, name: str, value: object, **changes: object) -> str:
    """This page's query string with one more value of `name`; others stay."""
    return changed_query(_query(context), changes, add=(name, str(value)))


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, name: str, value: object = None, **changes: object) -> str:
    """This page's query string without `value` of `name`, or without `name` at all."""
    return changed_query(_query(context), changes, drop=(name, None if value is None else str(value)))


def changed_query(
    query: QueryDict,
    changes: Mapping[str, object],
    *,
    add: tuple[str, str] | None = None,
    drop: tuple[str, str | None] | None = None,
) -> str:
    """A query string starting with "?", with the changes made; lists set several values."""
    changed = {name: list(values) for name, values in query.lists()}
    if drop:
        name, value = drop
        changed[name] = [item for item in changed.get(name, []) if value is not None and item != value]
    if add and add[1] not in changed.get(add[0], []):
        changed.setdefault(add[0], []).append(add[1])
    for name, wanted in changes.items():
        if isinstance(wanted, list | tuple | set | frozenset):
            changed[name] = [str(item) for item in wanted]
        else:
            changed[name] = [] if wanted is None or wanted == "" else [str(wanted)]
    return "?" + "&".join(f"{quoted(name)}={quoted(value)}" for name in changed for value in changed[name])


@lru_cache(maxsize=1024)
def quoted(text: str) -> str:
    """Text as it stands in a query string. Fifty links of a comparison name the same twelve models."""
    return quote(text, safe="/")


def _request(context: template.Context) -> HttpRequest | None:
    return context.get("request")


def _query(context: template.Context) -> QueryDict:
    request = _request(context)
    return request.GET if request is not None else QueryDict()


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The theme the visitor chose ("light" or "dark"), or "" to follow the system."""
    request = _request(context)
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def current(context: template.Context, *prefixes: str) -> str | SafeString:
    """`aria-current` for a link of the navigation when this page lies under one of the paths."""
    request = _request(context)
    if request is not None and any(request.path.startswith(prefix) for prefix in prefixes):
        return format_html(' aria-current="{}"', "page")
    return ""


# ── pieces that need arithmetic ─────────────────────────────────────────────────────────────────


@register.inclusion_tag("_chart.html")
def line_chart(
    points: Sequence[Mapping[str, Any]], title: str, conditions: str = "", unit: str = "", level: int = 2
) -> dict[str, Any]:
    """A line of values over versions, oldest first: points of `{label, value, note?, hint?, url?}`."""
    chart = inline.line_chart(points, unit)
    return {"chart": chart, "title": title, "conditions": conditions, "unit": unit, "level": level}


@register.inclusion_tag("_vega.html", takes_context=True)
def vega(context: template.Context, chart: Chart, level: int = 2) -> dict[str, Any]:
    """A `core.charts.Chart`: drawn by the server, alive where there is script, with its table and downloads.

    The page answers `?chart=NAME&as=svg|png|csv|json` beside its own parameters (`core.charts.download.download`).
    """
    offered = {
        name: changed_query(_query(context), {"chart": chart.name, "as": kind})
        for name, kind in (("SVG", "svg"), ("PNG", "png"), ("CSV", "csv"), ("Vega-Lite", "json"))
    }
    return {
        "chart": chart,
        "drawing": as_svg(chart),
        "level": level,
        "offered": offered,
        "spec_id": f"chart-{chart.name}-spec",
    }


@register.inclusion_tag("_sparkline.html")
def sparkline(values: Sequence[object], label: str) -> dict[str, Any]:
    """A small line without axes; `label` says in words what it shows."""
    return {"points": inline.sparkline_points(values), "label": label}


@register.inclusion_tag("_bars.html")
def histogram(bins: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Bars of `{label, count, selected?}`."""
    return {"bars": inline.histogram_bars(bins), "label": label}


@register.inclusion_tag("_pager.html", takes_context=True)
def pager(
    context: template.Context, page: int, pages: int, noun: str = "Pages", name: str = "page"
) -> dict[str, Any]:
    """Numbered paging of this URL; for cursors include `_pager.html` with your own URLs."""

    def url(number: int) -> str:
        return changed_query(_query(context), {name: number if number > 1 else None})

    return {
        "label": noun,
        "previous_url": url(page - 1) if page > 1 else "",
        "next_url": url(page + 1) if page < pages else "",
        "pages": [
            {"number": n, "url": url(n) if n else "", "current": n == page} for n in page_numbers(page, pages)
        ],
    }


def page_numbers(page: int, pages: int, around: int = 1) -> list[int]:
    """First, last and the neighbours of `page`; 0 stands for a gap."""
    wanted = sorted({1, pages, *range(page - around, page + around + 1)} & set(range(1, pages + 1)))
    numbers: list[int] = []
    for number in wanted:
        if numbers and number - numbers[-1] == 2:
            numbers.append(number - 1)
        elif numbers and number - numbers[-1] > 2:
            numbers.append(0)
        numbers.append(number)
    return numbers


@register.filter
def star_row(value: object) -> list[bool]:
    """Five flags, true where a star is filled, to the nearest whole star."""
    rating = formatting.as_number(value)
    filled = 0 if rating is None else int(rating + formatting.Decimal("0.5"))
    return [position < filled for position in range(5)]


@register.filter
def item(sequence: Sequence[Any], index: int) -> Any:
    """`{{ list|item:2 }}`: an element by a position that is itself a variable; None outside."""
    return sequence[index] if 0 <= index < len(sequence) else None
