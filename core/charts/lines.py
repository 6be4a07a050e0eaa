"""Vega-Lite for statistics: curves over the unit square, lines over time or steps, bars and dots by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.chart import (
    ACCENT,
    LINE,
    SOFT,
    specification,
)

ROW = 22  # pixels a bar
UNIT = {"domain": [0, 1]}
FIFTHS = {"tickCount": 5, "format": ".1f"}
LONGEST_LABEL = 220  # pixels


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its name, and its points with what the tooltip says beside them."""

    name: str
    points: Sequence[tuple[Any, float]]
    about: Sequence[str] = ()

    def values(self) -> list[dict[str, Any]]:
        texts = [*self.about, *[""] * len(self.points)]
        return [
            {"name": self.name, "x": x, "y": y, "place": place, "about": text}
            for place, ((x, y), text) in enumerate(zip(self.points, texts, strict=False))
        ]


def _color(names: Sequence[str]) -> dict[str, Any]:
    """One accent for one line; colors with a legend for several."""
    if len(names) < 2:
        return {"value": ACCENT}
    return {"field": "name", "type": "nominal", "title": None, "sort": list(names)}


def _tooltip(
    x_title: str, y_title: str, lines: Sequence[Line], x_format: str = ".4~f"
) -> list[dict[str, Any]]:
    x = {"field": "x", "title": x_title} | ({"format": x_format} if x_format else {"type": "temporal"})
    found = [{"field": "name", "title": "Line"}, x, {"field": "y", "title": y_title, "format": ".4~g"}]
    return [*found, {"field": "about", "title": "also"}] if any(line.about for line in lines) else found


def _names_axis(names: Sequence[str]) -> dict[str, Any]:
    """Room for the names, as wide as browsers may draw them: the server measures with a font of its own."""
    longest = max((len(name) for name in names), default=0)
    return {"labelLimit": LONGEST_LABEL, "minExtent": min(LONGEST_LABEL, 8 * longest)}


def curves(
    lines: Sequence[Line],
    x_title: str,
    y_title: str,
    *,
    diagonal: str = "",
    steps: bool = False,
    dots: bool = False,
) -> dict[str, Any]:
    """Curves whose both axes go from 0 to 1; `diagonal` says in words what the dashed line stands for."""
    mark: dict[str, Any] = {"type": "line"} | ({"interpolate": "step-after"} if steps else {})
    layers: list[dict[str, Any]] = [
        {
            "mark": mark | ({"point": {"filled": True, "size": 45}} if dots else {}),
            "encoding": {
                "color": _color([line.name for line in lines]),
                "order": {"field": "place"},
                "tooltip": _tooltip(x_title, y_title, lines),
            },
        }
    ]
    if diagonal:
        ends = [{"x": 0, "y": 0, "label": ""}, {"x": 1, "y": 1, "label": diagonal}]
        layers = [
            {
                "data": {"values": ends},
                "mark": {"type": "line", "color": SOFT, "strokeDash": [4, 4], "strokeWidth": 1},
                "encoding": {},
            },
            *layers,
        ]
    return specification(
        [value for line in lines for value in line.values()],
        layer=layers,
        encoding={
            "x": {"field": "x", "type": "quantitative", "title": x_title, "scale": UNIT, "axis": FIFTHS},
            "y": {"field": "y", "type": "quantitative", "title": y_title, "scale": UNIT, "axis": FIFTHS},
        },
    )


def lines_over(
    lines: Sequence[Line],
    x_title: str,
    y_title: str,
    *,
    temporal: bool = False,
    limits: Sequence[tuple[float, str]] = (),
    height: int = 260,
) -> dict[str, Any]:
    """Lines over steps, or over time; `limits` are dashed lines across with a word at each."""
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "point": {"filled": True, "size": 30} if temporal else False},
            "encoding": {
                "color": _color([line.name for line in lines]),
                "tooltip": _tooltip(x_title, y_title, lines, "" if temporal else ",.0f"),
            },
        }
    ]
    highest = max((value for line in lines for _, value in line.points), default=0.0)
    for at, word in limits:
        if highest > 10 * at:  # too close to the floor for its word
            word = ""
        rule = {"values": [{"limit": at, "word": word}]}
        y = {"field": "limit", "type": "quantitative", "title": y_title}
        layers += [
            {
                "data": rule,
                "mark": {"type": "rule", "color": SOFT, "strokeDash": [4, 4]},
                "encoding": {"x": {"value": 0}, "x2": {"value": "width"}, "y": y},
            },
            {
                "data": rule,
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "bottom",
                    "dx": 4,
                    "dy": -3,
                    "color": SOFT,
                },
                "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "word"}},
            },
        ]
    return specification(
        [value for line in lines for value in line.values()],
        height=height,
        layer=layers,
        encoding={
            "x": {
                "field": "x",
                "type": "temporal" if temporal else "quantitative",
                "title": None if temporal else x_title,
                "axis": {"tickCount": 6},
            },
            "y": {"field": "y", "type": "quantitative", "title": y_title, "scale": {"zero": bool(limits)}},
        },
    )


def bars(rows: Sequence[Mapping[str, Any]], x_title: str) -> dict[str, Any]:
    """A bar for each of `{name, value, low?, high?}`, in their order; low and high span what it may be."""
    axis = _names_axis([str(row["name"]) for row in rows])
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": axis}
    x = {"field": "value", "type": "quantitative", "title": x_title, "axis": {"tickCount": 6}}
    tooltip = [{"field": "name"}, {"field": "value", "title": x_title, "format": ".4~g"}]
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "color": ACCENT, "height": 12}, "encoding": {"x": x, "tooltip": tooltip}}
    ]
    if any("low" in row for row in rows):
        span = {"x": {"field": "low", "type": "quantitative", "title": x_title}, "x2": {"field": "high"}}
        layers.append({"mark": {"type": "rule", "color": SOFT, "strokeWidth": 1.5}, "encoding": span})
    return specification(rows, height={"step": ROW}, layer=layers, encoding={"y": y})


def dots(rows: Sequence[Mapping[str, Any]], names: Sequence[str], x_title: str) -> dict[str, Any]:
    """Several values for each row, `{row, name, value}`: a dot of its color for each name."""
    return specification(
        rows,
        height={"step": ROW},
        layer=[
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": LINE},
                "encoding": {"x": {"field": "zero", "type": "quantitative", "title": x_title}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.9},
                "encoding": {
                    "y": {
                        "field": "row",
                        "type": "nominal",
                        "sort": None,
                        "title": None,
                        "axis": {**_names_axis([str(row["row"]) for row in rows]), "grid": True},
                    },
                    "x": {
                        "field": "value",
                        "type": "quantitative",
                        "title": x_title,
                        "axis": {"tickCount": 6},
                    },
                    "color": _color(names),
                    "tooltip": [{"field": "row"}, {"field": "name"}, {"field": "value", "format": ".4~g"}],
                },
            },
        ],
    )
