"""Pieces of HTML that Python writes, where a page has thousands of them."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe


def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """The options of a <select>, from pairs of value and words."""
    lines = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in choices
    )
    return mark_safe("".join(lines))  # nosec B308 B703 - what is not ours is escaped
