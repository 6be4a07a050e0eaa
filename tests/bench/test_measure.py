"""Percentiles, alternating samples, figures."""

import time

import pytest

from bench.measure import Figure, alternate, p50_and_p95, percentile


@pytest.mark.parametrize(
    "samples, share, expected",
    [
        ([7], 0.95, 7),
        ([3, 1, 2], 0.5, 2),
        ([1, 2, 3, 4], 0.5, 2.5),
        ([10, 20, 30, 40, 50], 0.95, 48),  # place 3.8: 40 + 0.8 × 10
        (range(1, 101), 0.95, 95.05),
        ([4, 8], 0, 4),
        ([4, 8], 1, 8),
    ],
)
def test_percentiles_are_interpolated_between_neighbours(samples, share, expected):
    assert percentile(samples, share) == pytest.approx(expected)


@pytest.mark.parametrize("samples, share", [([], 0.5), ([1], 1.01), ([1], -0.01)])
def test_a_percentile_of_nothing_or_beyond_all_is_an_error(samples, share):
    with pytest.raises(ValueError):
        percentile(samples, share)


def test_samples_alternate_and_each_is_first_in_turn():
    calls = []
    works = {name: lambda number, name=name: calls.append((name, number)) for name in ("a", "b")}
    alternate(works, rounds=2)
    assert calls == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]


def test_warm_up_rounds_run_and_are_not_kept():
    numbers = []
    samples = alternate({"only": numbers.append}, rounds=3, warm_up=2)
    assert numbers == [-2, -1, 0, 1, 2]
    assert len(samples["only"]) == 3
    assert all(taken >= 0 for taken in samples["only"])


def test_what_is_done_before_a_call_is_called_with_its_number_and_not_timed():
    calls = []
    samples = alternate(
        {"a": lambda number: calls.append(("a", number)), "b": lambda number: None},
        rounds=2,
        before={"a": lambda number: (calls.append(("before", number)), time.sleep(0.05))},
    )
    assert calls == [("before", 0), ("a", 0), ("before", 1), ("a", 1)]
    assert len(samples["b"]) == 2
    assert max(samples["a"]) < 50, "the pause is not in it"


def test_a_ratio_is_ours_as_a_multiple_of_the_other():
    assert Figure("x", 30, 20, "plain", "ms").ratio == 1.5


def test_nothing_is_a_multiple_of_zero():
    figure = Figure("x", 30, 0, "plain", "ms")
    assert figure.ratio is None
    assert figure.as_json()["ratio"] is None


def test_a_figure_is_written_to_four_digits():
    assert Figure("search.p50", 12.34567, 3.0, "plain", "ms").as_json() == {
        "name": "search.p50",
        "ours": 12.35,
        "other": 3.0,
        "other_name": "plain",
        "unit": "ms",
        "ratio": 4.115,
    }


def test_more_is_better_for_rates_and_scores_only():
    assert Figure("x", 1, 1, "", "rows/s").more_is_better
    assert Figure("x", 1, 1, "", "nDCG@10").more_is_better
    assert not Figure("x", 1, 1, "", "ms").more_is_better
    assert not Figure("x", 1, 1, "", "statements").more_is_better


def test_a_latency_is_two_figures_each_against_its_own_percentile():
    median, slow = p50_and_p95("home", [10, 20, 30], [1, 2, 3], "plain")
    assert (median.name, median.ours, median.other) == ("home.p50", 20, 2)
    assert (slow.name, slow.ours, slow.other) == ("home.p95", pytest.approx(29), pytest.approx(2.9))
