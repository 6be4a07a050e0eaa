"""The search page and the suggestions under its box."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from access.viewer import Viewer
from search.errors import InvalidQuery
from search.service import read, search, suggest
from search.web import presentation
from search.web.completion import completions


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What was found, with facets; htmx asks the same address and takes the part it needs."""
    status = 200
    try:
        query = read(request.viewer, dict(request.GET.lists()))  # type: ignore[attr-defined]
        page = presentation.page(request, search(request.viewer, query))  # type: ignore[attr-defined]
    except InvalidQuery as error:
        page, status = presentation.refused(request, error), 400
    response = render(request, "search/results.html", page, status=status)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    response["Cache-Control"] = "private, no-cache"
    return response


def suggested(viewer: Viewer, prefix: str) -> list[dict[str, str]]:
    """What may be meant: how a condition goes on, else models, people and words of the vocabulary."""
    begun = completions(viewer, prefix)
    is_condition = any(one.kind == "filter" for one in begun)
    found = begun if is_condition else [*suggest(viewer, prefix), *begun]
    return [{"kind": s.kind, "label": s.label, "url": s.url, "hint": s.hint, "text": s.text} for s in found]


@login_not_required
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Suggestions for what is typed so far, as JSON; none for visitors of a closed site."""
    prefix = "".join(c if c.isprintable() else " " for c in request.GET.get("q", ""))[:200]
    prefix = prefix.encode("utf-8", "ignore").decode()
    response = JsonResponse({"suggestions": suggested(request.viewer, prefix)})  # type: ignore[attr-defined]
    patch_vary_headers(response, ["Cookie"])
    response["Cache-Control"] = "private, no-cache"
    return response
