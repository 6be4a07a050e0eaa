"""The statistics of a version, and of several side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.selectors.refs import UnknownRef
from core.charts.download import download
from core.parameters import page_number, text
from evaluations.selectors.compare import FEWEST, MOST
from evaluations.selectors.comparison import WrongNumber
from evaluations.selectors.statistics_compare import candidates, compare_statistics
from evaluations.selectors.statistics_page import statistics_page


def version_statistics(request: HttpRequest, project: str, model: str, label: str) -> HttpResponse:
    """Matrices, curves, importances and fairness under chosen conditions; drift and series of the version."""
    page = statistics_page(
        request.viewer,
        project,
        model,
        label,
        on=_number(request),
        measure=text(request.GET, "measure", 3),
        feature=text(request.GET, "feature"),
        words=text(request.GET, "series"),
        number=page_number(request.GET),
    )
    if file := download(request, page.charts):
        return file
    return render(request, "catalog/version_statistics.html", {"page": page, "tab": "versions"})


def compared_statistics(request: HttpRequest) -> HttpResponse:
    """Curves of 2 to 12 versions overlaid, matrices side by side: only what was measured alike."""
    refs = list(dict.fromkeys(ref for ref in request.GET.getlist("model") if ref.strip()))
    context = {"refs": refs, "fewest": FEWEST, "most": MOST}
    status = 200
    try:
        if len(refs) >= FEWEST:
            context["comparison"] = compared = compare_statistics(request.viewer, refs, on=_number(request))
            if file := download(request, compared.charts):
                return file
    except WrongNumber as error:
        status, context["error"] = 400, str(error)
    except UnknownRef as error:
        status, context["error"] = 404, str(error)
    if "comparison" not in context:
        context["candidates"] = candidates(request.viewer, refs)
    return render(request, "catalog/compare_statistics.html", context, status=status)


def _number(request: HttpRequest) -> int:
    """The parameter `on`; 0 where it is none."""
    words = request.GET.get("on", "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 19 else 0
