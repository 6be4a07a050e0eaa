"""A comparison as JSON (the API's contract) and as CSV."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from core.text import safe_cell
from evaluations.selectors.comparison import (
    Comparison,
    FactRow,
    MetricRow,
    NotComparable,
    plain,
)
from evaluations.selectors.measurements import Conditions, Measurement


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data. Every `values` list has the order of `models`; `best` holds positions in it."""
    return {
        "models": [
            {
                "ref": column.ref,
                "id": column.model.pk,
                "urn": column.version.urn if column.version else column.model.urn,
                "url": column.url,
                "name": column.model.name,
                "project": column.model.project.slug,
                "version": column.version.label if column.version else None,
                "stage": column.version.stage if column.version else "",
                "external_id": column.model.external_id,
            }
            for column in comparison.columns
        ],
        "facts": [_fact(row) for row in comparison.facts],
        "parameters": [
            {"name": row.name, "values": list(row.values), "differs": row.differs}
            for row in comparison.parameters
        ],
        "packages": [
            {"name": row.name, "values": list(row.values), "differs": row.differs}
            for row in comparison.packages
        ],
        "metrics": [_metric(row) for row in comparison.metrics],
        "not_comparable": [_not_comparable(entry) for entry in comparison.not_comparable],
        "measured_once": comparison.measured_once,
    }


def _fact(row: FactRow) -> dict[str, Any]:
    values: list[Any] = []
    for fact in row.facts:
        if fact.number is not None and not fact.values:
            values.append(fact.number)
        else:
            values.append([value.text for value in fact.values] or None)
    return {"key": row.key, "label": row.label, "kind": row.kind, "values": values, "differs": row.differs}


def _metric(row: MetricRow) -> dict[str, Any]:
    best, worst = row.extremes
    return {
        "metric": row.metric.name,
        "metric_slug": row.metric.slug,
        "dataset": row.dataset or None,
        "dataset_slug": row.conditions.dataset or None,
        "split": row.conditions.split or None,
        "split_is_assumed": row.split_is_assumed,
        "slice": row.conditions.slice or None,
        "unit": row.metric.unit,
        "direction": row.metric.direction,
        "values": row.values,
        "best": best,
        "worst": worst,
        "intervals": [[i.low, i.high] if i else None for i in row.intervals],
        "differs": row.differs,
    }


def _not_comparable(entry: NotComparable) -> dict[str, Any]:
    def one(position: int, conditions: Conditions, measurement: Measurement) -> dict[str, Any]:
        return {
            "model": position,
            "split": conditions.split or None,
            "slice": conditions.slice or None,
            "value": measurement.value,
            "stated": list(measurement.stated),
        }

    return {
        "metric": entry.metric.name,
        "metric_slug": entry.metric.slug,
        "dataset": entry.dataset or None,
        "dataset_slug": entry.dataset_slug or None,
        "unit": entry.metric.unit,
        "direction": entry.metric.direction,
        "differs": list(entry.differs),
        "measurements": [one(*found) for found in entry.measurements],
    }


def as_csv(comparison: Comparison) -> str:
    """One line a row: section, name, data set, split, slice, unit, then one column a model.

    Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection).
    """
    out = io.StringIO()
    writer = csv.writer(out)
    head = ["section", "name", "data set", "split", "slice", "unit"]
    writer.writerow(head + [safe_cell(column.ref) for column in comparison.columns])
    for fact_row in comparison.facts:
        cells = [fact.text for fact in fact_row.facts]
        writer.writerow(["fact", fact_row.label, "", "", "", "", *map(safe_cell, cells)])
    for section, rows in (("parameter", comparison.parameters), ("package", comparison.packages)):
        for row in rows:
            cells = ["" if value is None else plain(value) for value in row.values]
            writer.writerow([section, safe_cell(row.name), "", "", "", "", *map(safe_cell, cells)])
    for metric_row in comparison.metrics:
        where = metric_row.conditions
        values = ["" if value is None else repr(value) for value in metric_row.values]
        named = [metric_row.metric.name, metric_row.dataset, where.split, where.slice, metric_row.metric.unit]
        writer.writerow(["metric", *map(safe_cell, named), *values])
    return out.getvalue()


def as_markdown(comparison: Comparison) -> str:
    """The comparison as tables of GitHub's Markdown; best numbers are bold."""
    out = [f"# Comparison of {len(comparison.columns)} models", ""]
    head = [f"[{_cell(column.model.name)}]({column.url})" for column in comparison.columns]
    for title, rows in (
        ("Facts", [(row.label, [fact.text or "—" for fact in row.facts]) for row in comparison.facts]),
        ("Metrics", [_markdown_metric(row) for row in comparison.metrics]),
        ("Parameters", [(row.name, [text or "—" for text in row.texts]) for row in comparison.parameters]),
        (
            "Packages",
            [
                (row.name, ["—" if text is None else text or "any" for text in row.texts])
                for row in comparison.packages
            ],
        ),
    ):
        if rows:
            out += [f"## {title}", "", _line(["", *head]), _line(["---"] * (len(head) + 1))]
            out += [
                _line([_cell(label), *(cell if title == "Metrics" else _cell(cell) for cell in cells)])
                for label, cells in rows
            ]
            out.append("")
    return "\n".join(out)


def _markdown_metric(row: MetricRow) -> tuple[str, list[str]]:
    best = set(row.extremes[0]) if row.differs else set()
    unit = f" {row.metric.unit}" if row.metric.unit else ""
    cells = [
        "—" if value is None else f"**{value:g}{unit}**" if place in best else f"{value:g}{unit}"
        for place, value in enumerate(row.values)
    ]
    return f"{row.metric.name} ({row.where})" if row.where else row.metric.name, cells


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that stays in its cell, and is nothing but text."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))
