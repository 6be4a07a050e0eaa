"""Conditions of the query language find exactly the models that fulfil them: the same for both back ends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Dataset,
    ModelVersion,
    Ownership,
    RegisteredModel,
    TrainingData,
)
from search.errors import InvalidQuery
from search.find import personal
from search.lexicon import lexicon
from search.query import (
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    Filter,
    MetricKey,
    MetricRange,
    Not,
    PageRequest,
    Phrase,
    Range,
    SearchQuery,
    Words,
    parse,
)
from social.models import Follow, Rating
from tests.makers import make_person, make_team, seen_by
from tests.search.conftest import carry, counts, measure, names

ATTRIBUTES = {
    "cost": "keyword",
    "note": "text",
    "tier": "choice",
    "card": "url",
    "approver": "user",
    "budget": "number",
    "reviewed": "date",
    "on-gpu": "boolean",
}


def give(made: RegisteredModel, slug: str, value: Any, *, kind: str = "", is_sensitive: bool = False) -> None:
    """A value of an attribute of the organisation's own."""
    kind = kind or ATTRIBUTES[slug]
    definition, _ = AttributeDefinition.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "type": kind, "is_sensitive": is_sensitive}
    )
    column = {"number": "number", "date": "date", "boolean": "boolean", "user": "user"}.get(kind, "text")
    AttributeValue.objects.create(definition=definition, type=kind, model=made, **{column: value})


@pytest.fixture
def shelf(model) -> None:
    """Four models: one of each kind of fact, and one without any."""
    resnet = model(
        "resnet50",
        task="classification",
        license="mit",
        library="timm",
        parameters=25_000_000,
        flops=4_100_000_000,
        size=100_000_000,
        released="2024-06-30",
        tags=["fast", "vision"],
        stage="production",
        summary="Keeps a calm lighthouse and its keeper.",
    )
    whisper = model(
        "whisper-large",
        task="speech",
        license="apache",
        language=["german", "english"],
        parameters=1_500_000_000,
        size=3_000_000_000,
        released="2023-12-31",
        tags=["fast"],
        summary="Hears a lighthouse that is calm.",
    )
    bert = model("tinybert", task="text", license="cc", library="timm", parameters=4_000_000)
    ModelVersion.objects.filter(model=bert).update(released_on="2024-01-01")
    model("bare")
    person = make_person()
    Rating.objects.create(model=resnet, author=person, stars=5)
    Rating.objects.create(model=bert, author=person, stars=2)
    Follow.objects.create(model=resnet, user=person)
    measure(resnet, "accuracy", 80.4, dataset="imagenet")
    measure(bert, "accuracy", 91.0, dataset="glue")
    measure(resnet, "wer", 30.0, dataset="librispeech", direction="lower")
    measure(whisper, "wer", 4.2, dataset="librispeech")


@pytest.fixture
def finds(search) -> Callable[..., list[str]]:
    """`finds("task:text")`: the sorted names of all models found."""
    asked: list[str] = []

    def ask(text: str, **given: Any) -> list[str]:
        result = search(text, late=bool(asked), page_size=100, **given)
        asked.append(text)
        assert result.total == len(result.hits)
        return sorted(names(result))

    return ask


RESNET, WHISPER, BERT, BARE = "resnet50", "whisper-large", "tinybert", "bare"


def check(finds: Callable[..., list[str]], cases: dict[str, set[str]]) -> None:
    for text, expected in cases.items():
        assert finds(text) == sorted(expected), text


def test_values_of_a_facet_and_their_opposites(finds, shelf):
    check(
        finds,
        {
            "task:text": {BERT},
            "task:text,speech": {BERT, WHISPER},
            "-task:text": {RESNET, WHISPER, BARE},
            "-task:text -task:speech": {RESNET, BARE},
            "-(task:text OR task:speech)": {RESNET, BARE},
            "task:text task:speech": set(),
            "language:german language:english": {WHISPER},
            "tag:fast -tag:vision": {WHISPER},
            "license!=mit license:*": {WHISPER, BERT},
            "stage:production": {RESNET},
            "task:invented": set(),
            "-task:invented": {RESNET, WHISPER, BERT, BARE},
        },
    )


def test_what_is_recorded_and_what_is_not(finds, shelf):
    check(
        finds,
        {
            "has:license": {RESNET, WHISPER, BERT},
            "no:license": {BARE},
            "has:tag no:library": {WHISPER},
            "has:size": {RESNET, WHISPER},
            "no:size": {BERT, BARE},
            "has:(size OR library)": {RESNET, WHISPER, BERT},
            "has:owner": set(),
        },
    )


