"""The typed query of search: what it is, how a URL and the query language say it. Knows no engine, no database."""

from search.query.conditions import (
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    Filter,
    MetricKey,
    MetricRange,
    Not,
    Phrase,
    Range,
    Words,
)
from search.query.model import (
    DATE_RANGE,
    DEFAULT_PAGE_SIZE,
    FIXED_FACETS,
    NUMBER_RANGES,
    RANGE_PARAMETERS,
    Cursor,
    PageRequest,
    Reading,
    SearchQuery,
    Sort,
)
from search.query.url import DEEPEST, parse
from search.query.values import read_number, write_number

__all__ = [
    "DATE_RANGE",
    "DEEPEST",
    "DEFAULT_PAGE_SIZE",
    "FIXED_FACETS",
    "NUMBER_RANGES",
    "RANGE_PARAMETERS",
    "AllOf",
    "AnyOf",
    "Attribute",
    "Condition",
    "Cursor",
    "Filter",
    "MetricKey",
    "MetricRange",
    "Not",
    "PageRequest",
    "Phrase",
    "Range",
    "Reading",
    "SearchQuery",
    "Sort",
    "Words",
    "parse",
    "read_number",
    "write_number",
]
