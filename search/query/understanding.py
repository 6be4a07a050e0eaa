"""What people mean by plain words: `small german speech model under 50M` is a language, a task and a size.

Rules and the vocabulary's words, nothing else: every reading names the words it comes from and is shown as a chip that
one click removes or turns back into words. A reading takes the place of its words only when it is sure:

- a phrase says what is meant: *trained on X*, *X license*, *X architecture*, *under 10M parameters*, *since 2024*; or
- every word of the text is understood, so that none is left to be a name; or
- it is a task of two words or more, and no number follows that makes it a name.

What is less sure lets models that fulfil it rank higher. Whether a sure reading stands is seen from the answer: one
that leaves nothing to find is taken back (`search.service`), so no chip tells of what a viewer may not see.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from search.query import AnyOf, Condition, Filter, MetricRange, Range, Reading, SearchQuery, Words
from search.query.lexicon import LONGEST_SPAN, Lexicon, Meaning
from search.query.values import is_share, last_day, read_date, read_number
from vocabulary.folding import fold

MOST_WORDS = 40
# Facets whose values people name in plain words, those meant first where a word has several meanings.
NAMED = ("task", "language", "library", "framework", "license", "modality", "architecture", "stage", "domain")
SURE_ALONE = frozenset({"task", "domain"})
# Words that stand between what is meant, and mean nothing themselves.
FILLER = frozenset(
    "a an and any are as at by for from in is me my of on or our show some that the to use".split()
)
FILLER |= frozenset("used using want which with model models find all based networks network".split())
FILLER |= frozenset("pretrained pre-trained checkpoint checkpoints".split())
LICENSED = frozenset("license licence licensed licenced licenses licences".split())
UPPER = frozenset("under below less fewer smaller lower max maximum up most within <".split())
LOWER = frozenset("over above more larger bigger greater higher min minimum least >".split())
SIZES = {"tiny": 3e7, "small": 1e8, "mini": 1e8, "compact": 1e8, "lightweight": 1e8}
BIG = {"large": 3e8, "big": 3e8, "huge": 1e9, "giant": 1e9}
UNITS = {
    "parameters": "parameters",
    "parameter": "parameters",
    "params": "parameters",
    "weights": "parameters",
}
UNITS |= {"flops": "flops", "gflops": "flops", "macs": "flops"}
MULTIPLES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "mio": 1e6, "bn": 1e9}
SIZE_NUMBER = re.compile(r"^[0-9][0-9.,]*[kmbt]$", re.IGNORECASE)
APART = re.compile(r"^[0-9][0-9.,]*(?:[kmgt]b|[mbk])$", re.IGNORECASE)
FILE_SIZE = re.compile(r"^[0-9][0-9.,]*(?:kb|mb|gb|tb)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """A reading before it is known whether it is sure; `frame` when a phrase says what is meant."""

    start: int
    end: int
    condition: Condition
    frame: bool = False
    is_hint: bool = False
    is_name: bool = False  # of an architecture, by its whole name of several words


def understand(query: SearchQuery, lexicon: Lexicon) -> SearchQuery:
    """The query with what its free words were read as. No query to any store."""
    if query.is_literal or not query.text or query.readings:
        return query
    words = query.text.split()
    if len(words) > MOST_WORDS:
        return query
    found = _Text(words, lexicon).read()
    chosen = {f.facet for f in query.filters} | {r.field for r in query.ranges}
    found = [one for one in found if _facet_of(one.condition) not in chosen]
    # Where a number of parameters is said, `small` beside it says no more.
    needless = {one.start for one in found if one.is_hint and _is_sized(found)}
    found = [one for one in found if one.start not in needless]
    left = set(range(len(words))) - {place for one in found for place in range(one.start, one.end)}
    free = {place for place in left if place in needless or _plain(words[place]) in FILLER}
    is_all = free == left
    readings = []
    for one in found:
        said = " ".join(words[one.start : one.end])
        readings.append(Reading(said, one.start, one.end, one.condition, _is_sure(one, words, is_all=is_all)))
    if not any(reading.is_sure for reading in readings):
        # Beside a name, `tiny` is part of the name.
        return replace(query, readings=tuple(r for r in readings if not isinstance(r.condition, Range)))
    return replace(query, readings=_with_fillers(readings, free))


def _is_sure(one: _Found, words: Sequence[str], *, is_all: bool) -> bool:
    if one.is_hint:
        return False
    if one.frame:
        return True
    facet, length = _facet_of(one.condition), one.end - one.start
    if facet == "architecture":
        return is_all and one.is_name  # `bert` and `swin base` are names as much as architectures
    # Before a number even a task's words are part of a name: `text embedding 3 small`.
    is_name = _plain(words[one.end])[:1].isdigit() if one.end < len(words) else False
    return is_all or (facet in SURE_ALONE and length > 1 and not is_name)


def _is_sized(found: Sequence[_Found]) -> bool:
    return any(not one.is_hint and _facet_of(one.condition) == "parameters" for one in found)


def _with_fillers(readings: list[Reading], free: set[int]) -> tuple[Reading, ...]:
    """Sure readings take the small words beside them along, so that these are not searched as words."""
    grown = []
    for reading in readings:
        start, end = reading.start, reading.end
        if reading.is_sure:
            while start - 1 in free:
                start -= 1
                free.discard(start)
            while end in free:
                free.discard(end)
                end += 1
        grown.append(replace(reading, start=start, end=end))
    return tuple(grown)


def _facet_of(condition: Condition) -> str:
    if isinstance(condition, AnyOf):
        return _facet_of(condition.parts[0])
    return condition.facet if isinstance(condition, Filter) else getattr(condition, "field", "metric")


def _built(meaning: Meaning) -> Condition:
    """An architecture is told by the facet, or by a short form in the name: `vit` is a vision transformer."""
    own = Filter("architecture", meaning.values)
    named = tuple(Words(word.lower(), in_name=True) for word in dict.fromkeys(meaning.short))
    return AnyOf((own, *named)) if named else own


def _plain(word: str) -> str:
    return word.strip(",;.!?'’“”").lower()


class _Text:
    """One text, read from left to right, the longest reading at each place."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon) -> None:
        self.words = [_plain(word) for word in words]
        self.lexicon = lexicon
        self.rules: tuple[Callable[[int], _Found | None], ...] = (
            self.metric,
            self.bound,
            self.between,
            self.trained_on,
            self.license,
            self.architecture,
            self.date,
            self.size,
            self.term,
        )

    def read(self) -> list[_Found]:
        found: list[_Found] = []
        place = 0
        while place < len(self.words):
            one = next((read for rule in self.rules if (read := rule(place)) is not None), None)
            if one is None or any(self._says_again(one, other) for other in found):
                place += 1
                continue
            found.append(one)
            place = one.end
        return found

    @staticmethod
    def _says_again(one: _Found, other: _Found) -> bool:
        return one.is_hint == other.is_hint and _facet_of(one.condition) == _facet_of(other.condition)

    def at(self, place: int) -> str:
        return self.words[place] if 0 <= place < len(self.words) else ""

    # ── numbers ───────────────────────────────────────────────────────────────────────────────────────────

    def _number(self, place: int) -> tuple[float, str, int] | None:
        """A number with what it counts (a field, or nothing), and where it ends."""
        word = self.at(place).lstrip("<>=~")
        end = place + 1
        if word[:1].isdigit() and APART.match(word + self.at(end)) and self.at(end).isalpha():
            word, end = word + self.at(end), end + 1  # `90 MB`
        field = "parameters" if SIZE_NUMBER.match(word) else "size" if FILE_SIZE.match(word) else ""
        number = read_number(word)
        if number is None:
            return None
        if self.at(end) in MULTIPLES:
            number *= MULTIPLES[self.at(end)]
            field, end = "parameters", end + 1
        if self.at(end) in UNITS:
            if self.at(end) == "gflops":
                number *= 1e9
            field, end = UNITS[self.at(end)], end + 1
        return number, field, end

    def _comparison(self, place: int) -> tuple[str, int] | None:
        """`under`, `at most`, `larger than`, `<`: which end they give, and where they end."""
        start = place
        if self.at(place) == "with":
            place += 1
        if self.at(place) in ("at", "no"):
            place += 1
        word = self.at(place)
        sign = word[:1] if word[:1] in "<>" and word else ""
        is_upper, is_lower = word in UPPER or sign == "<", word in LOWER or sign == ">"
        if self.at(place - 1) == "no" and place > start:
            is_upper, is_lower = is_lower, is_upper
        if not (is_upper or is_lower):
            return None
        end = place if sign and len(word) > 1 else place + 1
        while self.at(end) in ("than", "to", "of", "or", "equal"):
            end += 1
        return ("max" if is_upper else "min"), end

    def _is_open(self, place: int, end: int) -> bool:
        """Whether the end that a comparison gives does not belong to it."""
        said = self.words[place:end]
        return "no" not in said and (said[-1] == "than" or said[0] in ("under", "below", "over", "above"))

    def bound(self, place: int) -> _Found | None:
        """`under 10M parameters`, `larger than 1B`, `at most 90 MB`."""
        compared = self._comparison(place)
        if compared is None:
            return None
        number = self._number(compared[1])
        if number is None or not number[1]:
            return None
        value, field, end = number
        is_open = self._is_open(place, compared[1])
        if compared[0] == "max":
            condition = Range(field, None, value, below=is_open)
        else:
            condition = Range(field, value, None, above=is_open)
        return _Found(place, end, condition, frame=True)

    def between(self, place: int) -> _Found | None:
        """`between 10M and 50M parameters`."""
        if self.at(place) != "between":
            return None
        low = self._number(place + 1)
        if low is None or self.at(low[2]) not in ("and", "to"):
            return None
        high = self._number(low[2] + 1)
        if high is None or not high[1] or high[0] < low[0]:
            return None
        return _Found(place, high[2], Range(high[1], low[0], high[0]), frame=True)

    def size(self, place: int) -> _Found | None:
        """`small`, `huge`: models of such a size, or so called, come first."""
        word = self.at(place)
        if word in SIZES:
            return _Found(place, place + 1, Range("parameters", None, SIZES[word]), is_hint=True)
        if word in BIG:
            return _Found(place, place + 1, Range("parameters", BIG[word], None), is_hint=True)
        return None

    def date(self, place: int) -> _Found | None:
        """`since 2024`, `released after 2023-06`, `before 2020`."""
        start = place
        while self.at(place) in ("released", "published", "from", "newer", "older") and place - start < 2:
            place += 1
        word = self.at(place)
        place += self.at(place) in ("since", "after", "before", "until", "than")
        if place == start or not re.match(r"^(19|20)\d\d(-\d\d){0,2}$", self.at(place)):
            return None
        day = read_date(self.at(place))
        if day is None:
            return None
        is_after_all = word == "after" or self.at(start) == "newer" or "newer" in self.words[start:place]
        if word in ("before", "until") or "older" in self.words[start:place]:
            return _Found(start, place + 1, Range("released", None, day, below=True), frame=True)
        if is_after_all:
            day = (last_day(self.at(place)) or day) + timedelta(days=1)
        return _Found(start, place + 1, Range("released", day, None), frame=True)

    def metric(self, place: int) -> _Found | None:
        """`top1 above 85 on imagenet`, `wer under 5%`."""
        for length in range(min(4, len(self.words) - place - 2), 0, -1):
            slug = self.lexicon.metric_named(fold("".join(self.words[place : place + length])))
            compared = self._comparison(place + length) if slug else None
            if not slug or compared is None:
                continue
            stated = self.at(compared[1]).lstrip("<>=")
            number = read_number(stated.removesuffix("%"))
            if number is None:
                continue
            end, dataset = compared[1] + 1, ""
            if self.at(end) == "on":
                on = self._longest(end + 1, self.lexicon.dataset_named)
                if on is not None:
                    dataset, end = on
            key = self.lexicon.metric(slug, dataset)
            value = self.lexicon.in_unit(key, number, "%" if stated.endswith("%") else "")
            if value is None:
                continue
            is_open, is_percent = (
                self._is_open(place + length, compared[1]),
                is_share(value) and value == number,
            )
            is_percent = is_percent and stated.endswith("%")
            if compared[0] == "max":
                condition = MetricRange(key, None, value, below=is_open, is_percent=is_percent)
            else:
                condition = MetricRange(key, value, None, above=is_open, is_percent=is_percent)
            return _Found(place, end, condition, frame=True)
        return None

    # ── words of the vocabulary ───────────────────────────────────────────────────────────────────────────

    def _longest(self, place: int, known: Callable[[str], str | None]) -> tuple[str, int] | None:
        for end in range(min(len(self.words), place + LONGEST_SPAN), place, -1):
            if (found := known(fold("".join(self.words[place:end])))) is not None:
                return found, end
        return None

    def _spans(self, place: int) -> Iterator[tuple[int, list[Meaning]]]:
        """What the words from here on may mean, the longest span first; the last word also without its plural."""
        for end in range(min(len(self.words), place + LONGEST_SPAN), place, -1):
            said = self.words[place:end]
            for last in _singular(said[-1]):
                if found := self.lexicon.meant(fold("".join([*said[:-1], last]))):
                    yield end, found
                    break

    def _meaning(self, place: int, facets: Sequence[str]) -> tuple[Meaning, int] | None:
        for end, found in self._spans(place):
            for facet in facets:
                for meaning in found:
                    if meaning.facet == facet:
                        return meaning, end
        return None

    def term(self, place: int) -> _Found | None:
        """A task, language, library, license … by any of its names."""
        if self.at(place) in FILLER:
            return None
        own = [facet for facet in self.lexicon.taxonomies if facet not in NAMED]
        found = self._meaning(place, (*NAMED, *own))
        if found is None:
            return None
        meaning, end = found
        if end - place == 1 and (len(self.at(place)) < 3 or self.at(place).isdigit()):
            return None
        # `2 languages` of one word are one filter; a stage is meant only where it is said to be one.
        if (
            meaning.facet == "stage"
            and self.at(place - 1) != "in"
            and self.at(end) not in ("stage", "models")
        ):
            return None
        if meaning.facet == "architecture":
            is_name = fold("".join(self.words[place:end])) == fold(meaning.label)
            return _Found(place, end, _built(meaning), is_name=is_name and end - place > 1)
        return _Found(place, end, Filter(meaning.facet, meaning.values))

    def trained_on(self, place: int) -> _Found | None:
        """`trained on coco`, `fine-tuned on`, `evaluated on`, `tested on`."""
        verb = {
            "trained": "trained",
            "finetuned": "trained",
            "fine-tuned": "trained",
            "pretrained": "trained",
        }
        verb |= {"pre-trained": "trained", "evaluated": "dataset", "tested": "dataset", "measured": "dataset"}
        facet = verb.get(self.at(place))
        if facet is None or self.at(place + 1) not in ("on", "with", "for"):
            return None
        found = self._longest(place + 2, self.lexicon.dataset_named)
        # One set, and those named after it: `coco` is COCO and COCO-Stuff, `kinetics` Kinetics-400 and -600.
        end = found[1] if found else place + 3
        said = fold("".join(self.words[place + 2 : end]))
        family = self.lexicon.family(said) if len(said) > 2 else ()
        slugs = dict.fromkeys((*((found[0],) if found else ()), *family))
        if not slugs:
            return None
        return _Found(place, self._past(end, "dataset", "data"), Filter(facet, tuple(slugs)), frame=True)

    def _past(self, place: int, *words: str) -> int:
        return place + 1 if self.at(place) in words else place

    def license(self, place: int) -> _Found | None:
        """`mit license`, `license mit`, `licensed under apache 2.0`, `with mit license`."""
        start = place
        while self.at(place) in ("with", "under", "a", "an", "the") and place - start < 2:
            place += 1
        if self.at(place) in LICENSED:
            place += 1
            place += self.at(place) in ("under", "as", "with", "by")
            found = self._meaning(place, ("license",))
            return _Found(start, found[1], Filter("license", found[0].values), frame=True) if found else None
        found = self._meaning(place, ("license",))
        if found is None:
            return None
        meaning, end = found
        if self.at(end - 1) not in LICENSED:
            end += 1
        return (
            _Found(start, end, Filter("license", meaning.values), frame=True)
            if self.at(end - 1) in LICENSED
            else None
        )

    def architecture(self, place: int) -> _Found | None:
        """`resnet architecture`, `architecture resnet`, `clip-based`."""
        if self.at(place) == "architecture":
            found = self._meaning(place + 1, ("architecture",))
            return _Found(place, found[1], _built(found[0]), frame=True) if found else None
        found = self._meaning(place, ("architecture",))
        if found is None or self.at(found[1]) not in ("architecture", "architectures", "backbone"):
            return None
        return _Found(place, found[1] + 1, _built(found[0]), frame=True)


def _singular(word: str) -> list[str]:
    """The word, and what it may be the plural of."""
    found = [word]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        found.append(word[:-1])
    if len(word) > 4 and word.endswith("ies"):
        found.append(word[:-3] + "y")
    return found
