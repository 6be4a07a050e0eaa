"""Spellings of one word fold alike, and what tells two things apart stays."""

import pytest

from vocabulary.folding import fold


@pytest.mark.parametrize(
    "one, other",
    [
        ("ImageNet 1k", "imagenet-1K"),
        ("Image_Net\u20111k", "ImageNet1k"),  # non-breaking hyphen
        ("CO\u200bCO\u0000", "coco"),
        ("ＣＯＣＯ", "COCO"),
        ("Straße", "STRASSE"),
        ("e\u0301tat", "État"),
    ],
)
def test_spellings_of_one_word_fold_alike(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("S2S", "S2S.v2"),
        ("C", "C++"),
        ("C", "C#"),
        ("AP@0.5", "AP@0.25"),
        ("SSIM", "SSIM (Y)"),
        ("v1.1", "v11"),
    ],
)
def test_what_tells_two_things_apart_stays(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("words", ["", " - ", "\u200b", "\u0000", "__"])
def test_words_of_separators_alone_fold_to_nothing(words):
    assert fold(words) == ""
