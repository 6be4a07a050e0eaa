"""The view every API endpoint is made of: who is looking, strict parameters, ETags, problem documents."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from access.viewer import Viewer
from access.viewers import load_viewer
from accounts.authentication import TokenAuthentication, is_read_only
from core.api import paging
from core.api.parsing import StrictJSONParser, well_formed
from core.api.problems import Problem, handler
from core.api.schema import Schema

Serializer = TypeVar("Serializer", bound=BaseSerializer[Any])


class AlwaysJSON(BaseContentNegotiation):
    """Answers in JSON whatever the Accept header says, so that a browser may look too."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if wanted in ("", parser.media_type)), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Base of all endpoints.

    `parameters` names what may stand in the query string of a GET, each with what it does; anything else is
    refused by name.
    A write without an account is refused before anything is looked up, so that it tells nothing.
    """

    parameters: ClassVar[Mapping[str, str]] = {}
    is_paged: ClassVar[bool] = False
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [AllowAny]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJSON
    schema = Schema()

    def get_exception_handler(self) -> Any:
        return handler

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            if not request.user.is_authenticated:
                raise NotAuthenticated("Sign in first: send a token with the write scope.")
            if is_read_only(request.auth):
                raise Problem(403, "This token may only read; use one with the write scope.")
        self._check_parameters(request)
        for value in kwargs.values():
            if isinstance(value, str) and not well_formed(value):
                raise Problem(404, "There is nothing here, or nothing that you may see.")

    def _check_parameters(self, request: Request) -> None:
        known: set[str] = set()
        if request.method in SAFE_METHODS:
            known = {*self.parameters, *(paging.PARAMETERS if self.is_paged else ())}
        errors = []
        for name, values in request.query_params.lists():
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                errors.append((name[:80], f"There is no such parameter here. Known: {listed}."))
            elif any(not well_formed(value) for value in values):
                errors.append((name, "The value holds a character that is not allowed."))
        if errors:
            raise Problem(400, "Some parameters are wrong.", errors=errors)

    @cached_property
    def viewer(self) -> Viewer:
        """Who is looking, from the session or the token. At most one query, once a request."""
        return load_viewer(self.request.user, read_only=is_read_only(self.request.auth))

    def body(self, serializer: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        """The checked body of the request; names that the serializer does not know are refused.

        Raises:
            ValidationError: the fields at fault. Problem: the body is no object.
        """
        data = self.request.data
        if not isinstance(data, Mapping):
            raise Problem(400, "Send a JSON object.")
        bound = serializer(data=data, partial=partial)
        bound.is_valid(raise_exception=True)
        return dict(bound.validated_data)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        response.add_post_render_callback(self._let_go)
        return response

    def _let_go(self, response: Response) -> None:
        """View, request and response hold each other: they would keep a large answer until the collector comes by."""
        response.renderer_context = {}
        del self.response

    @property
    def once(self) -> str:
        """A mark of this submission, from the header Idempotency-Key; empty without it."""
        key = self.request.headers.get("Idempotency-Key", "")
        return hashlib.sha256(f"{self.request.path} {key}".encode()).hexdigest()[:40] if key else ""

    def parameter(self, name: str) -> str:
        return str(self.request.query_params.get(name, ""))

    def since(self, name: str) -> dt.datetime | None:
        """A query parameter as a moment; one without a time zone is taken as UTC.

        Raises:
            Problem: it is none.
        """
        words = self.parameter(name)
        if not words:
            return None
        try:
            moment = dt.datetime.fromisoformat(words.replace(" ", "+"))
            return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        except (ValueError, OverflowError):
            message = "Write a moment such as 2026-03-31T12:00:00Z."
            raise Problem(400, "Some parameters are wrong.", errors=[(name, message)]) from None

    def page(
        self, rows: QuerySet[Any], show: Callable[[list[Any]], list[Any]], *, by: Sequence[str]
    ) -> Response:
        """One page of rows with its ETag."""
        return self.tagged(paging.paged(self.request, rows, by=by, show=show))

    def tagged(self, data: Any, *, revision: object = "", status: int = 200, headers: Any = None) -> Response:
        """A response with the ETag of `data`; 304 without a body when the asker has it already.

        The tag begins with the revision (when there is one), which If-Match is compared by, and goes on with a
        hash of all that is shown, which If-None-Match is compared by.

        `data` may be a function that gives it, which is not called where a writer wants no answer
        (`Prefer: return=minimal`, RFC 7240): that is 204, with the revision alone as its ETag.
        """
        if status == 200 and self.request.method in ("PUT", "PATCH") and self._wants_little():
            sent = {"ETag": f'"{revision}"'} if revision != "" else {}
            return Response(status=204, headers={**sent, "Preference-Applied": "return=minimal"})
        if callable(data):
            data = data()
        tag = etag(data, revision)
        sent = {"ETag": tag, **(headers or {})}
        if self.request.method in SAFE_METHODS and status == 200 and _has(self.request, tag):
            return Response(status=304, headers=sent)
        return Response(data, status=status, headers=sent)

    def _wants_little(self) -> bool:
        wanted = self.request.headers.get("Prefer", "").replace(";", ",").split(",")
        return "return=minimal" in ("".join(word.split()).lower().replace('"', "") for word in wanted)

    def expected_revision(self) -> int | None:
        """If-Match as the number of a revision; None without the header, or `*`.

        Raises:
            Problem: 412, it is none of ours, so it can't be the current one.
        """
        header = self.request.headers.get("If-Match", "").strip()
        if not header or header == "*":
            return None
        tag = header.removeprefix("W/").strip('"').partition(".")[0]
        if not (tag.isascii() and tag.isdigit() and len(tag) < 18):
            raise Problem(412, "If-Match holds no ETag of this address. Get it again.")
        return int(tag)

    def match(self, data: Any) -> None:
        """Refuse to go on when If-Match does not name the current `data`. The caller holds a lock on it.

        Raises:
            Problem: 412 with what stands there now.
        """
        header = self.request.headers.get("If-Match", "").strip()
        if header and header != "*" and header.removeprefix("W/") != etag(data):
            raise Problem(412, "This was changed by someone else in the meantime.", current=data)


def etag(data: Any, revision: object = "") -> str:
    text = json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    return f'"{revision}.{digest}"' if revision != "" else f'"{digest}"'


def _has(request: Request, tag: str) -> bool:
    held = request.headers.get("If-None-Match", "")
    return held.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in held.split(","))
