"""Sending files of statistics, and removing what was sent."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access.policy import require
from access.viewer import Viewer
from catalog.models import ModelVersion
from catalog.selectors.versions import get_version
from core.errors import DomainError, NotVisible
from core.parameters import page_number
from evaluations.forms import StatisticsFileForm
from evaluations.selectors.statistics import statistic_rows
from evaluations.services.statistics import (
    Added,
    add_statistics,
    remove_drift,
    remove_series,
    remove_statistic,
)

ROWS = 50
SERIES_AT_MOST = 500


@require_http_methods(["GET", "POST"])
def version_statistics_edit(request: HttpRequest, project: str, model: str, label: str) -> HttpResponse:
    """A file adds statistics; each of them, a series and the drift of a feature may be removed."""
    version = get_version(request.viewer, project, model, label)
    require(request.viewer, "version.create", version.model)
    action = request.POST.get("action", "")
    form = StatisticsFileForm(request.POST, request.FILES) if action == "file" else StatisticsFileForm()
    try:
        if action == "file" and form.is_valid():
            added = add_statistics(viewer=request.viewer, version=version, document=form.document())
            messages.success(request, said(added))
            return redirect("catalog:statistics", project, model, label)
        if action.startswith("remove-"):
            messages.success(request, _remove(request.viewer, version, action, request.POST.get("what", "")))
            return redirect("catalog_edit:statistics", project, model, label)
    except DomainError as error:
        form.tell(error)
    rows = statistic_rows(version).order_by("evaluation__dataset__name", "evaluation_id", "kind", "name")
    context: dict[str, Any] = {
        "version": version,
        "model": version.model,
        "form": form,
        "page": Paginator(rows, ROWS).get_page(page_number(request.GET)),
        "series": list(version.series.values_list("name", flat=True)[:SERIES_AT_MOST]),
        "drifts": version.drift.exists(),
    }
    return render(request, "catalog/edit/statistics.html", context, status=400 if form.errors else 200)


def _remove(viewer: Viewer, version: ModelVersion, action: str, what: str) -> str:
    """Remove what is named, as it may have been a moment ago; what to say then."""
    what = what[:200].replace("\x00", "")
    try:
        if action == "remove-statistic":
            number = int(what) if what.isascii() and what.isdigit() and len(what) < 19 else 0
            remove_statistic(viewer=viewer, version=version, statistic_id=number)
        elif action == "remove-series":
            remove_series(viewer=viewer, version=version, name=what)
        elif action == "remove-drift":
            count = remove_drift(viewer=viewer, version=version, feature=what.strip())
            return f"Removed {count:,} point{'' if count == 1 else 's'} of drift."
    except NotVisible:
        return "There is no such thing here, or no more."
    return "Removed."


def said(added: Added) -> str:
    """What a file added, in a sentence."""
    if not added.is_new:
        return "All of it was there already."
    parts = [
        f"{count:,} {one if count == 1 else several}"
        for count, one, several in (
            (added.new_statistics, "statistic", "statistics"),
            (added.new_drift, "point of drift", "points of drift"),
            (added.new_points, "point of a series", "points of series"),
        )
        if count
    ]
    return f"Added: {', '.join(parts)}."
