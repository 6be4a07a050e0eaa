"""Adding versions; moving their stage and aliases."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.access import get_model
from catalog.forms import AliasForm, StageForm, VersionForm, tell
from catalog.selectors.version_pages import get_version
from catalog.services.versions import add_version, remove_alias, set_alias, set_stage
from governance.errors import DomainError
from governance.policy import require


@require_http_methods(["GET", "POST"])
def version_new(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Add a version with what it is made of and what was measured."""
    found = get_model(request.viewer, project, model)
    require(request.viewer, "version.create", found)
    form = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = add_version(viewer=request.viewer, model=found, **form.values())
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, f"Version {version.label} is added.")
            return redirect(version.get_absolute_url())
    context = {
        "form": form,
        "model": found,
        "title": f"Add a version of {found.name}",
        "button": "Add version",
        "cancel_url": found.get_absolute_url(),
    }
    return render(request, "catalog/edit/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def version_edit(request: HttpRequest, project: str, model: str, label: str) -> HttpResponse:
    """Stage, notes and aliases of a version: all of it that ever changes."""
    version = get_version(request.viewer, project, model, label)
    require(request.viewer, "version.stage", version.model)
    action = request.POST.get("action", "")
    stage = StageForm(
        request.POST if action == "stage" else None, initial={"stage": version.stage, "notes": version.notes}
    )
    alias = AliasForm(request.POST if action == "alias" else None)
    form = {"stage": stage, "alias": alias}.get(action)
    try:
        if action == "remove-alias":
            remove_alias(viewer=request.viewer, model=version.model, name=request.POST.get("name", "")[:60])
        elif action == "stage" and stage.is_valid():
            set_stage(viewer=request.viewer, version=version, **stage.cleaned_data)
        elif action == "alias" and alias.is_valid():
            set_alias(viewer=request.viewer, version=version, **alias.cleaned_data)
        if action and (form is None or form.is_valid()):
            messages.success(request, "Saved.")
            return redirect("catalog_edit:version", project, model, label)
    except DomainError as error:
        if form is not None:
            tell(form, error)
    aliases = list(version.aliases.values_list("name", flat=True))
    context = {"version": version, "model": version.model, "stage": stage, "alias": alias, "aliases": aliases}
    wrong = stage.errors or alias.errors
    return render(request, "catalog/edit/version.html", context, status=400 if wrong else 200)