def test_groups_within_groups(finds, shelf):
    check(
        finds,
        {
            "task:text OR license:apache": {BERT, WHISPER},
            "(task:text OR license:apache) tag:fast": {WHISPER},
            "library:timm (tag:vision OR (task:text params<5M))": {RESNET, BERT},
            "library:timm -(tag:vision OR (task:text params<4M))": {BERT},
            "-(library:timm -(task:text OR tag:invented))": {WHISPER, BERT, BARE},
            "NOT (NOT task:text)": {BERT},
        },
    )


def test_numbers_and_what_is_not_recorded(finds, shelf):
    check(
        finds,
        {
            "params<25M": {BERT},
            "params<=25M": {BERT, RESNET},
            "params>25M": {WHISPER},
            "params>=25M": {RESNET, WHISPER},
            "params=4M": {BERT},
            "params!=4M": {RESNET, WHISPER, BARE},
            "-params<25M": {RESNET, WHISPER, BARE},
            "params:4M..25M": {BERT, RESNET},
            "params:..4M": {BERT},
            "size>=3GB": {WHISPER},
            "flops<5G": {RESNET},
            "rating>=4.5": {RESNET},
            "rating<3": {BERT},
            "followers>=1": {RESNET},
            "followers<1": {WHISPER, BERT, BARE},
        },
    )


def test_days_of_release(finds, shelf):
    check(
        finds,
        {
            "released:2023": {WHISPER},
            "released:2024": {RESNET, BERT},
            "released>2023": {RESNET, BERT},
            "released<2024": {WHISPER},
            "released<=2024-01": {WHISPER, BERT},
            "released>2024-06": set(),
            "released>=2024-06": {RESNET},
            "released!=2024": {WHISPER, BARE},
            "released:2023-12-31..2024-01-01": {WHISPER, BERT},
        },
    )


@pytest.mark.parametrize("field", ["created", "updated"])
def test_a_day_lasts_from_its_first_to_its_last_moment(finds, model, field):
    moments = {
        "before": datetime(2024, 6, 29, 23, 59, 59, 999_000, UTC),
        "first": datetime(2024, 6, 30, tzinfo=UTC),
        "last": datetime(2024, 6, 30, 23, 59, 59, 999_000, UTC),
        "after": datetime(2024, 7, 1, tzinfo=UTC),
    }
    for name, moment in moments.items():
        made = model(name)
        RegisteredModel.objects.filter(pk=made.pk).update(created_at=moment, updated_at=moment)
        ModelVersion.objects.filter(model=made).update(updated_at=moment)
    check(
        finds,
        {
            f"{field}:2024-06-30": {"first", "last"},
            f"{field}>2024-06-30": {"after"},
            f"{field}>=2024-06-30": {"first", "last", "after"},
            f"{field}<2024-06-30": {"before"},
            f"{field}<=2024-06-30": {"before", "first", "last"},
            f"{field}!=2024-06-30": {"before", "after"},
            f"{field}>2024-06": {"after"},
            f"{field}:2024-06": {"before", "first", "last"},
        },
    )


def test_metrics_on_a_data_set_and_on_any(finds, shelf):
    check(
        finds,
        {
            "accuracy>80": {RESNET, BERT},
            "accuracy@imagenet>80": {RESNET},
            "accuracy@imagenet>=80.4": {RESNET},
            "accuracy@imagenet>80.4": set(),
            "accuracy@imagenet<80.4": set(),
            "accuracy@imagenet=80.4": {RESNET},
            "accuracy@imagenet!=80.4": {WHISPER, BERT, BARE},
            "accuracy@glue>80": {BERT},
            "-accuracy>85": {RESNET, WHISPER, BARE},
            "wer<5": {WHISPER},
            "wer@librispeech>5": {RESNET},
            "wer@imagenet<100": set(),
            "invented>0": set(),
            "accuracy@invented>0": set(),
        },
    )


@pytest.mark.parametrize(
    ("direction", "found"),
    [("higher", {">=90": True, "<=10": False}), ("lower", {">=90": False, "<=10": True})],
)
def test_of_several_versions_the_better_value_counts(finds, model, direction, found):
    made = model("m")
    measure(made, "score", 90, dataset="d", direction=direction)
    ModelVersion.objects.create(model=made, label="2", position=2)
    measure(made, "score", 10, dataset="d")
    assert made.versions.filter(evaluations__isnull=False).count() == 2
    for condition, is_there in found.items():
        assert bool(finds(f"score@d{condition}")) is is_there, condition


