"""Every error as a problem document (RFC 9457), with the place at fault and without our insides."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connections
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError, NotAllowed, NotVisible, ValidationErrors
from core.validation import explain_db_error

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
NO_SUCH_ADDRESS = "There is nothing here, or nothing that you may see."


class Problem(exceptions.APIException):
    """An error of the API itself: `detail` for people, `errors` for the places at fault."""

    def __init__(
        self, status: int, detail: str, *, errors: list[tuple[str, str]] | None = None, **extra: object
    ) -> None:
        self.status_code = status
        self.errors = errors or []
        self.extra = extra
        super().__init__(detail)


def handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: whatever went wrong, a problem document."""
    request = context.get("request")
    status, body, headers = described(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("unexpected error in the API", exc_info=error)
        got_request_exception.send(sender=handler, request=getattr(request, "_request", request))
    _roll_back()
    path = getattr(request, "path", "")
    response = Response(problem(status, path=path, **body), status=status, headers=headers)
    response.content_type = CONTENT_TYPE
    return response


def problem(status: int, *, path: str = "", detail: str = "", **more: object) -> dict[str, Any]:
    """The members of a problem document."""
    found = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        **more,
    }
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        found["request_id"] = request_id
    return found


def described(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, members and headers that tell of `error`."""
    if isinstance(error, NotVisible | Http404):
        return 404, {"detail": NO_SUCH_ADDRESS}, {}
    if isinstance(error, NotAllowed):
        return 403, {"detail": error.reason}, {}
    if isinstance(error, DomainError):
        return error.status, _of_domain(error), {}
    if isinstance(error, Problem):
        body = {"detail": str(error.detail), **error.extra}
        if error.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in error.errors]
        return error.status_code, body, {}
    if isinstance(error, exceptions.APIException):
        return _of_drf(error)
    if isinstance(error, RequestDataTooBig):
        return 413, {"detail": "The request is too large."}, {}
    if isinstance(error, PermissionDenied):
        return 403, {"detail": "You do not have the right to do this."}, {}
    if isinstance(error, SuspiciousOperation | BadRequest):
        return 400, {"detail": "The request is malformed."}, {}
    if isinstance(error, IntegrityError | DataError):
        log.warning("refused by the database only", exc_info=error)
        known = explain_db_error(error)
        return known.status, _of_domain(known), {}
    if isinstance(error, OperationalError | InterfaceError):
        return (
            503,
            {"detail": "The database is away for the moment. Try again shortly."},
            {"Retry-After": "5"},
        )
    return 500, {"detail": "Something went wrong on our side. Name the request id when you report it."}, {}


def _of_domain(error: DomainError) -> dict[str, Any]:
    body: dict[str, Any] = {"detail": error.message, **error.extra}
    if isinstance(error, ValidationErrors):
        body["detail"] = "Some fields are wrong."
        body["errors"] = [{"field": field, "message": message} for field, message in error.errors]
    elif error.field:
        body["errors"] = [{"field": error.field, "message": error.message}]
    return body


def _of_drf(error: exceptions.APIException) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled) and error.wait is not None:
        headers["Retry-After"] = str(int(error.wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        errors = [{"field": field, "message": message} for field, message in flat(error.detail)]
        return 400, {"detail": "Some fields are wrong.", "errors": errors}, headers
    return error.status_code, {"detail": str(error.detail)}, headers


def flat(detail: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """DRF's nested messages as (place, message), places written as `packages[2].name`."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            if isinstance(key, int):
                yield from flat(inner, f"{place}[{key}]")
            elif key == "non_field_errors":
                yield from flat(inner, place)
            else:
                yield from flat(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            if isinstance(inner, Mapping | list):
                if inner:
                    yield from flat(inner, f"{place}[{position}]")
            else:
                yield place, str(inner)
    else:
        yield place, str(detail)


def _roll_back() -> None:
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)


@csrf_exempt
def no_such_address(request: HttpRequest) -> JsonResponse:
    """What answers below /api/ where there is nothing."""
    return JsonResponse(
        problem(404, path=request.path, detail=NO_SUCH_ADDRESS), status=404, content_type=CONTENT_TYPE
    )
