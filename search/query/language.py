"""The query language: `task:"object detection" params<50M top1@imagenet>=85 -license:cc-by-nc "exact words"`.

The grammar is in `language.lark`. What looks like a condition but names no field (`embed_dim=512`) stays words, so
that any name of a model can be typed as it is; a name that is almost a field's is an error that says so.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from search.errors import Place
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
from search.query.misread import Misread, misread, not_too_deep, place_of
from search.query.values import is_share, last_day, read_date, read_number, read_signed

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
End = TypeVar("End", bound=float | date)


class Lexicon(Protocol):
    """What the language must know of the catalog's words. Nothing it says depends on models."""

    @property
    def facets(self) -> Mapping[str, str]: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    def value(self, facet: str, words: str) -> str: ...
    def metric(self, words: str, dataset: str) -> MetricKey: ...
    def in_unit(self, key: MetricKey, value: float, unit: str) -> float | None: ...


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
        return " ".join(text.split()), ()
    not_too_deep(text)
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise misread(text, error) from None
    parts = _Reader(lexicon).top(tree)
    words = " ".join(part for part in parts if isinstance(part, str))
    conditions = tuple(part for part in parts if not isinstance(part, str))
    if sum(map(_size, conditions)) > MOST_CONDITIONS:
        raise Misread(
            Place(0, len(text)), f"The search has more than {MOST_CONDITIONS} conditions.", "Use fewer."
        )
    return words, conditions


