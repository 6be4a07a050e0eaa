"""Conditions on words: phrases, names, words that must not be there, and too many of them."""

import pytest

from search.errors import InvalidQuery
from tests.search.conditions.conftest import BARE, BERT, RESNET, WHISPER, check


def test_phrases_stand_word_beside_word(finds, shelf):
    check(
        finds,
        {
            '"calm lighthouse"': {RESNET},
            '"Calm  Lighthouse"': {RESNET},
            '"lighthouse calm"': set(),
            'calm lighthouse "calm lighthouse"': {RESNET},
            '-"calm lighthouse" calm': {WHISPER},
            '"whisper large"': {WHISPER},
            '"large whisper"': set(),
            '"resnet 50"': {RESNET},
            '"nothing like it"': set(),
            '"!!!"': set(),
        },
    )


def test_words_in_the_name_only(finds, shelf):
    check(
        finds,
        {
            "name:lighthouse": set(),
            "name:resnet": {RESNET},
            "name:res": {RESNET},
            "name:r": {RESNET},
            "name:ResNet-50": {RESNET},
            'name:"whisper large"': {WHISPER},
            'name:"large whisper"': {WHISPER},
            "name:(resnet OR bare)": {RESNET, BARE},
            "-name:resnet": {WHISPER, BERT, BARE},
            "name:resnt": set(),
            "name:!!!": set(),
        },
    )


def test_words_as_conditions_are_not_found_by_likeness(finds, shelf):
    check(
        finds,
        {
            "-lighthouse": {BERT, BARE},
            "-(calm keeper)": {WHISPER, BERT, BARE},
            "-(the keeper)": {WHISPER, BERT, BARE},
            "-resnt50": {RESNET, WHISPER, BERT, BARE},
            "-resnext": {RESNET, WHISPER, BERT, BARE},
            "-resnet": {WHISPER, BERT, BARE},
            "-res": {WHISPER, BERT, BARE},
            "-re": {RESNET, WHISPER, BERT, BARE},
            "-light": {RESNET, WHISPER, BERT, BARE},
            "lighthouse OR name:bare": {RESNET, WHISPER, BARE},
            "resnext OR name:bare": {BARE},
            "german OR vision": {RESNET, WHISPER},
        },
    )


def test_free_words_and_conditions_must_both_hold(finds, shelf):
    check(finds, {"lighthouse -language:german": {RESNET}, "lighthouse task:text": set()})


@pytest.mark.parametrize("text", ["({0}) OR ({0} x)", "{0} {0} -({0})"])
def test_a_question_too_long_for_the_engine_does_not_make_it_seem_away(search, model, text):
    """Else anybody could turn the engine off for all with two long questions."""
    model("resnet50")
    many = " ".join(f"a{number}b{number}c{number}" for number in range(32))
    try:
        assert search(text.format(many)).total == 0
    except InvalidQuery as error:
        assert str(error) == "The search has too many words and conditions. Use fewer."
