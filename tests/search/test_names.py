"""How names are taken apart."""

import pytest

from search import names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("resnet50", ["resnet", "50"]),
        ("ResNet-50", ["res", "net", "50"]),
        ("res net 50", ["res", "net", "50"]),
        (
            "vit_base_patch16_224.augreg_in21k",
            ["vit", "base", "patch", "16", "224", "augreg", "in", "21", "k"],
        ),
        ("BERT", ["bert"]),
        ("Modèle Élan", ["modele", "elan"]),
        ("模型 7b", ["模型", "7", "b"]),
        ("", []),
        ("---", []),
    ],
)
def test_a_name_falls_into_parts(name, parts):
    assert names.parts(name) == parts


def test_names_written_apart_and_together_meet_in_their_joins():
    apart, together = names.parts("ResNet-50"), names.parts("resnet50")
    assert "resnet" in names.joins(apart)
    assert {"resnet50"} <= set(names.joins(apart)) & set(names.joins(together))


def test_a_word_knows_what_it_makes_with_its_neighbours():
    res, net, fifty = names.words("res net 50")
    assert "resnet" in res.joins
    assert {"resnet", "net50", "resnet50"} <= set(net.joins)
    assert fifty.is_last


def test_a_name_of_any_length_has_a_bounded_number_of_parts():
    assert len(names.parts("a1" * 10_000)) == names.MOST_PARTS
    assert len(names.words("a " * 10_000)) == 32


def test_likeness_is_by_runs_of_three():
    right, wrong = set(names.grams("embedding")), set(names.grams("embeding"))
    assert len(right & wrong) / len(right | wrong) >= 0.7
