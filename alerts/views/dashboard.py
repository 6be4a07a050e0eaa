"""The dashboards of the inventory, a project, a team: for whoever sees models; alerts only after a sign-in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.requests import ViewedRequest
from accounts.models import Team
from alerts.access import may_manage
from alerts.selectors.dashboard import dashboard
from catalog.access import get_project
from catalog.models import Project
from core.errors import NotAllowed, NotVisible


@require_safe
def of_inventory(request: ViewedRequest) -> HttpResponse:
    """`/dashboard`"""
    return _shown(request, title="Dashboard", whole="the whole inventory", query="")


@require_safe
def of_project(request: ViewedRequest, project: str) -> HttpResponse:
    """`/dashboard/projects/fraud`"""
    found = get_project(request.viewer, project)
    crumbs = [("Projects", "/p/"), (found.name, found.get_absolute_url())]
    return _shown(
        request,
        title="Dashboard",
        whole=found.name,
        query=f"project={found.slug}",
        project=found,
        crumbs=crumbs,
    )


@require_safe
def of_team(request: ViewedRequest, team: str) -> HttpResponse:
    """`/dashboard/teams/vision`: models of its projects, and those it owns."""
    if not request.viewer.is_signed_in and not request.viewer.site_is_open:
        raise NotAllowed("people.view", "Sign in first.")
    found = Team.objects.filter(slug=team).first()
    if found is None:
        raise NotVisible
    crumbs = [("Teams", "/teams/"), (found.name, found.get_absolute_url())]
    return _shown(request, title="Dashboard", whole=found.name, query="", team=found, crumbs=crumbs)


def _shown(
    request: ViewedRequest,
    *,
    title: str,
    whole: str,
    query: str,
    project: Project | None = None,
    team: Team | None = None,
    crumbs: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "page": dashboard(request.viewer, project=project, team=team),
        "title": title,
        "whole": whole,
        "project": project,
        "team": team,
        "alerts_query": query,
        "may_make": may_manage(request.viewer, project=project, team=team, model=None),
        "crumbs": crumbs or [],
    }
    return render(request, "alerts/dashboard.html", context)
