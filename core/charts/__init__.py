"""Charts as data: a Vega-Lite specification, the table of the same, and what either is drawn into."""

from core.charts.chart import Chart, Column
from core.charts.render import (
    FORMATS,
    as_csv,
    as_png,
    as_spec,
    as_svg,
    table_as_csv,
)

__all__ = ["FORMATS", "Chart", "Column", "as_csv", "as_png", "as_spec", "as_svg", "table_as_csv"]
