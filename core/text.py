"""Small rules about text: slugs that are free, names without control characters, cells that are harmless."""

import re
import unicodedata

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

# A cell beginning with one of these would be run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def clean(text: str) -> str:
    """`text` in NFC without control, zero-width and direction-changing characters, trimmed."""
    return CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()


def slug_of(words: str, *, longest: int = 110) -> str:
    """A slug of lower-case letters, digits, `_` and `-`; accents are dropped. Never empty."""
    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:longest].strip("-") or "unnamed"


def free_slug(words: str, taken: set[str], *, longest: int = 110) -> str:
    """The slug of `words`, numbered when it is `taken`; the result is added to `taken`."""
    base = slug_of(words, longest=longest)
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def safe_cell(text: str) -> str:
    """`text`, made harmless for spreadsheets; numbers stay numbers."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text
