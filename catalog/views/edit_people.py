"""Who answers for a model, and who holds which role in a project."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access.policy import require
from catalog.access import get_model, get_project
from catalog.forms import GrantForm, OwnerForm, tell
from catalog.models import Ownership, ProjectGrant
from catalog.services.grants import grant_role, revoke_role
from catalog.services.ownership import remove_owner, set_owner
from core.errors import DomainError, NotVisible


@require_http_methods(["GET", "POST"])
def owners(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Add owners, stewards and contacts, or take them away."""
    found = get_model(request.viewer, project, model)
    require(request.viewer, "model.own", found)
    words = request.POST.get("remove", "")
    if words:
        remove_owner(viewer=request.viewer, model=found, ownership_id=_number(words))
        messages.success(request, "Removed.")
        return redirect("catalog_edit:owners", project, model)
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_owner(viewer=request.viewer, model=found, kind=form.cleaned_data["kind"], **form.holder)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, "Added.")
            return redirect("catalog_edit:owners", project, model)
    held = Ownership.objects.filter(model=found).select_related("user", "team")
    rows = [(row.pk, row.get_kind_display(), row.user or row.team) for row in held]
    context = {
        "form": form,
        "rows": rows,
        "model": found,
        "title": f"Who answers for {found.name}",
        "back_url": found.get_absolute_url(),
        "empty": "Nobody answers for it yet.",
    }
    return render(request, "catalog/edit/people.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def grants(request: HttpRequest, project: str) -> HttpResponse:
    """Give and take roles in a project."""
    found = get_project(request.viewer, project)
    require(request.viewer, "project.grant", found)
    form = GrantForm(request.POST if request.method == "POST" and "remove" not in request.POST else None)
    refused = ""
    try:
        if words := request.POST.get("remove", ""):
            held = ProjectGrant.objects.filter(project=found, pk=_number(words)).first()
            if held is None:
                raise NotVisible
            revoke_role(viewer=request.viewer, project=found, user=held.user, team=held.team)
            messages.success(request, "Removed.")
            return redirect("catalog_edit:grants", project)
        if request.method == "POST" and form.is_valid():
            grant_role(viewer=request.viewer, project=found, role=form.cleaned_data["role"], **form.holder)
            messages.success(request, "Saved.")
            return redirect("catalog_edit:grants", project)
    except DomainError as error:
        if form.is_bound:
            tell(form, error)
        else:
            refused = error.message
    granted = (
        ProjectGrant.objects.filter(project=found).select_related("user", "team").order_by("-role", "id")
    )
    rows = [(row.pk, row.get_role_display(), row.user or row.team) for row in granted]
    context = {
        "form": form,
        "rows": rows,
        "refused": refused,
        "project": found,
        "title": f"Roles in {found.name}",
        "back_url": found.get_absolute_url(),
        "empty": "Only the owning team has rights here.",
    }
    return render(request, "catalog/edit/people.html", context, status=400 if form.errors or refused else 200)


def _number(words: str) -> int:
    if not (words.isascii() and words.isdigit() and len(words) < 19):
        raise NotVisible
    return int(words)
