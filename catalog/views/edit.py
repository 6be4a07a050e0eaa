"""Writing a model: registering, editing whole or one field in place, its terms and attributes, removing it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.policy import require, signed_in
from catalog.access import get_model
from catalog.forms import (
    AttributesForm,
    ConfirmForm,
    ModelEditForm,
    NewModelForm,
    TermsForm,
    seen,
    tell,
    writable_projects,
)
from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    RegisteredModel,
)
from catalog.services.attributes import clear_attribute, set_attribute
from catalog.services.registered import (
    DATES,
    EDITABLE,
    TEXTS,
    classify_model,
    create_model,
    delete_model,
    edit_model,
)
from core.errors import DomainError, EditConflict, NotAllowed, NotVisible
from vocabulary.models import Taxonomy

LABELS = {
    "name": "Name",
    "summary": "Summary",
    "description": "Description",
    "purpose": "Purpose",
    "business_goal": "Business goal",
    "intended_use": "Intended use",
    "unintended_use": "Not intended for",
    "starts_on": "In use from",
    "retires_on": "In use until",
    "status": "Status",
}
HELP = {"description": "Markdown", "summary": "One plain sentence"}


@require_http_methods(["GET", "POST"])
def model_new(request: HttpRequest) -> HttpResponse:
    """Register a model in a project where the viewer contributes."""
    viewer = request.viewer
    signed_in(viewer, "model.create")
    if not writable_projects(viewer).exists():
        raise NotAllowed("model.create", "You contribute to no project yet. Ask its steward for the role.")
    form = NewModelForm(viewer, request.POST or None, initial={"project": request.GET.get("project")})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        task = data.pop("task")
        try:
            model = create_model(viewer=viewer, terms={"task": task} if task else {}, **data)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, f"{model.name} is registered. Add its first version next.")
            return redirect(model.get_absolute_url())
    return _page(request, form, title="Register a model", button="Register", cancel_url="/")


@require_http_methods(["GET", "POST"])
def model_edit(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """The whole form. What two people changed at once is shown side by side; the rest merges by itself."""
    found = _editable(request, project, model)
    initial = {name: getattr(found, name) for name in EDITABLE} | {"state": found.revision}
    form = ModelEditForm(request.POST or None, initial=initial)
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        kept = set(request.POST.getlist("theirs"))
        changes = {
            name: form.cleaned_data[name]
            for name in form.changed_data
            if name in EDITABLE and name not in kept
        }
        try:
            return _saved(request, _edit_or_merge(request, found, form, changes))
        except EditConflict as error:
            conflicts = _conflicts(form, error, changes)
            form = _with_new_state(request, error)
        except DomainError as error:
            tell(form, error)
    context = {
        "model": found,
        "form": form,
        "conflicts": conflicts,
        "may_delete": _may_delete(request, found),
    }
    status = 409 if conflicts else 400 if form.errors else 200
    return render(request, "catalog/edit/model.html", context, status=status)


def _edit_or_merge(
    request: HttpRequest, model: RegisteredModel, form: ModelEditForm, changes: dict[str, Any]
) -> RegisteredModel:
    """Save; where someone else saved since, go on when they changed none of the same fields.

    Raises:
        EditConflict: they did.
    """
    revision = form.cleaned_data["state"]
    for _ in range(3):
        try:
            return edit_model(viewer=request.viewer, model=model, changes=changes, expected_revision=revision)
        except EditConflict as error:
            last = error
            if any(not _same(error.extra["current"][name], seen(form, name)) for name in changes):
                raise
            revision = error.extra["revision"]
    raise last


def _same(now: Any, before: Any) -> bool:
    return _plain(now) == _plain(before)


def _plain(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").strip()


def _conflicts(form: ModelEditForm, error: EditConflict, changes: dict[str, Any]) -> list[dict[str, Any]]:
    current = error.extra["current"]
    return [
        {"name": name, "label": LABELS[name], "theirs": _plain(current[name]), "mine": _plain(mine)}
        for name, mine in changes.items()
        if not _same(current[name], mine) and not _same(current[name], seen(form, name))
    ]


def _with_new_state(request: HttpRequest, error: EditConflict) -> ModelEditForm:
    """The form as typed, but as if it had been opened on what stands there now."""
    data = request.POST.copy()
    current = error.extra["current"]
    before = ModelEditForm(request.POST)
    for name in EDITABLE:
        now = _plain(current[name])
        if _plain(data.get(name, "")) == _plain(data.get(before.add_initial_prefix(name), "")):
            data[name] = now
        data[before.add_initial_prefix(name)] = now
    data["state"] = str(error.extra["revision"])
    return ModelEditForm(data)


@require_http_methods(["GET", "POST"])
def model_field(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """One field in place: GET gives its small form, POST saves it. Whole without a script, too."""
    found = _editable(request, project, model)
    name = request.POST.get("field") or request.GET.get("field") or ""
    if name not in EDITABLE:
        return HttpResponseBadRequest("There is no such field.")
    if request.method == "GET":
        return _field(request, found, name)
    typed = request.POST.get("value", "")[:250_000]
    words = request.POST.get("state", "")
    revision = int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
    bound = ModelEditForm({**_initial_data(found), name: typed})
    bound.is_valid()
    if name in bound.errors:
        return _field(
            request, found, name, typed=typed, errors=" ".join(map(str, bound.errors[name])), status=400
        )
    changes = {name: bound.cleaned_data[name]}
    try:
        found = edit_model(viewer=request.viewer, model=found, changes=changes, expected_revision=revision)
    except EditConflict as error:
        conflict = {
            "theirs": _plain(error.extra["current"][name]),
            "mine": typed,
            "state": error.extra["revision"],
            "at": found.updated_at,
        }
        return _field(request, found, name, typed=typed, conflict=conflict, status=409)
    except DomainError as error:
        return _field(request, found, name, typed=typed, errors=error.message, status=error.status)
    if request.htmx:
        return _field(request, found, name)
    return _saved(request, found)


def _initial_data(model: RegisteredModel) -> dict[str, str]:
    return {name: _plain(getattr(model, name)) for name in EDITABLE}


def _field(
    request: HttpRequest,
    model: RegisteredModel,
    name: str,
    *,
    typed: str | None = None,
    errors: str = "",
    conflict: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    value = _plain(getattr(model, name))
    kind = "date" if name in DATES else "select" if name == "status" else "textarea"
    context = {
        "model": model,
        "may": True,
        "name": name,
        "label": LABELS[name],
        "shown": model.get_status_display() if name == "status" else value,
        "value": value if typed is None else typed,
        "url": reverse("catalog_edit:model_field", args=[model.project.slug, model.slug]),
        "kind": "text" if name in ("name", "summary") else kind,
        "options": RegisteredModel.Status.choices,
        "help": HELP.get(name, ""),
        "state": model.revision,
        "errors": errors,
        "conflict": conflict,
    }
    template = "_edit_field.html" if request.htmx else "catalog/edit/field.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
def model_terms(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Terms on the model as a whole, a field for each taxonomy."""
    found = _editable(request, project, model)
    whole: dict[str, list[str]] = {}
    said: dict[str, dict[str, None]] = {}
    for row in Classification.objects.filter(model=found).select_related("term__taxonomy"):
        slug = row.term.taxonomy.slug
        if row.version_id is None:
            whole.setdefault(slug, []).append(row.term.name)
        else:
            said.setdefault(slug, {})[row.term.name] = None
    fields = [
        (t.slug, t.name, t.allows_many, ", ".join(list(said.get(t.slug, {}))[:8]))
        for t in Taxonomy.objects.all()
    ]
    initial = {slug: "\n".join(names) for slug, names in whole.items()}
    form = TermsForm(fields, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                for slug in form.changed_data:
                    classify_model(
                        viewer=request.viewer, model=found, taxonomy=slug, terms=form.cleaned_data[slug]
                    )
        except DomainError as error:
            tell(form, error)
        else:
            return _saved(request, found)
    return _page(
        request, form, title=f"Terms of {found.name}", cancel_url=found.get_absolute_url(), model=found
    )


@require_http_methods(["GET", "POST"])
def model_attributes(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """The organisation's own fields on the model as a whole."""
    found = _editable(request, project, model)
    definitions = list(AttributeDefinition.objects.all())
    initial = {}
    for row in AttributeValue.objects.filter(model=found, version=None).select_related("definition", "user"):
        shown = ("yes" if row.value else "no") if row.type == "boolean" else row.value
        initial[row.definition.slug] = row.user.username if row.user else shown
    form = AttributesForm(definitions, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                for slug in form.changed_data:
                    _set_or_clear(
                        request, found, form.definitions[slug], form.cleaned_data[slug], slug in initial
                    )
        except DomainError as error:
            tell(form, error)
        else:
            return _saved(request, found)
    empty = {
        "title": "No attribute is defined",
        "text": "An administrator defines the organisation's own fields; then they can be filled in here.",
        "actions": [(f"Back to {found.name}", found.get_absolute_url())],
    }
    return _page(
        request,
        form,
        title=f"Attributes of {found.name}",
        cancel_url=found.get_absolute_url(),
        model=found,
        empty=empty,
    )


def _set_or_clear(
    request: HttpRequest, model: RegisteredModel, definition: AttributeDefinition, value: Any, is_set: bool
) -> None:
    if value in ("", None):
        if is_set:
            clear_attribute(viewer=request.viewer, model=model, definition=definition)
        return
    set_attribute(viewer=request.viewer, model=model, definition=definition, value=value)


@require_http_methods(["GET", "POST"])
def model_delete(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """Remove a model, after its short name was typed."""
    found = get_model(request.viewer, project, model)
    require(request.viewer, "model.delete", found)
    form = ConfirmForm(found.slug, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delete_model(viewer=request.viewer, model=found, **form.cleaned_data)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, f"{found.name} is removed.")
            return redirect(found.project.get_absolute_url())
    text = "Its versions, evaluations, comments and ratings go with it. This can't be undone."
    context = {
        "form": form,
        "model": found,
        "title": f"Remove {found.name}?",
        "text": text,
        "cancel_url": found.get_absolute_url(),
    }
    return render(request, "catalog/edit/delete.html", context, status=400 if form.errors else 200)


def _editable(request: HttpRequest, project: str, model: str) -> RegisteredModel:
    found = get_model(request.viewer, project, model)
    require(request.viewer, "model.edit", found)
    return found


def _may_delete(request: HttpRequest, model: RegisteredModel) -> bool:
    try:
        require(request.viewer, "model.delete", model)
    except (NotAllowed, NotVisible):
        return False
    return True


def _saved(request: HttpRequest, model: RegisteredModel) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect(model.get_absolute_url())


def _page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(
        request, "catalog/edit/form.html", {"form": form, **context}, status=400 if form.errors else 200
    )


__all__ = [
    "DATES",
    "TEXTS",
    "model_attributes",
    "model_delete",
    "model_edit",
    "model_field",
    "model_new",
    "model_terms",
]
