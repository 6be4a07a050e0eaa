"""The formulas of relevance, against values worked out by hand.

With gains 2^grade − 1 (7, 3, 1, 0 for the grades 3, 2, 1, 0) and discounts 1/log2(rank + 1):
1, 0.6309297536, 0.5, 0.4306765581, 0.3868528072 for the ranks 1 to 5. sklearn's `ndcg_score`, given the gains as
relevance, has the same definition.
"""

import gzip
import json

import pytest

from bench.relevance import dcg, mean_by_kind, ndcg, plain_document, read_queries, reciprocal_rank

GRADES = {"a": 3, "b": 2, "c": 1}
IDEAL = 9.3927892607  # 7 + 3 × 0.6309297536 + 1 × 0.5


def test_gains_are_discounted_by_rank():
    assert dcg([3]) == 7
    assert dcg([3, 2, 1]) == pytest.approx(IDEAL)
    assert dcg([0, 0, 3]) == pytest.approx(3.5)


def test_only_the_first_ranks_count():
    assert dcg([1] * 20, depth=2) == pytest.approx(1.6309297536)


@pytest.mark.parametrize(
    "hits, expected",
    [
        (["a", "b", "c"], 1),
        (["a", "b", "c", "x", "y"], 1),
        # 1 × 1 + 3 × 0.6309297536 + 7 × 0.5 = 6.3927892607
        (["c", "b", "a"], 0.6806060568),
        # 7 × 0.6309297536 = 4.4165082752
        (["x", "a"], 0.4702019978),
        # 3 × 1 + 7 × 0.4306765581 = 6.0147359067
        (["b", "x", "y", "a"], 0.6403567396),
        (["x", "y"], 0),
        ([], 0),
    ],
)
def test_ndcg_is_the_share_of_the_best_there_can_be(hits, expected):
    assert ndcg(hits, GRADES) == pytest.approx(expected, abs=1e-9)


def test_the_best_there_can_be_has_ten_hits_at_most():
    grades = {str(number): 1 for number in range(30)}
    assert ndcg([str(number) for number in range(10)], grades) == pytest.approx(1)


def test_a_hit_named_twice_counts_once():
    assert ndcg(["a", "a", "b", "c"], GRADES) == pytest.approx(1)


def test_a_hit_beyond_the_tenth_counts_nothing():
    hits = [f"x{number}" for number in range(10)] + ["a"]
    assert ndcg(hits, GRADES) == 0
    assert reciprocal_rank(hits, GRADES) == 0


def test_without_anything_relevant_ndcg_is_nothing():
    assert ndcg(["a"], {}) == 0
    assert ndcg(["a"], {"a": 0}) == 0


@pytest.mark.parametrize(
    "hits, expected",
    [(["c", "a"], 1), (["x", "c"], 1 / 2), (["x", "y", "b", "a"], 1 / 3), (["x"], 0), ([], 0)],
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant_hit(hits, expected):
    assert reciprocal_rank(hits, GRADES) == pytest.approx(expected)


def test_a_grade_of_zero_is_not_relevant():
    assert reciprocal_rank(["z", "a"], {"z": 0, "a": 1}) == 0.5


def test_means_are_over_all_queries_and_of_each_kind():
    means = mean_by_kind([("paper", 1.0), ("facts", 0.5), ("facts", 0.0)])
    assert means == {"all": 0.5, "facts": 0.25, "paper": 1.0}
    assert next(iter(means)) == "all"


def test_queries_are_read_from_the_file(tmp_path):
    path = tmp_path / "queries.json.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        json.dump([{"kind": "facts", "query": "größer", "relevant": {"s/n/m": 2}}], out)
    (query,) = read_queries(path)
    assert (query.kind, query.words, query.grades) == ("facts", "größer", {"s/n/m": 2})


def test_the_plain_document_has_the_same_words_as_ours():
    body = {
        "hit": {
            "external_id": "s/n/m",
            "name": "ResNet-50",
            "terms": {"task": [{"slug": "ic", "name": "Image classification"}]},
        },
        "text": {"keys": ["timm"], "papers": ["Deep residual learning"], "prose": ["A net."]},
    }
    assert plain_document(body) == {
        "external_id": "s/n/m",
        "name": "ResNet-50",
        "keys": ["timm", "Deep residual learning"],
        "summary": ["A net."],
        "terms": ["Image classification"],
    }