class _Reader:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        facets = {facet.lower().replace("_", "-"): facet for facet in lexicon.facets}
        self.fields = {**NUMBERS, **DATES, **facets}
        self.fields |= {name: other for name, other in OTHER_NAMES.items() if other in lexicon.facets}

    def top(self, tree: Tree[Token]) -> list[Read]:
        """The parts of the whole text, which must all hold."""
        if not tree.children:
            return []
        ways = cast("Tree[Token]", tree.children[0]).children
        return self.all(ways[0]) if len(ways) == 1 else list(_spread(self.any(ways)))

    def any(self, ways: Iterable[object]) -> Condition:
        found = [self.grouped(self.all(way)) for way in ways if isinstance(way, Tree)]
        said = [one for one in found if one != AllOf(())]  # `""` says nothing
        return _any_of(said) if said else AllOf(())

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
                is_not, inside = True, cast("Tree[Token]", children[-1])
                while inside.data == "minus":
                    is_not, inside = not is_not, cast("Tree[Token]", inside.children[-1])
                inner = self.grouped(self.part(inside))
                if isinstance(inner, Not):
                    is_not, inner = not is_not, inner.part
                if inner == AllOf(()):
                    return []
                return [Not(inner)] if is_not else list(_spread(inner))
            case "group":
                # Where all must hold anyway, brackets change nothing.
                ways = cast("Tree[Token]", children[0]).children
                return self.all(ways[0]) if len(ways) == 1 else list(_spread(self.any(ways)))
            case "field_word":
                token = cast(Token, children[0])
                name, _, words = str(token).partition(":")
                return self.field(token, name, [(words, token)])
            case "field_phrase":
                field, phrase = cast(Token, children[0]), cast(Token, children[1])
                return self.field(field, str(field)[:-1], [(_unquoted(phrase), phrase)])
            case "field_choice":
                field = cast(Token, children[0])
                tokens = [
                    token for token in cast("Tree[Token]", children[1]).children if isinstance(token, Token)
                ]
                values = [(_unquoted(token), token) for token in tokens if token.type != "OR"]
                return self.field(field, str(field)[:-1], values)
        return self.compare(list(children))

    # ── field:value ───────────────────────────────────────────────────────────────────────────────────────

    def field(self, token: Token, name: str, values: list[tuple[str, Token]]) -> list[Read]:
        plain = name.lower().replace("_", "-")
        field, slug = self.fields.get(plain), self.attribute(name)
        if field is None and slug is None and plain not in ("has", "no", "name"):
            self.almost(name, Place(token.start_pos or 0, (token.start_pos or 0) + len(name)))
            return [name, *_as_words(values)] if token.type == "FIELD" else [str(token)]
        if not all(words for words, _ in values):
            raise Misread(place_of(token), f"“{name}:” needs a value.", f"Write {name}:value.")
        if plain in ("has", "no"):
            return [_any_of([self.presence(plain, words, at) for words, at in values])]
        if plain == "name":
            return [_any_of([Words(words, in_name=True) for words, _ in values])]
        if field is None:
            return [_any_of([self.attribute_is(str(slug), words, at) for words, at in values])]
        if field in NUMBERS.values():
            return [_any_of([self.number_is(field, words, at) for words, at in values])]
        if field in DATES.values():
            return [_any_of([self.date_is(field, words, at) for words, at in values])]
        said = [
            one
            for words, at in values
            for one in ([words] if at.type == "PHRASE" else words.split(","))
            if one.strip()
        ]
        found = tuple(dict.fromkeys(self.lexicon.value(field, one) for one in said))
        if not found:
            raise Misread(place_of(token), f"“{name}:” needs a value.", f"Write {name}:* for any.")
        return [Filter(field, ("*",) if "*" in found else found)]

    def presence(self, plain: str, words: str, at: Token) -> Condition:
        """`has:license`, `no:owner`."""
        field = self.fields.get(words.lower().replace("_", "-"))
        if field is None or field in DATES.values() or field in ("rating", "followers"):
            raise Misread(
                place_of(at), f"“{plain}:” is followed by the name of a filter.", "Such as has:license."
            )
        there: Condition = Range(field, 0.0) if field in NUMBERS.values() else Filter(field, ("*",))
        return there if plain == "has" else Not(there)

    def number_is(self, field: str, words: str, at: Token) -> Condition:
        return Range(field, *self.numbers(field, words, at, read_number))

    def date_is(self, field: str, words: str, at: Token) -> Condition:
        return Range(field, *self.days(field, words, at))

    def numbers(
        self, name: str, words: str, at: Token, read_end: Callable[[str], float | None]
    ) -> tuple[float | None, float | None]:
        """The ends of `10M`, `10M..50M`, `..50M` and `10M..`."""
        low, dots, high = words.partition("..")
        said = (low, high) if dots else (words, words)
        first, last = (read_end(end) if end else None for end in said)
        if not any(said) or (first is None and said[0]) or (last is None and said[1]):
            raise Misread(
                place_of(at), f"“{name}” is a number, not “{words[:40]}”.", "Write 25000000, 25M or 10M..50M."
            )
        _in_order(first, last, at)
        return first, last

    def days(self, name: str, words: str, at: Token) -> tuple[date | None, date | None]:
        """The first and last day of `2024`, `2024-06`, `2024..2025-03` and `2024..`."""
        low, dots, high = words.partition("..")
        if not dots:
            return self.date(name, words, at), last_day(words)
        first = self.date(name, low, at) if low or not high else None
        last = last_day(high) if high and self.date(name, high, at) else None
        _in_order(first, last, at)
        return first, last

    def number(
        self, field: str, words: str, at: Token, read_one: Callable[[str], float | None] = read_number
    ) -> float:
        number = read_one(words)
        if number is None:
            raise Misread(
                place_of(at), f"“{field}” is a number, not “{words[:40]}”.", "Write 25000000, 25M or 1.5B."
            )
        return number

    def date(self, field: str, words: str, at: Token) -> date:
        found = read_date(words)
        if found is None:
            raise Misread(
                place_of(at), f"“{field}” is a date, not “{words[:40]}”.", "Write 2024-01-31 or 2024."
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
            number = self.number(str(field), words, value)
            return [_compared(str(field), sign, number, number)]
        if field in DATES.values():
            return [_compared(str(field), sign, self.date(str(field), words, value), last_day(words))]
        if field is not None:
            if sign in ("=", "!="):
                chosen = Filter(field, (self.lexicon.value(field, words),))
                return [chosen if sign == "=" else Not(chosen)]
            raise Misread(
                place_of(cast(Token, children[1])), f"“{name}” can't be compared.", f"Write {name}:value."
            )
        if (slug := self.attribute(name)) is not None:
            return [self.attribute_compared(slug, sign, words, value)]
        self.almost(name, place_of(target))
        if sign in ("=", "!=") or read_signed(words.rstrip("%")) is None:
            # Part of a name, such as `embed_dim=512`.
            return list(_as_words([(name, target), (_unquoted(value), value)]))
        return [self.metric_is(name, "", sign, words, value)]

    def metric_is(self, metric: str, dataset: str, sign: str, words: str, at: Token) -> Condition:
        key = self.lexicon.metric(metric, dataset)
        unit = "%" if words.endswith("%") else ""
        number = read_signed(words.removesuffix("%"))
        stated = None if number is None else self.lexicon.in_unit(key, number, unit)
        if stated is None:
            raise Misread(
                place_of(at), f"A metric is compared with a number, not “{words[:40]}”.", "Such as >=85."
            )
        is_percent = bool(unit) and is_share(stated) and stated == number
        if sign in ("=", "!="):
            same = MetricRange(key, stated, stated, is_percent=is_percent)
            return same if sign == "=" else Not(same)
        return MetricRange(key, *_ends(sign, stated, stated), is_percent=is_percent)

    # ── attributes ────────────────────────────────────────────────────────────────────────────────────────

    def attribute(self, name: str) -> str | None:
        wanted = name.lower().replace("_", "-")
        return next((slug for slug in self.lexicon.attributes if slug.replace("_", "-") == wanted), None)

    def attribute_is(self, slug: str, words: str, at: Token) -> Condition:
        kind = self.lexicon.attributes[slug]
        if kind == "number":
            first, last = self.numbers(slug, words, at, read_signed)
            return Attribute(slug, first) if first == last else Attribute(slug, None, first, last)
        if kind == "date":
            return Attribute(slug, None, *self.days(slug, words, at))
        if kind == "boolean":
            if words.lower() not in YES | NO:
                raise Misread(
                    place_of(at),
                    f"“{slug}” is yes or no, not “{words[:40]}”.",
                    f"Write {slug}:yes or {slug}:no.",
                )
            return Attribute(slug, words.lower() in YES)
        return Attribute(slug, words)

    def attribute_compared(self, slug: str, sign: str, words: str, at: Token) -> Condition:
        if sign in ("=", "!="):
            same = self.attribute_is(slug, words, at)
            return same if sign == "=" else Not(same)
        kind = self.lexicon.attributes[slug]
        if kind == "date":
            return Attribute(slug, None, *_ends(sign, self.date(slug, words, at), last_day(words)))
        if kind != "number":
            raise Misread(place_of(at), f"“{slug}” can't be compared.", f"Write {slug}:value.")
        number = self.number(slug, words, at, read_signed)
        return Attribute(slug, None, *_ends(sign, number, number))

    def almost(self, name: str, place: Place) -> None:
        """An error when `name` is all but a field's name.

        Raises:
            Misread: with the field that was probably meant.
        """
        known = [*self.fields, "name", "has"]
        close = difflib.get_close_matches(name.lower()[:40], known, n=1, cutoff=0.8) if len(name) > 2 else []
        if close:
            raise Misread(place, f"There is no field “{name[:40]}”.", f"Did you mean “{close[0]}”?")


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


def _spread(part: Condition) -> Iterator[Read]:
    """A condition among others that must all hold, as its own parts."""
    if isinstance(part, AllOf):
        for one in part.parts:
            yield from _spread(one)
    elif isinstance(part, Words) and not part.in_name:
        yield from part.text.split()
    else:
        yield part


def _as_words(values: Iterable[tuple[str, Token]]) -> Iterator[Read]:
    """Values of what is no field: words stay words, and what stands in quotes a phrase."""
    for words, at in values:
        if words:
            yield words if at.type == "WORD" else Phrase(words)


def _size(part: Condition) -> int:
    """How many single conditions there are in one."""
    if isinstance(part, Not):
        return _size(part.part)
    return sum(map(_size, part.parts)) if isinstance(part, AllOf | AnyOf) else 1


def _any_of(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _ends(sign: str, first: End | None, last: End | None) -> tuple[End | None, End | None, bool, bool]:
    """The ends that a comparison gives, with whether they belong to it: after 2024 is after its last day."""
    low = {">": last, ">=": first}.get(sign)
    high = {"<": first, "<=": last}.get(sign)
    return low, high, sign == ">", sign == "<"


def _compared(field: str, sign: str, first: End, last: End | None) -> Condition:
    if sign in ("=", "!="):
        same = Range(field, first, last)
        return same if sign == "=" else Not(same)
    return Range(field, *_ends(sign, first, last))


def _in_order(low: float | date | None, high: float | date | None, at: Token) -> None:
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise Misread(place_of(at), "The range begins above its end.", "Swap its ends.")
