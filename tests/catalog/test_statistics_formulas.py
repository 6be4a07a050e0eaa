"""Every formula equals scikit-learn, scipy or a plain count, on whatever hypothesis comes up with."""

import math
import warnings

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, ks_2samp

from evaluations.statistics import formulas

QUICK = settings(max_examples=150, deadline=None)
labels = st.integers(2, 6).flatmap(
    lambda n: st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=80).map(
        lambda pairs: (n, pairs)
    )
)
scored = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).filter(
    lambda rows: 0 < sum(label for label, _ in rows) < len(rows)
)
histograms = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        *(st.lists(st.integers(0, 300), min_size=n, max_size=n).filter(any) for _ in range(2))
    )
)


def same(ours, theirs):
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@QUICK
@given(labels)
def test_scores_of_a_matrix_are_those_of_scikit_learn(given_labels):
    size, pairs = given_labels
    true, said = [t for t, _ in pairs], [s for _, s in pairs]
    matrix = sk.confusion_matrix(true, said, labels=range(size))
    found = formulas.matrix_scores(matrix.tolist())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same(found.accuracy, sk.accuracy_score(true, said))
        same(found.balanced_accuracy, sk.balanced_accuracy_score(true, said))
        same(found.matthews, sk.matthews_corrcoef(true, said))
        kappa = sk.cohen_kappa_score(true, said)
        assert found.kappa is None if math.isnan(kappa) else found.kappa == pytest.approx(kappa, abs=1e-9)
        for name in ("macro", "micro", "weighted"):
            ours = getattr(found, name)
            theirs = sk.precision_recall_fscore_support(true, said, average=name, zero_division=0)
            same([ours.precision, ours.recall, ours.f1], list(theirs[:3]))
        each = sk.precision_recall_fscore_support(true, said, labels=range(size), zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), each, strict=True):
        same([getattr(one, name) for one in found.classes], list(values))
    assert [one.predicted for one in found.classes] == [said.count(n) for n in range(size)]
    assert found.total == len(pairs)


@QUICK
@given(scored)
def test_the_area_under_a_curve_is_that_of_scikit_learn(rows):
    true, scores = [label for label, _ in rows], [score for _, score in rows]
    x, y, _ = sk.roc_curve(true, scores)
    same(formulas.area(x, y), sk.roc_auc_score(true, scores))
    pairs = [(p, n) for t, p in rows if t for f, n in rows if not f]
    by_counting = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    same(formulas.area(x, y), by_counting)


@QUICK
@given(scored)
def test_average_precision_is_that_of_scikit_learn(rows):
    true, scores = [label for label, _ in rows], [score for _, score in rows]
    precision, recall, _ = sk.precision_recall_curve(true, scores)
    same(formulas.average_precision(recall, precision), sk.average_precision_score(true, scores))


@QUICK
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_calibration_error_is_that_of_counting_each_bin(rows):
    bins = [[row for row in rows if min(int(row[1] * 10), 9) == place] for place in range(10)]
    held = [one for one in bins if one]
    predicted = [sum(p for _, p in one) / len(one) for one in held]
    observed = [sum(label for label, _ in one) / len(one) for one in held]
    by_hand = sum(
        len(one) / len(rows) * abs(o - p) for one, o, p in zip(held, observed, predicted, strict=True)
    )
    found = formulas.expected_calibration_error(predicted, observed, [len(one) for one in held])
    same(found, by_hand)


@QUICK
@given(histograms)
def test_psi_is_that_of_the_formula_written_out_and_of_scipy(pair):
    reference, current = pair
    by_hand = 0.0
    for r, c in zip(reference, current, strict=True):
        r_share, c_share = max(r / sum(reference), 0.0001), max(c / sum(current), 0.0001)
        by_hand += (c_share - r_share) * math.log(c_share / r_share)
    same(formulas.population_stability(reference, current), by_hand)
    if all(reference) and all(current):
        same(
            formulas.population_stability(reference, current),
            entropy(reference, current) + entropy(current, reference),
        )


@QUICK
@given(histograms)
def test_kolmogorov_smirnov_is_that_of_scipy(pair):
    samples = [np.repeat(np.arange(len(counts)), counts) for counts in pair]
    same(formulas.kolmogorov_smirnov(*pair), ks_2samp(*samples, method="asymp").statistic)


@QUICK
@given(histograms)
def test_jensen_shannon_is_that_of_scipy(pair):
    theirs = jensenshannon(*pair, base=2)
    assert formulas.jensen_shannon(*pair) == pytest.approx(0 if math.isnan(theirs) else theirs, abs=1e-7)


people = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), min_size=1, max_size=60)


@QUICK
@given(people)
def test_fairness_is_that_of_counting_people(rows):
    names = sorted({group for group, _, _ in rows})
    groups, selected, found = [], [], []
    for name in names:
        mine = [(true, said) for group, true, said in rows if group == name]
        matrix = sk.confusion_matrix([t for t, _ in mine], [s for _, s in mine], labels=[False, True])
        (tn, fp), (fn, tp) = matrix.tolist()
        groups.append(formulas.GroupCounts(name, tp, fp, fn, tn))
        selected.append(sum(said for _, said in mine) / len(mine))
        if positives := [said for true, said in mine if true]:
            found.append(sum(positives) / len(positives))
    fair = formulas.fairness(groups)
    if len(names) < 2:
        assert fair == formulas.Fairness(None, None, None)
        return
    same(fair.demographic_parity_difference, max(selected) - min(selected))
    if len(found) > 1:
        same(fair.equal_opportunity_difference, max(found) - min(found))
    else:
        assert fair.equal_opportunity_difference is None
    if max(selected) > 0:
        same(fair.disparate_impact, min(selected) / max(selected))
    else:
        assert fair.disparate_impact is None


def test_known_values():
    """Worked by hand: two classes, 8 of 10 right; shares moved by a tenth."""
    found = formulas.matrix_scores([[5, 1], [1, 3]])
    same([found.accuracy, found.kappa, found.classes[1].f1], [0.8, (0.8 - 0.52) / 0.48, 0.75])
    same(formulas.population_stability([50, 50], [60, 40]), 0.1 * math.log(1.2) - 0.1 * math.log(0.8))
    same(formulas.kolmogorov_smirnov([50, 50], [60, 40]), 0.1)
    same(formulas.area([0, 0, 1], [0, 1, 1]), 1.0)
