"""Cleaning what people type before it is kept: one form of Unicode, no characters that break a page."""

import unicodedata

# Direction overrides and isolates can make a name read as another one.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_text(text: str) -> str:
    """Prose: NFC, LF line ends, no control characters but line ends and tabs, no outer blank lines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def clean_line(text: str) -> str:
    """A name: as prose, on one line, single spaces, and no characters that turn the direction of text."""
    return " ".join("".join(c for c in clean_text(text) if c not in BIDI_CONTROLS).split())


def says_nothing(text: str) -> bool:
    """Whether no character of the text can be seen (spaces and zero-width characters only)."""
    return all(unicodedata.category(c)[0] in "ZC" for c in text)
