"""What may be meant while a condition is typed: fields, and values of a facet that the viewer's models have."""

import re
from dataclasses import replace
from urllib.parse import urlencode

from access.viewer import Viewer
from search.errors import InvalidQuery
from search.query import PageRequest, SearchQuery, parse
from search.query.language import DATES, NUMBERS, OTHER_NAMES
from search.query.lexicon import Lexicon, lexicon
from search.query.values import quoted
from search.results import Suggestion
from search.service import search

MOST = 6
VALUE = re.compile(r'(?:^|(?<=[\s(]))(-?)([A-Za-z][A-Za-z_-]*):("?)([^":()]*)$')
DATASET = re.compile(r'(?:^|(?<=[\s(]))([^\s()"@]+|"[^"]*")@("?)([^"@()<>=]*)$')
WORD = re.compile(r"(?:^|(?<=[\s(]))(-?)([A-Za-z][A-Za-z_-]{1,})$")


def completions(viewer: Viewer, text: str) -> list[Suggestion]:
    """How the condition at the end of `text` may go on. As many queries as a search, or none."""
    known = lexicon()
    if found := VALUE.search(text):
        minus, name, _, begun = found.groups()
        facet = _facet(name, known)
        return _values(viewer, text[: found.start()], f"{minus}{name}:", facet, begun) if facet else []
    if found := DATASET.search(text):
        metric, _, begun = found.groups()
        return _values(viewer, text[: found.start()], f"{metric}@", "dataset", begun, after=">=")
    if found := WORD.search(text):
        minus, begun = found.groups()
        return _fields(text[: found.start()], minus, begun, known)
    return []


def _facet(name: str, known: Lexicon) -> str:
    plain = name.lower().replace("_", "-")
    facet = OTHER_NAMES.get(plain, plain)
    return facet if facet in known.facets else ""


def _values(
    viewer: Viewer, before: str, start: str, facet: str, begun: str, *, after: str = ""
) -> list[Suggestion]:
    """Values of a facet among the models that what stands before finds; all the viewer's where that can't be read."""
    try:
        query = parse({"q": [before]}, lexicon())
    except InvalidQuery:
        query = SearchQuery()
    others = tuple(one for one in query.filters if one.facet != facet)
    asked = replace(query, filters=others, finds=((facet, begun.strip()),), page=PageRequest(size=1))
    found = []
    for bucket in search(viewer, asked).facet(facet).buckets[:MOST]:
        text = f"{before}{start}{quoted(bucket.value)}{after}"
        url = "" if after else f"/search?{urlencode({'q': text})}"
        hint = f"{bucket.count:,} model{'s' if bucket.count != 1 else ''}"
        found.append(Suggestion("filter", f"{start}{bucket.label}", url, hint, text))
    return found


def _fields(before: str, minus: str, begun: str, known: Lexicon) -> list[Suggestion]:
    """Names of fields that begin so; said only where nothing else is begun, since most words are no fields."""
    plain = begun.lower().replace("_", "-")
    names = [*known.facets, *NUMBERS, *DATES, *known.attributes, "name", "has", "no"]
    close = sorted(name for name in dict.fromkeys(names) if name.startswith(plain))[:2]
    found = []
    for name in close:
        sign = ">" if name in NUMBERS or name in DATES else ":"
        label = known.facets.get(name, "")
        found.append(Suggestion("field", f"{minus}{name}{sign}", "", label, f"{before}{minus}{name}{sign}"))
    return found
