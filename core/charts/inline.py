"""Geometry of the small charts that the server draws as SVG: lines over versions, histograms, sparklines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.formatting import as_number, measured

PLOT_HEIGHT = 200
PLOT_TOP, PLOT_BOTTOM = 24, 172
LABELS_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One value of a line: x in percent of the width, y in pixels."""

    label: str
    text: str
    note: str
    hint: str
    url: str
    x: float
    y: float
    anchor: str
    label_shown: bool
    label_minor: bool
    note_dy: int


@dataclass(frozen=True, slots=True)
class ChartTick:
    """A horizontal line of the grid."""

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything a template needs to draw a line chart without arithmetic."""

    points: list[ChartPoint]
    segments: list[tuple[ChartPoint, ChartPoint]]
    ticks: list[ChartTick]
    unit: str
    summary: str
    height: int = PLOT_HEIGHT
    label_y: int = PLOT_HEIGHT - 6


def line_chart(points: Sequence[Mapping[str, Any]], unit: str = "") -> LineChart:
    """Lay out `{label, value, note?, hint?, url?}`, oldest first; points without a value are left out."""
    known = [(p, float(v)) for p in points if (v := as_number(p.get("value"))) is not None]
    if not known:
        return LineChart([], [], [], unit, "No values recorded.")
    values = [value for _, value in known]
    ticks = nice_ticks(min(values), max(values))
    low, high = ticks[0], ticks[-1]

    def height_of(value: float) -> float:
        return round(PLOT_BOTTOM - (value - low) / (high - low) * (PLOT_BOTTOM - PLOT_TOP), 1)

    last = len(known) - 1
    every = max(1, math.ceil(last / (LABELS_AT_MOST - 1))) if last else 1
    heights = [height_of(value) for value in values]
    laid = []
    for index, (point, _) in enumerate(known):
        shown = index == last or (index % every == 0 and last - index >= every / 2)
        laid.append(
            ChartPoint(
                label=str(point.get("label", "")),
                text=measured(values[index], unit),
                note=str(point.get("note", "")),
                hint=str(point.get("hint", "")),
                url=str(point.get("url", "")),
                x=50.0 if not last else round(2 + 96 * index / last, 2),
                y=heights[index],
                anchor="middle" if not last else {0: "start", last: "end"}.get(index, "middle"),
                label_shown=shown,
                label_minor=index not in (0, last),
                note_dy=_note_dy(heights, index),
            )
        )
    first_text, last_text = laid[0].text, laid[-1].text
    summary = f"{laid[0].label}: {first_text}"
    if last:
        summary = f"{len(laid)} values, from {first_text} ({laid[0].label}) to {last_text} ({laid[-1].label})"
    return LineChart(
        points=laid,
        segments=list(pairwise(laid)),
        ticks=[ChartTick(tick_text(tick), height_of(tick)) for tick in ticks],
        unit=unit,
        summary=summary,
    )


def _note_dy(heights: Sequence[float], index: int) -> int:
    """How far from its point a note stands: just above it, or over everything where the line beside runs higher."""
    here = heights[index]
    beside = [*heights[max(0, index - 3) : index], *heights[index + 1 : index + 4]]
    runs_above = any(height < here - 4 for height in beside)
    return round(PLOT_TOP - here) - 5 if runs_above else -11


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers that enclose the values, in steps of 1, 2 or 5 times a power of ten."""
    if high <= low:
        margin = abs(low) * 0.05 or 1.0
        low, high = low - margin, high + margin
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((factor * power for factor in (1, 2, 5, 10) if factor * power >= raw), 10 * power)
    start = math.floor(low / step + 1e-9)
    end = math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(index * step, digits + 1) for index in range(start, end + 1)]


def tick_text(value: float) -> str:
    """A grid line's number, as short as it can be."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"


def sparkline_points(values: Sequence[object], width: float = 96, height: float = 24) -> str:
    """The `points` of a polyline through the known values, inside width by height."""
    known = [float(v) for value in values if (v := as_number(value)) is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    spread = high - low
    return " ".join(
        f"{2 + (width - 4) * i / (len(known) - 1):.1f},"
        f"{height / 2 if not spread else 2 + (height - 4) * (1 - (v - low) / spread):.1f}"
        for i, v in enumerate(known)
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram within a box of 100 by 100."""

    x: float
    y: float
    width: float
    height: float
    selected: bool
    title: str


def histogram_bars(bins: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Lay out `{label, count, selected?}` side by side; the highest fills the box."""
    counts = [int(as_number(item.get("count")) or 0) for item in bins]
    highest = max(counts, default=0)
    if not highest:
        return []
    room = 100 / len(bins)
    return [
        Bar(
            x=round(index * room + room * 0.03, 3),
            y=round(100 - (height := max(4.0, 100 * count / highest) if count else 0.0), 3),
            width=round(room * 0.94, 3),
            height=round(height, 3),
            selected=bool(item.get("selected", True)),
            title=f"{item.get('label', '')}: {count:,}",
        )
        for index, (item, count) in enumerate(zip(bins, counts, strict=True))
    ]
