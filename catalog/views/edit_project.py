"""Writing a project: making, editing, removing it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access.policy import may, require, signed_in
from catalog.access import get_project
from catalog.forms import ConfirmForm, NewProjectForm, ProjectEditForm, seen, tell
from catalog.models import Project
from catalog.services.projects import (
    EDITABLE,
    create_project,
    delete_project,
    edit_project,
    may_create_project,
)
from core.errors import DomainError, EditConflict, NotAllowed


@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """Make a project: for administrators, and for members of a team in its name."""
    viewer = request.viewer
    signed_in(viewer, "project.create")
    if not may_create_project(viewer):
        raise NotAllowed("project.create", "Projects are made by teams. Join one, or ask an administrator.")
    initial = {"team": next(iter(viewer.team_ids))} if len(viewer.team_ids) == 1 else {}
    form = NewProjectForm(viewer, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            project = create_project(viewer=viewer, **form.cleaned_data)
        except DomainError as error:
            tell(form, error)
        except NotAllowed as error:
            form.add_error("team", error.reason)
        else:
            messages.success(request, f"{project.name} is made. Register its first model next.")
            return redirect(project.get_absolute_url())
    context = {"form": form, "title": "Make a project", "button": "Make", "cancel_url": "/p/"}
    return render(request, "catalog/edit/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def project_edit(request: HttpRequest, project: str) -> HttpResponse:
    """Edit a project; someone else's change in the meantime is shown beside."""
    found = get_project(request.viewer, project)
    require(request.viewer, "project.edit", found)
    initial: dict[str, Any] = {name: getattr(found, name) for name in EDITABLE}
    initial |= {"team": found.team_id, "domain": found.domain_id, "state": found.updated_at.isoformat()}
    form = ProjectEditForm(request.viewer, request.POST or None, initial=initial)
    if not may(request.viewer, "project.grant", found):
        for name in ("visibility", "team"):
            form.fields[name].disabled = True
            form.fields[name].show_hidden_initial = False
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        kept = set(request.POST.getlist("theirs"))
        changes = {
            name: form.cleaned_data[name]
            for name in form.changed_data
            if name in EDITABLE and name not in kept
        }
        try:
            edit_project(viewer=request.viewer, project=found, changes=changes, expected=_moment(form))
        except EditConflict:
            conflicts = _conflicts(found, form, changes)
            if not conflicts:
                edit_project(viewer=request.viewer, project=found, changes=changes, expected=found.updated_at)
                return _saved(request, found)
            data = request.POST.copy()
            data["state"] = found.updated_at.isoformat()
            form = ProjectEditForm(request.viewer, data, initial=initial)
        except DomainError as error:
            tell(form, error)
        else:
            return _saved(request, found)
    context = {
        "form": form,
        "project": found,
        "conflicts": conflicts,
        "may_grant": may(request.viewer, "project.grant", found),
    }
    return render(
        request,
        "catalog/edit/project.html",
        context,
        status=409 if conflicts else 400 if form.errors else 200,
    )


def _moment(form: ProjectEditForm) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(form.cleaned_data["state"])
    except ValueError:
        return None


def _conflicts(project: Project, form: ProjectEditForm, changes: dict[str, Any]) -> list[dict[str, Any]]:
    def plain(value: Any) -> str:
        return str(value or "").replace("\r\n", "\n").strip()

    return [
        {
            "name": name,
            "label": form.fields[name].label or name.replace("_", " ").capitalize(),
            "theirs": plain(getattr(project, name)),
            "mine": plain(mine),
        }
        for name, mine in changes.items()
        if plain(getattr(project, name)) not in (plain(mine), plain(seen(form, name)))
    ]


@require_http_methods(["GET", "POST"])
def project_delete(request: HttpRequest, project: str) -> HttpResponse:
    """Remove a project, after its short name was typed."""
    found = get_project(request.viewer, project)
    require(request.viewer, "project.delete", found)
    form = ConfirmForm(found.slug, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delete_project(viewer=request.viewer, project=found, **form.cleaned_data)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, f"{found.name} is removed.")
            return redirect("catalog:projects")
    text = f"All of its {found.models.count():,} models go with it, and what people wrote there. This can't be undone."
    context = {
        "form": form,
        "project": found,
        "title": f"Remove {found.name}?",
        "text": text,
        "cancel_url": found.get_absolute_url(),
    }
    return render(request, "catalog/edit/delete.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, project: Project) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect(project.get_absolute_url())
