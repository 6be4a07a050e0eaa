"""The query language: `task:"object detection" params<50M top1@imagenet>=85 -license:cc-by-nc "exact words"`.

The grammar is in `language.lark`. What looks like a condition but names no field (`embed_dim=512`) stays words, so
that any name of a model can be typed as it is; a name that is almost a field's is an error that says so.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from search.errors import InvalidQuery, Place
from search.query.conditions import (
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    Filter,
    MetricKey,
    MetricRange,
    Not,
    Phrase,
    Range,
    Words,
)
from search.query.values import read_date, read_number, read_signed

DEEPEST = 20
MOST_CONDITIONS = 60
NUMBERS = {
    "parameters": "parameters",
    "params": "parameters",
    "flops": "flops",
    "compute": "flops",
    "size": "size",
    "rating": "rating",
    "stars": "rating",
    "followers": "followers",
}
DATES = {
    "released": "released",
    "created": "created",
    "added": "created",
    "updated": "updated",
    "changed": "updated",
}
OTHER_NAMES = {
    "licence": "license",
    "lib": "library",
    "lang": "language",
    "arch": "architecture",
    "data": "dataset",
    "trained-on": "trained",
    "training": "trained",
    "tags": "tag",
    "team": "owner",
}
OPERATORS = (":", "<", ">", "=", '"', "(", ")", "OR", "AND", "NOT", "-")
YES, NO = {"yes", "true", "1"}, {"no", "false", "0"}

Read: TypeAlias = Condition | str  # a condition, or a free word


class Lexicon(Protocol):
    """What the language must know of the catalog's words. Nothing it says depends on models."""

    @property
    def facets(self) -> Mapping[str, str]: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    def value(self, facet: str, words: str) -> str: ...
    def metric(self, words: str, dataset: str) -> MetricKey: ...
    def in_unit(self, key: MetricKey, value: float, unit: str) -> float | None: ...


class Misread(InvalidQuery):
    """A text that can't be read: where, why, and what would do."""

    def __init__(self, place: Place, reason: str, suggestion: str = "") -> None:
        super().__init__("q", reason, suggestion)
        self.place = place


@cache
def grammar() -> Lark:
    text = Path(__file__).with_name("language.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", maybe_placeholders=False)


def read(text: str, lexicon: Lexicon) -> tuple[str, tuple[Condition, ...]]:
    """The free words of a text, and its conditions, which must all hold.

    Raises:
        Misread: the text breaks the grammar, or a condition makes no sense; says where.
    """
    if not any(sign in text for sign in OPERATORS):
        return text, ()
    _not_too_deep(text)
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise _misread(text, error) from None
    parts = _Reader(lexicon).top(tree)
    words = " ".join(part for part in parts if isinstance(part, str))
    conditions = tuple(part for part in parts if not isinstance(part, str))
    if len(conditions) > MOST_CONDITIONS:
        raise Misread(
            Place(0, len(text)), f"The search has more than {MOST_CONDITIONS} conditions.", "Use fewer."
        )
    return words, conditions


