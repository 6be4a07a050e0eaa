"""The OpenAPI document: what every endpoint shares, and a short way to describe the rest."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from core.api import shapes

View = TypeVar("View", bound=Callable[..., Any])
PAGING = {
    "cursor": "From `next` or `previous` of another page",
    "page_size": "1 to 100 rows a page, usually 25",
}
PROBLEM = {
    ("default", "application/problem+json"): OpenApiResponse(
        shapes.Problem, description="What went wrong, as a problem document"
    )
}


class BearerToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a program signs in."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made under /me/tokens"}


class Schema(AutoSchema):
    """Adds what the base view understands by itself: query parameters, pages, ETags."""

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = list(super().get_override_parameters())
        known = getattr(self.view, "parameters", {})
        named = dict(known) if isinstance(known, Mapping) else dict.fromkeys(known, "")
        if getattr(self.view, "is_paged", False):
            named |= PAGING
        if self.method in SAFE_METHODS:
            many: frozenset[str] = getattr(self.view, "repeated", frozenset())
            found += [
                OpenApiParameter(name, description=text, many=name in many) for name, text in named.items()
            ]
            found.append(
                OpenApiParameter("If-None-Match", location=OpenApiParameter.HEADER, description="An ETag")
            )
        elif self.method == "POST":
            text = "A word of your own: the same word sent again gets the answer to the first request"
            found.append(
                OpenApiParameter("Idempotency-Key", location=OpenApiParameter.HEADER, description=text)
            )
        else:
            text = "The ETag you have read; 412 when the thing was changed since"
            found.append(OpenApiParameter("If-Match", location=OpenApiParameter.HEADER, description=text))
        if self.method in ("PUT", "PATCH"):
            text = "`return=minimal`: no answer but 204, which is quicker for those who write much"
            found.append(OpenApiParameter("Prefer", location=OpenApiParameter.HEADER, description=text))
        return found

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        """Every operation may be refused, and whatever is read may be unchanged."""
        bodies = super()._get_response_bodies(direction)
        if direction == "response" and self.method in SAFE_METHODS:
            bodies["304"] = {"description": "Unchanged since the ETag in If-None-Match"}
        return bodies


def describe(
    name: str,
    answer: type[serializers.BaseSerializer[Any]] | None = None,
    *,
    body: type[serializers.BaseSerializer[Any]] | None = None,
    status: int = 200,
    many: bool = False,
    paged: bool = False,
) -> Callable[[View], View]:
    """Describe one method: `name` becomes the operation's id; the docstring its text."""
    shape: Any = answer
    if answer is not None and many:
        shape = answer(many=True)
    if answer is not None and paged:
        shape = page_of(answer)
    if shape is None:
        status, shape = 204, OpenApiResponse(description="Done; nothing to show")
    answers: dict[Any, Any] = {status: shape, **PROBLEM}
    if body is not None and status == 200:
        answers[204] = OpenApiResponse(
            description="Done, and no answer was wanted (`Prefer: return=minimal`)"
        )
    tag = name.rpartition("_")[2]
    return extend_schema(operation_id=name, request=body, responses=answers, tags=[tag])


_pages: dict[str, Any] = {}


def page_of(row: type[serializers.BaseSerializer[Any]]) -> Any:
    """The shape of one page of rows."""
    name = f"PageOf{row.__name__}"
    if name not in _pages:
        fields = {
            "results": row(many=True),
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
        }
        _pages[name] = type(name, (shapes.Shape,), {**fields, "__doc__": "One page of a list."})
    return _pages[name]
