"""The shapes of statistics: for each kind its fields, their checks, and the one number that lists show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.statistics import formulas
from evaluations.statistics.reading import (
    EXACT,
    Fields,
    counts_in,
    numbers_in,
)

CLASSES_AT_MOST = 1_000
POINTS_AT_MOST = 10_000
FEATURES_AT_MOST = 10_000
IMPORTANCE_CLASSES_AT_MOST = 200
IMPORTANCES_AT_MOST = 200_000
GROUPS_AT_MOST = 200
LONGEST_LABEL = 200
LARGEST = 1e18  # beyond, numbers in JSON are no longer read alike everywhere
COUNTS = ("true_positive", "false_positive", "false_negative", "true_negative")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shaped:
    """A checked body, with how much it holds and its one number."""

    body: Body
    size: int
    value: float | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is to know of one kind: its fields, how it is read, and what its number is called."""

    fields: tuple[str, ...]
    read: Callable[[Fields], Shaped | None]
    measure: str


def _confusion_matrix(given: Fields) -> Shaped | None:
    labels = given.names("labels", CLASSES_AT_MOST, fewest=2, longest=LONGEST_LABEL)
    rows = given.items("matrix", CLASSES_AT_MOST, fewest=2)
    if labels and rows and len(rows) != len(labels):
        given.fault("matrix", f"{len(rows):,} rows do not fit {len(labels):,} of `labels`.")
    matrix = []
    for position, row in enumerate(rows):
        place = given.at(f"matrix[{position}]")
        if not isinstance(row, list):
            given.faults.add(place, "Give a list here.")
        elif len(row) != len(rows):
            given.faults.add(
                place, f"The matrix must be square: {len(row):,} numbers in one of {len(rows):,} rows."
            )
        else:
            matrix.append(counts_in(row, place, given.faults))
    if given.faults.found:
        return None
    total = sum(map(sum, matrix))
    if not 0 < total <= EXACT:
        given.fault("matrix", "All counts are 0." if not total else f"The sum is larger than {EXACT:,}.")
        return None
    accuracy = sum(matrix[n][n] for n in range(len(matrix))) / total
    return Shaped({"labels": labels, "matrix": matrix}, len(labels), accuracy)


def _roc(given: Fields) -> Shaped | None:
    x = given.numbers("false_positive_rate", POINTS_AT_MOST, low=0, high=1)
    y = given.numbers("true_positive_rate", POINTS_AT_MOST, low=0, high=1)
    thresholds = _thresholds(given)
    given.same_length(false_positive_rate=x, true_positive_rate=y, thresholds=thresholds)
    given.rising("false_positive_rate", x)
    given.rising("true_positive_rate", y)
    given.rising("thresholds", thresholds, falling=True)
    for name, values in (("false_positive_rate", x), ("true_positive_rate", y)):
        if values and (values[0] != 0 or values[-1] != 1):
            given.fault(name, "A ROC curve goes from 0 to 1.")
    if given.faults.found:
        return None
    body = {"false_positive_rate": x, "true_positive_rate": y} | (
        {"thresholds": thresholds} if thresholds else {}
    )
    return Shaped(body, len(x), formulas.area(x, y))


def _precision_recall(given: Fields) -> Shaped | None:
    precision = given.numbers("precision", POINTS_AT_MOST, low=0, high=1)
    recall = given.numbers("recall", POINTS_AT_MOST, low=0, high=1)
    thresholds = _thresholds(given)
    given.same_length(precision=precision, recall=recall)
    if thresholds and precision and len(precision) - len(thresholds) not in (0, 1):
        given.fault(
            "thresholds", f"{len(thresholds):,} entries do not fit {len(precision):,} of `precision`."
        )
    rises = bool(recall) and recall[0] < recall[-1]
    given.rising("recall", recall, falling=not rises)
    given.rising("thresholds", thresholds, falling=rises)
    if given.faults.found:
        return None
    if rises:
        precision.reverse()
        recall.reverse()
        thresholds.reverse()
    body = {"precision": precision, "recall": recall} | ({"thresholds": thresholds} if thresholds else {})
    return Shaped(body, len(recall), formulas.average_precision(recall, precision))


def _thresholds(given: Fields) -> list[float | None]:
    """Thresholds; the first may be null, where a tool writes infinity."""
    if not given.has("thresholds"):
        return []
    values = given.items("thresholds", POINTS_AT_MOST)
    head: list[float | None] = [None] if values and values[0] is None else []
    tail = numbers_in(values[len(head) :], given.at("thresholds"), given.faults, low=-LARGEST, high=LARGEST)
    return [*head, *tail]


