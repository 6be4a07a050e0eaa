"""Conditions and words as clauses of OpenSearch's query language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from search import names, ranking
from search.query import (
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    Filter,
    MetricRange,
    Not,
    Phrase,
    Range,
    Reading,
    SearchQuery,
    Words,
)

Clause = dict[str, Any]
FIELDS = {"created": "created_at", "updated": "updated_at"}
NOTHING: Clause = {"match_none": {}}


def clause(part: Condition) -> Clause:
    """What a document must fulfil, without a score."""
    match part:
        case Filter(facet, values):
            if values == ("*",):
                return {"exists": {"field": f"facet.{facet}"}}
            return {"terms": {f"facet.{facet}": list(values)}}
        case Range():
            return {"range": {FIELDS.get(part.field, part.field): _ends(part)}}
        case MetricRange():
            wanted: list[Clause] = [{"term": {"metrics.metric": part.key.metric}}]
            if part.key.dataset:
                wanted.append({"term": {"metrics.dataset": part.key.dataset}})
            wanted.append({"range": {"metrics.best": _ends(part)}})
            return {"nested": {"path": "metrics", "query": {"bool": {"filter": wanted}}}}
        case Attribute():
            return _attribute(part)
        case Phrase(text):
            return _phrase(text)
        case Words(text, in_name):
            found = [word_in_name(word) if in_name else has_word(word) for word in names.asked(text)]
            return {"bool": {"filter": found}} if found else NOTHING
        case Not(inner):
            return {"bool": {"must_not": [clause(inner)]}}
        case AllOf(parts):
            return {"bool": {"filter": [clause(one) for one in parts]}}
        case AnyOf(parts):
            return {"bool": {"should": [clause(one) for one in parts], "minimum_should_match": 1}}


def _ends(part: Range | MetricRange | Attribute) -> Clause:
    low, high = part.minimum, part.maximum
    found = {}
    if low is not None:
        found["gt" if part.above else "gte"] = _end(low)
    if high is not None:
        found["lt" if part.below else "lte"] = _end(high)
    return found


def _end(value: float | date) -> float | str:
    # `||/d` rounds to the day the way each end wants it: after a day means after its last moment.
    return f"{value.isoformat()}||/d" if isinstance(value, date) else value


def _attribute(part: Attribute) -> Clause:
    wanted: list[Clause] = [{"term": {"attributes.slug": part.slug}}]
    if part.value is None:
        kind = "date" if isinstance(part.minimum or part.maximum, date) else "number"
        wanted.append({"range": {f"attributes.{kind}": _ends(part)}})
    elif isinstance(part.value, bool):
        wanted.append({"term": {"attributes.boolean": part.value}})
    elif isinstance(part.value, float):
        wanted.append({"term": {"attributes.number": part.value}})
    else:
        words = {"value": str(part.value), "case_insensitive": True}
        wanted.append({"term": {"attributes.keyword": words}})
    return {"nested": {"path": "attributes", "query": {"bool": {"filter": wanted}}}}


def _phrase(text: str) -> Clause:
    pieces = " ".join(names.parts(text))
    ways: list[Clause] = [
        {"match_phrase": {field: text}} for field in ("keys", "keys.plain", "papers", "prose", "talk")
    ]
    if pieces:
        ways += [{"match_phrase": {field: pieces}} for field in ("name_parts", "labels")]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def constant(field: str, value: str, boost: float) -> Clause:
    return {"constant_score": {"filter": {"term": {field: value}}, "boost": boost}}


def begun(word: names.Word) -> list[Clause]:
    """A word as the beginning of a piece of a name."""
    found: list[Clause] = [
        {"constant_score": {"filter": {"prefix": {field: word.joined}}, "boost": 1.0}}
        for field in ("name_parts", "name_joins")
    ]
    found += [constant("name_joins", join, 1.0) for join in word.joins]
    if len(word.parts) > 1:
        found.append({"match": {"name_parts": {"query": " ".join(word.parts), "operator": "and"}}})
    return found


def word_in_name(word: names.Word) -> Clause:
    return {"bool": {"should": begun(word), "minimum_should_match": 1}}


def named(part: Clause, label: str) -> Clause:
    """The clause under a name, by which a hit tells that it fulfils it, and with what score."""
    ((kind, inside),) = part.items()
    if kind in ("term", "match", "fuzzy", "prefix"):
        ((field, asked),) = inside.items()
        return {kind: {field: {**asked, "_name": label}}}
    return {kind: {**inside, "_name": label}}


def unnamed(part: Any) -> Any:
    """The same without names. The engine asks every named clause about every hit once more, so they cost a fifth of a
    search, and only whoever asks why needs them.
    """
    if isinstance(part, dict):
        return {key: unnamed(value) for key, value in part.items() if key != "_name"}
    return [unnamed(one) for one in part] if isinstance(part, list) else part


def _ways(word: names.Word, shortest: int) -> list[tuple[str, Clause]]:
    """Where a document can have a word as it is written, and that as a clause."""
    ways: list[tuple[str, Clause]] = [
        ("name", {"term": {"name_parts": {"value": word.joined, "boost": 3.0}}}),
        ("name", {"term": {"name_joins": {"value": word.joined, "boost": 3.0}}}),
        *(("name", {"term": {"name_joins": {"value": join, "boost": 2.5}}}) for join in word.joins),
        ("version", {"match": {"labels": {"query": word.joined, "boost": 1.0}}}),
        ("facts", {"match": {"keys": {"query": word.text, "boost": 2.0, "operator": "and"}}}),
        ("facts", {"match": {"keys.plain": {"query": word.text, "boost": 2.0, "operator": "and"}}}),
        ("paper", {"match": {"papers": {"query": word.text, "boost": 1.5, "operator": "and"}}}),
        ("description", {"match": {"prose": {"query": word.text, "boost": 0.8, "operator": "and"}}}),
        ("discussion", {"match": {"talk": {"query": word.text, "boost": 0.4, "operator": "and"}}}),
    ]
    if len(word.parts) > 1:
        parts = " ".join(word.parts)
        ways += [
            ("name", {"match": {"name_parts": {"query": parts, "operator": "and", "boost": 2.0}}}),
            ("version", {"match": {"labels": {"query": parts, "operator": "and", "boost": 0.7}}}),
        ]
    if len(word.joined) >= shortest:
        prefixes = ({"prefix": {field: word.joined}} for field in ("name_parts", "name_joins"))
        ways += [("begins", {"constant_score": {"filter": prefix, "boost": 2.0}}) for prefix in prefixes]
    return ways


def has_word(word: names.Word) -> Clause:
    """That a document has a word, as a condition: what is only spelled alike does not count."""
    ways = [way for _, way in _ways(word, names.SHORTEST_BEGINNING)]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def word_anywhere(word: names.Word) -> Clause:
    """The ways a document can have a word, the best of them counting most. Each is named `word|where`."""
    ways = _ways(word, 2 if word.is_last else names.SHORTEST_BEGINNING)
    if len(word.joined) >= 4 and not word.joined.isdigit():
        alike = {"value": word.joined, "fuzziness": "AUTO:4,8", "prefix_length": 1, "max_expansions": 30}
        fields = ("name_parts", "name_joins")
        ways += [("alike", {"fuzzy": {field: {**alike, "boost": 1.2}}}) for field in fields]
    queries = [named(way, f"{word.text}|{where}|{place}") for place, (where, way) in enumerate(ways)]
    return {"dis_max": {"queries": queries, "tie_breaker": 0.1}}


def text_query(query: SearchQuery, *, strict: bool) -> Clause:
    """The free words as parts of a bool query: all of them; where that finds nothing, most, or a name alike.

    Words that were surely understood need not be found; they only order the hits, as do the terms they name. A word
    that is a hint may also be had by fulfilling it.
    """
    text, words = query.text, query.words
    better = [_rank(), *(one for reading in query.readings for one in _meant(reading.condition))]
    if not words:
        return {"must": [{"match_all": {}}], "should": [*better, _exactly(text)] if text else better}
    better += _better(text)
    typed = names.words(words)
    if not typed:
        return {"must": [NOTHING]}
    hints = [
        reading for reading in query.readings if not reading.is_sure and isinstance(reading.condition, Range)
    ]
    asked_for = [word for word in typed if not word.is_filler] or typed
    or_else = {names.fold(hint.words): hint for hint in hints}
    found = [_word(word, or_else) for word in asked_for]
    if strict:
        return {"must": found, "should": better}
    grams = " ".join(names.grams(words))
    near: Clause = {"match": {"name_grams": {"query": grams, "minimum_should_match": "55%"}}}
    most: Clause = {"bool": {"should": found, "minimum_should_match": max(1, round(len(found) * 0.6))}}
    either: Clause = {"bool": {"should": [most, near], "minimum_should_match": 1}}
    return {"must": [either], "should": better}


def _word(word: names.Word, hints: Mapping[str, Reading]) -> Clause:
    found = word_anywhere(word)
    hint = hints.get(word.text)
    if hint is None:
        return found
    fulfilled = {
        "constant_score": {"filter": clause(hint.condition), "boost": 0.5, "_name": f"{word.text}|size|0"}
    }
    return {"dis_max": {"queries": [found, fulfilled], "tie_breaker": 0.1}}


def _meant(part: Condition) -> list[Clause]:
    """What lets a document rank higher that is meant by a reading itself: by a term of its own, or by its name."""
    match part:
        case Filter(facet, values):
            own = {"terms": {"own": [f"{facet}:{value}" for value in values]}}
            return [{"constant_score": {"filter": own, "boost": 1.0, "_name": f"{facet}|own|0"}}]
        case Words(text):
            return [{"constant_score": {"filter": clause(part), "boost": 2.0, "_name": f"{text}|called|0"}}]
        case AnyOf(parts):
            return [one for inner in parts for one in _meant(inner)]
    return []


def _better(text: str) -> list[Clause]:
    """What lets a document rank higher whose name is, or looks like, what was typed."""
    return [
        named({"match": {"name_grams": {"query": " ".join(names.grams(text)), "boost": 0.6}}}, "|likeness|0"),
        _exactly(text),
    ]


def _exactly(text: str) -> Clause:
    return named(constant("glued", names.glued(text), 30.0), "|exact|0")


def _rank() -> Clause:
    """What counts besides the words."""
    return {
        "function_score": {
            "query": {"match_all": {}},
            "functions": ranking.engine_functions(),
            "score_mode": "sum",
            "boost_mode": "replace",
            "boost": 0.3,
            "_name": "|popularity|0",
        }
    }
