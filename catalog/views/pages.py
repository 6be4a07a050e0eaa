"""Projects, versions, evaluations and history. Pages that draw on other apps are in `portal`."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.access import get_model, visible_projects
from catalog.models import Activity
from catalog.selectors import pages
from catalog.selectors.compare import compare
from catalog.selectors.versions import versions_page
from catalog.views.parameters import page_number, text

PROJECTS_PAGE = 50
FEED_PAGE = 50


def project_list(request: HttpRequest) -> HttpResponse:
    """Projects that exist for the viewer, with the number of their models."""
    words = text(request.GET, "q")
    projects = visible_projects(request.viewer).select_related("team").annotate(model_count=Count("models"))
    if words:
        projects = projects.filter(name__icontains=words)
    page = Paginator(projects.order_by("-model_count", "name"), PROJECTS_PAGE).get_page(
        page_number(request.GET)
    )
    return render(request, "catalog/project_list.html", {"page": page, "words": words})


def model_versions(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """All versions of a model, a page at a time."""
    found = get_model(request.viewer, project, model)
    page, lines = versions_page(found, page_number(request.GET))
    rights = pages.rights_on(request.viewer, found)
    context = {"model": found, "page": page, "lines": lines, "rights": rights, "tab": "versions"}
    return render(request, "catalog/model_versions.html", context)


def model_evaluations(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Every number measured for one version, filtered and paged."""
    found = get_model(request.viewer, project, model)
    chosen = {
        "label": text(request.GET, "version", 128),
        "metric": text(request.GET, "metric"),
        "text": text(request.GET, "dataset"),
    }
    values = pages.values_page(request.viewer, found, number=page_number(request.GET), **chosen)
    context = {"model": found, "values": values, "chosen": chosen, "tab": "evaluations"}
    return render(request, "catalog/model_evaluations.html", context)


def model_history(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Who did what with a model."""
    found = get_model(request.viewer, project, model)
    feed = Activity.objects.filter(model=found).select_related("actor", "version", "model__project")
    page = Paginator(feed, FEED_PAGE).get_page(page_number(request.GET))
    return render(request, "catalog/model_history.html", {"model": found, "page": page, "tab": "history"})


def version_detail(request: HttpRequest, project: str, model: str, label: str) -> HttpResponse:
    """One version: what it is made of, what was measured, and what changed against the one before."""
    page = pages.version_page(request.viewer, project, model, label)
    changes = compare(request.viewer, [page.before.ref, page.version.ref]) if page.before else None
    return render(
        request, "catalog/version_detail.html", {"page": page, "changes": changes, "tab": "versions"}
    )
