"""Requests as the middleware hands them on."""

from django.http import HttpRequest

from access.viewer import Viewer


class ViewedRequest(HttpRequest):
    """A request as the middleware hands it on: it knows who is looking."""

    viewer: Viewer


def is_htmx(request: ViewedRequest) -> bool:
    """Whether htmx asks for a block rather than a browser for a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
