"""Reading plain JSON values with care: each fault is kept with its place, so that all are told at once."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import ValidationErrors
from core.text import clean

FAULTS_AT_MOST = 20
EXACT = 2**53


class Faults:
    """What is wrong with a document, by place: `statistics[0].matrix[3][2]`."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.count = 0  # also of those that are not kept

    def add(self, place: str, message: str) -> None:
        self.count += 1
        if len(self.found) < FAULTS_AT_MOST:
            self.found.append((place or "document", message))

    @property
    def are_many(self) -> bool:
        return len(self.found) >= FAULTS_AT_MOST

    def check(self) -> None:
        """
        Raises:
            ValidationErrors: something was wrong.
        """
        if self.found:
            raise ValidationErrors(self.found)


class Fields:
    """The fields of one JSON object, read by name; what can't be read becomes a fault and an empty value."""

    def __init__(self, given: Any, place: str, faults: Faults, known: Sequence[str]) -> None:
        self.given: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        self.place, self.faults = place, faults
        if not isinstance(given, Mapping):
            faults.add(place, "Write an object here.")
        for name in self.given:
            if name not in known:
                listed = ", ".join(sorted(known))
                faults.add(self.at(str(name)[:80]), f"There is no such field here. Known: {listed}.")

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def fault(self, name: str, message: str) -> None:
        self.faults.add(self.at(name), message)

    def text(self, name: str, longest: int, *, needed: bool = False) -> str:
        return tidy(self.given.get(name), longest, self.at(name), self.faults, needed=needed)

    def moment(self, name: str, *, needed: bool = False) -> dt.datetime | None:
        """A moment in UTC; one without a time zone is taken as UTC."""
        given: Any = self.given.get(name)
        if given is None and not needed:
            return None
        try:
            found = dt.datetime.fromisoformat(given)
            return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
        except (ValueError, TypeError, OverflowError):
            self.fault(name, "Write a moment such as 2026-03-31T12:00:00Z.")
            return None

    def items(self, name: str, most: int, *, fewest: int = 1) -> Sequence[Any]:
        """A list of a bounded length; empty after a fault."""
        given = self.given.get(name)
        if not isinstance(given, list):
            self.fault(name, "Give a list here.")
        elif not fewest <= len(given) <= most:
            self.fault(name, f"Give {fewest:,} to {most:,} entries here; these are {len(given):,}.")
        else:
            return given
        return ()

    def numbers(self, name: str, most: int, **rules: Any) -> list[float]:
        """A list of finite numbers, see `numbers_in`."""
        return numbers_in(self.items(name, most), self.at(name), self.faults, **rules)

    def counts(self, name: str, most: int, *, low: int = 0) -> list[int]:
        return counts_in(self.items(name, most), self.at(name), self.faults, low=low)

    def whole(self, name: str) -> int:
        return whole(self.given.get(name), self.at(name), self.faults)

    def names(self, name: str, most: int, *, fewest: int = 1, longest: int = 200) -> list[str]:
        """A list of different texts; whole numbers are taken as their digits."""
        found = []
        for position, one in enumerate(self.items(name, most, fewest=fewest)):
            if self.faults.are_many:
                break
            word = str(one) if type(one) is int else one
            found.append(tidy(word, longest, f"{self.at(name)}[{position}]", self.faults, needed=True))
        self.different(name, found)
        return found

    def different(self, name: str, found: Sequence[str]) -> None:
        seen: dict[str, int] = {}
        for position, word in enumerate(found):
            if word and word in seen:
                message = f"“{word[:80]}” is given twice, at places {seen[word]} and {position}."
                self.fault(f"{name}[{position}]", message)
            seen.setdefault(word, position)

    def same_length(self, **lists: Sequence[Any]) -> None:
        """Each list that holds anything must be as long as the first."""
        (first, expected), *rest = lists.items()
        for name, values in rest:
            if values and expected and len(values) != len(expected):
                self.fault(name, f"{len(values):,} entries do not fit {len(expected):,} of `{first}`.")

    def rising(self, name: str, values: Sequence[float | None], *, falling: bool = False) -> None:
        """Each value must be at least (or at most) the one before."""
        for position in range(1, len(values)):
            before, here = values[position - 1], values[position]
            if before is None or here is None:
                continue
            if (here > before) if falling else (here < before):
                word = "above" if falling else "below"
                self.fault(
                    f"{name}[{position}]", f"{here:g} is {word} {before:g} before it; sort the points."
                )
                return


def tidy(given: Any, longest: int, place: str, faults: Faults, *, needed: bool = False) -> str:
    """Text in one Unicode form, without control characters and doubled spaces."""
    if given is None and not needed:
        return ""
    if not isinstance(given, str):
        faults.add(place, "Write text here.")
        return ""
    if any("\ud800" <= letter <= "\udfff" for letter in given):
        faults.add(place, "The text holds a character that is not allowed.")
        return ""
    found = " ".join(clean(given).split())
    if needed and not found:
        faults.add(place, "Write something here.")
    if len(found) > longest:
        faults.add(place, f"The text is longer than {longest} characters.")
        return ""
    return found


def number(given: Any, place: str, faults: Faults, low: float | None, high: float | None) -> float:
    """A finite number within bounds; 0 after a fault."""
    if type(given) not in (int, float):
        faults.add(place, "Write a number.")
    elif not math.isfinite(value := _as_float(given)):
        faults.add(place, "Write a finite number.")
    elif low is not None and value < low:
        faults.add(place, f"{value:g} is less than {low:g}.")
    elif high is not None and value > high:
        faults.add(place, f"{value:g} is more than {high:g}.")
    else:
        return value
    return 0.0


def _as_float(given: float) -> float:
    try:
        return float(given)
    except OverflowError:
        return math.inf


def whole(given: Any, place: str, faults: Faults, low: int = 0) -> int:
    """A whole number from `low` on; `low` after a fault."""
    if type(given) is not int:
        faults.add(place, "Write a whole number.")
    elif given < low:
        faults.add(place, f"{given} is less than {low}.")
    elif given > EXACT:
        faults.add(place, f"The number is larger than {EXACT:,}.")
    else:
        return given
    return low


def numbers_in(
    given: Sequence[Any],
    place: str,
    faults: Faults,
    *,
    low: float | None = None,
    high: float | None = None,
) -> list[float]:
    """The values as numbers; each that is none is a fault with its position."""
    found = []
    for position, one in enumerate(given):
        if faults.are_many:
            break
        found.append(number(one, f"{place}[{position}]", faults, low, high))
    return found


def counts_in(given: Sequence[Any], place: str, faults: Faults, *, low: int = 0) -> list[int]:
    """The values as whole numbers from `low` on."""
    if all(type(one) is int and low <= one <= EXACT for one in given):  # a matrix may have a million
        return list(given)
    found = []
    for position, one in enumerate(given):
        if faults.are_many:
            break
        found.append(whole(one, f"{place}[{position}]", faults, low))
    return found
