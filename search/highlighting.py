"""Marks around what was found in names and sentences, for templates to turn into <mark>."""

from search import names

# Characters that no text of the catalog holds.
MARK_START, MARK_END = "\ue000", "\ue001"


def marked(text: str, words: str) -> str:
    """`text` with marks around what `words` ask for, whatever stands between its letters; nothing if nothing is."""
    run, places = [], []
    for place, sign in enumerate(text):
        for folded in names.fold(sign):
            if folded.isalnum():
                run.append(folded)
                places.append(place)
    glued = "".join(run)
    covered: set[int] = set()
    for word in names.words(words):
        if word.is_filler or len(word.joined) < (1 if word.joined.isdigit() else 2):
            continue
        start = glued.find(word.joined)
        while start >= 0:
            covered.update(range(places[start], places[start + len(word.joined) - 1] + 1))
            start = glued.find(word.joined, start + 1)
    if not covered:
        return ""
    found = []
    for place, sign in enumerate(text):
        begins, ends = (
            place in covered and place - 1 not in covered,
            place in covered and place + 1 not in covered,
        )
        found.append(f"{MARK_START if begins else ''}{sign}{MARK_END if ends else ''}")
    return "".join(found)
