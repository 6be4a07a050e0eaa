"""Silences: the list, making one, ending one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import ViewedRequest
from alerts.access import Managed, get_rule, require_manage, visible_silences
from alerts.forms import SilenceForm
from alerts.selectors.words import model_named
from alerts.services import silences as services
from alerts.views import signed_in, tabs
from catalog.access import get_project
from catalog.forms import tell
from core.errors import DomainError, NotVisible
from core.parameters import page_number

PAGE = 50


@signed_in
@require_safe
def silence_list(request: ViewedRequest) -> HttpResponse:
    """`/alerts/silences`: those that hold first."""
    holds = Q(ended_at=None, until__gt=timezone.now())
    rows = visible_silences(request.viewer).annotate(holds=holds).order_by("-holds", F("until").desc(), "-pk")
    page = Paginator(rows, PAGE).get_page(page_number(request.GET))
    mine = Managed(
        request.viewer, [row.model_id or (row.rule.model_id if row.rule else None) for row in page]
    )
    listed = [{"silence": row, "may_end": row.is_active and mine.of_silence(row)} for row in page]
    return render(request, "alerts/silences.html", {"page": page, "rows": listed, "tabs": tabs("Silences")})


@signed_in
@require_http_methods(["GET", "POST"])
def silence_new(request: ViewedRequest) -> HttpResponse:
    """`/alerts/silences/new?rule=7`, or `?model=project/model`, or `?project=slug`"""
    thing = _thing(request)
    rule = thing.get("rule")
    if rule is not None:
        require_manage(request.viewer, project=rule.project, team=rule.team, model=rule.model)
    else:
        require_manage(request.viewer, project=thing.get("project"), team=None, model=thing.get("model"))
    name = str(next(iter(thing.values())))
    form = SilenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.silence(
                viewer=request.viewer, until=form.moment(), reason=form.cleaned_data["reason"], **thing
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, f"{name} is silenced: nothing is delivered, and history goes on.")
            return redirect("alerts:silences")
    context = {
        "form": form,
        "title": f"Silence {name}",
        "button": "Silence",
        "cancel_url": "/alerts/silences",
        "crumbs": [("Alerts", "/alerts"), ("Silences", "/alerts/silences")],
    }
    return render(request, "alerts/form.html", context, status=400 if form.errors else 200)


def _thing(request: ViewedRequest) -> dict[str, Any]:
    given = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    rule = given.get("rule", "")
    if rule.isascii() and rule.isdigit() and len(rule) < 19:
        return {"rule": get_rule(request.viewer, int(rule))}
    if "model" in given:
        return {"model": model_named(request.viewer, given["model"])}
    if "project" in given:
        return {"project": get_project(request.viewer, given["project"])}
    raise NotVisible


@signed_in
@require_POST
def silence_end(request: ViewedRequest, silence: int) -> HttpResponse:
    """End a silence now."""
    services.end_silence(viewer=request.viewer, silence_id=silence)
    messages.success(request, "The silence has ended. What still fires is told within seconds.")
    return redirect("alerts:silences")
