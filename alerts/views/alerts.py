"""What fires, what has happened, and one alert."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.requests import ViewedRequest
from alerts.access import may_manage
from alerts.forms import FilterForm
from alerts.selectors import alerts as selectors
from alerts.selectors.alerts import Filter, filter_of
from alerts.selectors.rules import condition_of
from alerts.views import signed_in, tabs
from core.errors import DomainError
from core.parameters import page_number

FILTERS = ("state", "severity", "project", "model", "rule", "kind")


def _filter(request: ViewedRequest) -> tuple[Filter, str]:
    """What the list is narrowed to, and what is wrong with the address; then it is not narrowed."""
    given = {name: request.GET.get(name, "").replace("\x00", "")[:300] for name in FILTERS}
    try:
        return filter_of(given), ""
    except DomainError as error:
        return Filter(), error.message


def _form(request: ViewedRequest) -> FilterForm:
    projects = {project.slug: project.name for project in selectors.projects_with_alerts(request.viewer)}
    chosen = request.GET.get("project", "")
    if chosen and chosen not in projects:
        projects[chosen] = chosen
    return FilterForm(projects, initial={name: request.GET.get(name, "") for name in FILTERS})


@signed_in
@require_safe
def alert_list(request: ViewedRequest) -> HttpResponse:
    """`/alerts`: what fires now."""
    wanted, wrong = _filter(request)
    page = selectors.alerts_of(request.viewer, wanted, page_number(request.GET))
    context = {"page": page, "form": _form(request), "wanted": wanted, "wrong": wrong, "tabs": tabs("Alerts")}
    return render(request, "alerts/alerts.html", context, status=400 if wrong else 200)


@signed_in
@require_safe
def history(request: ViewedRequest) -> HttpResponse:
    """`/alerts/history`: what fired and cleared."""
    wanted, wrong = _filter(request)
    page = selectors.events_of(request.viewer, wanted, page_number(request.GET))
    context = {
        "page": page,
        "form": _form(request),
        "wanted": wanted,
        "wrong": wrong,
        "tabs": tabs("History"),
    }
    return render(request, "alerts/history.html", context, status=400 if wrong else 200)


@signed_in
@require_safe
def alert(request: ViewedRequest, alert: int) -> HttpResponse:
    """`/alerts/7`: one alert, its history, what silences it, what was sent."""
    page = selectors.alert_page(request.viewer, alert)
    model = page.alert.model
    context = {
        "page": page,
        "alert": page.alert,
        "condition": condition_of(page.rule) if page.rule else "",
        "may_silence": may_manage(request.viewer, project=None, team=None, model=model),
        "crumbs": [("Alerts", "/alerts")],
    }
    return render(request, "alerts/alert.html", context)