def _calibration(given: Fields) -> Shaped | None:
    predicted = given.numbers("predicted", POINTS_AT_MOST, low=0, high=1)
    observed = given.numbers("observed", POINTS_AT_MOST, low=0, high=1)
    counts = given.counts("counts", POINTS_AT_MOST, low=1)
    given.same_length(predicted=predicted, observed=observed, counts=counts)
    given.rising("predicted", predicted)
    if given.faults.found:
        return None
    error = formulas.expected_calibration_error(predicted, observed, counts)
    return Shaped({"predicted": predicted, "observed": observed, "counts": counts}, len(counts), error)


def _importance(given: Fields) -> Shaped | None:
    features = given.names("features", FEATURES_AT_MOST)
    body: Body = {"features": features}
    if given.has("values"):
        body["values"] = given.numbers("values", FEATURES_AT_MOST, low=-LARGEST, high=LARGEST)
    if given.has("errors"):
        body["errors"] = given.numbers("errors", FEATURES_AT_MOST, low=0, high=LARGEST)
    given.same_length(features=features, values=body.get("values", ()), errors=body.get("errors", ()))
    if given.has("classes"):
        body["classes"] = _by_class(given, len(features))
    elif not given.has("values"):
        given.fault("values", "Give `values` for all classes together, or `classes`.")
    if given.has("errors") and not given.has("values"):
        given.fault("errors", "These are the errors of `values`; give them, too.")
    return None if given.faults.found else Shaped(body, len(features), None)


def _by_class(given: Fields, features: int) -> dict[str, list[float]]:
    classes = given.given["classes"]
    if not isinstance(classes, Mapping) or not 1 <= len(classes) <= IMPORTANCE_CLASSES_AT_MOST:
        given.fault(
            "classes", f"Give an object of 1 to {IMPORTANCE_CLASSES_AT_MOST} classes, each with its values."
        )
        return {}
    if features * len(classes) > IMPORTANCES_AT_MOST:
        given.fault("classes", f"These are more than {IMPORTANCES_AT_MOST:,} values together.")
        return {}
    inner = Fields(classes, given.at("classes"), given.faults, tuple(classes))
    found = {}
    for label in classes:
        values = inner.numbers(label, FEATURES_AT_MOST, low=-LARGEST, high=LARGEST)
        if values and features and len(values) != features:
            inner.fault(label, f"{len(values):,} entries do not fit {features:,} of `features`.")
        found[label] = values
        if len(label) > LONGEST_LABEL or not label.strip():
            given.fault("classes", f"A class has a name of 1 to {LONGEST_LABEL} characters.")
    return found


def _fairness(given: Fields) -> Shaped | None:
    attribute = given.text("attribute", 120, needed=True)
    outcome = given.text("outcome", LONGEST_LABEL)
    groups = []
    for position, row in enumerate(given.items("groups", GROUPS_AT_MOST, fewest=2)):
        group = Fields(row, given.at(f"groups[{position}]"), given.faults, ("group", *COUNTS))
        name = group.text("group", LONGEST_LABEL, needed=True)
        numbers = [group.whole(count) for count in COUNTS]
        if not given.faults.found and not sum(numbers):
            group.fault("group", "The group has no members.")
        groups.append(formulas.GroupCounts(name, *numbers))
    given.different("groups", [group.group for group in groups])
    if given.faults.found:
        return None
    rows = [{"group": g.group} | {name: getattr(g, name) for name in COUNTS} for g in groups]
    body: Body = {"attribute": attribute, "groups": rows} | ({"outcome": outcome} if outcome else {})
    fair = formulas.fairness(groups)
    return Shaped(body, len(groups), fair.demographic_parity_difference, name=attribute)


KINDS: Mapping[str, Kind] = {
    "confusion_matrix": Kind(("labels", "matrix"), _confusion_matrix, "accuracy"),
    "roc": Kind(("false_positive_rate", "true_positive_rate", "thresholds"), _roc, "area under the curve"),
    "precision_recall": Kind(("precision", "recall", "thresholds"), _precision_recall, "average precision"),
    "calibration": Kind(("predicted", "observed", "counts"), _calibration, "expected calibration error"),
    "importance": Kind(("features", "values", "errors", "classes"), _importance, ""),
    "fairness": Kind(("attribute", "outcome", "groups"), _fairness, "demographic parity difference"),
}
