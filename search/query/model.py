"""What someone asked for, checked: one typed query, the same for URL, API, pages and saved searches."""

import base64
import binascii
import enum
import json
import math
import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from search.errors import InvalidQuery
from search.query.conditions import Condition, Filter, MetricKey, MetricRange, Phrase, Range, is_group
from search.query.values import write_value

DEFAULT_PAGE_SIZE = 20
MOMENT = re.compile(r"^[A-Za-z0-9+/=_-]{0,1200}$")


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
    "trained": "Trained on",
    "owner": "Owner",
    "source": "Source",
}
NUMBER_RANGES = {"parameters": "Parameters", "flops": "Compute", "size": "Size"}
DATE_RANGE = "released"
RANGE_PARAMETERS = [f"{name}_{end}" for name in NUMBER_RANGES for end in ("min", "max")] + [
    "released_after",
    "released_before",
]
OTHER_PARAMETERS = ["q", "read", "explain", "sort", "page", "page_size", "cursor"]


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
    """The place after a hit: the order's values there, for which back end, and how many hits came before.

    `moment` names a point in time that a back end keeps for a while, so that pages do not shift beneath a reader.
    """

    backend: str
    after: tuple[str | float | int | None, ...]
    position: int
    moment: str = ""

    def encode(self) -> str:
        parts = [self.backend, list(self.after), self.position, *([self.moment] if self.moment else [])]
        words = json.dumps(parts, separators=(",", ":"))
        return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, words: str) -> "Cursor":
        """Read a cursor that came back from outside.

        Raises:
            InvalidQuery: it is none of ours.
        """
        try:
            padded = words + "=" * (-len(words) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            backend, after, position, moment = [*parts, ""] if len(parts) == 3 else parts
            sound = (
                isinstance(backend, str)
                and isinstance(moment, str)
                and MOMENT.match(moment) is not None
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
        return cls(backend, tuple(after), position, moment)


@dataclass(frozen=True, slots=True)
class Reading:
    """Words of the text that were understood: which (positions among the words), as what, and how sure.

    A sure one takes the place of its words; one that is not only lets models that fulfil it rank higher.
    """

    words: str
    start: int
    end: int
    condition: Condition
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What someone asked for, checked and free of any engine's words.

    `text` are the free words, `where` the conditions written in the query language that no parameter of the URL
    can say. `readings` are what was understood in the text; they are never part of the URL, which has the words.
    When it is literal nothing is to be understood. `finds` are words to look for among the values of facets.
    """

    text: str = ""
    filters: tuple[Filter, ...] = ()
    ranges: tuple[Range, ...] = ()
    where: tuple[Condition, ...] = ()
    readings: tuple[Reading, ...] = ()
    is_literal: bool = False
    explain: bool = False
    finds: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort.RELEVANCE
    descending: bool = True
    metric: MetricKey | None = None
    page: PageRequest = field(default_factory=PageRequest)

    def values(self, facet: str) -> tuple[str, ...]:
        """What is chosen in a facet, or understood as a choice."""
        return next((f.values for f in self.limits if isinstance(f, Filter) and f.facet == facet), ())

    def range(self, name: str) -> Range | None:
        return next((r for r in self.limits if isinstance(r, Range) and r.field == name), None)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters or self.ranges or self.where)

    @property
    def read(self) -> tuple[Reading, ...]:
        """What was understood and surely meant."""
        return tuple(reading for reading in self.readings if reading.is_sure)

    @property
    def words(self) -> str:
        """The free words that were not surely understood: what must still be found as text."""
        return without_words(self.text, self.read)

    @property
    def metric_in_play(self) -> MetricKey | None:
        """The metric the question is about: the one it is ordered by, else the first it sets a condition on."""
        asked = (
            part.key
            for part in (*self.where, *(r.condition for r in self.read))
            if isinstance(part, MetricRange)
        )
        return self.metric or next(asked, None)

    def find(self, facet: str) -> str:
        """The words to look for among the values of a facet."""
        return dict(self.finds).get(facet, "")

    @property
    def q(self) -> str:
        """The words as they are typed: free ones, then the conditions in the query language."""
        alone = len(self.where) == 1 and not self.text
        said = [str(part) if alone or not is_group(part) else f"({part})" for part in self.where]
        return " ".join(part for part in (self.text, *said) if part)

    @property
    def limits(self) -> tuple[Filter | Range, ...]:
        """Every facet's and range's condition in force, chosen or understood; one for each facet or field."""
        chosen = {f.facet for f in self.filters} | {r.field for r in self.ranges}
        read = [r.condition for r in self.read if isinstance(r.condition, Filter | Range)]
        understood = [c for c in read if (c.facet if isinstance(c, Filter) else c.field) not in chosen]
        return (*self.filters, *self.ranges, *understood)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions in force that are no choice of a facet."""
        return (*self.where, *(r.condition for r in self.read if not isinstance(r.condition, Filter | Range)))

    def settled(self) -> "SearchQuery":
        """The same question with what was understood as choices of its own, as a form's fields have it."""
        filters, ranges, where = list(self.filters), list(self.ranges), list(self.where)
        for part in (*self.limits, *self.conditions):
            if part in filters or part in ranges or part in where:
                continue
            if isinstance(part, Filter):
                filters.append(part)
            elif isinstance(part, Range) and not (part.above or part.below):
                ranges.append(part)
            else:
                where.append(part)
        chosen = tuple(sorted(filters, key=lambda one: one.facet))
        return replace(
            self, text=self.words, filters=chosen, ranges=tuple(ranges), where=tuple(where), readings=()
        )

    def toggled(self, facet: str, value: str) -> "SearchQuery":
        """The same question with a value of a facet added, or removed where it was; from the first page."""
        chosen = self.values(facet)
        values = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        others = tuple(f for f in self.filters if f.facet != facet)
        filters = (*others, Filter(facet, values)) if values else others
        return self.first_page(filters=tuple(sorted(filters, key=lambda f: f.facet)))

    def without_range(self, name: str) -> "SearchQuery":
        return self.first_page(ranges=tuple(r for r in self.ranges if r.field != name))

    def without_condition(self, part: Condition) -> "SearchQuery":
        return self.first_page(where=tuple(other for other in self.where if other != part))

    def without_reading(self, reading: Reading) -> "SearchQuery":
        """The same question without the words that were understood so."""
        return self.first_page(text=without_words(self.text, (reading,)), readings=())

    def as_words(self, reading: Reading) -> "SearchQuery":
        """The same question with those words searched as they are."""
        words = self.text.split()
        said = " ".join(words[reading.start : reading.end])
        rest = without_words(self.text, (reading,))
        return self.first_page(text=rest, readings=(), where=(*self.where, Phrase(said)))

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
        found = [("q", self.q)] if self.q else []
        if self.is_literal and self.text:
            found.append(("read", "words"))
        if self.explain:
            found.append(("explain", "1"))
        found += [(f.facet, value) for f in self.filters for value in f.values]
        for r in self.ranges:
            low, high = ("after", "before") if r.field == DATE_RANGE else ("min", "max")
            found += [
                (f"{r.field}_{end}", write_value(value))
                for end, value in ((low, r.minimum), (high, r.maximum))
                if value is not None
            ]
        found += [(f"find_{facet}", words) for facet, words in self.finds]
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


def without_words(text: str, readings: tuple[Reading, ...]) -> str:
    """The text without the words at the readings' positions."""
    gone = {place for reading in readings for place in range(reading.start, reading.end)}
    return " ".join(word for place, word in enumerate(text.split()) if place not in gone)
