"""Any tree of conditions finds in both back ends what plain Python finds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.query import (
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
from social.models import Rating
from tests.makers import make_person
from tests.search.conditions.conftest import ids
from tests.search.conftest import carry, give, measure


@dataclass(frozen=True)
class Card:
    """A model as plain Python knows it."""

    name: str
    task: tuple[str, ...] = ()
    license: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    parameters: float | None = None
    released: date | None = None
    stars: int | None = None
    metrics: dict[tuple[str, str], float] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    summary: str = ""

    def fulfils(self, part: Condition) -> bool:
        match part:
            case Filter(facet, values):
                own = {"task": self.task, "license": self.license, "tag": self.tags}[facet]
                return bool(own) if values == ("*",) else bool({*own} & {*values})
            case Range(name):
                number = {
                    "parameters": self.parameters,
                    "released": self.released,
                    "rating": self.stars,
                }[name]
                return number is not None and _lies_between(number, part)
            case MetricRange(key):
                return any(
                    _lies_between(value, part)
                    for (metric, dataset), value in self.metrics.items()
                    if metric == key.metric and key.dataset in ("", dataset)
                )
            case Attribute(slug, wanted):
                if slug not in self.attributes:
                    return False
                own = self.attributes[slug]
                return _lies_between(own, part) if wanted is None else own == wanted
            case Phrase(text):
                return any(f" {text} " in f" {where} " for where in (self.summary, self.name))
            case Words(text, in_name):
                return all(self._has(word, in_name=in_name) for word in text.split())
            case Not(inner):
                return not self.fulfils(inner)
            case AllOf(parts):
                return all(self.fulfils(one) for one in parts)
            case AnyOf(parts):
                return any(self.fulfils(one) for one in parts)

    def _has(self, word: str, *, in_name: bool) -> bool:
        pieces = [*self.name.split(), self.name.replace(" ", "")]
        if (in_name or len(word) > 2) and any(piece.startswith(word) for piece in pieces):
            return True
        return not in_name and word in (*pieces, *self.summary.split(), *self.tags)


def _lies_between(value: Any, ends: Any) -> bool:
    low, high = ends.minimum, ends.maximum
    is_over = low is None or (value > low if ends.above else value >= low)
    return is_over and (high is None or (value < high if ends.below else value <= high))


CARDS = (
    Card("alba", ("vision", "text"), ("mit",), ("calm",), 10, date(2024, 1, 31), 5, {("acc", "one"): 10}),
    Card("alba bero", ("vision",), ("mit",), ("calm", "wild"), 20, date(2024, 2, 1), 1, {("acc", "two"): 20}),
    Card("cedar", ("text",), (), ("wild",), 30, None, None, {("acc", "one"): 30, ("err", "one"): 10}),
    Card("bero", (), ("free",), (), None, date(2023, 12, 31), 3, {("err", "two"): 20}),
    Card("dolmen", summary="quiet harbour lantern", parameters=20, attributes={"budget": 10.0}),
    Card("elm", summary="lantern harbour quiet", attributes={"budget": 20.0, "on-gpu": True}),
    Card("fern", ("text",), attributes={"on-gpu": False, "cost": "violet", "reviewed": date(2024, 2, 1)}),
    Card("gorse alba", attributes={"cost": "crimson", "reviewed": date(2024, 1, 31)}, summary="harbour"),
    Card("heath"),
)


def ends_of(values: st.SearchStrategy[Any], make: Callable[..., Condition]) -> st.SearchStrategy[Condition]:
    """Conditions with either end or both, in or out."""
    low = st.builds(lambda v, out: make(v, None, out, False), values, st.booleans())
    high = st.builds(lambda v, out: make(None, v, False, out), values, st.booleans())
    both = st.builds(lambda a, b: make(min(a, b), max(a, b), False, False), values, values)
    return low | high | both


NUMBERS = st.sampled_from([5.0, 10.0, 15.0, 20.0, 30.0, 31.0])
DAYS = st.sampled_from([date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 1)])
SAID = st.lists(
    st.sampled_from(["alba", "bero", "al", "ced", "albab", "harbour", "quiet", "calm", "lant"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(" ".join)
LEAVES = st.one_of(
    st.builds(
        Filter,
        st.just("task"),
        st.sampled_from([("vision",), ("text",), ("vision", "text"), ("none-has-it",), ("*",)]),
    ),
    st.builds(Filter, st.just("license"), st.sampled_from([("mit",), ("free", "mit"), ("*",)])),
    st.builds(Filter, st.just("tag"), st.sampled_from([("calm",), ("wild",), ("*",)])),
    ends_of(NUMBERS, lambda *ends: Range("parameters", *ends)),
    ends_of(st.sampled_from([1.0, 3.0, 5.0]), lambda *ends: Range("rating", *ends)),
    ends_of(DAYS, lambda *ends: Range("released", *ends)),
    st.sampled_from(
        [MetricKey(metric, on) for metric in ("acc", "err", "none") for on in ("", "one", "two")]
    ).flatmap(lambda key: ends_of(NUMBERS, lambda *ends: MetricRange(key, *ends))),
    ends_of(NUMBERS, lambda *ends: Attribute("budget", None, *ends)),
    ends_of(DAYS, lambda *ends: Attribute("reviewed", None, *ends)),
    st.builds(Attribute, st.just("budget"), st.sampled_from([10.0, 11.0])),
    st.builds(Attribute, st.just("on-gpu"), st.booleans()),
    st.builds(Attribute, st.just("cost"), st.sampled_from(["violet", "crimson", "none"])),
    st.sampled_from(["quiet harbour", "harbour quiet", "lantern harbour quiet", "alba bero"]).map(Phrase),
    st.builds(Words, SAID, st.booleans()),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
    ),
    max_leaves=6,
)


@pytest.fixture
def cards(model, backend, settings) -> None:
    """The models of `CARDS`, carried to the back end."""
    person = make_person()
    for card in CARDS:
        facts = {"parameters": card.parameters, "released": card.released}
        made = model(
            card.name,
            summary=card.summary,
            tags=list(card.tags),
            task=list(card.task),
            license=list(card.license),
            **{name: value for name, value in facts.items() if value is not None},
        )
        if card.stars:
            Rating.objects.create(model=made, author=person, stars=card.stars)
        for (metric, dataset), value in card.metrics.items():
            direction = "lower" if metric == "err" else "higher"
            measure(made, metric, value, dataset=dataset, direction=direction)
        for slug, value in card.attributes.items():
            give(made, slug, value)
    carry(to_engine=bool(settings.OPENSEARCH_URL))


def test_any_tree_of_conditions_finds_what_plain_python_finds(cards, backend):
    @settings(
        max_examples=120,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(TREES)
    def both_agree(tree: Condition) -> None:
        assert ids(backend, tree) == sorted(card.name for card in CARDS if card.fulfils(tree))

    both_agree()
