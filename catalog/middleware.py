"""Puts the viewer on each request, and turns the domain's refusals into pages."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from catalog.access import viewer_of
from governance.policy import NotAllowed, NotVisible


class ViewerMiddleware:
    """`request.viewer`: read at first use, so that pages needing none cost no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_of(request.user))  # type: ignore[attr-defined]
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
