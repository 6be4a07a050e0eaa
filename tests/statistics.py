"""Real statistics: small classifiers of scikit-learn, fitted on the data sets it brings along. Nothing is made up."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CANCER = {"dataset": "Breast cancer Wisconsin", "split": "test"}
DIGITS = {"dataset": "Digits", "split": "test"}


@cache
def digits(strength: float = 1.0) -> dict[str, Any]:
    """The confusion matrix of a linear classifier of hand-written digits."""
    data = load_digits()
    x, x_test, y, y_test = train_test_split(data.data, data.target, test_size=0.3, random_state=0)
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(x, y)
    matrix = confusion_matrix(y_test, fitted.predict(x_test))
    return {"kind": "confusion_matrix", "labels": list(range(10)), "matrix": matrix.tolist(), **DIGITS}


@cache
def cancer(strength: float = 1.0) -> tuple[Any, ...]:
    """A classifier of tumours, its test data, and its scores for them."""
    data = load_breast_cancer()
    x, x_test, y, y_test = train_test_split(data.data, data.target, test_size=0.4, random_state=0)
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(x, y)
    return data, fitted, x, y, x_test, y_test, fitted.predict_proba(x_test)[:, 1]


def curves(strength: float = 1.0) -> list[dict[str, Any]]:
    """ROC, precision-recall and calibration of the classifier of tumours."""
    *_, true, scores = cancer(strength)
    fpr, tpr, cuts = roc_curve(true, scores)
    precision, recall, bounds = precision_recall_curve(true, scores)
    observed, predicted = calibration_curve(true, scores, n_bins=8)
    bins = np.linspace(0, 1, 9)
    counts = np.bincount(np.searchsorted(bins[1:-1], scores), minlength=8)
    return [
        {
            "kind": "roc",
            "false_positive_rate": fpr.tolist(),
            "true_positive_rate": tpr.tolist(),
            "thresholds": [None, *cuts[1:].tolist()],
            **CANCER,
        },
        {
            "kind": "precision_recall",
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "thresholds": bounds.tolist(),
            **CANCER,
        },
        {
            "kind": "calibration",
            "predicted": predicted.tolist(),
            "observed": observed.tolist(),
            "counts": counts[counts > 0].tolist(),
            **CANCER,
        },
    ]


@cache
def importance(strength: float = 1.0) -> dict[str, Any]:
    """Permutation importance of the classifier of tumours, and its coefficients for each class."""
    data, fitted, _, _, x_test, y_test, _ = cancer(strength)
    found = permutation_importance(fitted, x_test, y_test, n_repeats=3, random_state=0)
    weights = fitted[-1].coef_[0]
    return {
        "kind": "importance",
        "name": "permutation",
        "features": [str(name) for name in data.feature_names],
        "values": found.importances_mean.tolist(),
        "errors": found.importances_std.tolist(),
        "classes": {"malignant": (-weights).tolist(), "benign": weights.tolist()},
        **CANCER,
    }


@cache
def fairness(strength: float = 1.0) -> dict[str, Any]:
    """Outcomes of the classifier of tumours for small and large ones: groups of the data, if not of people."""
    data, fitted, _, _, x_test, y_test, _ = cancer(strength)
    large = x_test[:, list(data.feature_names).index("mean radius")] > 14
    rows = []
    for group, mine in (("radius up to 14", ~large), ("radius above 14", large)):
        (tn, fp), (fn, tp) = confusion_matrix(y_test[mine], fitted.predict(x_test[mine])).tolist()
        counts = {"true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn}
        rows.append({"group": group, **counts})
    return {"kind": "fairness", "attribute": "mean radius", "outcome": "benign", "groups": rows, **CANCER}


def drift(days: int = 4, features: int = 5) -> list[dict[str, Any]]:
    """Histograms of test samples against the training data, a slice of them for each day."""
    data, _, x, _, x_test, _, _ = cancer()
    found = []
    for day, sample in enumerate(np.array_split(x_test[np.argsort(x_test[:, 0])], days)):
        for column in range(features):
            edges = np.histogram_bin_edges(x[:, column], bins=8)
            edges[0], edges[-1] = edges[0] - 1e6, edges[-1] + 1e6
            pair = {
                name: {"edges": edges.tolist(), "counts": np.histogram(rows[:, column], edges)[0].tolist()}
                for name, rows in (("reference", x), ("current", sample))
            }
            feature = str(data.feature_names[column])
            found.append({"feature": feature, "at": f"2026-03-{day + 1:02}T00:00:00Z", **pair})
    return found


@cache
def series(strength: float = 1.0) -> list[dict[str, Any]]:
    """Loss and accuracy of a classifier of tumours over the passes of its training."""
    _, _, x, y, x_test, y_test, _ = cancer()
    scale = StandardScaler().fit(x)
    how = {"learning_rate": "constant", "eta0": 0.002, "alpha": 0.0001 / strength}
    fitted = SGDClassifier(loss="log_loss", random_state=0, **how)
    lines: dict[str, list[list[float]]] = {"train/accuracy": [], "test/accuracy": [], "train/loss": []}
    for step in range(30):
        fitted.partial_fit(scale.transform(x), y, classes=[0, 1])
        lines["train/accuracy"].append([step, fitted.score(scale.transform(x), y)])
        lines["test/accuracy"].append([step, fitted.score(scale.transform(x_test), y_test)])
        chances = fitted.predict_proba(scale.transform(x))[range(len(y)), y]
        lines["train/loss"].append([step, float(-np.log(np.clip(chances, 1e-12, 1)).mean())])
    return [{"name": name, "points": points} for name, points in lines.items()]


def document(strength: float = 1.0) -> dict[str, Any]:
    """A statistics document with something of every kind."""
    return {
        "statistics": [digits(strength), *curves(strength), importance(strength), fairness(strength)],
        "drift": drift(),
        "series": series(strength),
    }


def slices() -> Iterator[dict[str, Any]]:
    """The ROC curve of each half of the test data."""
    *_, true, scores = cancer()
    for name, mine in (
        ("first half", slice(None, len(true) // 2)),
        ("second half", slice(len(true) // 2, None)),
    ):
        fpr, tpr, _ = roc_curve(true[mine], scores[mine])
        curve = {"false_positive_rate": fpr.tolist(), "true_positive_rate": tpr.tolist()}
        yield {"kind": "roc", "slice": name, **curve, **CANCER}
