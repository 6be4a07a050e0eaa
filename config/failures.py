"""What answers when something failed on our side outside the API's views: a page, or below /api/ a problem document."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from core.api.problems import CONTENT_TYPE, described, problem


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of uncaught errors, called while the error is being handled.

    A database that is away is no fault of the code and ends by itself: 503, which says to come again.
    """
    error = sys.exc_info()[1]
    is_away = isinstance(error, OperationalError | InterfaceError)
    answer: HttpResponse
    if request.path.startswith("/api/"):
        status, body, headers = described(error) if isinstance(error, Exception) else (500, {}, {})
        answer = JsonResponse(
            problem(status, path=request.path, **body),
            status=status,
            headers=headers,
            content_type=CONTENT_TYPE,
        )
    elif is_away:
        answer = HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    else:
        answer = HttpResponse(render_to_string("500.html"), status=500)
    answer["Cache-Control"] = "no-store"
    return answer
