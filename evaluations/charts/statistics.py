"""Statistics as charts with their tables: curves, importances, drift over time, series over steps."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.charts.chart import SERIES, Chart, Column
from core.charts.lines import (
    Line,
    bars,
    curves,
    dots,
    lines_over,
)

MOST_LINES = len(SERIES)  # drawn in one chart; its table names the others
MOST_POINTS = 300  # of one curve, drawn and listed; the API has all
MOST_FEATURES = 20
HALF = 500  # pixels: such charts stand two in a row
Body = Mapping[str, Any]
# Limits that people read PSI by (Siddiqi 2006): below the first nothing moved, above the second much did.
PSI_LIMITS = ((0.1, "0.1 moved"), (0.2, "0.2 moved much"))

# For each kind of curve: title, fields and titles of its axes, what its number is called.
CURVES: Mapping[str, tuple[str, str, str, str, str, str]] = {
    "roc": (
        "ROC curve",
        "false_positive_rate",
        "true_positive_rate",
        "False positive rate",
        "True positive rate",
        "area under the curve",
    ),
    "precision_recall": (
        "Precision-recall curve",
        "recall",
        "precision",
        "Recall",
        "Precision",
        "average precision",
    ),
    "calibration": (
        "Calibration",
        "predicted",
        "observed",
        "Mean predicted probability",
        "Share of positives",
        "calibration error",
    ),
}
DIAGONAL = {"roc": "chance", "calibration": "perfect"}


def thinned(count: int, most: int = MOST_POINTS) -> list[int]:
    """Positions of at most `most` of `count` points, evenly spread, first and last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def curve_chart(
    kind: str,
    given: Sequence[tuple[str, float | None, Body]],
    left_out: int = 0,
    *,
    about: str = "",
    place: int = 0,
) -> Chart:
    """One chart for all curves of a kind, each (name, its number, body). More than eight are not told apart."""
    title, x, y, x_title, y_title, measure = CURVES[kind]
    extra = "counts" if kind == "calibration" else "thresholds"
    lines, rows = [], []
    for name, _, body in given[:MOST_LINES]:
        beside = body.get(extra, ())
        kept = thinned(len(body[x]))
        points = [(body[x][n], body[y][n]) for n in kept]
        texts = [_beside(beside, n) for n in kept]
        said = [f"{extra[:-1]} {text:g}" if text is not None else "" for text in texts]
        lines.append(Line(name, points, said if beside else ()))
        rows += [[name, *point, text] for point, text in zip(points, texts, strict=True)]
    spec = curves(
        lines,
        x_title,
        y_title,
        diagonal=DIAGONAL.get(kind, ""),
        steps=kind == "precision_recall",
        dots=kind == "calibration",
    )
    columns = [
        Column("Curve"),
        Column(x_title, digits=4, is_number=True),
        Column(y_title, digits=4, is_number=True),
        Column("Examples", digits=0, is_number=True)
        if kind == "calibration"
        else Column("Threshold", digits=4, is_number=True),
    ]
    return Chart(
        width=HALF,
        name=kind.replace("_", "-") + (f"-{place}" if place else ""),
        title=f"{title}: {about}" if about else title,
        spec=spec,
        columns=columns,
        rows=rows,
        summary=_numbers(given, measure, DIAGONAL.get(kind, ""), left_out + len(given[MOST_LINES:])),
    )


def _beside(values: Sequence[Any], place: int) -> Any:
    return values[place] if place < len(values) else None


def _numbers(
    given: Sequence[tuple[str, float | None, Body]], measure: str, diagonal: str, left_out: int
) -> str:
    shown = [f"{name} {value:.4f}" for name, value, _ in given[:MOST_LINES] if value is not None]
    if len(given) == 1 and given[0][1] is not None:
        words = f"{measure[0].upper()}{measure[1:]} {given[0][1]:.4f}."
    else:
        words = f"{measure[0].upper()}{measure[1:]}: {', '.join(shown)}."
    if left_out:
        words += f" {left_out:,} more are not drawn."
    return f"{words} Dashed: {diagonal}." if diagonal else words


