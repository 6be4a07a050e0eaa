"""Pages of numbers: a leader board for any metric on any data set, and any two numbers of what a search finds."""

from typing import Any

from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from access.viewer import Viewer
from access.viewers import load_viewer
from core.charts import Column, table_as_csv
from core.charts.download import download
from core.parameters import page_number
from evaluations import leaderboards
from search.errors import InvalidQuery
from search.query import SearchQuery
from search.service import MOST_IDS, ids, read
from search.web import presentation

OWN = frozenset({"on", "x", "y", "log", "color", "chart", "as", "page", "format"})
PAGE_SIZE = 50
EMBEDDED = 20


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Models ranked by the metric that `on` names (`metric@dataset@split@slice`), among what a search finds.

    Without `on`, what there are boards of. `format=csv|json` downloads the board, `chart` its progress over time.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    try:
        query, found = _found(request, viewer)
    except InvalidQuery as error:
        return render(request, "search/board.html", presentation.refused(request, error), status=400)
    on = request.GET.get("on", "")[:600]
    if not on:
        offers = leaderboards.offers(leaderboards.visible(viewer, found))
        return render(request, "search/board_start.html", {"offers": offers, "search_text": query.q})
    ranked = leaderboards.board(viewer, found, leaderboards.key_of(on))
    context: dict[str, Any] = {"board": ranked, "on": on, **_asked(request, query, len(found))}
    if ranked is None:
        return render(request, "search/board.html", context, status=404)
    progress = leaderboards.progress(ranked)
    if file := _file(request, ranked) or download(request, [progress]):
        return file
    pages = Paginator(ranked.entries, PAGE_SIZE)
    page = pages.get_page(page_number(request.GET))
    context |= {
        "entries": page.object_list,
        "page": page.number,
        "pages": pages.num_pages,
        "progress": progress,
        "embed_url": request.build_absolute_uri(f"{reverse('search:board_embed')}?{request.GET.urlencode()}"),
    }
    return render(request, "search/board.html", context)


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def board_embed(request: HttpRequest) -> HttpResponse:
    """The top of a board for other sites' frames: what anybody may see, whoever looks."""
    viewer = load_viewer(AnonymousUser())
    try:
        _, found = _found(request, viewer)
        ranked = leaderboards.board(viewer, found, leaderboards.key_of(request.GET.get("on", "")[:600]))
    except InvalidQuery:
        ranked = None
    context = {
        "board": ranked,
        "entries": ranked.entries[:EMBEDDED] if ranked else [],
        "whole_url": request.build_absolute_uri(f"{reverse('search:board')}?{request.GET.urlencode()}"),
    }
    response = render(request, "search/board_embed.html", context, status=200 if ranked else 404)
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def plot(request: HttpRequest) -> HttpResponse:
    """Any two numbers of what a search finds: `x` and `y` are a fact or `metric@dataset@split@slice`, `log` names the
    axes on a logarithmic scale, `color` a facet.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    try:
        query, found = _found(request, viewer)
    except InvalidQuery as error:
        return render(request, "search/plot.html", presentation.refused(request, error), status=400)
    x, y = request.GET.get("x", "parameters")[:600], request.GET.get("y", "")[:600]
    if not y:
        y = next((one.key for one in leaderboards.offers(leaderboards.visible(viewer, found))), "rating")
    logs = request.GET.getlist("log") if "x" in request.GET else ["x"]
    color = request.GET.get("color", "")
    color = color if color in leaderboards.GROUPS else ""
    chart, offers = leaderboards.plot(viewer, found, x, y, log_x="x" in logs, log_y="y" in logs, group=color)
    if file := download(request, [chart]):
        return file
    facts = [(key, axis.label, None) for key, axis in leaderboards.FACTS.items()]
    measures = [*facts, *((one.key, one.label, one.models) for one in offers)]
    offered = {key for key, _, _ in measures}
    measures += [(key, key, None) for key in dict.fromkeys((x, y)) if key not in offered]
    context = {
        "chart": chart,
        "measures": measures,
        "x": x,
        "y": y,
        "is_log": {"x": "x" in logs, "y": "y" in logs},
        "color": color,
        "colors": leaderboards.GROUPS.items(),
        **_asked(request, query, len(found)),
    }
    return render(request, "search/plot.html", context)


def _found(request: HttpRequest, viewer: Viewer) -> tuple[SearchQuery, list[int]]:
    """The search that the address holds beside what the page itself takes, and what it finds.

    Raises:
        InvalidQuery: it can't be read.
    """
    given = {name: values for name, values in request.GET.lists() if name not in OWN}
    query = read(viewer, given)
    return query, ids(viewer, query)


def _asked(request: HttpRequest, query: SearchQuery, count: int) -> dict[str, Any]:
    """The search behind the page: to show, to keep in its forms, and to go back to."""
    kept = [(name, value) for name, values in request.GET.lists() if name not in OWN for value in values]
    return {
        "query": query,
        "search_text": query.q,
        "kept": kept,
        "count": count,
        "is_cut": count >= MOST_IDS,
        "search_url": f"{reverse('search:results')}?{urlencode(kept)}" if kept else reverse("search:results"),
    }


def _file(request: HttpRequest, board: leaderboards.Board) -> HttpResponse | None:
    """The whole board as CSV or JSON, if that is asked for."""
    wanted = request.GET.get("format", "")
    if wanted == "json":
        return JsonResponse(board_data(board), json_dumps_params={"ensure_ascii": False})
    if wanted != "csv":
        return None
    columns = [
        Column("Rank"),
        Column("Model"),
        Column("Version"),
        Column(board.metric.name, board.metric.unit),
    ]
    columns += [Column("Low"), Column("High"), Column("Date"), Column("Address")]
    rows = [
        [
            e.rank,
            e.name,
            e.version,
            e.value,
            e.interval.low if e.interval else None,
            e.interval.high if e.interval else None,
            e.at,
            e.url,
        ]
        for e in board.entries
    ]
    response = HttpResponse(table_as_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="vitrine-board.csv"'
    return response


def board_data(board: leaderboards.Board) -> dict[str, Any]:
    """A board as plain data."""
    where = board.conditions
    return {
        "metric": board.metric.slug,
        "name": board.metric.name,
        "unit": board.metric.unit,
        "direction": board.metric.direction,
        "dataset": where.dataset or None,
        "split": where.split or None,
        "slice": where.slice or None,
        "entries": [
            {
                "rank": e.rank,
                "id": e.model_id,
                "name": e.name,
                "url": e.url,
                "version": e.version,
                "value": e.value,
                "interval": [e.interval.low, e.interval.high] if e.interval else None,
                "at": e.at,
            }
            for e in board.entries
        ],
    }
