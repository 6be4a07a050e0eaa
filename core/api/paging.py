"""Lists in pages by cursor: stable while rows come and go, and as quick on the last page as on the first."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.http import urlencode
from rest_framework.request import Request

from core.api.parsing import well_formed
from core.api.problems import Problem

USUAL, MOST = 25, 100
PARAMETERS = frozenset({"cursor", "page_size"})


def page_size(request: Request) -> int:
    """The asked size of a page.

    Raises:
        Problem: it is no number from 1 to 100.
    """
    words = request.query_params.get("page_size", str(USUAL))
    if not (words.isascii() and words.isdigit() and len(words) < 6 and 1 <= int(words) <= MOST):
        raise Problem(
            400, "Some parameters are wrong.", errors=[("page_size", f"Choose a number from 1 to {MOST}.")]
        )
    return int(words)


def paged(
    request: Request, rows: QuerySet[Any], *, by: Sequence[str], show: Callable[[list[Any]], list[Any]]
) -> dict[str, Any]:
    """One page of `rows` as `{"results", "next", "previous"}`. One query, and those of `show`.

    `by` names columns that together are unique, all rising or all falling (`-`). `show` turns the page's
    rows into plain data, all at once.

    Raises:
        Problem: the cursor or the size is none.
    """
    size = page_size(request)
    falling = by[0].startswith("-")
    names = [name.lstrip("-") for name in by]
    backwards, place = _read(request.query_params.get("cursor"), rows.model, names)
    down = falling != backwards
    ordered = rows.order_by(*(f"-{name}" if down else name for name in names))
    if place is not None:
        ordered = ordered.filter(_beyond(names, place, down))
    found = list(ordered[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    before, after = (more, True) if backwards else (place is not None, more)
    return {
        "results": show(found),
        "next": _link(request, names, found[-1], backwards=False) if found and after else None,
        "previous": _link(request, names, found[0], backwards=True) if found and before else None,
    }


def _beyond(names: Sequence[str], place: Sequence[Any], down: bool) -> Q:
    condition = Q()
    for depth in range(len(names)):
        same = {name: place[i] for i, name in enumerate(names[:depth])}
        condition |= Q(**same, **{f"{names[depth]}__{'lt' if down else 'gt'}": place[depth]})
    return condition


def _link(request: Request, names: Sequence[str], row: Model, *, backwards: bool) -> str:
    place = [_plain(row, name) for name in names]
    cursor = base64.urlsafe_b64encode(json.dumps([int(backwards), *place]).encode()).decode().rstrip("=")
    kept = [
        (key, value) for key, values in request.query_params.lists() for value in values if key != "cursor"
    ]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}")


def _plain(row: Model, name: str) -> Any:
    value = getattr(row, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _read(cursor: str | None, model: type[Model], names: Sequence[str]) -> tuple[bool, list[Any] | None]:
    if cursor is None:
        return False, None
    try:
        backwards, *place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if backwards not in (0, 1) or len(place) != len(names):
            raise ValueError
        typed = [_typed(model, name, part) for name, part in zip(names, place, strict=True)]
        return bool(backwards), typed
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError, binascii.Error):
        message = "This is no cursor of this list. Follow the addresses in `next` and `previous`."
        raise Problem(400, "Some parameters are wrong.", errors=[("cursor", message)]) from None


def _typed(model: type[Model], name: str, part: Any) -> Any:
    if part is None or isinstance(part, list | dict | bool):
        raise ValueError
    if isinstance(part, str) and not well_formed(part):
        raise ValueError
    value = model._meta.get_field(name).to_python(part)  # type: ignore[union-attr]
    if value is None or (isinstance(value, int) and abs(value) >= 2**63):
        raise ValueError
    return value
