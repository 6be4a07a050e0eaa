"""How values are written for people: numbers, sizes, times, initials. Pure functions, no HTML."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

MISSING = "—"
NBSP = "\u00a0"
RATIO = "ratio"
Number = int | float | Decimal

_SCALES = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_EXACT_BELOW = 10_000


def as_number(value: object) -> Decimal | None:
    """`value` as a finite decimal, or None where it is missing or is no number."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def compact(value: object, billion: str = "G") -> str:
    """Three significant digits and a scale: 25557032 gives "25.6 M"; below 10,000 the exact number.

    `billion` is the letter for a thousand million, as people say 7 B parameters but 8.3 G operations.
    """
    number = as_number(value)
    if number is None:
        return MISSING
    if abs(number) < _EXACT_BELOW:
        return plain(number, significant=3 if number != number.to_integral_value() else None)
    for position, (scale, letter) in enumerate(_SCALES):
        if abs(number) >= scale:
            text = _significant(number / scale, 3)
            if abs(Decimal(text)) >= 1000 and position > 0:
                text, letter = "1", _SCALES[position - 1][1]
            return f"{_grouped(text)}{NBSP}{billion if letter == 'G' else letter}"
    return plain(number)


def plain(value: object, digits: int | None = None, significant: int | None = None) -> str:
    """A number with thousands separators, to `digits` decimals or `significant` digits if given."""
    number = as_number(value)
    if number is None:
        return MISSING
    if digits is not None:
        return f"{number:,.{max(0, digits)}f}"
    if significant is not None:
        return _grouped(_significant(number, significant))
    return _grouped(format(number.normalize(), "f"))


def measured(value: object, unit: str = "", digits: int | None = None) -> str:
    """A measurement with its unit: percentages to two decimals, else up to four significant digits.

    A ratio is a plain number: the word behind it would say nothing.
    """
    number = as_number(value)
    if number is None:
        return MISSING
    if digits is not None:
        text = plain(number, digits=digits)
    elif unit == "%":
        text = plain(number, digits=2)
    elif number == number.to_integral_value():
        text = plain(number)
    else:
        whole_digits = len(str(abs(int(number))))
        text = plain(number, significant=max(4, whole_digits + 1))
    return f"{text}{NBSP}{unit}" if unit and unit != RATIO else text


def file_size(value: object) -> str:
    """Bytes in decimal units, as storage is sold: 102540417 gives "103 MB"."""
    number = as_number(value)
    if number is None or number < 0:
        return MISSING
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    step = 0
    while step < len(units) - 1 and Decimal(_significant(number, 3)) >= 1000:
        number /= 1000
        step += 1
    if step == 0:
        return f"{int(number)}{NBSP}{'byte' if number == 1 else 'bytes'}"
    return f"{_grouped(_significant(number, 3))}{NBSP}{units[step]}"


def share(part: object, whole: object) -> float:
    """`part` of `whole` in percent, within 0 to 100; nothing of nothing is 0."""
    a, b = as_number(part), as_number(whole)
    if a is None or not b:
        return 0.0
    return round(min(100.0, max(0.0, float(a / b) * 100)), 2)


def as_moment(value: object) -> datetime | None:
    """`value` as an aware moment: datetimes, dates and ISO text are understood."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def relative_time(moment: datetime, now: datetime) -> str:
    """How long ago, or until, in one unit: "2 h ago", "3 days ago", "in 5 min"."""
    distance = now - moment
    ahead = distance < timedelta(0)
    seconds = abs(distance.total_seconds())
    if seconds < 45:
        return "just now"
    for limit, size, unit in (
        (3570, 60, "min"),
        (86_000, 3600, "h"),
        (6.5 * 86_400, 86_400, "day"),
        (29 * 86_400, 7 * 86_400, "week"),
        (350 * 86_400, 30.44 * 86_400, "month"),
        (math.inf, 365.25 * 86_400, "year"),
    ):
        if seconds < limit:
            count = max(1, round(seconds / size))
            word = unit if unit in ("min", "h") or count == 1 else f"{unit}s"
            return f"in {count} {word}" if ahead else f"{count} {word} ago"
    raise AssertionError("unreachable: the last limit is infinite")


def relative_day(day: date, today: date) -> str:
    """As `relative_time`, for a date whose hour is unknown."""
    days = (today - day).days
    if abs(days) <= 1:
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[days]
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return relative_time(noon - timedelta(days=days), noon)


def exact_time(value: datetime | date) -> str:
    """The whole time in words: "24 November 2025, 14:06 UTC"."""
    text = f"{value.day} {value:%B} {value.year}"
    if isinstance(value, datetime):
        text += f", {value:%H:%M} {value.tzname() or 'UTC'}"
    return text


def initials(name: object) -> str:
    """Up to two letters for a name: first and last word, without what stands in brackets; or a question mark."""
    text = str(name or "")
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"\(.*?\)", "", text) or text)
    if not words:
        return "?"
    chosen = [words[0]] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


def _significant(number: Decimal, digits: int) -> str:
    """`number` to so many significant digits, without trailing zeros or an exponent."""
    if number == 0:
        return "0"
    rounded = Decimal(f"{number:.{digits - 1}e}")
    return format(rounded.normalize(), "f")


def _grouped(text: str) -> str:
    """Thousands separators for a number already written out."""
    sign = "-" if text.startswith("-") else ""
    whole, _, fraction = text.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}" + (f".{fraction}" if fraction else "")


def short(number: float, billion: str = "B") -> str:
    """25.6 M, 1.2 B, 940; operations and bytes count in G."""
    for factor, letter in ((1e12, "T"), (1e9, billion), (1e6, "M"), (1e3, "k")):
        if number >= factor * 0.99995:
            return f"{float(f'{number / factor:.3g}'):g} {letter}"
    return f"{number:g}"
