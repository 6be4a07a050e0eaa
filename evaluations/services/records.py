"""Measurements as their source writes them."""

import datetime as dt
from dataclasses import dataclass

from vocabulary.models import Source


@dataclass(frozen=True, slots=True)
class MetricIn:
    """One number as its source writes it: in the source's words and unit.

    `low` and `high` are the ends of the interval it is known within, and `interval` says what that is; `spread` stands
    for both ends, as far from the number.
    """

    metric: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    interval: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationIn:
    """Numbers measured under the same conditions."""

    metrics: tuple[MetricIn, ...]
    dataset: str = ""
    split: str = ""
    slice: str = ""
    evaluated_at: dt.datetime | None = None
    source: Source | None = None
