"""Reading JSON strictly: nothing twice, nothing infinite, nothing too deep or too large."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from core.api.problems import Problem

DEEPEST = 20
LARGEST = 32 * 1024 * 1024
Place = tuple[Any, str | int] | None


class StrictJSONParser(BaseParser):
    """JSON in UTF-8. What other parsers let pass silently is refused with its reason."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        largest = getattr(settings, "VITRINE_API_LARGEST_BODY", LARGEST)
        body = stream.read(largest + 1)
        if len(body) > largest:
            raise Problem(413, f"The request is larger than {largest // 1024 // 1024} MB. Send it in parts.")
        return loads(body)


def loads(body: bytes) -> Any:
    """The value written in `body`.

    Raises:
        Problem: 400 with the place and what is wrong there.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        message = f"The body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise Problem(400, message) from None
    except RecursionError:
        raise Problem(400, f"The body is nested deeper than {DEEPEST} levels.") from None
    except ValueError:
        raise Problem(400, "The body holds a number with too many digits.") from None
    _walk(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise Problem(400, f"The name “{printable(name)}” is given twice in one object.")
            seen.add(name)
    return found


def _constant(word: str) -> float:
    raise Problem(400, f"{word} is no JSON number. Leave the value out when there is none.")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Problem(400, f"The number {digits[:40]} is too large.")
    return value


def _walk(value: Any) -> None:
    """Check depth, characters and numbers without recursion; a place is a pair of the place around it and its name."""
    waiting: list[tuple[Any, int, Place]] = [(value, 1, None)]
    while waiting:
        inner, depth, place = waiting.pop()
        if depth > DEEPEST:
            raise Problem(400, f"The body is nested deeper than {DEEPEST} levels.")
        if isinstance(inner, dict):
            for name, item in inner.items():
                if not well_formed(name):
                    raise _wrong(place, "A name in the body holds a character that is not allowed.")
                waiting.append((item, depth + 1, (place, name)))
        elif isinstance(inner, list):
            waiting.extend((item, depth + 1, (place, number)) for number, item in enumerate(inner))
        elif isinstance(inner, str) and not well_formed(inner):
            raise _wrong(place, f"The text “{printable(inner)}” holds a character that is not allowed.")
        elif isinstance(inner, int) and abs(inner) >= 2**63:
            raise _wrong(place, "A whole number is larger than 64 bits can hold.")


def _wrong(place: Place, message: str) -> Problem:
    """The problem with its place, written as `packages[2].name`; of the body as a whole there is no place."""
    written = ""
    while place is not None:
        place, name = place
        written = f"[{name}]{written}" if isinstance(name, int) else f".{printable(name)}{written}"
    return Problem(400, message, errors=[(written.removeprefix("."), message)] if written else None)


def well_formed(text: str) -> bool:
    """Whether the database can hold `text`: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text[:60])
