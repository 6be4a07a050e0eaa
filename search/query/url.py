"""From URL parameters to a `SearchQuery`. Knows no engine and no database."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from search.errors import InvalidQuery, did_you_mean
from search.query.conditions import Condition, Filter, MetricKey, Range
from search.query.language import Lexicon, read
from search.query.model import (
    DATE_RANGE,
    DEFAULT_PAGE_SIZE,
    DESCENDING,
    NUMBER_RANGES,
    OTHER_PARAMETERS,
    RANGE_PARAMETERS,
    Cursor,
    PageRequest,
    SearchQuery,
    Sort,
)
from search.query.values import read_date, read_number

LONGEST_TEXT = 2000
LONGEST_VALUE = 300
MOST_VALUES = 50
MOST_PER_PAGE = 100
DEEPEST = 10_000
# Lone surrogates come from broken encodings; neither a database nor an engine can take them.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def parse(
    parameters: Mapping[str, Sequence[str]],
    lexicon: Lexicon,
    *,
    page_size: int = DEFAULT_PAGE_SIZE,
) -> SearchQuery:
    """Read URL parameters (each with all its values) into a query, and `q` by the query language. No database.

    Values may be written in any of the vocabulary's words. With `read=words` no word of the text is understood.

    Raises:
        InvalidQuery: a parameter is unknown or its value can't be read; says which, where, and what would do.
    """
    facets = tuple(lexicon.facets)
    known = [*OTHER_PARAMETERS, *RANGE_PARAMETERS, *facets, *(f"find_{facet}" for facet in facets)]
    for name in parameters:
        if name not in known:
            raise InvalidQuery(
                CONTROL.sub(" ", name[:80]),
                f"There is no search parameter “{CONTROL.sub(' ', name[:80])}”.",
                did_you_mean(name, known) or f"Known are {', '.join(k for k in known if k[:5] != 'find_')}.",
            )
    sort, descending, metric = _sort(_last(parameters, "sort"))
    filters = {facet: _values(facet, parameters[facet], lexicon) for facet in facets if facet in parameters}
    ranges = {found.field: found for found in _ranges(parameters)}
    text, conditions = read(_text(_last(parameters, "q")), lexicon)
    any_value = [Filter(facet, ("*",)) for facet in facets if "*" in filters.get(facet, ())]
    filters = {facet: values for facet, values in filters.items() if "*" not in values}
    where = [*any_value, *(part for part in conditions if not _taken(part, filters, ranges))]
    return SearchQuery(
        text=text,
        filters=tuple(Filter(facet, values) for facet, values in sorted(filters.items()) if values),
        ranges=tuple(ranges.values()),
        where=tuple(dict.fromkeys(where)),
        is_literal=_is_literal(_last(parameters, "read")),
        explain=_flag(parameters, "explain"),
        finds=tuple(
            (facet, words) for facet in facets if (words := _text(_last(parameters, f"find_{facet}"))[:80])
        ),
        sort=sort,
        descending=descending,
        metric=metric,
        page=_page(parameters, page_size),
    )


def _taken(part: Condition, filters: dict[str, tuple[str, ...]], ranges: dict[str, Range]) -> bool:
    """Whether a condition of the text can be a parameter of its own; it is put there then."""
    if isinstance(part, Filter) and not filters.get(part.facet) and _is_parameter(part):
        filters[part.facet] = part.values
        return True
    if (
        isinstance(part, Range)
        and part.field in (*NUMBER_RANGES, DATE_RANGE)
        and part.field not in ranges
        and not (part.above or part.below)
    ):
        ranges[part.field] = part
        return True
    return False


def _is_parameter(part: Filter) -> bool:
    """Whether the values can stand in the URL as they are."""
    return len(part.values) <= MOST_VALUES and all(
        value != "*" and "," not in value and len(value) <= LONGEST_VALUE for value in part.values
    )


def _is_literal(words: str) -> bool:
    if words.strip() not in ("", "words"):
        raise InvalidQuery(
            "read", "“read” is “words”, or left out.", "With read=words no word is understood as a filter."
        )
    return words.strip() == "words"


def _flag(parameters: Mapping[str, Sequence[str]], name: str) -> bool:
    words = _last(parameters, name).strip()
    if words not in ("", "0", "1"):
        raise InvalidQuery(name, f"“{name}” is 1 or 0, not “{CONTROL.sub(' ', words[:40])}”.")
    return words == "1"


def _last(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name) or [""]
    return values[-1]


def _text(words: str) -> str:
    if len(words) > LONGEST_TEXT:
        raise InvalidQuery(
            "q",
            f"The search text has {len(words):,} characters; {LONGEST_TEXT:,} is the most.",
            "Use fewer words.",
        )
    return CONTROL.sub(" ", words)


def _values(facet: str, given: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    values = [value.strip() for words in given for value in words.split(",") if value.strip()]
    if len(values) > MOST_VALUES:
        raise InvalidQuery(
            facet,
            f"“{facet}” has {len(values)} values; {MOST_VALUES} is the most.",
            "Use fewer.",
        )
    for value in values:
        if len(value) > LONGEST_VALUE or CONTROL.search(value):
            raise InvalidQuery(
                facet,
                f"A value of “{facet}” is too long or has characters that can't be shown.",
            )
    return tuple(dict.fromkeys(lexicon.value(facet, value) for value in values))


def _sort(words: str) -> tuple[Sort, bool, MetricKey | None]:
    name = words.strip()
    if not name:
        return Sort.RELEVANCE, True, None
    reverse, plain = name.startswith("-"), name.removeprefix("-")
    if plain.startswith("metric:"):
        metric, _, dataset = plain.removeprefix("metric:").partition("@")
        if not metric or len(plain) > LONGEST_VALUE or CONTROL.search(plain):
            raise InvalidQuery(
                "sort",
                "To sort by a metric, write sort=metric:metric-slug@dataset-slug.",
            )
        return Sort.METRIC, reverse, MetricKey(metric, dataset)
    names = [str(sort) for sort in Sort if sort is not Sort.METRIC]
    if plain not in names:
        raise InvalidQuery(
            "sort",
            f"There is no order “{CONTROL.sub(' ', plain[:80])}”.",
            did_you_mean(plain, names)
            or f"Known are {', '.join(names)} and metric:metric-slug@dataset-slug.",
        )
    sort = Sort(plain)
    return sort, (sort in DESCENDING) != (reverse and sort is not Sort.RELEVANCE), None


def _whole(
    parameters: Mapping[str, Sequence[str]],
    name: str,
    default: int,
    most: int,
    hint: str,
) -> int:
    words = _last(parameters, name).strip()
    if not words:
        return default
    if not (words.isascii() and words.isdigit()) or len(words) > 12 or not 1 <= int(words) <= most:
        shown = CONTROL.sub(" ", words[:40])
        raise InvalidQuery(name, f"“{name}” is a whole number from 1 to {most:,}, not “{shown}”.", hint)
    return int(words)


def _page(parameters: Mapping[str, Sequence[str]], page_size: int) -> PageRequest:
    size = _whole(parameters, "page_size", page_size, MOST_PER_PAGE, "")
    if cursor := _last(parameters, "cursor").strip():
        if len(cursor) > 2000:
            raise InvalidQuery(
                "cursor",
                "This cursor is not one we gave.",
                "Start again without `cursor`.",
            )
        return PageRequest(size=size, cursor=Cursor.decode(cursor))
    hint = "Narrow the search by filters, or follow `next` from the first page."
    return PageRequest(number=_whole(parameters, "page", 1, max(1, DEEPEST // size), hint), size=size)


def _ranges(parameters: Mapping[str, Sequence[str]]) -> tuple[Range, ...]:
    found = []
    for name in NUMBER_RANGES:
        low, high = (_number(parameters, f"{name}_{end}") for end in ("min", "max"))
        if low is not None and high is not None and low > high:
            raise InvalidQuery(f"{name}_min", f"{name}_min is above {name}_max.", "Swap them.")
        if low is not None or high is not None:
            found.append(Range(name, low, high))
    after, before = (_date(parameters, f"released_{end}") for end in ("after", "before"))
    if after and before and after > before:
        raise InvalidQuery(
            "released_after",
            "released_after is later than released_before.",
            "Swap them.",
        )
    if after or before:
        found.append(Range(DATE_RANGE, after, before))
    return tuple(found)


def _number(parameters: Mapping[str, Sequence[str]], name: str) -> float | None:
    words = _last(parameters, name).strip()
    if not words:
        return None
    number = read_number(words)
    if number is None:
        shown = CONTROL.sub(" ", words[:40])
        raise InvalidQuery(
            name,
            f"“{name}” is a number, not “{shown}”.",
            "Write 25000000, 25M or 1.5B.",
        )
    return number


def _date(parameters: Mapping[str, Sequence[str]], name: str) -> date | None:
    words = _last(parameters, name).strip()
    if not words:
        return None
    found = read_date(words)
    if found is None:
        shown = CONTROL.sub(" ", words[:40])
        raise InvalidQuery(name, f"“{name}” is a date, not “{shown}”.", "Write 2024-01-31 or 2024.")
    return found
