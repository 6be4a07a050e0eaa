"""What is wrong with a text of the query language, where, and what would do."""

from collections.abc import Iterator

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from search.errors import InvalidQuery, Place

DEEPEST = 20  # brackets within each other


class Misread(InvalidQuery):
    """A text that can't be read: where, why, and what would do."""

    def __init__(self, place: Place, reason: str, suggestion: str = "") -> None:
        super().__init__("q", reason, suggestion)
        self.place = place
        self.extra["place"] = {"start": place.start, "end": place.end}


def place_of(token: Token) -> Place:
    return Place(token.start_pos or 0, token.end_pos or 0)


def not_too_deep(text: str) -> None:
    """Refuse brackets that lie deeper within each other than `DEEPEST`, before the parser meets them.

    Raises:
        Misread: there are.
    """
    depth, is_quoted = 0, False
    for position, sign in enumerate(text):
        is_quoted ^= sign == '"'
        depth += 0 if is_quoted else {"(": 1, ")": -1}.get(sign, 0)
        if depth > DEEPEST:
            raise Misread(
                Place(position, position + 1), "There are too many brackets within each other.", "Use fewer."
            )


def misread(text: str, error: UnexpectedInput) -> Misread:
    """What is wrong with a text that the grammar refuses, in words."""
    quotes = [position for position, sign in enumerate(text) if sign == '"']
    if isinstance(error, UnexpectedCharacters) and len(quotes) % 2:
        place = Place(quotes[-1], quotes[-1] + 1)
        return Misread(place, "This quotation mark is never closed.", "Close it, or leave it out.")
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        place = place_of(token)
        if token.type == "RPAR":
            if list(_open_brackets(text[: place.start])):
                return Misread(place, "Something is missing before this bracket.", "Add it, or leave it out.")
            return Misread(place, "This bracket closes nothing.", "Leave it out, or put the words in quotes.")
        if token.type in ("OR", "AND"):
            return Misread(
                place, f"{token} stands between two things.", f"To search the word, write “{token.lower()}”."
            )
        if token.type == "COMPARE" and not text[: place.start].strip(" (-"):
            return Misread(place, f"There is nothing before “{token}” to compare.", "Such as params<50M.")
        return Misread(
            place, f"“{str(token)[:40]}” can't stand here.", "Put words in quotes to search them as they are."
        )
    opened = list(_open_brackets(text))
    if opened:
        return Misread(
            Place(opened[-1], opened[-1] + 1), "This bracket is never closed.", "Close it, or leave it out."
        )
    place = Place(max(0, len(text) - 1), len(text))
    if isinstance(error, UnexpectedEOF | UnexpectedToken):
        return Misread(
            place, "Something is missing at the end.", "Add what follows the last word, or leave it out."
        )
    return Misread(place, "This can't be read.", "Put words in quotes to search them as they are.")


def _open_brackets(text: str) -> Iterator[int]:
    stack, is_quoted = [], False
    for position, sign in enumerate(text):
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == "(" and not is_quoted:
            stack.append(position)
        elif sign == ")" and not is_quoted and stack:
            stack.pop()
    yield from stack
