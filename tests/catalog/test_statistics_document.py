"""Reading statistics documents: real ones are read whole, wrong ones are refused with every place at fault."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score

from core.errors import ValidationErrors
from evaluations.statistics.document import read_document
from evaluations.statistics.kinds import KINDS
from tests import statistics as real

MATRIX = {"kind": "confusion_matrix", "labels": ["a", "b"], "matrix": [[5, 1], [1, 3]]}
ROC = {"kind": "roc", "false_positive_rate": [0, 0.2, 1], "true_positive_rate": [0, 0.9, 1]}
RECALL = {"kind": "precision_recall", "precision": [0.5, 0.8, 1], "recall": [1, 0.5, 0]}
BINS = {"kind": "calibration", "predicted": [0.1, 0.8], "observed": [0.2, 0.7], "counts": [4, 6]}
WEIGHTS = {"kind": "importance", "features": ["age", "sum"], "values": [0.1, -0.2]}
GROUP = {"true_positive": 1, "false_positive": 2, "false_negative": 3, "true_negative": 4}
GROUPS = {"kind": "fairness", "attribute": "sex", "groups": [{"group": g, **GROUP} for g in "fm"]}
HISTOGRAM = {"edges": [0, 1, 2], "counts": [5, 5]}
MOVED = {"feature": "age", "at": "2026-03-01", "reference": HISTOGRAM, "current": HISTOGRAM}
STATED = {"feature": "age", "at": "2026-03-01", "measure": "psi", "value": 0.3}
LOSS = {"name": "loss", "points": [[0, 2.5], [1, 1.5]]}


def faults(document):
    with pytest.raises(ValidationErrors) as caught:
        read_document(document)
    return dict(caught.value.errors)


def one(row, **changes):
    """The faults of one statistic with some fields changed; None leaves a field out."""
    changed = {key: value for key, value in {**row, **changes}.items() if value is not None}
    return {
        place.removeprefix("statistics[0]."): why for place, why in faults({"statistics": [changed]}).items()
    }


def test_real_statistics_are_read_and_summed_up_as_scikit_learn_does():
    found = read_document(json.loads(json.dumps(real.document())))
    *_, true, scores = real.cancer()
    values = {statistic.kind: statistic.value for statistic in found.statistics}
    assert set(values) == set(KINDS)
    assert values["roc"] == pytest.approx(roc_auc_score(true, scores))
    assert values["precision_recall"] == pytest.approx(average_precision_score(true, scores))
    matrix = real.digits()["matrix"]
    assert values["confusion_matrix"] == pytest.approx(
        sum(matrix[n][n] for n in range(10)) / sum(map(sum, matrix))
    )
    groups = real.fairness()["groups"]
    true, said = [], []
    for group in groups:
        true += [1] * group["true_positive"] + [0] * group["false_positive"]
        said += [1] * (group["true_positive"] + group["false_positive"])
    assert accuracy_score(true, said) <= 1 and 0 < values["fairness"] <= 1
    assert {point.measure for point in found.drift} == {"psi", "ks", "js"}
    assert len(found.drift) == 3 * len(real.drift())
    assert [len(one.points) for one in found.series] == [30, 30, 30]


@pytest.mark.parametrize("row", [MATRIX, ROC, RECALL, BINS, WEIGHTS, GROUPS], ids=lambda row: row["kind"])
def test_a_small_right_one_of_each_kind_is_read(row):
    assert read_document({"statistics": [row]}).statistics[0].kind == row["kind"]


def test_faults_name_their_place():
    assert one(MATRIX, matrix=[[5, 1], [1, -3]]) == {"matrix[1][1]": "-3 is less than 0."}
    assert one(MATRIX, matrix=[[5, 1], [1, 2.5]]) == {"matrix[1][1]": "Write a whole number."}
    assert one(MATRIX, matrix=[[5, 1], [1, True]]) == {"matrix[1][1]": "Write a whole number."}
    assert "square" in one(MATRIX, matrix=[[5, 1], [1]])["matrix[1]"]
    assert "3 rows do not fit 2" in one(MATRIX, matrix=[[1, 1, 1]] * 3)["matrix"]
    assert one(MATRIX, matrix=[[0, 0], [0, 0]]) == {"matrix": "All counts are 0."}
    assert "larger than" in one(MATRIX, matrix=[[2**53, 2**53], [0, 0]])["matrix"]
    assert "given twice" in one(MATRIX, labels=["a", "a"])["labels[1]"]
    assert "given twice" in one(MATRIX, labels=["1", 1])["labels[1]"]
    assert one(MATRIX, labels=["a", " "]) == {"labels[1]": "Write something here."}
    assert "1,001" in one(MATRIX, labels=list(range(1001)))["labels"]
    assert one(ROC, true_positive_rate=[0, 1.5, 1]) == {"true_positive_rate[1]": "1.5 is more than 1."}
    assert (
        "below"
        in one(ROC, false_positive_rate=[0, 0.2, 0.1], true_positive_rate=[0, 0.9, 1])[
            "false_positive_rate[2]"
        ]
    )
    assert one(ROC, true_positive_rate=[0.1, 0.9, 1]) == {
        "true_positive_rate": "A ROC curve goes from 0 to 1."
    }
    assert "do not fit" in one(ROC, true_positive_rate=[0, 1])["true_positive_rate"]
    assert "above" in one(ROC, thresholds=[None, 0.1, 0.5])["thresholds[2]"]
    assert one(ROC, true_positive_rate=None) == {"true_positive_rate": "Give a list here."}
    assert one(ROC, true_positive_rate=[0, "a", 1]) == {"true_positive_rate[1]": "Write a number."}
    assert "finite" in one(ROC, true_positive_rate=[0, 10**400, 1])["true_positive_rate[1]"]
    assert "sort the points" in one(RECALL, recall=[1, 0.2, 0.3])["recall[2]"]
    assert "do not fit" in one(RECALL, thresholds=[0.1])["thresholds"]
    assert one(BINS, counts=[4, 0]) == {"counts[1]": "0 is less than 1."}
    assert "values" in one(WEIGHTS, values=None)
    assert "do not fit" in one(WEIGHTS, classes={"a": [1]})["classes.a"]
    assert one(GROUPS, groups=[{"group": "f", **GROUP}, {**GROUP, "group": "m", "true_positive": None}]) == {
        "groups[1].true_positive": "Write a whole number."
    }
    nobody = {"group": "m", **dict.fromkeys(GROUP, 0)}
    assert one(GROUPS, groups=[{"group": "f", **GROUP}, nobody]) == {
        "groups[1].group": "The group has no members."
    }
    assert "no such field" in one(ROC, precision=[1])["precision"]
    assert one(ROC, evaluated_at="yesterday") == {
        "evaluated_at": "Write a moment such as 2026-03-31T12:00:00Z."
    }
    assert "Choose one of" in one(ROC, kind="auc")["kind"]


def test_faults_of_drift_and_series_name_their_place():
    moved = faults({"drift": [MOVED, {**STATED, "feature": "sum", "measure": "ks", "value": 1.2}]})
    assert moved == {"drift[1].value": "1.2 is more than 1."}
    others = {**HISTOGRAM, "edges": [0, 1, 3]}
    assert "same edges" in faults({"drift": [{**MOVED, "current": others}]})["drift[0].current"]
    short = {**HISTOGRAM, "counts": [1]}
    assert "do not fit" in faults({"drift": [{**MOVED, "current": short}]})["drift[0].current.counts"]
    empty = {**HISTOGRAM, "counts": [0, 0]}
    assert "All counts" in faults({"drift": [{**MOVED, "current": empty}]})["drift[0].current.counts"]
    assert "either" in faults({"drift": [{**MOVED, "measure": "psi"}]})["drift[0].measure"]
    assert "stand at drift[0]" in faults({"drift": [MOVED, STATED]})["drift[1]"]
    assert faults({"series": [{**LOSS, "points": [[0, 1], [0, 2]]}]}) == {
        "series[0].points[1][0]": "Step 0 stands at place 0 already."
    }
    assert "pair" in faults({"series": [{**LOSS, "points": [[0]]}]})["series[0].points[0]"]
    assert "less than 0" in faults({"series": [{**LOSS, "points": [[-1, 2]]}]})["series[0].points[0][0]"]
    assert "stands at series[0]" in faults({"series": [LOSS, LOSS]})["series[1].name"]


def test_a_document_that_holds_nothing_says_what_to_give():
    for nothing in ({}, {"statistics": []}, {"drift": None}):
        assert faults(nothing) == {"document": "Give something under `statistics`, `drift` or `series`."}
    assert faults([]) == {"document": "Write an object here."}
    assert "no such field" in faults({"statistic": [ROC]})["statistic"]


def test_the_same_statistic_twice_in_a_document_is_refused():
    assert "tell them apart by `name`" in faults({"statistics": [ROC, ROC]})["statistics[1]"]
    assert len(read_document({"statistics": [ROC, {**ROC, "name": "cat"}]}).statistics) == 2


def test_recall_that_rises_is_turned_round():
    turned = {**RECALL, "precision": [1, 0.8, 0.5], "recall": [0, 0.5, 1], "thresholds": [0.9, 0.5]}
    found = read_document({"statistics": [turned]}).statistics[0]
    assert found.body == {"precision": [0.5, 0.8, 1], "recall": [1, 0.5, 0], "thresholds": [0.5, 0.9]}
    assert found.value == read_document({"statistics": [RECALL]}).statistics[0].value


def test_very_many_faults_are_told_up_to_twenty():
    assert len(faults({"statistics": [{**ROC, "true_positive_rate": ["x"] * 500}]})) == 20


def test_a_histogram_without_bins_is_a_fault_however_many_there_were_before():
    empty = {"edges": [], "counts": []}
    many = [{**STATED, "feature": f"f{n}", "value": -1} for n in range(19)]
    found = faults({"drift": [*many, {**MOVED, "feature": "", "reference": empty, "current": empty}]})
    assert len(found) == 20 and "drift[19].feature" in found


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([MATRIX, ROC, RECALL, BINS, WEIGHTS, GROUPS, MOVED, STATED, LOSS]), st.data())
def test_whatever_stands_in_a_document_it_is_read_or_refused_in_words(row, data):
    broken = copy.deepcopy(row)
    holder, key = broken, data.draw(st.sampled_from(sorted(broken)))
    while isinstance(holder[key], (dict, list)) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(anything)
    where = "drift" if "at" in row else "series" if "points" in row else "statistics"
    try:
        read_document({where: [broken]})
    except ValidationErrors as error:
        assert all(place and why for place, why in error.errors)
