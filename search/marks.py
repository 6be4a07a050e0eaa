"""Marks around what was found in names and sentences, for templates to turn into <mark>."""

from search import names

# Characters that no text of the catalog holds.
MARK_START, MARK_END = "\ue000", "\ue001"


def marked(text: str, words: str) -> str:
    """`text` with marks around the pieces that `words` ask for; nothing when there is none."""
    asked = names.words(words)
    pieces = {part for word in asked if not word.is_filler for part in word.parts}
    begun = tuple(word.joined for word in asked if len(word.joined) >= 3 and not word.is_filler)
    found, last, is_any = [], 0, False
    for match in names.PIECES.finditer(text):
        piece = names.fold(match[0])
        if piece in pieces or (begun and piece.startswith(begun)):
            found += [text[last : match.start()], MARK_START, match[0], MARK_END]
            last, is_any = match.end(), True
    return ("".join([*found, text[last:]])).replace(MARK_END + MARK_START, "") if is_any else ""
