"""Adding versions; moving their stage and aliases."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access.policy import require
from catalog.forms import AliasForm, StageForm, tell
from catalog.selectors.versions import get_version
from catalog.services.versions import remove_alias, set_alias, set_stage
from core.errors import DomainError


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
