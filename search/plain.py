"""People's Markdown as the words it shows: what is searched and quoted is what is read. Knows no engine."""

import re

# A link or an image: its words stay, where it leads to goes.
LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
SIGNS = re.compile(r"\*\*|`{1,3}|^[ \t]{0,3}(?:#{1,6}|>)[ \t]+", re.MULTILINE)


def plain(text: str) -> str:
    """The text without the targets of its links, and without the signs of headings, quotes, code and bold type."""
    if "](" in text:
        text = LINK.sub(r"\1", LINK.sub(r"\1", text))  # twice: an image may be what a link shows
    return SIGNS.sub("", text)
