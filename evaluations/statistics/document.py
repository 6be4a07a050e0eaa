"""The statistics document: what a file or a request holds, read and checked as a whole before anything is written."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from evaluations.statistics import formulas
from evaluations.statistics.kinds import KINDS, Body
from evaluations.statistics.reading import (
    Faults,
    Fields,
    number,
    whole,
)

PARTS = ("statistics", "drift", "series")
STATISTICS_AT_MOST = 1_000
DRIFT_AT_MOST = 10_000
SERIES_AT_MOST = 500
STEPS_AT_MOST = 50_000
BINS_AT_MOST = 1_000
CONDITIONS = ("dataset", "split", "slice", "evaluated_at", "source")
MEASURES = {
    "psi": formulas.population_stability,
    "ks": formulas.kolmogorov_smirnov,
    "js": formulas.jensen_shannon,
}


@dataclass(frozen=True, slots=True)
class StatisticIn:
    """One statistic as it was sent, checked. `source` is a slug, `place` where it stands in the document."""

    kind: str
    body: Body
    size: int
    value: float | None
    name: str = ""
    dataset: str = ""
    split: str = ""
    slice: str = ""
    evaluated_at: dt.datetime | None = None
    source: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class DriftIn:
    """One feature's drift by one measure at one moment."""

    feature: str
    measure: str
    at: dt.datetime
    value: float
    place: str = ""


