"""Markdown as the words it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.plain import plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[resnet50](/p/timm/resnet50) keeps **both** apart", "resnet50 keeps both apart"),
        ("see [the card](https://en.example.org/A_(b)?x=1&y=2).", "see the card."),
        ('[a](b "a title") and ![a plot](x.png)', "a and a plot"),
        ("[![badge](badge.svg)](https://example.org)", "badge"),
        ("# Training\n> said so\ntext", "Training\nsaid so\ntext"),
        ("`pip install timm` or\n```python\nimport timm\n```", "pip install timm or\npython\nimport timm\n"),
        ("C# and a > b, __init__ and x*y [sic] f(x)", "C# and a > b, __init__ and x*y [sic] f(x)"),
        ("a[0](see below)", "a[0](see below)"),
        ("[never closed](https://example.org", "[never closed](https://example.org"),
        ("", ""),
    ],
)
def test_what_is_read_stays(text, words):
    assert plain(text) == words


@given(st.text(alphabet='[]()!*`#> "ab\n', max_size=200))
def test_no_letter_outside_a_link_is_lost(text):
    assert "](" in text or [c for c in plain(text) if c in "ab"] == [c for c in text if c in "ab"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["[", "[a](", "![", "](", "[a](b(", '[a](b "', "(", "`", "[](", "# "])
def test_text_made_to_hold_it_up_does_not(piece):
    assert len(plain(piece * 20_000)) <= len(piece) * 20_000
