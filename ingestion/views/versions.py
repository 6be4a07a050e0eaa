"""The form for a new version."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access.policy import require
from catalog.access import get_model
from catalog.forms import tell
from core.errors import DomainError
from ingestion.forms import VersionForm
from ingestion.services.versions import add_version


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
