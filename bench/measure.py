"""What a figure is, and how samples are taken: alternating, after a warm-up, summed up by percentiles."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.site import Site

MORE_IS_BETTER = frozenset({"rows/s", "documents/s", "nDCG@10", "MRR@10"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of ours beside the same of something plain, in one unit."""

    name: str
    ours: float
    other: float
    other_name: str
    unit: str

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of the other; nothing when the other is zero."""
        return self.ours / self.other if self.other else None

    @property
    def more_is_better(self) -> bool:
        return self.unit in MORE_IS_BETTER

    def as_json(self) -> dict[str, Any]:
        """The figure as `results.json` holds it, to four digits."""
        return {
            "name": self.name,
            "ours": digits(self.ours),
            "other": digits(self.other),
            "other_name": self.other_name,
            "unit": self.unit,
            "ratio": None if self.ratio is None else digits(self.ratio),
        }


class Skipped(Exception):
    """A part can't be measured here, and that is no fault: the message says why, and is told loudly."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a part is given: the running site, real questions, and how much to do."""

    site: "Site"
    questions: Sequence[str]
    queries: str
    is_quick: bool = False
    say: Callable[[str], None] = print

    def times(self, full: int, quick: int) -> int:
        """How often to do something."""
        return quick if self.is_quick else full


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the bench: its name for `--only`, what it measures in words, the work, and whether the work is done on
    a site that serves the demo catalog, and whether it takes so long that it is measured only when asked for.
    """

    name: str
    about: str
    measure: Callable[[Context], Iterable[Figure]]
    needs_catalog: bool = True
    is_large: bool = False


def digits(number: float, count: int = 4) -> float:
    """The number to so many significant digits."""
    return float(f"{number:.{count}g}")


def percentile(samples: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the samples lie, interpolated between neighbours.

    Raises:
        ValueError: there are no samples, or `share` is none.
    """
    ranked = sorted(samples)
    if not ranked or not 0 <= share <= 1:
        raise ValueError("percentile needs samples, and a share from 0 to 1")
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def alternate(
    works: Mapping[str, Callable[[int], object]],
    *,
    rounds: int,
    warm_up: int = 0,
    before: Mapping[str, Callable[[int], object]] | None = None,
) -> dict[str, list[float]]:
    """Milliseconds of each call, by name. Every round calls each once, with the round's number, and a different
    one first, so that what the machine does meanwhile falls on all alike. Warm-up rounds are not kept. What stands in
    `before` is called before the work of that name, and not timed.
    """
    names = list(works)
    before = before or {}
    samples: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            if name in before:
                before[name](number)
            taken = seconds_of(partial(works[name], number)) * 1000
            if number >= 0:
                samples[name].append(taken)
    return samples


def p50_and_p95(
    name: str, ours: Sequence[float], other: Sequence[float], other_name: str, unit: str = "ms"
) -> Iterator[Figure]:
    """The two figures of a latency, each against the other's own percentile."""
    for label, share in (("p50", 0.5), ("p95", 0.95)):
        yield Figure(f"{name}.{label}", percentile(ours, share), percentile(other, share), other_name, unit)
