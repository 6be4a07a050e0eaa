"""Puts the viewer on each request, closes the site where it is closed, and turns the domain's refusals into pages."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from access.viewers import load_viewer
from core.errors import NotAllowed, NotVisible


class ClosedSiteMiddleware(LoginRequiredMiddleware):
    """With VITRINE_SITE_OPEN=false, whoever is not signed in is led to the sign-in, whatever page they ask for.

    Forms are left to their views, which refuse too, and give back what was typed. The API answers for itself.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        is_form = request.method not in ("GET", "HEAD")
        if settings.VITRINE_SITE_OPEN or is_form or request.path.startswith("/api/"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class ViewerMiddleware:
    """`request.viewer`: read at first use, so that pages needing none cost no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: load_viewer(request.user))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """404 for what is not visible; sign-in, then 403, for what is not allowed."""
        if isinstance(error, NotVisible):
            raise Http404 from error
        if isinstance(error, NotAllowed):
            if not request.user.is_authenticated:
                target = (
                    request.get_full_path()
                    if request.method == "GET"
                    else request.headers.get("Referer", "/")
                )
                return redirect_to_login(target)
            raise PermissionDenied(error.reason) from error
        return None
