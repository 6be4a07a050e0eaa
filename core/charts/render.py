"""Charts drawn on the server, by Vega itself (vl-convert): for readers without script, for print and for download."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import vl_convert
from django.utils.safestring import SafeString, mark_safe

from core.charts.chart import Chart, Column
from core.text import safe_cell

VERSION = "6.4"  # of Vega-Lite; the browser gets the same (`config.bundles`)
# Addresses without a host are completed by the renderer; we want them as they were.
ADDED = re.compile(r'xlink:href="https://vega\.github\.io/vega-datasets/+')
PAPER = "#ffffff"


def as_svg(chart: Chart) -> SafeString:
    """The chart as an SVG element without styles or scripts: it needs nothing that our content policy forbids."""
    return mark_safe(_svg(_fixed(chart)))  # nosec B308 B703 - Vega escapes what it writes


def as_png(chart: Chart) -> bytes:
    """The chart on white, twice as fine as on a page."""
    spec = json.loads(_fixed(chart))
    spec["background"] = PAPER
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VERSION, scale=2))


def as_csv(chart: Chart) -> str:
    """The table of the chart, all of it."""
    return table_as_csv(chart.columns, chart.rows)


def table_as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """A table with its units. Cells that a spreadsheet would calculate are kept from it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(f"{c.label} ({c.unit})" if c.unit else c.label for c in columns)
    for row in rows:
        writer.writerow("" if value is None else safe_cell(str(value)) for value in row)
    return written.getvalue()


def as_spec(chart: Chart) -> str:
    """The chart's Vega-Lite specification with its data, for any other tool that reads such."""
    return json.dumps(chart.spec, ensure_ascii=False, indent=1)


# By the name in addresses: media type, and what makes the body.
FORMATS: dict[str, tuple[str, Callable[[Chart], Any]]] = {
    "svg": ("image/svg+xml", as_svg),
    "png": ("image/png", as_png),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/vnd.vegalite.v6+json", as_spec),
}


def _fixed(chart: Chart) -> str:
    """The specification as JSON with a width of its own, for there is no container here."""
    spec = dict(chart.spec)
    if spec.get("width") == "container":
        spec["width"] = chart.width
    return json.dumps(spec, sort_keys=True)


@lru_cache(maxsize=128)
def _svg(spec: str) -> str:
    drawn = str(vl_convert.vegalite_to_svg(json.loads(spec), vl_version=VERSION))
    return ADDED.sub('href="/', drawn)