class _Reader:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.fields = {**NUMBERS, **DATES, **{facet: facet for facet in lexicon.facets}}
        self.fields |= {name: other for name, other in OTHER_NAMES.items() if other in lexicon.facets}

    def top(self, tree: Tree[Token]) -> list[Read]:
        """The parts of the whole text, which must all hold."""
        if not tree.children:
            return []
        ways = cast("Tree[Token]", tree.children[0]).children
        return self.all(ways[0]) if len(ways) == 1 else [self.any(ways)]

    def any(self, ways: Iterable[object]) -> Condition:
        found = [self.grouped(self.all(way)) for way in ways if isinstance(way, Tree)]
        return found[0] if len(found) == 1 else _any_of(found)

    def all(self, tree: object) -> list[Read]:
        parts = (part for part in cast("Tree[Token]", tree).children if isinstance(part, Tree))
        return [read for part in parts for read in self.part(part)]

    def grouped(self, parts: list[Read]) -> Condition:
        """Parts within brackets or beside OR: their words become one condition."""
        words = " ".join(part for part in parts if isinstance(part, str))
        conditions: list[Condition] = [part for part in parts if not isinstance(part, str)]
        if words:
            conditions.insert(0, Words(words))
        return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))

    def part(self, tree: Tree[Token]) -> list[Read]:
        children = tree.children
        match tree.data:
            case "word":
                return [str(children[0])]
            case "phrase":
                words = _unquoted(children[0])
                return [Phrase(words)] if words else []
            case "minus":
                inner = self.grouped(self.part(cast("Tree[Token]", children[-1])))
                return [_not(inner)] if inner != AllOf(()) else []
            case "group":
                inside = cast("Tree[Token]", children[0]).children
                parts: list[Read] = self.all(inside[0]) if len(inside) == 1 else [self.any(inside)]
                # Brackets around words alone change nothing.
                return parts if all(isinstance(part, str) for part in parts) else [self.grouped(parts)]
            case "field_word":
                token = cast(Token, children[0])
                name, _, words = str(token).partition(":")
                return self.field(token, name, [(words, token)], str(token))
            case "field_phrase":
                field, phrase = cast(Token, children[0]), cast(Token, children[1])
                name = str(field)[:-1]
                return self.field(field, name, [(_unquoted(phrase), phrase)], f"{name} {_unquoted(phrase)}")
            case "field_choice":
                field = cast(Token, children[0])
                tokens = [
                    token for token in cast("Tree[Token]", children[1]).children if isinstance(token, Token)
                ]
                values = [(_unquoted(token), token) for token in tokens if token.type != "OR"]
                return self.field(field, str(field)[:-1], values, " ".join(words for words, _ in values))
        return self.compare(list(children))

    # ── field:value ───────────────────────────────────────────────────────────────────────────────────────

    def field(self, token: Token, name: str, values: list[tuple[str, Token]], as_typed: str) -> list[Read]:
        plain = name.lower().replace("_", "-")
        if plain in ("has", "no"):
            return [self.presence(plain, words, at) for words, at in values]
        if plain == "name":
            return [_any_of([Words(words, in_name=True) for words, _ in values])]
        field = self.fields.get(plain)
        if field is None and (slug := self.attribute(name)) is not None:
            return [_any_of([self.attribute_is(slug, words, at) for words, at in values])]
        if field is None:
            self.almost(name, Place(token.start_pos or 0, (token.start_pos or 0) + len(name)))
            return list(as_typed.split())
        if field in NUMBERS.values():
            return [_any_of([self.number_is(field, words, at) for words, at in values])]
        if field in DATES.values():
            return [_any_of([self.date_is(field, words, at) for words, at in values])]
        said = [
            one
            for words, _ in values
            for one in ([words] if '"' in str(_) else words.split(","))
            if one.strip()
        ]
        found = tuple(dict.fromkeys(self.lexicon.value(field, one) for one in said))
        if not found:
            raise Misread(_place(token), f"“{name}:” needs a value.", f"Write {name}:* for any.")
        return [Filter(field, found)]

    def presence(self, plain: str, words: str, at: Token) -> Condition:
        """`has:license`, `no:owner`."""
        field = self.fields.get(words.lower().replace("_", "-"))
        if field is None or field in DATES.values() or field in ("rating", "followers"):
            raise Misread(
                _place(at), f"“{plain}:” is followed by the name of a filter.", "Such as has:license."
            )
        there: Condition = Range(field, 0.0) if field in NUMBERS.values() else Filter(field, ("*",))
        return there if plain == "has" else Not(there)

    def number_is(self, field: str, words: str, at: Token) -> Condition:
        low, dots, high = words.partition("..")
        if not dots:
            number = self.number(field, words, at)
            return Range(field, number, number)
        first, last = (self.number(field, end, at) if end else None for end in (low, high))
        return _in_order(Range(field, first, last), at)

    def date_is(self, field: str, words: str, at: Token) -> Condition:
        low, dots, high = words.partition("..")
        first = self.date(field, low, at) if low else None
        last = _last_day(high if dots else low)
        if (dots and high and last is None) or not (low or high):
            self.date(field, high, at)
        return _in_order(Range(field, first, last), at)

    def number(self, field: str, words: str, at: Token) -> float:
        number = read_number(words)
        if number is None:
            raise Misread(
                _place(at), f"“{field}” is a number, not “{words[:40]}”.", "Write 25000000, 25M or 1.5B."
            )
        return number

    def date(self, field: str, words: str, at: Token) -> date:
        found = read_date(words)
        if found is None:
            raise Misread(
                _place(at), f"“{field}” is a date, not “{words[:40]}”.", "Write 2024-01-31 or 2024."
            )
        return found

    # ── target < value ────────────────────────────────────────────────────────────────────────────────────

    def compare(self, children: list[object]) -> list[Read]:
        target, sign, operand = cast(Token, children[0]), str(children[1]), cast("Tree[Token]", children[2])
        value = cast(Token, operand.children[-1])
        words = ("-" if len(operand.children) > 1 else "") + _unquoted(value)
        if target.type == "METRIC":
            metric, _, dataset = _parted(str(target))
            return [self.metric_is(metric, dataset, sign, words, value)]
        name = _unquoted(target).rstrip(":")
        field = self.fields.get(name.lower().replace("_", "-"))
        if field in NUMBERS.values():
            return [_ends(field, sign, self.number(str(field), words, value))]
        if field in DATES.values():
            return [self.dated(str(field), sign, words, value)]
        if field is not None:
            if sign in ("=", "!="):
                chosen = Filter(field, (self.lexicon.value(field, words),))
                return [chosen if sign == "=" else Not(chosen)]
            raise Misread(
                _place(cast(Token, children[1])), f"“{name}” can't be compared.", f"Write {name}:value."
            )
        if (slug := self.attribute(name)) is not None:
            return [self.attribute_compared(slug, sign, words, value)]
        self.almost(name, _place(target))
        if sign in ("=", "!=") or read_signed(words.rstrip("%")) is None:
            return [*name.split(), *words.split()]  # part of a name, such as `embed_dim=512`
        return [self.metric_is(name, "", sign, words, value)]

    def metric_is(self, metric: str, dataset: str, sign: str, words: str, at: Token) -> Condition:
        key = self.lexicon.metric(metric, dataset)
        unit = "%" if words.endswith("%") else ""
        number = read_signed(words.removesuffix("%"))
        stated = None if number is None else self.lexicon.in_unit(key, number, unit)
        if stated is None:
            raise Misread(
                _place(at), f"A metric is compared with a number, not “{words[:40]}”.", "Such as >=85."
            )
        low, high = (
            stated if sign in ends else None for ends in ((">", ">=", "=", "!="), ("<", "<=", "=", "!="))
        )
        found = MetricRange(key, low, high, above=sign == ">", below=sign == "<")
        return Not(found) if sign == "!=" else found

    def dated(self, field: str, sign: str, words: str, at: Token) -> Condition:
        first, last = self.date(field, words, at), _last_day(words)
        if sign in ("=", "!="):
            whole = Range(field, first, last)
            return whole if sign == "=" else Not(whole)
        # After 2024 is after its last day; before 2024, before its first.
        if sign == ">":
            return Range(field, last, None, above=True)
        if sign == "<":
            return Range(field, None, first, below=True)
        return Range(field, first) if sign == ">=" else Range(field, None, last)

    # ── attributes ────────────────────────────────────────────────────────────────────────────────────────

    def attribute(self, name: str) -> str | None:
        wanted = name.lower().replace("_", "-")
        return next((slug for slug in self.lexicon.attributes if slug.replace("_", "-") == wanted), None)

    def attribute_is(self, slug: str, words: str, at: Token) -> Condition:
        kind = self.lexicon.attributes[slug]
        if kind == "number":
            number = read_signed(words)
            if number is None:
                raise Misread(_place(at), f"“{slug}” is a number, not “{words[:40]}”.")
            return Attribute(slug, number)
        if kind == "date":
            return Attribute(slug, minimum=self.date(slug, words, at), maximum=_last_day(words))
        if kind == "boolean":
            if words.lower() not in YES | NO:
                raise Misread(_place(at), f"“{slug}” is yes or no, not “{words[:40]}”.")
            return Attribute(slug, words.lower() in YES)
        return Attribute(slug, words)

    def attribute_compared(self, slug: str, sign: str, words: str, at: Token) -> Condition:
        kind = self.lexicon.attributes[slug]
        if sign in ("=", "!="):
            same = self.attribute_is(slug, words, at)
            return same if sign == "=" else Not(same)
        value: float | date | None = read_signed(words) if kind == "number" else None
        if kind == "date":
            value = self.date(slug, words, at)
        if value is None:
            reason = (
                f"“{slug}” is a number, not “{words[:40]}”."
                if kind == "number"
                else f"“{slug}” can't be compared."
            )
            raise Misread(_place(at), reason, f"Write {slug}:value.")
        low, high = (value, None) if sign in (">", ">=") else (None, value)
        return Attribute(slug, None, low, high, above=sign == ">", below=sign == "<")

    def almost(self, name: str, place: Place) -> None:
        """An error when `name` is all but a field's name.

        Raises:
            Misread: with the field that was probably meant.
        """
        known = [*self.fields, "name", "has"]
        close = difflib.get_close_matches(name.lower()[:40], known, n=1, cutoff=0.8) if len(name) > 2 else []
        if close:
            raise Misread(place, f"There is no field “{name[:40]}”.", f"Did you mean “{close[0]}”?")