@dataclass(frozen=True, slots=True)
class SeriesIn:
    """Points (step, value) of one series."""

    name: str
    points: tuple[tuple[int, float], ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """All that one file or request adds to a version."""

    statistics: tuple[StatisticIn, ...] = ()
    drift: tuple[DriftIn, ...] = ()
    series: tuple[SeriesIn, ...] = field(default_factory=tuple)


def read_document(given: Any) -> Document:
    """A document of `statistics`, `drift` and `series`, of which one must hold something.

    Raises:
        ValidationErrors: the places at fault (`statistics[0].matrix[3][2]`), up to 20, each with its reason.
    """
    faults = Faults()
    fields = Fields(given, "", faults, PARTS)
    holds = {name: fields.given.get(name) not in (None, []) for name in PARTS}
    if not faults.found and not any(holds.values()):
        faults.add("", "Give something under `statistics`, `drift` or `series`.")
    statistics = tuple(_statistics(fields)) if holds["statistics"] else ()
    drift = tuple(_drift(fields)) if holds["drift"] else ()
    series = tuple(_series(fields)) if holds["series"] else ()
    faults.check()
    return Document(statistics, drift, series)


def _statistics(fields: Fields) -> Iterator[StatisticIn]:
    seen: dict[tuple[Any, ...], str] = {}
    for position, row in enumerate(fields.items("statistics", STATISTICS_AT_MOST)):
        if fields.faults.are_many:
            return
        place = f"statistics[{position}]"
        found = _statistic(row, place, fields.faults)
        if found is None:
            continue
        key = (found.kind, found.name, *(getattr(found, name) for name in CONDITIONS))
        if key in seen:
            fields.faults.add(place, f"The same statistic stands at {seen[key]}; tell them apart by `name`.")
        seen.setdefault(key, place)
        yield found


def _statistic(row: Any, place: str, faults: Faults) -> StatisticIn | None:
    word = row.get("kind") if isinstance(row, Mapping) else None
    kind = KINDS.get(word) if isinstance(word, str) else None
    if kind is None:
        if isinstance(row, Mapping):
            faults.add(f"{place}.kind", f"Choose one of {', '.join(KINDS)}.")
        else:
            faults.add(place, "Write an object here.")
        return None
    fields = Fields(row, place, faults, ("kind", "name", *CONDITIONS, *kind.fields))
    name = fields.text("name", 120)
    where = {one: fields.text(one, most) for one, most in (("dataset", 300), ("split", 120), ("slice", 300))}
    source = fields.text("source", 80)
    at = fields.moment("evaluated_at")
    shaped = kind.read(fields)
    if shaped is None:
        return None
    return StatisticIn(
        kind=str(word),
        body=shaped.body,
        size=shaped.size,
        value=shaped.value,
        name=name or shaped.name,
        evaluated_at=at,
        source=source,
        place=place,
        **where,
    )


def _drift(fields: Fields) -> Iterator[DriftIn]:
    seen: dict[tuple[Any, ...], str] = {}
    known = ("feature", "at", "measure", "value", "reference", "current")
    for position, row in enumerate(fields.items("drift", DRIFT_AT_MOST)):
        if fields.faults.are_many:
            return
        place = f"drift[{position}]"
        point = Fields(row, place, fields.faults, known)
        feature, at = point.text("feature", 200, needed=True), point.moment("at", needed=True)
        for measure, value in _drifted(point):
            if at is None:
                continue
            key = (feature, measure, at)
            if key in seen:
                fields.faults.add(place, f"The same feature, measure and moment stand at {seen[key]}.")
            seen.setdefault(key, place)
            yield DriftIn(feature, measure, at, value, place)


def _drifted(point: Fields) -> list[tuple[str, float]]:
    """The stated measure, or all three computed from two histograms."""
    if point.has("reference") or point.has("current"):
        for name in ("measure", "value"):
            if point.has(name):
                point.fault(name, "Give either a measure and its value, or two histograms.")
        before, now = _histogram(point, "reference"), _histogram(point, "current")
        if before is None or now is None:
            return []
        if before[0] != now[0]:
            point.fault("current", "Both histograms need the same edges.")
            return []
        return [(measure, compute(before[1], now[1])) for measure, compute in MEASURES.items()]
    measure = point.given.get("measure")
    if not isinstance(measure, str) or measure not in MEASURES:
        point.fault("measure", f"Choose one of {', '.join(MEASURES)}, or give two histograms.")
        return []
    high = None if measure == "psi" else 1.0
    return [(measure, number(point.given.get("value"), point.at("value"), point.faults, 0.0, high))]


def _histogram(point: Fields, name: str) -> tuple[Sequence[Any], list[int]] | None:
    """Its edges (or the names of its categories) and its counts."""
    before = point.faults.count
    inner = Fields(point.given.get(name), point.at(name), point.faults, ("edges", "categories", "counts"))
    counts = inner.counts("counts", BINS_AT_MOST)
    if inner.has("categories"):
        edges: Sequence[Any] = inner.names("categories", BINS_AT_MOST)
        expected = len(edges)
    else:
        edges = inner.numbers("edges", BINS_AT_MOST + 1)
        expected = len(edges) - 1
        if any(low >= high for low, high in pairwise(edges)):
            inner.fault("edges", "Each edge must be above the one before.")
    if counts and edges and len(counts) != expected:
        inner.fault("counts", f"{len(counts):,} counts do not fit {expected:,} bins.")
    if counts and not any(counts):
        inner.fault("counts", "All counts are 0.")
    return (edges, counts) if point.faults.count == before else None


def _series(fields: Fields) -> Iterator[SeriesIn]:
    seen: dict[str, str] = {}
    left = STEPS_AT_MOST
    for position, row in enumerate(fields.items("series", SERIES_AT_MOST)):
        if fields.faults.are_many:
            return
        place = f"series[{position}]"
        one = Fields(row, place, fields.faults, ("name", "points"))
        name = one.text("name", 200, needed=True)
        if name in seen:
            one.fault("name", f"The same series stands at {seen[name]}.")
        seen.setdefault(name, place)
        given = one.items("points", STEPS_AT_MOST)
        left -= len(given)
        if left < 0:
            one.fault("points", f"These are more than {STEPS_AT_MOST:,} points together. Send them in parts.")
            return
        yield SeriesIn(name, tuple(_points(one, given)), place)


def _points(one: Fields, given: Sequence[Any]) -> Iterator[tuple[int, float]]:
    steps: dict[int, int] = {}
    for position, pair in enumerate(given):
        if one.faults.are_many:
            return
        place = one.at(f"points[{position}]")
        if not isinstance(pair, list) or len(pair) != 2:
            one.faults.add(place, "Give a pair of step and value.")
            continue
        step = whole(pair[0], f"{place}[0]", one.faults)
        if step in steps:
            one.faults.add(f"{place}[0]", f"Step {step} stands at place {steps[step]} already.")
        steps.setdefault(step, position)
        yield step, number(pair[1], f"{place}[1]", one.faults, None, None)
