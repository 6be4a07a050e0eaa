"""What a chart is, and how all of them look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HEIGHT = 320  # pixels
WIDTH = 720  # pixels, where nothing tells how wide the place is
MOST_ROWS = 100  # of a table beneath its chart; the CSV has all

# The light colors of static/css/tokens.css. `charts.css` and `charts.js` put in whatever the theme has in their place.
INK, SOFT, LINE, ACCENT, WARM = "#1c1f23", "#5d6570", "#e4e1d8", "#0b6e6e", "#b4541a"
# Told apart by those who see few colors, too; the same as the tokens --series-1 and so on.
SERIES = (
    *("#0b6e6e", "#b4541a", "#6a4fa3", "#a87300", "#1d7a46", "#a3336b", "#2f6db5", "#5d6570"),
    *("#7a5230", "#3b8ea5", "#80851a", "#c06a9b"),
)

CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": INK,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12.5,
        "titleFontWeight": 500,
        "titlePadding": 10,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": SOFT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "orient": "bottom",
        "columns": 4,
        "labelLimit": 220,
    },
    "text": {"color": INK, "fontSize": 12},
    "range": {"category": list(SERIES)},
    "point": {"filled": True, "size": 70},
    "line": {"strokeWidth": 2},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart's table: `unit` and `digits` are for numbers."""

    label: str
    unit: str = ""
    digits: int | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and the table of the same. A row is a cell for each column; the first names the row.

    `links` gives rows addresses, in their order. `summary` says in a sentence what is to be seen. `width` is that of
    the server's drawing, in pixels: less for a chart that stands beside another.
    """

    name: str
    title: str
    spec: Mapping[str, Any]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    summary: str = ""
    links: Sequence[str] = field(default_factory=list)
    width: int = WIDTH

    @property
    def shown(self) -> list[tuple[str, list[tuple[Column, Any]]]]:
        """For templates: each row's address, and its cells with their columns; the first hundred rows."""
        rows = self.rows[:MOST_ROWS]
        links = [*self.links, *[""] * len(rows)]
        return [
            (link, list(zip(self.columns, row, strict=True))) for link, row in zip(links, rows, strict=False)
        ]

    @property
    def left_out(self) -> int:
        """How many rows the page does not show."""
        return max(0, len(self.rows) - MOST_ROWS)


def specification(values: Sequence[Mapping[str, Any]], **parts: Any) -> dict[str, Any]:
    """A Vega-Lite specification over these values in the look that all charts have."""
    return {
        "$schema": SCHEMA,
        "config": dict(CONFIG),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "width": "container",
        "height": HEIGHT,
        "data": {"values": list(values)},
        **parts,
    }