def _place(token: Token) -> Place:
    return Place(token.start_pos or 0, token.end_pos or 0)


def _unquoted(token: object) -> str:
    words = str(token)
    return (
        " ".join(words[1:-1].split())
        if words.startswith('"') and words.endswith('"') and len(words) > 1
        else words
    )


def _parted(target: str) -> tuple[str, str, str]:
    """`"top 1"@imagenet` in its parts."""
    at = target.index('"@') + 1 if target.startswith('"') else target.index("@")
    return _unquoted(target[:at]), "@", _unquoted(target[at + 1 :])


def _not(part: Condition) -> Condition:
    return part.part if isinstance(part, Not) else Not(part)


def _any_of(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _ends(field: str | None, sign: str, number: float) -> Condition:
    name = str(field)
    if sign in ("=", "!="):
        same = Range(name, number, number)
        return same if sign == "=" else Not(same)
    if sign in (">", ">="):
        return Range(name, number, None, above=sign == ">")
    return Range(name, None, number, below=sign == "<")


def _last_day(words: str) -> date | None:
    """The last day of `2024`, `2024-02` or `2024-02-03`."""
    first = read_date(words)
    if first is None or len(words.strip()) == 10:
        return first
    try:
        if len(words.strip()) == 4:
            return date(first.year, 12, 31)
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError):
        return first


def _in_order(found: Range, at: Token) -> Range:
    low, high = found.minimum, found.maximum
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise Misread(_place(at), "The range begins above its end.", "Swap its ends.")
    return found


def _not_too_deep(text: str) -> None:
    depth = 0
    for position, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth > DEEPEST:
            raise Misread(
                Place(position, position + 1), "There are too many brackets within each other.", "Use fewer."
            )


def _misread(text: str, error: UnexpectedInput) -> Misread:
    """What is wrong with a text that the grammar refuses, in words."""
    quotes = [position for position, sign in enumerate(text) if sign == '"']
    if isinstance(error, UnexpectedCharacters) and len(quotes) % 2:
        place = Place(quotes[-1], quotes[-1] + 1)
        return Misread(place, "This quotation mark is never closed.", "Close it, or leave it out.")
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        place = _place(token)
        if token.type == "RPAR":
            return Misread(place, "This bracket closes nothing.", "Leave it out, or put the words in quotes.")
        if token.type in ("OR", "AND"):
            return Misread(
                place, f"{token} stands between two things.", f"To search the word, write “{token.lower()}”."
            )
        if token.type == "COMPARE":
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
