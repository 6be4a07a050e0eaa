"""How names of models are read: `ResNet-50`, `resnet50` and `res net 50` have the same parts.

Both back ends index and ask with these same parts, so they agree on what a name is. Knows no engine.
"""

import re
import unicodedata
from dataclasses import dataclass

MOST_PARTS = 40
LONGEST_JOIN = 4
SHORTEST_BEGINNING = 3  # letters of a word that may be the beginning of a part of a name

# A run of letters or of digits. Case is looked at before it is folded: `ColBert` has two parts, `BERT` one.
PIECES = re.compile(r"\d+|[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+")
WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
# Words that only hold a question together.
FILLER = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "that",
        "which",
        "model",
        "models",
    ]
)


def fold(text: str) -> str:
    """Lower case without accents, in one Unicode form."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(c for c in spread if not unicodedata.combining(c))).lower()


def parts(name: str) -> list[str]:
    """The smallest pieces of a name: `resnet50_8xb32` → resnet, 50, 8, xb, 32."""
    spread = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return [fold(piece) for piece in PIECES.findall(spread)][:MOST_PARTS]


def joins(pieces: list[str], longest: int = LONGEST_JOIN) -> list[str]:
    """Neighbouring pieces written as one, for names glued together or cut elsewhere."""
    found = [
        "".join(pieces[start : start + size])
        for size in range(2, longest + 1)
        for start in range(len(pieces) - size + 1)
    ]
    return list(dict.fromkeys(found))


def glued(text: str) -> str:
    """All letters and digits of a text, and nothing between them."""
    return "".join(c for c in fold(text) if c.isalnum())


def grams(text: str) -> list[str]:
    """The runs of three characters of the glued text, for likeness in spite of typing errors."""
    run = f"^{glued(text)[:200]}$"
    return list(dict.fromkeys(run[i : i + 3] for i in range(len(run) - 2)))


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed: its parts, and what it makes joined with its neighbours."""

    text: str
    parts: tuple[str, ...]
    joins: tuple[str, ...]
    is_filler: bool = False
    is_last: bool = False

    @property
    def joined(self) -> str:
        return "".join(self.parts)


def words(text: str, most: int = 32) -> list[Word]:
    """The words of a question, each with the joins it takes part in; those beyond `most` are left out."""
    typed = [word for word in re.split(r"[\s,;/|()\[\]{}\"]+", text.strip()) if parts(word)][:most]
    pieces = [tuple(parts(word)) for word in typed]
    found = []
    for index, (word, own) in enumerate(zip(typed, pieces, strict=True)):
        together = []
        for size in (2, 3, 4):
            for start in range(max(0, index - size + 1), index + 1):
                if start + size <= len(pieces):
                    together.append("".join("".join(p) for p in pieces[start : start + size]))
        found.append(
            Word(
                text=fold(word),
                parts=own,
                joins=tuple(dict.fromkeys(together)),
                is_filler=fold(word) in FILLER,
                is_last=index == len(typed) - 1,
            )
        )
    return found


def asked(text: str) -> list[Word]:
    """The words of a question without those that only hold it together, unless there are no others."""
    typed = words(text)
    return [word for word in typed if not word.is_filler] or typed