def test_each_slice_counts_by_itself(finds, model):
    made = model("m")
    measure(made, "score", 50, dataset="d")
    measure(made, "score", 90, dataset="d", slice="easy")
    assert finds("score@d>80") == finds("score@d<60") == ["m"]


def test_a_metric_of_an_archived_version_does_not_count(finds, model):
    made = model("m")
    measure(made, "score", 90, dataset="d")
    ModelVersion.objects.filter(model=made).update(stage="archived")
    check(finds, {"score>0": set(), "score@d>0": set(), "-score>0": {"m"}})


def test_attributes_of_each_type(finds, model):
    one, two = model("one"), model("two")
    model("three")
    give(one, "cost", "Violet Team"), give(two, "cost", "crimson")
    give(one, "note", "some words"), give(one, "tier", "gold"), give(one, "card", "https://x.org/a")
    give(one, "approver", make_person("ann"))
    give(one, "budget", 5.5), give(two, "budget", -3)
    give(one, "reviewed", date(2024, 2, 29)), give(two, "reviewed", date(2023, 12, 31))
    give(one, "on-gpu", True), give(two, "on-gpu", False)
    check(
        finds,
        {
            'cost:"violet team"': {"one"},
            "cost:(violet OR crimson)": {"two"},
            "cost!=crimson": {"one", "three"},
            'note:"some words"': {"one"},
            "tier:gold": {"one"},
            'card:"https://x.org/a"': {"one"},
            "approver:ann": {"one"},
            "budget:5.5": {"one"},
            "budget<0": {"two"},
            "budget>-3": {"one"},
            "budget>=-3": {"one", "two"},
            "-budget>0": {"two", "three"},
            "budget:-5..0": {"two"},
            "reviewed:2024": {"one"},
            "reviewed:2024-02-29": {"one"},
            "reviewed<2024": {"two"},
            "reviewed>2023": {"one"},
            "reviewed<=2023": {"two"},
            "reviewed:2023..2024": {"one", "two"},
            "on-gpu:yes": {"one"},
            "on-gpu:no": {"two"},
            "-on-gpu:yes": {"two", "three"},
            "budget>0 reviewed:2024": {"one"},
            "budget<0 reviewed:2024": set(),
        },
    )


def test_letters_beyond_ascii_are_compared_alike_by_both(finds, model):
    give(model("one"), "cost", "MÜNCHEN")
    check(finds, {"cost:mÜnchen": {"one"}, "cost:münchen": set()})


def test_a_sensitive_attribute_is_no_field_and_never_matches(finds, model):
    give(model("one"), "risk", "crimson", kind="keyword", is_sensitive=True)
    model("two")
    assert "risk" not in lexicon().attributes
    assert finds("risk:crimson") == finds("risk=crimson") == finds("risk>5") == []
    assert parse({"q": ["risk:crimson"]}, lexicon()).where == ()


def test_a_sensitive_attribute_cannot_be_asked_for_behind_the_language_s_back(backend, settings, model):
    give(model("one"), "risk", "crimson", kind="keyword", is_sensitive=True)
    carry(to_engine=bool(settings.OPENSEARCH_URL))
    assert ids(backend, Attribute("risk", "crimson")) == []


def test_phrases_stand_word_beside_word(finds, shelf):
    check(
        finds,
        {
            '"calm lighthouse"': {RESNET},
            '"Calm  Lighthouse"': {RESNET},
            '"lighthouse calm"': set(),
            'calm lighthouse "calm lighthouse"': {RESNET},
            '-"calm lighthouse" calm': {WHISPER},
            '"whisper large"': {WHISPER},
            '"large whisper"': set(),
            '"resnet 50"': {RESNET},
            '"nothing like it"': set(),
            '"!!!"': set(),
        },
    )


def test_words_in_the_name_only(finds, shelf):
    check(
        finds,
        {
            "name:lighthouse": set(),
            "name:resnet": {RESNET},
            "name:res": {RESNET},
            "name:r": {RESNET},
            "name:ResNet-50": {RESNET},
            'name:"whisper large"': {WHISPER},
            'name:"large whisper"': {WHISPER},
            "name:(resnet OR bare)": {RESNET, BARE},
            "-name:resnet": {WHISPER, BERT, BARE},
            "name:resnt": set(),
            "name:!!!": set(),
        },
    )


