"""The pages of alerts: for people who are signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from access.requests import ViewedRequest
from core.errors import NotAllowed

View = Callable[..., HttpResponse]

TABS = (
    ("Alerts", "/alerts"),
    ("History", "/alerts/history"),
    ("Rules", "/alerts/rules"),
    ("Silences", "/alerts/silences"),
    ("Webhooks", "/alerts/webhooks"),
)


def tabs(current: str) -> list[dict[str, object]]:
    """The tabs of the pages of alerts, as `_tabs.html` takes them."""
    return [{"label": label, "url": url, "current": label == current} for label, url in TABS]


def signed_in(view: View) -> View:
    """Lead whoever is not signed in there, before anything is looked up."""

    @wraps(view)
    def guarded(request: ViewedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.viewer.is_signed_in:
            raise NotAllowed("alerts", "Sign in first.")
        return view(request, *args, **kwargs)

    return guarded
