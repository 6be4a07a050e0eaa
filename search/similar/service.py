"""Which models are like another, and why: by facts both have, their size, their names and descriptions.

A back end only nominates models that share something, by `lookups`; whoever is shown, in which order and why, is
decided here, from the documents in Postgres. So every back end comes to the same list. Knows no engine.

| what | points at most | all of them when |
|---|---|---|
| task | 30 | the terms are the same |
| architecture | 20 | the terms are the same |
| training data | 12 | the data sets are the same |
| language | 10 | the terms are the same |
| size | 10 | the numbers of parameters are equal; none from ten times more or less |
| name | 8 | the pieces of the names are the same |
| description | 8 | the words are the same |
| tags | 6 | the tags are the same |
| modality | 5 | the terms are the same |
| library | 3 | the terms are the same |
| other taxonomies | 2 each | the terms are the same |
| license | 1 | the terms are the same |

Of several values, those in common count for their share: shared / √(own × other's). Terms that only have a broader term
in common (ResNet and ConvNeXt, both convolutional networks) count for 30 % of that. Languages that both state, and of
which none is the same, take 10 points off.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Left

from access.viewer import Viewer
from catalog.access import visible_models
from core.errors import NotVisible
from search import names
from search.models import SearchDocument
from search.query import FIXED_FACETS
from search.results import Hit, SimilarModel
from search.similar import numbers

WEIGHTS = {
    "task": 30.0,
    "architecture": 20.0,
    "trained": 12.0,
    "language": 10.0,
    "size": 10.0,
    "name": 8.0,
    "words": 8.0,
    "tag": 6.0,
    "modality": 5.0,
    "library": 3.0,
    "license": 1.0,
}
OTHER_TAXONOMY = 2.0
BROADER = 0.3
APART = {"language": -10.0}  # for terms that both state, with none in common
LEAST = 8.0  # below that, two models are not alike
FAR = 0.35  # the share of the first one's points below which a list ends
AS_GOOD = 0.75  # the share of its points that lets another model stand for one of a family that has its half
NOMINATED = 100  # models a back end names, for a list of at most MOST
MOST = 50
SIZE_RANGE = 10.0

NO_TERMS = frozenset({*FIXED_FACETS, "parameters", "released"}) - {"tag", "trained"}
# The letters a name begins with: resnet of `resnet50`, `ResNet-18` and `resnetv2_101`.
FAMILY = re.compile(r"([^\W\d_]{3,}?)(?:v(?=\d))?(?![^\W\d_])")
WORD = re.compile(r"[^\W\d_]{4,}")
EVERYDAY = frozenset(
    "about also been both each from have into more most much only other over same some such than that their them then"
    " there these they this those through trained training used uses using very were what when where which while with"
    " without model models version true false none http https github huggingface".split()
)
LONGEST_TEXT = 3000
MOST_WORDS = 120
ASKED_WORDS = 16
MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """What one model is compared by."""

    model_id: int
    hit: Mapping[str, Any]
    own: Mapping[str, frozenset[str]]  # terms, tags and training data, by facet
    above: Mapping[str, frozenset[str]]  # the terms above those
    parameters: float | None
    pieces: frozenset[str]
    family: str
    words: tuple[str, ...]
    popularity: float


@dataclass(frozen=True, slots=True)
class Lookup:
    """One thing the asked model has, by which others are found: a `facet:value`, a piece of its name, or a word."""

    kind: str  # fact, name or word
    value: str
    weight: float


Nominate = Callable[[Viewer, Facts], Sequence[int]]


def similar_models(viewer: Viewer, model_id: int, limit: int, nominate: Nominate) -> list[SimilarModel]:
    """At most `limit` models like the given one, the most alike first. Three statements, besides nominating.

    A model without a document yet, or without anything in common with others, has none.

    Raises:
        NotVisible: there is no such model, or none for this viewer.
    """
    asked = next(iter(_read(viewer, [model_id])), None)
    if asked is None:
        if not visible_models(viewer).filter(pk=model_id).exists():
            raise NotVisible
        return []
    nominees = [pk for pk in nominate(viewer, asked) if pk != model_id]
    found = [(one, _likeness(asked, one)) for one in _read(viewer, nominees)] if nominees else []
    ranked = sorted(found, key=_order)
    kept = _varied([pair for pair in ranked if _is_alike(pair, ranked[0])], max(0, min(limit, MOST)))
    if not kept:
        return []
    mine = asked.own.get("trained", frozenset())
    trained = sorted({slug for one, _ in kept for slug in one.own.get("trained", frozenset()) & mine})
    known = numbers.read(asked.model_id, [one.model_id for one, _ in kept], trained)
    order = known.order_of_conditions()
    return [
        SimilarModel(
            hit=Hit(**one.hit),
            points=round(sum(points.values()), 1),
            why=_in_words(asked, one, points, known.datasets),
            shared=tuple(
                fact for fact, _ in sorted(points.items(), key=lambda pair: -pair[1]) if points[fact] > 0
            ),
            number=known.same_number(one.model_id, order),
        )
        for one, points in kept
    ]


def lookups(asked: Facts) -> list[Lookup]:
    """What others are found by, the weightiest first."""
    found = []
    for facet, values in asked.own.items():
        weight = WEIGHTS.get(facet, OTHER_TAXONOMY)
        chosen = sorted(values)[:MOST_VALUES]
        found += [Lookup("fact", f"{facet}:{value}", weight / len(chosen)) for value in chosen]
        above = sorted(asked.above.get(facet, ()))
        found += [Lookup("fact", f"{facet}:{value}", BROADER * weight / len(above)) for value in above]
    found += [Lookup("name", piece, WEIGHTS["name"] / len(asked.pieces)) for piece in sorted(asked.pieces)]
    words = asked.words[:ASKED_WORDS]
    found += [Lookup("word", word, WEIGHTS["words"] / len(words)) for word in words]
    return sorted(found, key=lambda lookup: -lookup.weight)


def _read(viewer: Viewer, ids: Sequence[int]) -> list[Facts]:
    """What these models are compared by; those that the viewer may not see, or that are gone, are left out."""
    text = KeyTransform("text", "body")
    rows = (
        SearchDocument.objects.filter(
            model_id__in=visible_models(viewer).filter(pk__in=ids).values("pk"), is_deleted=False
        )
        .annotate(prose=Left(KeyTextTransform("prose", text), LONGEST_TEXT))
        .values_list("model_id", "body__hit", "own", "facets", "parameters", "prose", "popularity")
    )
    return [_facts(*row) for row in rows]


def _facts(
    model_id: int,
    hit: Mapping[str, Any],
    own: Sequence[str],
    facets: Sequence[str],
    parameters: float | None,
    prose: str,
    popularity: float,
) -> Facts:
    mine = {*own, *(token for token in facets if token.startswith(("tag:", "trained:")))}
    pieces = names.parts(hit["name"])
    folded = names.fold(hit["name"])
    head = FAMILY.match(folded)
    words = WORD.findall(names.fold((prose or "").replace("\\n", " ")))
    return Facts(
        model_id=model_id,
        hit=hit,
        own=_by_facet(mine),
        above=_by_facet(token for token in facets if token not in mine),
        parameters=parameters or None,
        pieces=frozenset(piece for piece in pieces if len(piece) > 2 and not piece.isdigit()),
        family=head[1] if head else "",
        words=tuple(dict.fromkeys(word for word in words if word not in EVERYDAY))[:MOST_WORDS],
        popularity=popularity,
    )


def _by_facet(tokens: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for token in tokens:
        facet, _, value = token.partition(":")
        if facet not in NO_TERMS:
            found[facet].add(value)
    return {facet: frozenset(values) for facet, values in found.items()}


def _likeness(asked: Facts, other: Facts) -> dict[str, float]:
    """The points for each thing the two have in common; less than none for what sets them apart."""
    points = {}
    for facet, mine in asked.own.items():
        theirs = other.own.get(facet, frozenset())
        weight = WEIGHTS.get(facet, OTHER_TAXONOMY)
        share = _share(mine, theirs)
        if not share and theirs:
            reach = (mine | asked.above.get(facet, frozenset()), theirs | other.above.get(facet, frozenset()))
            share = BROADER if reach[0] & reach[1] else 0.0
        points[facet] = weight * share or (APART.get(facet, 0.0) if theirs else 0.0)
    points["size"] = WEIGHTS["size"] * _nearness(asked.parameters, other.parameters)
    points["name"] = WEIGHTS["name"] * _share(asked.pieces, other.pieces)
    points["words"] = WEIGHTS["words"] * _share(frozenset(asked.words), frozenset(other.words))
    return {fact: value for fact, value in points.items() if value}


def _share(mine: frozenset[str], theirs: frozenset[str]) -> float:
    common = len(mine & theirs)
    return common / math.sqrt(len(mine) * len(theirs)) if common else 0.0


def _nearness(mine: float | None, theirs: float | None) -> float:
    if not mine or not theirs or mine < 0 or theirs < 0:
        return 0.0
    return max(0.0, 1 - abs(math.log(mine / theirs)) / math.log(SIZE_RANGE))


Judged = tuple[Facts, dict[str, float]]


def _order(pair: Judged) -> tuple[float, float, str, int]:
    one, points = pair
    return (-round(sum(points.values()), 3), -one.popularity, one.hit["name"].lower(), one.model_id)


def _is_alike(pair: Judged, first: Judged) -> bool:
    total, best = (sum(points.values()) for _, points in (pair, first))
    # Size alone says nothing: of what they are for, how they are made or called, something must be the same.
    is_more = any(value > 0 and fact not in ("size", "license") for fact, value in pair[1].items())
    return is_more and total >= max(LEAST, FAR * best)


def _varied(ranked: Sequence[Judged], limit: int) -> list[Judged]:
    """The first `limit`, no family of names in more than half of the places while others are as good."""
    half = max(1, limit // 2)
    taken: Counter[str] = Counter()
    chosen: list[Judged] = []
    waiting: list[Judged] = []
    for pair in ranked:
        while waiting and len(chosen) < limit and not _is_as_good(pair, waiting[0]):
            chosen.append(waiting.pop(0))
        if len(chosen) >= limit:
            break
        family = pair[0].family
        if family and taken[family] >= half:
            waiting.append(pair)
        else:
            taken[family] += 1
            chosen.append(pair)
    chosen += waiting[: limit - len(chosen)]
    return sorted(chosen, key=_order)


def _is_as_good(pair: Judged, waiting: Judged) -> bool:
    return sum(pair[1].values()) >= AS_GOOD * sum(waiting[1].values())


MOST_REASONS = 4
# Said only where little else is: how many other reasons leave no room for them.
WEAK = {"tag": 3, "modality": 2, "license": 2}


def _in_words(asked: Facts, other: Facts, points: Mapping[str, float], datasets: Mapping[str, str]) -> str:
    """What the two share: `same task and architecture, trained on ImageNet-1k, similar size`."""
    told: list[tuple[str, str, str]] = []  # fact, kind, words
    for fact in sorted(points, key=lambda fact: -points[fact]):
        if said := _told(fact, asked, other, points[fact], datasets):
            told.append((fact, *said))
    kept = [one for one in told if one[0] not in WEAK][:MOST_REASONS]
    kept += [one for one in told if len(kept) < WEAK.get(one[0], 0)][: MOST_REASONS - len(kept)]
    shared: list[str] = []
    for kind in ("same", "related"):
        if words := [words for _, one, words in kept if one == kind]:
            shared.append(f"{kind} {_listed(words)}")
    return ", ".join([*shared, *(words for _, one, words in kept if one == "")])


def _told(
    fact: str, asked: Facts, other: Facts, points: float, datasets: Mapping[str, str]
) -> tuple[str, str] | None:
    if fact == "size":
        return ("", "similar size") if points >= 0.7 * WEIGHTS["size"] else None
    if fact == "name":
        return ("", "similar name") if points >= 0.5 * WEIGHTS["name"] else None
    if fact == "words":
        return ("", "similar description") if points >= 0.3 * WEIGHTS["words"] else None
    mine, theirs = asked.own[fact], other.own[fact]
    common = mine & theirs
    if fact == "trained":
        return "", f"trained on {_some([datasets.get(slug, slug) for slug in sorted(common)])}"
    if fact == "tag":
        return _tagged(asked, common)
    label = fact.replace("-", " ")
    if points < 0:
        return None
    if not common:
        return "related", label
    if mine == theirs:
        return "same", _several(label, len(mine)) if fact == "language" else label
    stated = (term for one in (asked, other) for term in one.hit["terms"].get(fact, ()))
    called = {term["slug"]: term["name"] for term in stated}
    known = sorted(called[slug] for slug in common if slug in called)
    if len(common) > 2 or len(known) < len(common):
        return "", f"{len(common)} {_several(label, len(common))} in common"
    return "", f"{_listed(known)} in common"


def _tagged(asked: Facts, common: frozenset[str]) -> tuple[str, str] | None:
    """Tags in common; not those that only say again what a term says."""
    said = {names.glued(term["name"]) for terms in asked.hit["terms"].values() for term in terms}
    tags = [tag["name"] for tag in asked.hit["tags"] if tag["slug"] in common]
    fresh = [name for name in tags if names.glued(name) not in said]
    return ("", f"tagged {_some(fresh)}") if fresh else None


def _some(words: Sequence[str]) -> str:
    """Two of them, and how many more there are."""
    if len(words) <= 2:
        return _listed(words)
    return f"{words[0]}, {words[1]} and {len(words) - 2} more"


def _several(word: str, number: int) -> str:
    if number == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