def importance_chart(name: str, body: Body, place: int = 0) -> Chart:
    """Bars of the most important features over all classes."""
    order = _by_weight(body["values"])
    values, errors = body["values"], body.get("errors")
    shown = [
        {"name": body["features"][n], "value": values[n]}
        | ({"low": values[n] - errors[n], "high": values[n] + errors[n]} if errors else {})
        for n in order[:MOST_FEATURES]
    ]
    columns = [Column("Feature"), Column("Importance", digits=5, is_number=True)]
    rows = [[body["features"][n], values[n]] for n in order]
    if errors:
        columns.append(Column("±", digits=5, is_number=True))
        rows = [[*row, errors[n]] for row, n in zip(rows, order, strict=True)]
    rest = len(order) - len(shown)
    summary = f"{shown[0]['name']} weighs most." if shown else ""
    if rest:
        summary += f" The first {len(shown)} of {len(order):,} by size; the table has more."
    return Chart(
        width=HALF,
        name=f"importance-{place}",
        title=f"Feature importance: {name}" if name else "Feature importance",
        spec=bars(shown, "Importance"),
        columns=columns,
        rows=rows,
        summary=summary + (" Thin lines: one standard deviation." if errors else ""),
    )


def class_importance_chart(name: str, body: Body, place: int = 0) -> Chart:
    """Dots of the most important features, one for each class."""
    classes: Mapping[str, Sequence[float]] = body["classes"]
    largest = [max(abs(values[n]) for values in classes.values()) for n in range(len(body["features"]))]
    order = _by_weight(largest)
    drawn = list(classes)[:MOST_LINES]
    rows = [
        {"row": body["features"][n], "name": label, "value": classes[label][n]}
        for n in order[:MOST_FEATURES]
        for label in drawn
    ]
    left_out = len(classes) - len(drawn)
    return Chart(
        width=HALF,
        name=f"class-importance-{place}",
        title=f"Importance by class: {name}" if name else "Importance by class",
        spec=dots(rows, drawn, "Importance"),
        columns=[Column("Feature"), *(Column(label, digits=5, is_number=True) for label in classes)],
        rows=[[body["features"][n], *(classes[label][n] for label in classes)] for n in order],
        summary=f"{left_out} more classes stand in the table." if left_out else "",
    )


def _by_weight(values: Sequence[float]) -> list[int]:
    return sorted(range(len(values)), key=lambda n: -abs(values[n]))


def compared_importance_chart(name: str, given: Sequence[tuple[str, Body]], place: int = 0) -> Chart:
    """Dots of the features that all have, one for each version."""
    shared = set.intersection(*(set(body["features"]) for _, body in given))
    common = [feature for feature in given[0][1]["features"] if feature in shared]
    held = {label: dict(zip(body["features"], body["values"], strict=True)) for label, body in given}
    common.sort(key=lambda feature: -max(abs(values[feature]) for values in held.values()))
    rows = [
        {"row": feature, "name": label, "value": held[label][feature]}
        for feature in common[:MOST_FEATURES]
        for label in list(held)[:MOST_LINES]
    ]
    return Chart(
        width=HALF,
        name=f"importance-{place}",
        title=f"Feature importance: {name}" if name else "Feature importance",
        spec=dots(rows, list(held)[:MOST_LINES], "Importance"),
        columns=[Column("Feature"), *(Column(label, digits=5, is_number=True) for label in held)],
        rows=[[feature, *(values[feature] for values in held.values())] for feature in common],
        summary=f"{len(common):,} features that all of them have.",
    )


def drift_chart(measure: str, title: str, lines: Mapping[str, Sequence[tuple[dt.datetime, float]]]) -> Chart:
    """Features over time; PSI with its limits."""
    drawn = [Line(name, [(at.isoformat(), value) for at, value in points]) for name, points in lines.items()]
    return Chart(
        name="drift",
        title=f"Drift over time: {title}",
        spec=lines_over(drawn, "", title, temporal=True, limits=PSI_LIMITS if measure == "psi" else ()),
        columns=[Column("Feature"), Column("Moment"), Column(title, digits=4, is_number=True)],
        rows=[
            [name, f"{at:%Y-%m-%d %H:%M}", value] for name, points in lines.items() for at, value in points
        ],
        summary=f"The {len(lines)} features that moved most at last." if len(lines) > 1 else "",
    )


def series_chart(title: str, lines: Mapping[str, Sequence[tuple[int, float]]], place: int = 0) -> Chart:
    """Lines over steps."""
    drawn = dict(list(lines.items())[:MOST_LINES])
    last = [f"{name} {points[-1][1]:.4g}" for name, points in drawn.items() if points]
    summary = f"At the last step: {', '.join(last)}."
    if len(lines) > len(drawn):
        summary += f" {len(lines) - len(drawn)} more are not drawn."
    return Chart(
        width=HALF,
        name=f"series-{place}",
        title=title,
        spec=lines_over([Line(name, points) for name, points in drawn.items()], "Step", title),
        columns=[
            Column("Series"),
            Column("Step", digits=0, is_number=True),
            Column("Value", is_number=True),
        ],
        rows=[[name, step, value] for name, points in drawn.items() for step, value in points],
        summary=summary,
    )
