"""CSV forms of a confusion matrix and of a curve, read into what a statistics document holds; faults name the line."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

from core.errors import ValidationErrors
from evaluations.statistics.kinds import KINDS, POINTS_AT_MOST

MATRIX_PLACE = re.compile(r"matrix\[(\d+)\](?:\[(\d+)\])?$")
LIST_PLACE = re.compile(r"(\w+)\[(\d+)\]$")


def read_table(kind: str, text: str) -> dict[str, Any]:
    """The fields of one statistic out of a CSV.

    A matrix has the predicted classes in its first line and the true class at the head of each other; a curve has the
    names of its fields in its first line.

    Raises:
        ValidationErrors: a number can't be read; the field is its line and column.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValidationErrors([(f"line {reader.line_num}", f"This is no CSV: {error}.")]) from None
    if len(lines) < 2:
        raise ValidationErrors([("line 1", "Give a line of names and at least one line of numbers.")])
    if len(lines) > POINTS_AT_MOST + 1:
        raise ValidationErrors(
            [(f"line {POINTS_AT_MOST + 2}", f"Give at most {POINTS_AT_MOST:,} lines of numbers.")]
        )
    return _matrix(lines) if kind == "confusion_matrix" else _curve(kind, lines)


def _matrix(lines: list[list[str]]) -> dict[str, Any]:
    said = [label.strip() for label in lines[0][1:]]
    true = [row[0].strip() for row in lines[1:]]
    if said != true:
        place = next(
            (n for n, pair in enumerate(zip(said, true, strict=False)) if pair[0] != pair[1]), len(true)
        )
        message = "The classes must stand in the same order in the first line and in the first column."
        raise ValidationErrors([(f"line {min(place, len(true) - 1) + 2}", message)])
    faults: list[tuple[str, str]] = []
    matrix = [
        [_read(int, cell, line, column, faults) for column, cell in enumerate(row[1:], 2)]
        for line, row in enumerate(lines[1:], 2)
    ]
    _check(faults)
    return {"labels": said, "matrix": matrix}


def _curve(kind: str, lines: list[list[str]]) -> dict[str, Any]:
    names = [name.strip().lower().replace(" ", "_") for name in lines[0]]
    known = KINDS[kind].fields
    faults = [
        ("line 1", f"“{name[:60]}” is no column of this curve. Known: {', '.join(known)}.")
        for name in names
        if name not in known
    ]
    if len(set(names)) < len(names):
        faults.append(("line 1", "A column is given twice."))
    _check(faults)
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for line, row in enumerate(lines[1:], 2):
        if len(row) != len(names):
            faults.append((f"line {line}", f"{len(row)} cells do not fit {len(names)} columns."))
            continue
        for column, (name, cell) in enumerate(zip(names, row, strict=True), 1):
            if name == "thresholds" and cell.strip().lower() in ("", "inf", "infinity"):
                columns[name].append(None)
            else:
                read = int if name == "counts" else float
                columns[name].append(_read(read, cell, line, column, faults))
    _check(faults)
    # A precision-recall curve has one threshold less than points.
    if columns.get("thresholds") and kind == "precision_recall" and columns["thresholds"][-1] is None:
        columns["thresholds"].pop()
    return columns


def _read(
    read: Callable[[str], Any], cell: str, line: int, column: int, faults: list[tuple[str, str]]
) -> Any:
    try:
        return read(cell.strip())
    except ValueError:
        word = "whole number" if read is int else "number"
        faults.append((f"line {line}, column {column}", f"“{cell[:40]}” is no {word}."))
        return 0


def _check(faults: list[tuple[str, str]]) -> None:
    if faults:
        raise ValidationErrors(faults[:20])


def line_of(place: str) -> str:
    """Where in the CSV a fault of the document lies: `statistics[0].matrix[3][2]` is line 5, column 4."""
    if found := MATRIX_PLACE.search(place):
        column = f", column {int(found[2]) + 2}" if found[2] else ""
        return f"line {int(found[1]) + 2}{column}"
    if found := LIST_PLACE.search(place.removeprefix("statistics[0].")):
        return f"{found[1]}, line {int(found[2]) + (1 if found[1] == 'labels' else 2)}"
    return place.removeprefix("statistics[0].")