def test_words_as_conditions_are_not_found_by_likeness(finds, shelf):
    check(
        finds,
        {
            "-lighthouse": {BERT, BARE},
            "-(calm keeper)": {WHISPER, BERT, BARE},
            "-(the keeper)": {WHISPER, BERT, BARE},
            "-resnt50": {RESNET, WHISPER, BERT, BARE},
            "-resnext": {RESNET, WHISPER, BERT, BARE},
            "-resnet": {WHISPER, BERT, BARE},
            "-res": {WHISPER, BERT, BARE},
            "-re": {RESNET, WHISPER, BERT, BARE},
            "-light": {RESNET, WHISPER, BERT, BARE},
            "lighthouse OR name:bare": {RESNET, WHISPER, BARE},
            "resnext OR name:bare": {BARE},
            "german OR vision": {RESNET, WHISPER},
        },
    )


def test_free_words_and_conditions_must_both_hold(finds, shelf):
    check(finds, {"lighthouse -language:german": {RESNET}, "lighthouse task:text": set()})


def test_facets_count_what_fulfils_the_conditions(search, shelf):
    result = search("-task:text (params>20M OR tag:fast)")
    assert result.total == 2
    assert counts(result, "task") == {"classification": 1, "speech": 1}
    assert counts(result, "tag") == {"fast": 2, "vision": 1}
    narrowed = search("-task:text (params>20M OR tag:fast)", tag="vision")
    assert narrowed.total == 1
    assert counts(narrowed, "tag") == {"fast": 2, "vision": 1}
    assert counts(narrowed, "task") == {"classification": 1}


def test_data_sets_trained_on_are_not_those_measured_on(finds, shelf):
    coco = Dataset.objects.create(slug="coco", name="COCO")
    bare = RegisteredModel.objects.get(name=BARE)
    TrainingData.objects.create(version=bare.versions.get(), dataset=coco)
    check(
        finds,
        {
            "trained-on:coco": {BARE},
            "trained:imagenet": set(),
            "dataset:imagenet": {RESNET},
            "dataset:(imagenet coco)": {RESNET, BARE},
            "has:trained": {BARE},
        },
    )


@pytest.mark.parametrize("text", ["({0}) OR ({0} x)", "{0} {0} -({0})"])
def test_a_question_too_long_for_the_engine_does_not_make_it_seem_away(search, model, text):
    """Else anybody could turn the engine off for all with two long questions."""
    model("resnet50")
    many = " ".join(f"a{number}b{number}c{number}" for number in range(32))
    try:
        assert search(text.format(many)).total == 0
    except InvalidQuery as error:
        assert str(error) == "The search has too many words and conditions. Use fewer."


# ── whose ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mine(backend, settings, model) -> Callable[..., list[str]]:
    """`mine("owner:me", person)`: models of the person, of a team, of others, and of nobody."""

    def ask(text: str, user: Any) -> list[str]:
        carry(to_engine=bool(settings.OPENSEARCH_URL))
        viewer = seen_by(user)
        query = parse({"q": [text]}, lexicon())
        return sorted(names(backend.search(viewer, personal(viewer, query))))

    return ask


def test_me_is_the_person_and_their_teams(mine, model):
    ann, bob = make_person("ann"), make_person("bob")
    speech = make_team("Speech", ann)
    for name, holder in (("anns", {"user": ann}), ("bobs", {"user": bob}), ("teams", {"team": speech})):
        Ownership.objects.create(model=model(name), kind="owner", **holder)
    model("nobodys")
    assert mine("owner:me", ann) == ["anns", "teams"]
    assert mine("owner:me", bob) == ["bobs"]
    assert mine("-owner:me", ann) == ["bobs", "nobodys"]
    assert mine("owner:(me OR bob)", ann) == ["anns", "bobs", "teams"]
    assert mine("(owner:me name:teams) OR no:owner", ann) == ["nobodys", "teams"]
    assert mine("owner:team:speech", bob) == ["teams"]


@pytest.mark.parametrize("text", ["owner:me", "-owner:me", "a OR (b owner:me)"])
def test_me_is_nobody_for_a_visitor(mine, text):
    with pytest.raises(InvalidQuery, match="“me” is whoever is signed in; nobody is") as error:
        mine(text, None)
    assert (error.value.parameter, error.value.suggestion) == ("owner", "Sign in, or name an owner.")


# ── any tree of conditions, against plain Python ──────────────────────────────────────────────────────────


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


def ids(backend: Any, *where: Condition) -> list[str]:
    query = SearchQuery(where=where, page=PageRequest(size=100))
    return sorted(names(backend.search(seen_by(None), query)))


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
