"""Projects, versions, evaluations and history. Pages that draw on other apps are in `portal`."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.access import get_model, visible_projects
from catalog.models import Activity
from core.parameters import page_number, text
from evaluations.selectors.progress import progress_of
from evaluations.selectors.versions import versions_page
from portal.selectors import version_page
from portal.selectors.card import card_of
from portal.selectors.dossier import dossier_of
from portal.selectors.model_page import rights_on

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
    rights = rights_on(request.viewer, found)
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
    values = version_page.values_page(request.viewer, found, number=page_number(request.GET), **chosen)
    context = {"model": found, "values": values, "chosen": chosen, "tab": "evaluations"}
    return render(request, "catalog/model_evaluations.html", context)


def model_history(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Who did what with a model."""
    found = get_model(request.viewer, project, model)
    feed = Activity.objects.filter(model=found).select_related("actor", "version", "model__project")
    page = Paginator(feed, FEED_PAGE).get_page(page_number(request.GET))
    return render(request, "catalog/model_history.html", {"model": found, "page": page, "tab": "history"})


def model_progress(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """How a model's numbers go over its versions, or over time with `by=time`: small charts, a page at a time."""
    found = get_model(request.viewer, project, model)
    by_time = request.GET.get("by") == "time"
    progress = progress_of(found, by_time=by_time, page=page_number(request.GET))
    context = {"model": found, "progress": progress, "by_time": by_time, "tab": "progress"}
    return render(request, "catalog/model_progress.html", context)


def model_dossier(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """All that is known of a model, for paper; `version` names another one than that which stands for it."""
    dossier = dossier_of(request.viewer, project, model, text(request.GET, "version", 128))
    context = {"dossier": dossier, "model": dossier.model, "written_at": timezone.now()}
    return render(request, "catalog/dossier.html", context)


def model_card(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """The model as a card of the Hugging Face Hub."""
    dossier = dossier_of(request.viewer, project, model, text(request.GET, "version", 128))
    response = HttpResponse(card_of(dossier), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{dossier.model.slug}.README.md"'
    return response


def version_detail(request: HttpRequest, project: str, model: str, label: str) -> HttpResponse:
    """One version: what it is made of, what was measured, and what changed against the one before."""
    page = version_page.version_page(request.viewer, project, model, label)
    return render(request, "catalog/version_detail.html", {"page": page, "tab": "versions"})
