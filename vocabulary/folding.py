"""How two spellings are recognised as the same word."""

import re
import unicodedata

# Format characters (zero width, direction) and control characters never tell two words apart.
INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
SEPARATORS = re.compile(r"[\s_\-\u2010-\u2015]+")


def fold(words: str) -> str:
    """The form in which words are compared: no case, spaces, hyphens or underscores.

    What may tell two things apart stays: digits, dots, `+`, `@`, brackets. `ImageNet 1k`, `imagenet-1K` and
    `ImageNet1k` fold alike; `S2S` and `S2S.v2` do not.
    """
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", words))
    return SEPARATORS.sub("", text.casefold())
