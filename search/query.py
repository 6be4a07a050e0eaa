"""What someone asked for, checked: from URL parameters to `SearchQuery` and back. Knows no engine."""

import base64
import binascii
import enum
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from search.errors import InvalidQuery, did_you_mean

LONGEST_TEXT = 2000
LONGEST_VALUE = 300
MOST_VALUES = 50
MOST_PER_PAGE = 100
DEEPEST = 10_000
DEFAULT_PAGE_SIZE = 20
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Sort(enum.StrEnum):
    """What the hits are ordered by."""

    RELEVANCE = "relevance"
    NAME = "name"
    NEWEST = "newest"
    UPDATED = "updated"
    RATING = "rating"
    FOLLOWERS = "followers"
    PARAMETERS = "parameters"
    FLOPS = "flops"
    SIZE = "size"
    METRIC = "metric"


# What people mean when they name an order without a direction: small models, but recent and well rated ones.
DESCENDING = frozenset({Sort.NEWEST, Sort.UPDATED, Sort.RATING, Sort.FOLLOWERS, Sort.RELEVANCE})

# Filters that are no taxonomy, with their label.
FIXED_FACETS = {
    "project": "Project",
    "stage": "Stage",
    "status": "Status",
    "tag": "Tag",
    "dataset": "Data set",
    "owner": "Owner",
    "source": "Source",
}
NUMBER_RANGES = {"parameters": "Parameters", "flops": "Compute", "size": "Size"}
DATE_RANGE = "released"
RANGE_PARAMETERS = [f"{name}_{end}" for name in NUMBER_RANGES for end in ("min", "max")] + [
    "released_after",
    "released_before",
]
OTHER_PARAMETERS = ["q", "sort", "page", "page_size", "cursor"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Models with at least one of `values` in a facet."""

    facet: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Models with a number or date between two ends, either of which may be open; both ends belong to it."""

    field: str
    minimum: float | date | None = None
    maximum: float | date | None = None


@dataclass(frozen=True, slots=True)
class MetricKey:
    """A metric, perhaps on one data set, by their slugs."""

    metric: str
    dataset: str = ""

    def __str__(self) -> str:
        return f"{self.metric}@{self.dataset}" if self.dataset else self.metric


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of the hits: a numbered page, or what follows a cursor."""

    number: int = 1
    size: int = DEFAULT_PAGE_SIZE
    cursor: "Cursor | None" = None

    @property
    def offset(self) -> int:
        return self.cursor.position if self.cursor else (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after a hit: the order's values there, for which back end, and how many hits came before."""

    backend: str
    after: tuple[str | float | int | None, ...]
    position: int

    def encode(self) -> str:
        words = json.dumps([self.backend, list(self.after), self.position], separators=(",", ":"))
        return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, words: str) -> "Cursor":
        """Read a cursor that came back from outside.

        Raises:
            InvalidQuery: it is none of ours.
        """
        try:
            padded = words + "=" * (-len(words) % 4)
            backend, after, position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            sound = (
                isinstance(backend, str)
                and len(after) == 2
                and all(isinstance(value, str | int | float | None) for value in after)
                and all(math.isfinite(value) for value in after if isinstance(value, float))
                and not any(isinstance(value, bool) for value in after)
                and isinstance(after[1], int)
                and abs(after[1]) < 2**62
                and type(position) is int
                and 0 <= position < 2**31
                and not any("\x00" in value for value in after if isinstance(value, str))
            )
        except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError):
            sound = False
        if not sound:
            raise InvalidQuery(
                "cursor",
                "This cursor is not one we gave.",
                "Start again without `cursor`.",
            )
        return cls(backend, tuple(after), position)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What someone asked for, checked and free of any engine's words."""

    text: str = ""
    filters: tuple[Filter, ...] = ()
    ranges: tuple[Range, ...] = ()
    sort: Sort = Sort.RELEVANCE
    descending: bool = True
    metric: MetricKey | None = None
    page: PageRequest = field(default_factory=PageRequest)

    def values(self, facet: str) -> tuple[str, ...]:
        """What is chosen in a facet."""
        return next((f.values for f in self.filters if f.facet == facet), ())

    def range(self, name: str) -> Range | None:
        return next((r for r in self.ranges if r.field == name), None)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters or self.ranges)

    def toggled(self, facet: str, value: str) -> "SearchQuery":
        """The same question with a value of a facet added, or removed where it was; from the first page."""
        chosen = self.values(facet)
        values = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        others = tuple(f for f in self.filters if f.facet != facet)
        filters = (*others, Filter(facet, values)) if values else others
        return self.first_page(filters=tuple(sorted(filters, key=lambda f: f.facet)))

    def without_range(self, name: str) -> "SearchQuery":
        return self.first_page(ranges=tuple(r for r in self.ranges if r.field != name))

    def first_page(self, **changes: object) -> "SearchQuery":
        """The same question, changed, from its first page."""
        return replace(self, page=PageRequest(size=self.page.size), **changes)  # type: ignore[arg-type]

    def at_page(self, number: int) -> "SearchQuery":
        return replace(self, page=PageRequest(number=number, size=self.page.size))

    def after(self, cursor: str) -> "SearchQuery":
        return replace(self, page=replace(self.page, number=1, cursor=Cursor.decode(cursor)))

    @property
    def sort_words(self) -> str:
        """The order as the URL writes it: `newest`, `-parameters`, `metric:top-1-accuracy@imagenet-1k`."""
        name = f"metric:{self.metric}" if self.sort is Sort.METRIC else str(self.sort)
        if self.sort is Sort.METRIC or self.descending == (self.sort in DESCENDING):
            return name
        return f"-{name}"

    def parameters(self) -> list[tuple[str, str]]:
        """The question as URL parameters; what is as usual is left out."""
        found = [("q", self.text)] if self.text else []
        found += [(f.facet, value) for f in self.filters for value in f.values]
        for r in self.ranges:
            low, high = ("after", "before") if r.field == DATE_RANGE else ("min", "max")
            found += [
                (
                    f"{r.field}_{end}",
                    write_number(value) if isinstance(value, float) else value.isoformat(),
                )
                for end, value in ((low, r.minimum), (high, r.maximum))
                if value is not None
            ]
        if self.sort_words != "relevance":
            found.append(("sort", self.sort_words))
        if self.page.size != DEFAULT_PAGE_SIZE:
            found.append(("page_size", str(self.page.size)))
        if self.page.cursor:
            found.append(("cursor", self.page.cursor.encode()))
        elif self.page.number != 1:
            found.append(("page", str(self.page.number)))
        return found

    def url_query(self) -> str:
        """The question as the part of a URL from `?` on; empty for the empty question."""
        parameters = self.parameters()
        return f"?{urlencode(parameters)}" if parameters else ""


