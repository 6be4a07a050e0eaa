"""The charts of the site as Vega-Lite: trade-offs, many measures at once, and values over time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.chart import (
    ACCENT,
    INK,
    SOFT,
    specification,
)

MOST_LABELLED = 16  # points that get their names written beside them
MOST_SERIES = 8  # groups of a scatter; the rest are one
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Axis:
    """One measure of a chart: which way is better is `higher`, `lower` or neither."""

    label: str
    unit: str = ""
    direction: str = "none"
    is_log: bool = False

    @property
    def title(self) -> str:
        arrow = {"higher": " ↑", "lower": " ↓"}.get(self.direction, "")
        return f"{self.label} ({self.unit}){arrow}" if self.unit else f"{self.label}{arrow}"


@dataclass(frozen=True, slots=True)
class Point:
    """One model in a scatter: its two numbers, the group that colors it, its address."""

    name: str
    x: float
    y: float
    group: str = ""
    url: str = ""
    is_front: bool = False
    x_text: str = ""
    y_text: str = ""


def scatter(points: Sequence[Point], x: Axis, y: Axis, group_label: str = "") -> dict[str, Any]:
    """Points by two measures, those of the Pareto front joined by a line."""
    shown = grouped([point.group for point in points])
    values = [
        {
            "name": point.name,
            "x": point.x,
            "y": point.y,
            "group": group,
            "url": point.url,
            "front": point.is_front,
            "far": _is_far(point.x, points, is_log=x.is_log),
            "about": f"{point.name}: {x.label} {point.x_text or point.x}, {y.label} {point.y_text or point.y}",
            "xt": point.x_text or f"{point.x:g}",
            "yt": point.y_text or f"{point.y:g}",
        }
        for point, group in zip(points, shown, strict=True)
    ]
    layers = _scatter_layers(x, y, shown, group_label, is_labelled=len(points) <= MOST_LABELLED)
    return specification(
        values,
        layer=layers,
        encoding={"x": _quantitative("x", x), "y": _quantitative("y", y)},
    )


def _scatter_layers(
    x: Axis, y: Axis, groups: Sequence[str], group_label: str, *, is_labelled: bool
) -> list[dict[str, Any]]:
    """The line of the front, the points, and their names where there are few."""
    tooltip = [
        {"field": "name", "title": "Model"},
        {"field": "xt", "title": x.label},
        {"field": "yt", "title": y.label},
    ]
    if group_label:
        tooltip.append({"field": "group", "title": group_label})
    color: dict[str, Any] = {"value": ACCENT}
    if group_label and len(set(groups)) > 1:
        color = {
            "field": "group",
            "type": "nominal",
            "title": group_label,
            "sort": list(dict.fromkeys(groups)),
        }
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": "datum.front"}],
            "mark": {"type": "line", "color": SOFT, "strokeDash": [4, 4], "strokeWidth": 1.5},
            "encoding": {"order": {"field": "x"}},
        },
        {
            "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
            "mark": {"type": "point", "filled": True, "opacity": 0.85, "cursor": "pointer"},
            "encoding": {
                "color": color,
                "size": {"condition": {"test": "datum.front", "value": 110}, "value": 50},
                "href": {"field": "url"},
                "tooltip": tooltip,
                "description": {"field": "about"},
            },
        },
    ]
    if is_labelled:
        text = {"type": "text", "dy": -7, "limit": 150, "color": INK}
        for side, align, dx in ((False, "left", 8), (True, "right", -8)):
            layers.append(
                {
                    "transform": [{"filter": {"field": "far", "equal": side}}],
                    "mark": {**text, "align": align, "dx": dx},
                    "encoding": {"text": {"field": "name"}},
                }
            )
    return layers


def _is_far(x: float, points: Sequence[Point], *, is_log: bool) -> bool:
    """Whether a point lies so far to the right that its name is better written before it."""
    numbers = [math.log(point.x) if is_log else point.x for point in points]
    low, high = min(numbers), max(numbers)
    return (math.log(x) if is_log else x) > low + 0.6 * (high - low) if high > low else False


def _quantitative(field: str, axis: Axis) -> dict[str, Any]:
    scale: dict[str, Any] = {"type": "log", "padding": 10} if axis.is_log else {"zero": False, "padding": 10}
    look: dict[str, Any] = {"format": "~s"} if axis.is_log or axis.unit == "" else {}
    return {
        "field": field,
        "type": "quantitative",
        "title": axis.title,
        "scale": scale,
        "axis": {**look, "tickCount": 6},
    }


def grouped(groups: Sequence[str]) -> list[str]:
    """The groups as they are colored: the most frequent ones, and the rest together."""
    counts: dict[str, int] = {}
    for group in groups:
        counts[group] = counts.get(group, 0) + 1
    if len(counts) <= MOST_SERIES:
        return [group or "none" for group in groups]
    kept = set(sorted(counts, key=lambda group: (-counts[group], group))[: MOST_SERIES - 1])
    return [(group or "none") if group in kept else OTHERS for group in groups]


def parallel(
    names: Sequence[str], axes: Sequence[Axis], shares: Sequence[Sequence[float | None]]
) -> dict[str, Any]:
    """Parallel coordinates: a line for each name over many measures, each from its worst (0) to its best (1)."""
    values = [
        {"name": name, "measure": axis.label, "share": share, "place": place}
        for name, row in zip(names, shares, strict=True)
        for place, (axis, share) in enumerate(zip(axes, row, strict=True))
        if share is not None
    ]
    color = {"field": "name", "type": "nominal", "title": None, "sort": list(names)}
    return specification(
        values,
        mark={"type": "line", "point": {"filled": True, "size": 45}, "opacity": 0.85},
        encoding={
            "x": {
                "field": "measure",
                "type": "ordinal",
                "sort": [axis.label for axis in axes],
                "title": None,
                "axis": {"labelAngle": -30, "labelLimit": 160, "grid": True},
                "scale": {"padding": 0.4},
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "title": "worst of these → best of these",
                "axis": {
                    "values": [0, 0.5, 1],
                    "labelExpr": "datum.value == 1 ? 'best' : datum.value == 0 ? 'worst' : ''",
                },
            },
            "color": color,
            "tooltip": [{"field": "name"}, {"field": "measure"}, {"field": "share", "format": ".0%"}],
        },
    )


RADIUS = 130  # pixels from the middle of a radar to its rim
LONGEST_LABEL = 150  # pixels
WIDE, HIGH = 1.1 + LONGEST_LABEL / RADIUS, 1.2  # how far a radar goes with its labels, in radii


def _side(across: float) -> str:
    """How a label beside the rim is aligned, so that it grows away from it."""
    return "center" if abs(across) < 0.1 else "left" if across > 0 else "right"


def radar(
    names: Sequence[str], axes: Sequence[Axis], shares: Sequence[Sequence[float | None]]
) -> dict[str, Any]:
    """A radar of many measures, each from the middle (worst of these) to the rim (best): a closed line for each name.

    Vega-Lite has no polar axes, so corners are laid out here; a measure that is missing for a name leaves a gap.
    """
    count = len(axes)
    turns = [2 * math.pi * place / count for place in range(count)]

    def at(turn: float, far: float) -> dict[str, float]:
        return {"x": round(far * math.sin(turn), 4), "y": round(far * math.cos(turn), 4)}

    rings = [
        {**at(turns[place % count], far), "ring": far, "order": place}
        for far in (0.25, 0.5, 0.75, 1.0)
        for place in range(count + 1)
    ]
    spokes = [
        {**at(turn, far), "spoke": place, "order": far}
        for place, turn in enumerate(turns)
        for far in (0.0, 1.0)
    ]
    labels = [
        {**at(turn, 1.1), "label": axis.label, "align": _side(math.sin(turn))}
        for turn, axis in zip(turns, axes, strict=True)
    ]
    values = []
    for name, row in zip(names, shares, strict=True):
        for order, place in enumerate([*range(count), 0]):
            share = row[place]
            if share is not None:
                far = 0.06 + 0.94 * share
                values.append(
                    {
                        **at(turns[place], far),
                        "name": name,
                        "order": order,
                        "measure": axes[place].label,
                        "share": share,
                    }
                )
    return specification(
        values,
        # As long across as up, or a measure at the side would look like more than one on top.
        autosize={"type": "pad"},
        width=round(2 * WIDE * RADIUS),
        height=round(2 * HIGH * RADIUS),
        layer=_radar_layers(names, rings, spokes, labels),
    )


def _radar_layers(
    names: Sequence[str],
    rings: Sequence[Mapping[str, Any]],
    spokes: Sequence[Mapping[str, Any]],
    labels: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The grid, the names of the measures, and a closed line for each name."""
    shape: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-WIDE, WIDE]}},
        "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [-HIGH, HIGH]}},
        "order": {"field": "order"},
    }
    grid = {"type": "line", "color": "#e4e1d8", "strokeWidth": 1}
    return [
        {"data": {"values": rings}, "mark": grid, "encoding": {**shape, "detail": {"field": "ring"}}},
        {"data": {"values": spokes}, "mark": grid, "encoding": {**shape, "detail": {"field": "spoke"}}},
        {
            "data": {"values": labels},
            "mark": {
                "type": "text",
                "color": INK,
                "limit": LONGEST_LABEL,
                "fontSize": 11.5,
                "align": {"expr": "datum.align"},
            },
            "encoding": {**shape, "text": {"field": "label"}},
        },
        {
            "mark": {"type": "line", "point": {"filled": True, "size": 40}, "opacity": 0.9},
            "encoding": {
                **shape,
                "color": {"field": "name", "type": "nominal", "title": None, "sort": list(names)},
                "tooltip": [{"field": "name"}, {"field": "measure"}, {"field": "share", "format": ".0%"}],
            },
        },
    ]


def over_time(
    values: Sequence[Mapping[str, Any]], axis: Axis, *, best: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Values of `{name, at (ISO date), value, url, text}` over time, and the best so far as steps."""
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": list(best)},
            "mark": {"type": "line", "interpolate": "step-after", "color": ACCENT},
            "encoding": {},
        },
        {
            "mark": {"type": "point", "filled": True, "color": ACCENT, "opacity": 0.6, "size": 45},
            "encoding": {
                "href": {"field": "url"},
                "tooltip": [
                    {"field": "name"},
                    {"field": "at", "title": "date"},
                    {"field": "text", "title": axis.label},
                ],
                "description": {"field": "name"},
            },
        },
    ]
    return specification(
        values,
        layer=layers if best else layers[1:],
        encoding={
            "x": {"field": "at", "type": "temporal", "title": None, "axis": {"tickCount": 6}},
            "y": _quantitative("value", axis),
        },
    )
