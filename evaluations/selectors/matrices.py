"""A confusion matrix as a page shows it: whole where it is small, else where it goes wrong most."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluations.models import Statistic
from evaluations.statistics import formulas
from evaluations.statistics.kinds import Body

WHOLE_AT_MOST = 20
CLASSES_SHOWN = 30
CONFUSIONS = 10
SHADES = 9


@dataclass(frozen=True, slots=True)
class Cell:
    """One count: its share of its row, and the shade (0 to 9) that stands for it: by its
    root, for rare confusions are what one looks for."""

    count: int
    share: float
    shade: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How one class fared."""

    label: str
    scores: formulas.ClassScores


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one class was taken for another."""

    true: str
    said: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class MatrixView:
    """A matrix with all that follows from it. `rows` is empty where it is too large to show whole."""

    statistic: Statistic
    labels: tuple[str, ...]
    scores: formulas.MatrixScores
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    classes: tuple[ClassRow, ...]
    confusions: tuple[Confusion, ...]

    @property
    def classes_left_out(self) -> int:
        return len(self.labels) - len(self.classes)


def matrix_view(statistic: Statistic, body: Body) -> MatrixView:
    """The matrix, classes in their order where all are shown, else the worst by F1. No query."""
    labels: Sequence[str] = body["labels"]
    matrix: Sequence[Sequence[int]] = body["matrix"]
    scores = formulas.matrix_scores(matrix)
    sums = [sum(row) for row in matrix]
    every = [ClassRow(label, one) for label, one in zip(labels, scores.classes, strict=True)]
    met = [row for row in every if row.scores.support or row.scores.predicted]
    if len(every) > CLASSES_SHOWN:
        every = sorted(met, key=lambda row: (row.scores.f1, row.label))[:CLASSES_SHOWN]
    wrong = sorted(
        (-count, true, said)
        for true, row in enumerate(matrix)
        for said, count in enumerate(row)
        if count and true != said
    )
    return MatrixView(
        statistic=statistic,
        labels=tuple(labels),
        scores=scores,
        rows=tuple(
            (labels[true], tuple(_cell(count, sums[true], true == said) for said, count in enumerate(row)))
            for true, row in enumerate(matrix)
        )
        if len(labels) <= WHOLE_AT_MOST
        else (),
        classes=tuple(every),
        confusions=tuple(
            Confusion(labels[true], labels[said], -count, -count / sums[true])
            for count, true, said in wrong[:CONFUSIONS]
        ),
    )


def _cell(count: int, total: int, is_right: bool) -> Cell:
    share = count / total if total else 0.0
    shade = 0 if not count else max(1, round(math.sqrt(share) * SHADES))
    return Cell(count, share, shade, is_right)
