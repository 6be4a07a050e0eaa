"""Numbers, dates and words of a search, as people write them."""

import re
from calendar import monthrange
from datetime import date

NUMBER = re.compile(
    r"^(-?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e([+-]?[0-9]{1,3}))?\s*([kmgtb]?)(?:b|flops?)?$", re.IGNORECASE
)
FACTORS = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "t": 12}
PLAIN = re.compile(r"^[^\s()\"<>=:@,-][^\s()\"<>=,]*$")
NAME = re.compile(r"^\w[\w.-]*$")
OPERATORS = frozenset({"AND", "OR", "NOT"})


def read_number(words: str) -> float | None:
    """`25000000`, `25M`, `1.5B`, `2e6`, `90MB`; nothing when it is none of these, or below zero."""
    number = read_signed(words)
    return None if number is None or words.strip().startswith("-") else number


def read_signed(words: str) -> float | None:
    """A number that may be below zero, as an attribute or a metric may have it."""
    found = NUMBER.match(words.strip().replace("_", "").replace(",", ""))
    if not found or len(words) > 40:
        return None
    number = float(f"{found[2]}e{int(found[3] or 0) + FACTORS[found[4].lower()]}")
    return (-number if found[1] else number) if number <= 1e24 else None


def is_share(number: float) -> bool:
    """Whether a number said without a unit may be a share of 1, where percents are counted."""
    return 0 < abs(number) <= 1


def write_number(number: float) -> str:
    """The shortest of the ways `read_number` reads."""
    for factor, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= factor and (number / factor * 100) % 1 == 0:
            return f"{number / factor:.2f}".rstrip("0").rstrip(".") + letter
    return f"{number:.0f}" if number == int(number) else repr(number)


def read_date(words: str) -> date | None:
    """`2024-01-31`, `2024-01` or `2024`, the latter as their first day; nothing when it is none of these."""
    text = words.strip()
    if not text.isascii():
        return None
    for full in (text, f"{text}-01", f"{text}-01-01"):
        if len(full) == 10:
            try:
                return date.fromisoformat(full)
            except ValueError:
                return None
    return None


def last_day(words: str) -> date | None:
    """The last day of `2024`, `2024-02` or `2024-02-03`."""
    first, length = read_date(words), len(words.strip())
    if first is None or length == len("2024-02-03"):
        return first
    month = 12 if length == len("2024") else first.month
    return date(first.year, month, monthrange(first.year, month)[1])


def write_value(value: float | date) -> str:
    return value.isoformat() if isinstance(value, date) else write_number(value)


def quoted(words: str) -> str:
    """Words as a value of the query language: in quotes where they would be read otherwise."""
    return words if PLAIN.match(words) and words not in OPERATORS else '"' + words.replace('"', " ") + '"'


def quoted_name(words: str) -> str:
    """The name of a metric or data set before a comparison: in quotes unless it is plain."""
    return words if NAME.match(words) and words not in OPERATORS else '"' + words.replace('"', " ") + '"'
