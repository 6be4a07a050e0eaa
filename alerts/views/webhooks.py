"""Webhooks: the list, one with what was sent, making, editing, rotating, testing, sending again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import ViewedRequest
from alerts.access import get_endpoint, managed_endpoints
from alerts.forms import WebhookForm
from alerts.models import Attempt, Delivery
from alerts.selectors.rules import scopes_of
from alerts.services import endpoints as services
from alerts.views import signed_in, tabs
from catalog.access import get_project
from catalog.forms import tell
from core.errors import DomainError, NotAllowed
from core.parameters import page_number

PAGE = 25
CRUMBS = [("Alerts", "/alerts"), ("Webhooks", "/alerts/webhooks")]
INVENTORY = "inventory"


@signed_in
@require_safe
def webhook_list(request: ViewedRequest) -> HttpResponse:
    """`/alerts/webhooks`: those that the reader manages."""
    rows = managed_endpoints(request.viewer).annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
        given_up=Count("deliveries", filter=Q(deliveries__state="failed")),
    )
    page = Paginator(rows.order_by("name", "pk"), PAGE).get_page(page_number(request.GET))
    context = {"page": page, "tabs": tabs("Webhooks"), "may_make": bool(_scopes(request))}
    return render(request, "alerts/webhooks.html", context)


@signed_in
@require_safe
def webhook(request: ViewedRequest, webhook: int) -> HttpResponse:
    """`/alerts/webhooks/7`: an endpoint and its last messages, each with its attempts."""
    endpoint = get_endpoint(request.viewer, webhook)
    attempts = Prefetch("attempts", Attempt.objects.order_by("-pk"))
    rows = Delivery.objects.filter(endpoint=endpoint).select_related("event__model__project")
    page = Paginator(rows.prefetch_related(attempts).order_by("-pk"), PAGE).get_page(page_number(request.GET))
    context = {
        "endpoint": endpoint,
        "page": page,
        "rules": list(endpoint.rules.order_by("name")[:50]),
        "crumbs": CRUMBS,
    }
    return render(request, "alerts/webhook.html", context)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def webhook_new(request: ViewedRequest) -> HttpResponse:
    """`/alerts/webhooks/new`: the answer to the form shows the secret, this once."""
    scopes = _scopes(request)
    if not scopes:
        raise NotAllowed(
            "alerts", "Webhooks are made by stewards of a project and administrators of the site."
        )
    form = WebhookForm(scopes, request.POST or None, initial={"project": request.GET.get("project", "")})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        chosen = data.pop("project")
        try:
            project = get_project(request.viewer, chosen) if chosen not in ("", INVENTORY) else None
            made, secret = services.make_endpoint(viewer=request.viewer, project=project, **data)
        except DomainError as error:
            tell(form, error)
        else:
            context = {"endpoint": made, "secret": secret, "crumbs": CRUMBS, "is_new": True}
            return render(request, "alerts/webhook_secret.html", context)
    context = {
        "form": form,
        "title": "New webhook",
        "button": "Make it",
        "cancel_url": "/alerts/webhooks",
        "crumbs": CRUMBS,
        "about": "It is told by signed messages when a rule that names it fires or clears.",
    }
    return render(request, "alerts/form.html", context, status=400 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "POST"])
def webhook_edit(request: ViewedRequest, webhook: int) -> HttpResponse:
    """`/alerts/webhooks/7/edit`"""
    endpoint = get_endpoint(request.viewer, webhook)
    initial = {name: getattr(endpoint, name) for name in services.FIELDS}
    form = WebhookForm({}, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_endpoint(viewer=request.viewer, endpoint=endpoint, fields=form.cleaned_data)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(endpoint)
    context = {
        "form": form,
        "title": f"Edit {endpoint.name}",
        "cancel_url": endpoint.get_absolute_url(),
        "crumbs": CRUMBS,
    }
    return render(request, "alerts/form.html", context, status=400 if form.errors else 200)


@signed_in
@never_cache
@require_POST
def webhook_rotate(request: ViewedRequest, webhook: int) -> HttpResponse:
    """A new secret, shown this once."""
    endpoint = get_endpoint(request.viewer, webhook)
    secret = services.rotate_secret(viewer=request.viewer, endpoint=endpoint)
    context = {"endpoint": endpoint, "secret": secret, "crumbs": CRUMBS}
    return render(request, "alerts/webhook_secret.html", context)


@signed_in
@require_POST
def webhook_test(request: ViewedRequest, webhook: int) -> HttpResponse:
    """Send a test."""
    endpoint = get_endpoint(request.viewer, webhook)
    try:
        services.send_test(viewer=request.viewer, endpoint=endpoint)
        messages.success(request, "A test is on its way. Load this page again to see how it was answered.")
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(endpoint)


@signed_in
@require_POST
def webhook_remove(request: ViewedRequest, webhook: int) -> HttpResponse:
    """Remove an endpoint."""
    endpoint = get_endpoint(request.viewer, webhook)
    services.remove_endpoint(viewer=request.viewer, endpoint=endpoint)
    messages.success(request, f"The webhook “{endpoint.name}” is removed.")
    return redirect("alerts:webhooks")


@signed_in
@require_POST
def send_again(request: ViewedRequest, delivery: int) -> HttpResponse:
    """Queue a message again."""
    found = services.send_again(viewer=request.viewer, delivery_id=delivery)
    messages.success(request, "The message is on its way again, under the same id.")
    return redirect(found.endpoint)


def _scopes(request: ViewedRequest) -> dict[str, str]:
    held = scopes_of(request.viewer)
    found = {INVENTORY: "The whole inventory"} if held.inventory else {}
    return found | {project.slug: f"Project {project.name}" for project in held.projects}
