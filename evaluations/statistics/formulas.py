"""What is computed from matrices, curves and histograms. Plain numbers in and out; None where undefined.

Everywhere: rows of a confusion matrix are what was true, columns what was predicted; shares and scores are
numbers from 0 to 1 (Matthews and kappa from -1), never percent. Callers hand in checked shapes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

Numbers = Sequence[float] | NDArray[np.float64]
Matrix = Sequence[Sequence[int]] | NDArray[np.int64]

# An empty bin would make PSI infinite; it counts as this share instead, as is usual.
PSI_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How one class of a confusion matrix fared. `support` is how often it was true, `predicted` how often said."""

    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Average:
    """Precision, recall and F1 over all classes."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class MatrixScores:
    """Everything that follows from a confusion matrix."""

    total: int
    accuracy: float
    balanced_accuracy: float
    kappa: float | None
    matthews: float
    macro: Average
    micro: Average
    weighted: Average
    classes: tuple[ClassScores, ...]


def matrix_scores(matrix: Matrix) -> MatrixScores:
    """Scores of a square matrix of counts (classes × classes) with at least one count.

    Definitions and names as in scikit-learn's `precision_recall_fscore_support` (zero_division=0),
    `balanced_accuracy_score`, `cohen_kappa_score` (Cohen 1960) and `matthews_corrcoef` (Gorodkin 2004). Classes that
    are neither true nor predicted anywhere take no part in the macro average; kappa is None where chance alone
    agrees always.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    right, true, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    total = float(counts.sum())
    precision, recall = _ratio(right, said), _ratio(right, true)
    f1 = _ratio(2 * right, true + said)
    met, occurs = (true + said) > 0, true > 0
    accuracy = float(right.sum() / total)
    expected = float((true / total) @ (said / total))
    spread = np.sqrt(1 - float(((true / total) ** 2).sum())) * np.sqrt(1 - float(((said / total) ** 2).sum()))
    return MatrixScores(
        total=int(total),
        accuracy=accuracy,
        balanced_accuracy=float(recall[occurs].mean()),
        kappa=None if 1 - expected < 1e-12 else (accuracy - expected) / (1 - expected),
        matthews=0.0 if spread < 1e-12 else float((accuracy - expected) / spread),
        macro=Average(*(float(scores[met].mean()) for scores in (precision, recall, f1))),
        micro=Average(accuracy, accuracy, accuracy),
        weighted=Average(*(float(scores @ true / total) for scores in (precision, recall, f1))),
        classes=tuple(
            ClassScores(float(p), float(r), float(f), int(t), int(s))
            for p, r, f, t, s in zip(precision, recall, f1, true, said, strict=True)
        ),
    )


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def area(x: Numbers, y: Numbers) -> float:
    """Area under a curve by trapezoids, x rising: for ROC the AUC, as scikit-learn's `auc`."""
    return float(np.trapezoid(y, x))


def average_precision(recall: Numbers, precision: Numbers) -> float:
    """Σ (Rₙ − Rₙ₋₁) Pₙ without interpolation, as scikit-learn's `average_precision_score`.

    `recall` falls (the order of `precision_recall_curve`). Recall that the curve does not reach counts nothing.
    """
    steps = -np.diff(np.append(np.asarray(recall, dtype=np.float64), 0.0))
    return float(steps @ np.asarray(precision, dtype=np.float64))


def expected_calibration_error(predicted: Numbers, observed: Numbers, counts: Sequence[int]) -> float:
    """Σ n/N · |observed − predicted| over the bins (Naeini et al. 2015). 0 is best.

    Of each bin: the mean predicted probability, the share of positives, how many examples.
    """
    weights = np.asarray(counts, dtype=np.float64)
    gaps = np.abs(np.asarray(observed, dtype=np.float64) - np.asarray(predicted, dtype=np.float64))
    return float(weights @ gaps / weights.sum())


def population_stability(reference: Numbers, current: Numbers) -> float:
    """PSI: Σ (c − r) · ln(c / r) over the bins' shares (Siddiqi 2006), from 0 up; bins as two equal-long histograms.

    It is the symmetrised Kullback-Leibler divergence in nats. Shares below 0.0001 count as that.
    """
    r, c = (np.maximum(_shares(counts), PSI_FLOOR) for counts in (reference, current))
    return float(np.sum(rel_entr(c, r) + rel_entr(r, c)))


def kolmogorov_smirnov(reference: Numbers, current: Numbers) -> float:
    """The largest distance of the two cumulative shares, 0 to 1, at the edges that both histograms share.

    The statistic of scipy's `ks_2samp` on values rounded to their bins.
    """
    gaps = np.abs(np.cumsum(_shares(reference)) - np.cumsum(_shares(current)))
    return float(min(1.0, np.max(gaps)))


def jensen_shannon(reference: Numbers, current: Numbers) -> float:
    """Jensen-Shannon distance (the root of the divergence) to base 2, 0 to 1, as scipy's `jensenshannon`."""
    r, c = _shares(reference), _shares(current)
    middle = (r + c) / 2
    divergence = np.sum(rel_entr(r, middle) + rel_entr(c, middle)) / 2
    return float(min(1.0, np.sqrt(max(0.0, divergence) / np.log(2))))


def _shares(counts: Numbers) -> NDArray[np.float64]:
    found = np.asarray(counts, dtype=np.float64)
    return found / found.sum()


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What was predicted for one group of people, as counts of a binary confusion matrix."""

    group: str
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def total(self) -> int:
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative

    @property
    def selection_rate(self) -> float | None:
        """Share of the group that is predicted positive."""
        return _share(self.true_positive + self.false_positive, self.total)

    @property
    def true_positive_rate(self) -> float | None:
        """Share of the group's positives that is found; None without positives."""
        return _share(self.true_positive, self.true_positive + self.false_negative)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the group's negatives that is taken for positive; None without negatives."""
        return _share(self.false_positive, self.false_positive + self.true_negative)

    @property
    def accuracy(self) -> float | None:
        return _share(self.true_positive + self.true_negative, self.total)


@dataclass(frozen=True, slots=True)
class Fairness:
    """How differently groups are treated; None where fewer than two groups have what is compared."""

    demographic_parity_difference: float | None
    equal_opportunity_difference: float | None
    disparate_impact: float | None


def fairness(groups: Sequence[GroupCounts]) -> Fairness:
    """Differences between the best and the worst treated group, as Fairlearn defines them.

    Demographic parity difference: of selection rates, 0 is fair. Equal opportunity difference: of true positive rates
    (Hardt et al. 2016), 0 is fair. Disparate impact: lowest over highest selection rate, 1 is fair, below 0.8
    breaks the four-fifths rule (EEOC 1978); None where nobody is selected.
    """
    rates = [rate for group in groups if (rate := group.selection_rate) is not None]
    found = [rate for group in groups if (rate := group.true_positive_rate) is not None]
    both = len(rates) > 1
    return Fairness(
        max(rates) - min(rates) if both else None,
        max(found) - min(found) if len(found) > 1 else None,
        min(rates) / max(rates) if both and max(rates) > 0 else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
