"""Reading what stands in a URL: words of its path, and its query."""

from django.http import QueryDict
from django.urls.converters import StringConverter


class Word(StringConverter):
    """`<word:label>`: any text within one part of a path, but for NUL, which no name holds and Postgres refuses."""

    regex = r"[^/\x00]+"


def page_number(query: QueryDict) -> int:
    """The page asked for; the first where the number is absurd."""
    words = query.get("page", "1")
    if not (words.isascii() and words.isdigit()) or len(words) > 9:
        return 1
    return max(1, int(words))


def text(query: QueryDict, name: str, longest: int = 200) -> str:
    """A parameter without control characters, cut to a sane length."""
    return "".join(c for c in query.get(name, "") if c.isprintable())[:longest].strip()
