"""The searched words as SQL: which documents have them, and how well. For documents `d` in Postgres.

What is looked for stands in a query of its own, `(SELECT …)`, so that Postgres can't guess how many documents have
it and read the whole table: words would be unpacked for every row. The words of a hit are unpacked once, as `t.words`,
for all that ranks it but what was read of its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from search import names
from search.backends.sql import Parameters, condition, lexemes
from search.query import AnyOf, Filter, Range, SearchQuery, Words

IS_NAMED = "(d.grams @> %(grams)s::varchar[] AND d.grams <@ %(grams)s::varchar[])::int AS is_named"
LIKENESS = 0.45  # the share of three-letter runs a name must have in common with a misspelled question
# The words in memory: each look at the column itself would fetch and unpack them again.
UNPACKED = """
    CROSS JOIN LATERAL (SELECT d.words || ''::tsvector AS words OFFSET 0) AS t"""
LIKE = """
    LEFT JOIN LATERAL (
        SELECT 2.0 * count(*) / (cardinality(d.grams) + cardinality(%(grams)s::varchar[])) AS likeness
        FROM unnest(d.grams) AS gram WHERE gram = ANY(%(grams)s::varchar[])
    ) AS l ON TRUE"""


@dataclass(slots=True)
class Text:
    """The searched words as SQL: how well a document has each, and what it takes to be found."""

    columns: list[str] = field(default_factory=list)
    condition: str = "TRUE"
    points: list[tuple[str, str]] = field(default_factory=list)  # for what, and how many, as SQL
    first: str = ""  # named parts of the statement that the condition needs
    beside: str = ""  # what the columns need, joined to `d`
    words: int = 0
    is_relaxed: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> str:
        return " + ".join(points for _, points in self.points) or "d.rank"


def text_of(query: SearchQuery, seen: str, parameters: Parameters) -> Text:
    """How to match and rank the words of a question. One query, to see whether any model has them all."""
    all_words = names.words(query.words)
    if not all_words:
        if query.words or not query.text:
            # Words were asked for, but none of letters or digits: nothing can have them.
            return Text(condition="FALSE") if query.words else Text()
        return _understood(query, parameters)
    asked = [word for word in all_words if not word.is_filler] or all_words
    hints = (r for r in query.readings if not r.is_sure and isinstance(r.condition, Range))
    or_else = {names.fold(reading.words): reading for reading in hints}
    found = Text(words=len(asked), beside=UNPACKED)
    tests = _test_words(asked, or_else, found, parameters)
    count = len(asked)
    pieces = [part for word in names.words(query.text) for part in word.parts]
    found.parameters |= {"grams": names.grams(query.text), "pieces": len(pieces)}
    every = " AND ".join(tests)
    rarity = [f"ln(1 + count(*) OVER () / (1 + sum((d.m{i} > 0)::int) OVER ())::float)" for i in range(count)]
    best = " + ".join(rarity)
    found.points = [(word.text, f"d.m{i} * {rarity[i]} / ({best})") for i, word in enumerate(asked)]
    found.points += [
        ("exact", "0.4 * d.is_named"),
        ("length", "-0.012 * least(abs(d.name_length - %(pieces)s), 12)"),
        ("popularity", "0.02 * d.rank"),
    ]
    found.columns.append(IS_NAMED)
    _prefer_meant(query, found, parameters)
    found.condition = every
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM search_searchdocument d"
            f" WHERE NOT d.is_deleted AND {seen} AND {every})",  # nosec B608
            parameters | found.parameters,
        )
        (is_found,) = cursor.fetchone()
    if not is_found:
        # No model has all the words: take those with most of them, and names that look alike.
        found.is_relaxed = True
        found.first = _near(tests, max(1, round(count * 0.6)))
        found.condition = "d.model_id IN (SELECT model_id FROM near)"
        found.beside += LIKE
        found.columns.append("l.likeness")
        found.points.append(("likeness", "1.2 * coalesce(d.likeness, 0)"))
    return found


def _test_words(
    asked: Sequence[names.Word], or_else: Mapping[str, Any], found: Text, parameters: Parameters
) -> list[str]:
    """A test for each word whether a document has it, and in `found` a column that says how well."""
    tests = []
    for index, word in enumerate(asked):
        found.parameters |= {
            f"exact{index}": lexemes(word, "A"),
            f"begun{index}": lexemes(word, "A", prefix=True),
            f"simple{index}": lexemes(word, prefix=len(word.joined) >= 3),
            f"word{index}": word.text,
        }
        anywhere = f"(%(simple{index})s::tsquery || plainto_tsquery('english', %(word{index})s))"
        known = f"(%(exact{index})s::tsquery || plainto_tsquery('english', %(word{index})s))"
        test, fulfilled = f"d.words @@ (SELECT {anywhere})", ""
        if hint := or_else.get(word.text):
            or_fulfils = condition(hint.condition, parameters)
            fulfilled = f" WHEN NOT t.words @@ {anywhere} AND {or_fulfils} THEN 0.2"
            test = f"({test} OR {or_fulfils})"
        tests.append(test)
        found.columns.append(
            f"CASE WHEN t.words @@ %(exact{index})s::tsquery THEN 1.0{fulfilled}"
            f" WHEN NOT t.words @@ {anywhere} THEN 0.0"
            f" WHEN ts_filter(t.words, '{{a,b}}') @@ {known} THEN 0.7"
            f" WHEN t.words @@ %(begun{index})s::tsquery THEN 0.6"
            f" WHEN ts_filter(t.words, '{{c}}') @@ {known} THEN 0.4 ELSE 0.25 END AS m{index}"
        )
    return tests


def _near(tests: Sequence[str], enough: int) -> str:
    """A named part of the statement: the documents that pass so many of the tests, or whose name is alike."""
    each = " UNION ALL ".join(
        f"SELECT d.model_id FROM search_searchdocument d WHERE {test}" for test in tests
    )
    return f"""near AS MATERIALIZED (
            SELECT model_id FROM ({each}) AS passed GROUP BY model_id HAVING count(*) >= {enough}
            UNION
            SELECT d.model_id FROM search_searchdocument d {LIKE}
            WHERE d.grams && (SELECT %(grams)s::varchar[]) AND l.likeness >= {LIKENESS}
        ), """  # nosec B608 - only our own column names and placeholders are put in


def _understood(query: SearchQuery, parameters: Parameters) -> Text:
    """All words were understood: they only let a model come first that is named just so."""
    found = Text(columns=[IS_NAMED], parameters={"grams": names.grams(query.text)})
    found.points = [("exact", "1.0 * d.is_named"), ("popularity", "0.02 * d.rank")]
    _prefer_meant(query, found, parameters)
    return found


def _prefer_meant(query: SearchQuery, found: Text, parameters: Parameters) -> None:
    """Let models come first that are meant by what was understood: by a term of their own, or by their name."""
    conditions = [r.condition for r in query.readings]
    parts = [inner for part in conditions for inner in (part.parts if isinstance(part, AnyOf) else (part,))]
    own = [f"{part.facet}:{value}" for part in parts if isinstance(part, Filter) for value in part.values]
    named = [condition(part, parameters) for part in parts if isinstance(part, Words)]
    if own:
        found.columns.append(f"(d.own && {parameters.put(own)}::varchar[])::int AS is_own")
        found.points.append(("own", "0.1 * d.is_own"))
    if named:
        found.columns.append(f"({' OR '.join(named)})::int AS is_meant")
        found.points.append(("called", "0.2 * d.is_meant"))
