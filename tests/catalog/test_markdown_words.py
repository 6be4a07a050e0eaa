"""The words that are read of Markdown: those the page shows."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markdown import words_of
from core.markdown_html import render


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[resnet50](/p/timm/resnet50) keeps **both** apart", "resnet50 keeps both apart"),
        ("see [the card](https://en.example.org/A_(b)?x=1&y=2).", "see the card."),
        ('[a](b "a title") and ![a plot](x.png)', "a and a plot"),
        ("[![badge](badge.svg)](https://example.org)", "badge"),
        ("# Training\n> said so\ntext", "Training\nsaid so\ntext"),
        ("`pip install timm` or\n\n```python\nimport timm\n```", "pip install timm or\nimport timm\n"),
        ("| a | b |\n|---|---|\n| resnet_50 | 76 |", "a\nb\nresnet_50\n76"),
        ("resnet_50 and x = 2 * 3 [sic]", "resnet_50 and x = 2 * 3 [sic]"),
        ("[never closed](https://example.org", "[never closed](https://example.org"),
        ("<b>HTML</b> & more", "<b>HTML</b> & more"),
        ("plain, 1. words - as they stand", "plain, 1. words - as they stand"),
        ("", ""),
    ],
)
def test_what_is_read_stays(text, words):
    assert words_of(text) == words


def letters(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(st.sampled_from([*"ab[]()!*`#>_|\\ \n", "](b)", "![a](b)", "**", "```\n", "- "]), max_size=40)
)
def test_words_are_what_the_page_shows(pieces):
    text = "# " + "".join(pieces)
    shown = unescape(re.sub(r"<[^>]*>", "", str(render(text))))
    assert letters(words_of(text)) == letters(shown)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["[", "[a](", "![", "](", "[a](b(", '[a](b "', "(", "`", "[](", "# ", "> "])
def test_text_made_to_hold_it_up_does_not(piece):
    assert isinstance(words_of(piece * 5_000), str)
