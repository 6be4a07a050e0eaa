"""Rules: the list, one, making, trying, editing, removing."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import ViewedRequest
from access.viewer import Viewer
from accounts.models import Team
from alerts.access import get_rule, may_manage, require_manage, require_rule
from alerts.forms import RuleForm
from alerts.models import Rule
from alerts.quantities import QUANTITIES
from alerts.selectors import rules as selectors
from alerts.selectors.words import model_named
from alerts.services import rules as services
from alerts.views import signed_in, tabs
from catalog.access import get_project
from catalog.forms import tell
from core.errors import DomainError, EditConflict, NotAllowed, NotVisible
from core.parameters import page_number

INVENTORY = "inventory"
ABOUT = {
    "metric": "A metric that falls below or rises above a value, perhaps on one data set.",
    "drift": "A feature whose values have moved from the reference.",
    "staleness": "Models that nobody has renewed or evaluated for a while.",
    "metadata": "Models in production without an owner, a license, an intended use …",
}


@signed_in
@require_safe
def rule_list(request: ViewedRequest) -> HttpResponse:
    """`/alerts/rules`"""
    page = selectors.rules_of(request.viewer, page_number(request.GET))
    rows = [
        {"rule": rule, "condition": selectors.condition_of(rule), "scope": selectors.scope_words(rule)}
        for rule in page
    ]
    context = {"page": page, "rows": rows, "tabs": tabs("Rules"), "may_make": _may_make(request.viewer)}
    return render(request, "alerts/rules.html", context)


def _may_make(viewer: Viewer) -> bool:
    return not viewer.read_only and not selectors.scopes_of(viewer).is_empty


@signed_in
@require_safe
def rule(request: ViewedRequest, rule: int) -> HttpResponse:
    """`/alerts/rules/7`"""
    page = selectors.rule_page(request.viewer, rule, page_number(request.GET))
    context = {"page": page, "rule": page.rule, "crumbs": [("Alerts", "/alerts"), ("Rules", "/alerts/rules")]}
    return render(request, "alerts/rule.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def rule_new(request: ViewedRequest) -> HttpResponse:
    """`/alerts/rules/new?kind=metric&project=fraud`: first the kind, then the rest."""
    kind = request.GET.get("kind", "")
    scopes = _scopes(request)
    if not scopes:
        raise NotAllowed(
            "alerts", "Rules are made by stewards of a project, leads of a team and owners of a model."
        )
    around = {name: request.GET[name] for name in ("project", "team", "model") if request.GET.get(name)}
    if kind not in QUANTITIES:
        kinds = [(name, Rule.Kind(name).label, ABOUT[name]) for name in QUANTITIES]
        context = {"kinds": kinds, "around": around, "crumbs": _crumbs()}
        return render(request, "alerts/rule_kinds.html", context)
    first = next((f"{name}:{value}" for name, value in around.items()), next(iter(scopes)))
    form = RuleForm(request.viewer, kind, scopes, request.POST or None, initial={"scope": first})
    trial = None
    if request.method == "POST" and form.is_valid():
        try:
            scope = _scope(request.viewer, form.cleaned_data["scope"])
            fields = form.given()
            if "try" in request.POST:
                require_manage(request.viewer, **{name: scope.get(name) for name in services.SCOPE})
                trial = selectors.tryout(request.viewer, services.shaped(kind, {**scope, **fields}))
            else:
                made = services.make_rule(
                    viewer=request.viewer, kind=kind, scope=scope, fields=fields, **form.told()
                )
                messages.success(request, "The rule is made. What it is about is looked at within seconds.")
                return redirect(made)
        except DomainError as error:
            tell(form, error)
    return _shown(
        request,
        form,
        kind,
        trial,
        {
            "title": f"New rule: {Rule.Kind(kind).label.lower()}",
            "cancel_url": "/alerts/rules",
            "crumbs": _crumbs(),
        },
    )


@signed_in
@require_http_methods(["GET", "POST"])
def rule_edit(request: ViewedRequest, rule: int) -> HttpResponse:
    """`/alerts/rules/7/edit`"""
    found = get_rule(request.viewer, rule)
    require_rule(request.viewer, found)
    form = RuleForm(request.viewer, found.kind, {}, request.POST or None, initial=_initial(found))
    trial = None
    if request.method == "POST" and form.is_valid():
        try:
            fields = form.given()
            if "try" in request.POST:
                trial = selectors.tryout(
                    request.viewer, services.shaped(found.kind, fields, get_rule(request.viewer, rule))
                )
            else:
                services.edit_rule(
                    viewer=request.viewer,
                    rule=found,
                    fields=fields,
                    expected=_revision(request),
                    **form.told(),
                )
                messages.success(request, "Saved. What the rule is about is looked at anew within seconds.")
                return redirect(found)
        except EditConflict:
            form.add_error(
                None,
                "Someone else changed the rule meanwhile. Look at it in another tab, then save again to keep yours.",
            )
        except DomainError as error:
            tell(form, error)
    context = {
        "title": f"Edit {found.name}",
        "cancel_url": found.get_absolute_url(),
        "rule": found,
        "scope": selectors.scope_words(found),
        "crumbs": [*_crumbs(), (found.name, found.get_absolute_url())],
        "revision": get_rule(request.viewer, rule).revision,
    }
    return _shown(request, form, found.kind, trial, context)


@signed_in
@require_POST
def rule_remove(request: ViewedRequest, rule: int) -> HttpResponse:
    """Remove a rule."""
    found = get_rule(request.viewer, rule)
    services.remove_rule(viewer=request.viewer, rule=found)
    messages.success(request, f"The rule “{found.name}” is removed.")
    return redirect("alerts:rules")


@signed_in
@require_POST
def rule_switch(request: ViewedRequest, rule: int) -> HttpResponse:
    """Turn a rule on or off."""
    found = get_rule(request.viewer, rule)
    on = request.POST.get("on") == "1"
    services.edit_rule(viewer=request.viewer, rule=found, fields={"is_enabled": on})
    messages.success(request, "The rule is on." if on else "The rule is off; what fired by it clears.")
    return redirect(found)


def _shown(
    request: ViewedRequest, form: RuleForm, kind: str, trial: selectors.Trial | None, context: dict[str, Any]
) -> HttpResponse:
    context = {**context, "form": form, "kind": kind, "trial": trial, "lists": form.suggestions()}
    return render(request, "alerts/rule_form.html", context, status=400 if form.errors else 200)


def _crumbs() -> list[tuple[str, str]]:
    return [("Alerts", "/alerts"), ("Rules", "/alerts/rules")]


def _revision(request: ViewedRequest) -> int | None:
    words = request.POST.get("revision", "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None


def _scopes(request: ViewedRequest) -> dict[str, str]:
    """What may be chosen to watch: value and words. A model only when the address names one that may be."""
    viewer, held = request.viewer, selectors.scopes_of(request.viewer)
    found = {INVENTORY: "The whole inventory"} if held.inventory else {}
    found |= {f"project:{project.slug}": f"Project {project.name}" for project in held.projects}
    found |= {f"team:{team.slug}": f"Models of {team.name}" for team in held.teams}
    if ref := request.GET.get("model", "").replace("\x00", ""):
        try:
            model = model_named(viewer, ref)
        except NotVisible:
            return found
        if may_manage(viewer, project=None, team=None, model=model):
            found = {f"model:{model.ref}": f"Model {model.name}", **found}
    return found


def _scope(viewer: Viewer, chosen: str) -> Mapping[str, Any]:
    kind, _, name = chosen.partition(":")
    if kind == "project":
        return {"project": get_project(viewer, name)}
    if kind == "model":
        return {"model": model_named(viewer, name)}
    return {"team": Team.objects.filter(slug=name).first()} if kind == "team" else {}


def _initial(rule: Rule) -> dict[str, Any]:
    found = {name: getattr(rule, name) for name in services.EDITABLE}
    found |= {"metric": str(rule.metric or ""), "dataset": str(rule.dataset or "")}
    named = list(rule.recipients.select_related("user", "team"))
    found["people"] = ", ".join(row.user.username for row in named if row.user)
    found["teams"] = [row.team.slug for row in named if row.team]
    found["webhooks"] = list(rule.endpoints.values_list("pk", flat=True))
    return found