def parse(
    parameters: Mapping[str, Sequence[str]],
    taxonomies: Iterable[str],
    *,
    page_size: int = DEFAULT_PAGE_SIZE,
) -> SearchQuery:
    """Read URL parameters (each with all its values) into a query. No database.

    Raises:
        InvalidQuery: a parameter is unknown or its value can't be read; says which, why, and what would do.
    """
    facets = [*FIXED_FACETS, *(slug for slug in taxonomies if slug not in FIXED_FACETS)]
    known = [*OTHER_PARAMETERS, *RANGE_PARAMETERS, *facets]
    for name in parameters:
        if name not in known:
            raise InvalidQuery(
                CONTROL.sub(" ", name[:80]),
                f"There is no search parameter “{CONTROL.sub(' ', name[:80])}”.",
                did_you_mean(name, known) or f"Known are {', '.join(known)}.",
            )
    sort, descending, metric = _sort(_last(parameters, "sort"))
    filters = (
        Filter(facet, _values(facet, parameters[facet])) for facet in sorted(facets) if facet in parameters
    )
    return SearchQuery(
        text=_text(_last(parameters, "q")),
        filters=tuple(f for f in filters if f.values),
        ranges=_ranges(parameters),
        sort=sort,
        descending=descending,
        metric=metric,
        page=_page(parameters, page_size),
    )


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
    # Lone surrogates come from broken encodings; neither a database nor an engine can take them.
    sound = CONTROL.sub(" ", words).encode("utf-8", "ignore").decode()
    return " ".join(sound.split())


def _values(facet: str, given: Sequence[str]) -> tuple[str, ...]:
    values = [value.strip() for words in given for value in words.split(",") if value.strip()]
    if len(values) > MOST_VALUES:
        raise InvalidQuery(
            facet,
            f"“{facet}” has {len(values)} values; {MOST_VALUES} is the most.",
            "Use fewer.",
        )
    for value in values:
        if len(value) > LONGEST_VALUE or CONTROL.search(value) or not _is_unicode(value):
            raise InvalidQuery(
                facet,
                f"A value of “{facet}” is too long or has characters that can't be shown.",
            )
    return tuple(dict.fromkeys(values))


def _is_unicode(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sort(words: str) -> tuple[Sort, bool, MetricKey | None]:
    name = words.strip()
    if not name:
        return Sort.RELEVANCE, True, None
    reverse, plain = name.startswith("-"), name.removeprefix("-")
    if plain.startswith("metric:"):
        metric, _, dataset = plain.removeprefix("metric:").partition("@")
        if not metric or len(plain) > LONGEST_VALUE or CONTROL.search(plain) or not _is_unicode(plain):
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


NUMBER = re.compile(r"^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e([0-9]{1,2}))?\s*([kmgtb]?)b?$", re.IGNORECASE)
FACTORS = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "t": 12}


def read_number(words: str) -> float | None:
    """`25000000`, `25M`, `1.5B`, `2e6`, `90MB`; nothing when it is none of these."""
    found = NUMBER.match(words.strip().replace("_", "").replace(",", ""))
    if not found or len(words) > 40:
        return None
    number = float(found[1]) * 10.0 ** (int(found[2] or 0) + FACTORS[found[3].lower()])
    return number if number <= 1e24 else None


def write_number(number: float) -> str:
    """The shortest of the ways `read_number` reads."""
    for factor, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= factor and (number / factor * 100) % 1 == 0:
            return f"{number / factor:.2f}".rstrip("0").rstrip(".") + letter
    return f"{number:.0f}" if number == int(number) else repr(number)


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
    try:
        full = words if "-" in words or not (words.isascii() and words.isdigit()) else f"{words}-01-01"
        return date.fromisoformat(full)
    except ValueError as error:
        shown = CONTROL.sub(" ", words[:40])
        raise InvalidQuery(
            name, f"“{name}” is a date, not “{shown}”.", "Write 2024-01-31 or 2024."
        ) from error
