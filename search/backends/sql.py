"""Conditions as SQL over the documents in Postgres. Values are always parameters, never part of the text."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from search import names
from search.names import SHORTEST_BEGINNING
from search.query import AllOf, AnyOf, Attribute, Condition, Filter, MetricRange, Not, Phrase, Range, Words

COLUMNS = {
    "parameters": "d.parameters",
    "flops": "d.flops",
    "size": "d.size",
    "rating": "d.rating",
    "followers": "d.followers",
    "released": "d.released_on",
    "created": "(d.created_at AT TIME ZONE 'UTC')::date",
    "updated": "(d.updated_at AT TIME ZONE 'UTC')::date",
}
# The words of the name alone: they have an index of their own, and are looked up without unpacking all the others.
NAME_WORDS = "ts_filter(d.words, '{a}')"
# The best value that any version in use reached under the same conditions, as documents hold it.
MEASURED_ROWS = """
    FROM catalog_metricvalue mv
    JOIN catalog_metric m ON m.id = mv.metric_id
    JOIN catalog_evaluation e ON e.id = mv.evaluation_id
    JOIN catalog_modelversion v ON v.id = e.version_id
    LEFT JOIN catalog_dataset s ON s.id = e.dataset_id
    WHERE m.slug = {metric} AND v.stage <> 'archived' {on}"""
MEASURED_GROUPS = "GROUP BY v.model_id, m.direction, e.dataset_id, e.split, e.slice"
MEASURED = f"d.model_id IN (SELECT v.model_id {MEASURED_ROWS} {MEASURED_GROUPS} HAVING {{ends}})"
BEST = "CASE WHEN m.direction = 'lower' THEN min(mv.value) ELSE max(mv.value) END"


class Parameters(dict[str, Any]):
    """The values of a statement; each is given a name when it is added."""

    def put(self, value: Any) -> str:
        """The placeholder of a value."""
        name = f"p{len(self)}"
        self[name] = value
        return f"%({name})s"


def condition(part: Condition, parameters: Parameters) -> str:
    """What a document `d` must fulfil; true or false, never unknown."""
    match part:
        case Filter(facet, values):
            if values == ("*",):
                return f"EXISTS (SELECT FROM unnest(d.facets) AS t WHERE starts_with(t, {parameters.put(facet + ':')}))"
            return f"d.facets && {parameters.put([f'{facet}:{value}' for value in values])}::varchar[]"
        case Range():
            column = COLUMNS[part.field]
            return f"coalesce({_ends(part, column, parameters)}, FALSE)"
        case MetricRange():
            on = f"AND s.slug = {parameters.put(part.key.dataset)}" if part.key.dataset else ""
            ends = _ends(part, BEST, parameters)
            return MEASURED.format(metric=parameters.put(part.key.metric), on=on, ends=ends)
        case Attribute():
            return _attribute(part, parameters)
        case Phrase(text):
            return _phrase(text, parameters)
        case Words(text, in_name):
            found = [has_word(word, parameters, in_name=in_name) for word in names.asked(text)]
            return _joined(found, " AND ", "FALSE")
        case Not(inner):
            return f"NOT {condition(inner, parameters)}"
        case AllOf(parts):
            return _joined([condition(one, parameters) for one in parts], " AND ", "TRUE")
        case AnyOf(parts):
            return _joined([condition(one, parameters) for one in parts], " OR ", "FALSE")


def _joined(parts: Sequence[str], by: str, none: str) -> str:
    return f"({by.join(parts)})" if parts else none


def _ends(part: Range | MetricRange | Attribute, column: str, parameters: Parameters) -> str:
    found = []
    for value, sign in (
        (part.minimum, ">" if part.above else ">="),
        (part.maximum, "<" if part.below else "<="),
    ):
        if value is not None:
            kind = "date" if isinstance(value, date) else "float"
            found.append(f"{column} {sign} {parameters.put(value)}::{kind}")
    return _joined(found, " AND ", "TRUE")


def _attribute(part: Attribute, parameters: Parameters) -> str:
    if part.value is None:
        is_date = isinstance(part.minimum or part.maximum, date)
        column = "(a ->> 'date')::date" if is_date else "(a ->> 'number')::float"
        test = _ends(part, column, parameters)
    elif isinstance(part.value, bool):
        test = f"(a ->> 'boolean')::boolean = {parameters.put(part.value)}"
    elif isinstance(part.value, float):
        test = f"(a ->> 'number')::float = {parameters.put(part.value)}"
    else:
        # Only ASCII letters have their case folded: the engine can do no more.
        words = parameters.put(str(part.value))
        test = f'lower((a ->> \'keyword\') COLLATE "C") = lower({words}::text COLLATE "C")'
    return (
        "EXISTS (SELECT FROM search_searchdocument o, jsonb_array_elements(o.body -> 'attributes') AS a"
        f" WHERE o.model_id = d.model_id AND a ->> 'slug' = {parameters.put(part.slug)} AND {test})"  # nosec B608
    )


def _phrase(text: str, parameters: Parameters) -> str:
    ways = [
        f"d.words @@ phraseto_tsquery('{config}', {parameters.put(text)})" for config in ("english", "simple")
    ]
    if pieces := names.parts(text):
        run = " <-> ".join(f"{quoted(piece)}:AB" for piece in pieces)
        ways.append(f"d.words @@ {parameters.put(run)}::tsquery")
    return _joined(ways, " OR ", "FALSE")


def has_word(word: names.Word, parameters: Parameters, *, in_name: bool = False) -> str:
    """Whether a document has a word as it is written: in its name or the beginning of a part of it, or anywhere.

    The words stand in a query of their own, for the reason told in `search.backends.text_postgres`.
    """
    weight = "" if in_name else "A"
    named = [f"{quoted(join)}:{weight}" for join in word.joins]
    named.append(" & ".join(f"{quoted(part)}:{weight}" for part in word.parts))
    if in_name or len(word.joined) >= SHORTEST_BEGINNING:
        named.append(f"{quoted(word.joined)}:*{weight}")
    if in_name:
        return f"{NAME_WORDS} @@ (SELECT {parameters.put(' | '.join(named))}::tsquery)"
    others = [quoted(word.joined), " & ".join(f"{quoted(part)}:B" for part in word.parts)]
    ways = parameters.put(" | ".join([*named, *others]))
    return f"d.words @@ (SELECT {ways}::tsquery || plainto_tsquery('english', {parameters.put(word.text)}))"


def quoted(word: str) -> str:
    return "'" + word.replace("\\", "").replace("'", "") + "'"


def lexemes(word: names.Word, weights: str = "", *, prefix: bool = False) -> str:
    """The ways one word can stand in a document, as a tsquery: whole, in parts, joined with neighbours."""
    ways = [quoted(word.joined), *(quoted(join) for join in word.joins)]
    colon = f":{weights}" if weights else ""
    found = [f"{way}{colon}" for way in ways]
    if len(word.parts) > 1:
        found.append("(" + " & ".join(f"{quoted(part)}{colon}" for part in word.parts) + ")")
    if prefix:
        found.append(f"{quoted(word.joined)}:*{weights}")
        if len(word.parts) > 1:
            *first, last = word.parts
            begun = [*(f"{quoted(part)}{colon}" for part in first), f"{quoted(last)}:*{weights}"]
            found.append("(" + " & ".join(begun) + ")")
    return "(" + " | ".join(found) + ")"
