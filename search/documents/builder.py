"""The document of a model: everything search knows of it, as plain data. No engine's words in here.

A document depends on the rows of its own model only (and on the definitions they point at), so that the
triggers can tell which documents a change touches, and building it again always gives the same.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.urls import NoReverseMatch

from catalog.models.registered import ref_of, urn_of
from catalog.selectors.completeness import STEPS
from core.addresses import address
from core.markdown import words_of
from search import names
from search.documents import numbers
from search.documents.rows import (
    BatchRows,
    LeadingRow,
    ModelRow,
    TermRow,
    Totals,
    read,
)
from search.ranking import popularity

# Grows when documents, or the columns and fields made of them, are built differently, so that stored ones are known
# to be old: it is part of each checksum.
REVISION = 8

MOST_DATASETS = 400
LONGEST_PROSE = 20_000
LONGEST_TALK = 40_000

BANDS = {
    "parameters": (
        (0, 1e6),
        (1e6, 1e7),
        (1e7, 3e7),
        (3e7, 1e8),
        (1e8, 3e8),
        (3e8, 1e9),
        (1e9, 7e9),
        (7e9, math.inf),
    ),
    "flops": ((0, 1e8), (1e8, 1e9), (1e9, 4e9), (4e9, 1.6e10), (1.6e10, 6.4e10), (6.4e10, math.inf)),
}

Document = dict[str, Any]


def build(ids: Sequence[int]) -> dict[int, Document]:
    """The documents of the models with these ids; models that are gone are left out.

    Twenty-one queries, whatever the number of ids. To be called in a transaction of one snapshot.
    """
    rows = read(ids)
    return {model.pk: _document(model, rows) for model in rows.models}


def checksum(body: Document) -> str:
    """The same for the same content built in the same revision, whatever the order of keys."""
    summed = hashlib.sha256(b"%d" % REVISION)
    summed.update(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    return summed.hexdigest()


def band(name: str, number: float | None) -> str:
    """The step of a number on its scale, as the facet writes it: `1e+06-1e+07`."""
    if number is None:
        return ""
    return next((band_value(low, high) for low, high in BANDS[name] if low <= number < high), "")


def band_value(low: float, high: float) -> str:
    return f"{low:.0f}-{'' if math.isinf(high) else f'{high:.0f}'}"


@dataclass(slots=True)
class Gathered:
    """What several parts of one model's document need, looked up once."""

    model: ModelRow
    rows: BatchRows
    leading: LeadingRow | None
    totals: Totals | None
    terms: dict[str, list[TermRow]]
    tags: Sequence[tuple[Any, ...]]
    owners: list[Document]
    trained: Sequence[tuple[Any, ...]]
    evaluated: Sequence[tuple[Any, ...]]
    metrics: list[Any]
    measured: int

    @property
    def stage(self) -> str:
        return self.leading.stage if self.leading else ""

    @property
    def released(self) -> str | None:
        day = self.leading.released_on if self.leading else None
        return day.isoformat() if day else None


def _gather(model: ModelRow, rows: BatchRows) -> Gathered:
    pk = model.pk
    return Gathered(
        model=model,
        rows=rows,
        leading=rows.leading.get(pk),
        totals=rows.totals.get(pk),
        terms=_terms_of(model, rows),
        tags=rows.tags.get(pk, []),
        owners=[_owner(*row) for row in rows.owners.get(pk, [])],
        trained=rows.training.get(pk, []),
        evaluated=numbers.tested_on(rows.numbers, pk),
        metrics=numbers.in_document(rows.numbers, pk),
        measured=len(rows.numbers.rows.get(pk, ())),
    )


def _document(model: ModelRow, rows: BatchRows) -> Document:
    gathered = _gather(model, rows)
    attributes = [_attribute(*row) for row in rows.attributes.get(model.pk, [])]
    average, ratings = rows.ratings.get(model.pk, (None, 0))
    facets = _facets(gathered)
    hit = _hit(gathered, facets)
    totals = gathered.totals
    return {
        "hit": hit,
        "project_id": model.project_id,
        "visibility": model.project__visibility,
        "facets": facets,
        "own": [f"{slug}:{term.slug}" for slug, listed in gathered.terms.items() for term in listed],
        "numbers": {
            "parameters_min": totals.smallest if totals else None,
            "parameters_max": totals.largest if totals else None,
            # How much a model is used and cared for, from 0; only ever orders what matches equally well.
            "popularity": popularity(hit["followers"], ratings, average or 0.0, hit["completeness"]),
        },
        "metrics": gathered.metrics,
        "metrics_left_out": gathered.measured - len(gathered.metrics),
        "attributes": attributes,
        "text": _text(gathered, attributes),
    }


def _facets(gathered: Gathered) -> dict[str, list[str]]:
    """The values of each facet that has any; those of taxonomies with all that stand above them."""
    model, leading, trained = gathered.model, gathered.leading, gathered.trained
    parameters = leading.parameter_count if leading else None
    facets: dict[str, list[str]] = {
        slug: list(dict.fromkeys(s for term in listed for s in (term.slug, *(a for a, _ in term.ancestors))))
        for slug, listed in gathered.terms.items()
    }
    facets |= {
        "project": [model.project__slug],
        "stage": [gathered.stage or "none"],
        "status": [model.status],
        "tag": [slug for slug, _ in gathered.tags],
        "dataset": sorted({slug for slug, _ in (*trained, *gathered.evaluated)})[:MOST_DATASETS],
        "trained": sorted({slug for slug, _ in trained})[:MOST_DATASETS],
        "owner": sorted({owner["value"] for owner in gathered.owners}),
        "source": [model.source__slug] if model.source__slug else [],
        "parameters": [band("parameters", parameters)] if parameters is not None else [],
        "flops": [band("flops", leading.flops)] if leading and leading.flops is not None else [],
        "released": [gathered.released[:4]] if gathered.released else [],
    }
    return {slug: values for slug, values in facets.items() if values}


def _hit(gathered: Gathered, facets: Mapping[str, Sequence[str]]) -> Document:
    """What a hit shows."""
    model, rows, leading, totals = gathered.model, gathered.rows, gathered.leading, gathered.totals
    pk, project = model.pk, model.project__slug
    average, ratings = rows.ratings.get(pk, (None, 0))
    updated = max(model.updated_at, totals.updated) if totals else model.updated_at
    return {
        "id": pk,
        "urn": urn_of(project, model.slug),
        "ref": ref_of(project, model.slug),
        "url": _url("catalog:model", f"/p/{project}/{model.slug}", project, model.slug),
        "project": project,
        "project_name": model.project__name,
        "name": model.name,
        "external_id": model.external_id,
        "summary": model.summary,
        "status": model.status,
        "stage": gathered.stage,
        "version": leading.label if leading else "",
        "versions": totals.number if totals else 0,
        "aliases": sorted({name for (name,) in rows.aliases.get(pk, [])})[:20],
        "terms": {
            slug: [{"slug": term.slug, "name": term.name} for term in listed[:12]]
            for slug, listed in gathered.terms.items()
        },
        "tags": [{"slug": slug, "name": name} for slug, name in gathered.tags[:20]],
        "owners": gathered.owners[:6],
        "parameters": leading.parameter_count if leading else None,
        "flops": leading.flops if leading else None,
        "size": leading.size_bytes if leading else None,
        "released": gathered.released,
        "rating": round(average, 2) if average is not None else None,
        "ratings": ratings,
        "followers": rows.follows.get(pk, 0),
        "comments": rows.comment_counts.get(pk, 0),
        "key_metric": numbers.key_metric(rows.numbers, pk),
        "measurements": gathered.measured,
        "measurements_left_out": gathered.measured - len(gathered.metrics),
        "completeness": _completeness(
            model, leading, facets, gathered.owners, bool(gathered.trained), bool(gathered.metrics)
        ),
        "created_at": model.created_at.isoformat(),
        "updated_at": updated.isoformat(),
    }


def _text(gathered: Gathered, attributes: Sequence[Document]) -> dict[str, list[str]]:
    """What is searched as text: names first, then short facts, prose and what people say."""
    model, rows, leading = gathered.model, gathered.rows, gathered.leading
    pk = model.pk
    versions = rows.versions.get(pk, [])
    prose = [model.summary, model.description, model.purpose, model.business_goal]
    prose += [model.intended_use, model.unintended_use]
    prose += [leading.description, leading.notes] if leading else []
    prose += [str(attribute["value"]) for attribute in attributes]
    datasets = (*gathered.trained, *gathered.evaluated)
    return {
        "names": _unique([model.name, model.slug.replace("-", " ")]),
        "labels": _unique(
            [
                *(name for _, name in versions if name),
                *(label for label, _ in versions),
                *(name for (name,) in rows.aliases.get(pk, [])),
            ]
        ),
        "keys": _keys(
            model, leading, rows, gathered.terms, gathered.tags, gathered.owners, datasets, gathered.stage
        ),
        "papers": _unique(title for title, _ in rows.papers.get(pk, [])[:20]),
        "prose": _cut(prose, LONGEST_PROSE),
        "talk": _cut(
            [words for (words,) in (*rows.comments.get(pk, []), *rows.reviews.get(pk, []))], LONGEST_TALK
        ),
    }


def _url(name: str, otherwise: str, *slugs: str) -> str:
    """The address of a view, or `otherwise` where there is none of this name."""
    try:
        return address(name, *slugs)
    except NoReverseMatch:
        return otherwise


def _terms_of(model: ModelRow, rows: BatchRows) -> dict[str, list[TermRow]]:
    """Terms by taxonomy: those people chose for the model, else those of its versions."""
    chosen: dict[str, dict[str, TermRow]] = {}
    of_versions: dict[str, dict[str, TermRow]] = {}
    for version, term_id, _ in rows.classifications.get(model.pk, []):
        term = rows.terms[term_id]
        (chosen if version is None else of_versions).setdefault(term.taxonomy, {})[term.slug] = term
    return {
        slug: sorted((chosen.get(slug) or of_versions[slug]).values(), key=lambda term: term.slug)
        for slug in sorted({*chosen, *of_versions})
    }


def _owner(
    kind: str,
    username: str | None,
    name: str | None,
    team: str | None,
    team_name: str | None,
) -> Document:
    if username:
        return {
            "kind": kind,
            "value": username,
            "name": name or username,
            "url": _url("accounts:person", f"/people/{username}", username),
        }
    return {
        "kind": kind,
        "value": f"team:{team}",
        "name": team_name,
        "url": _url("accounts:team", f"/teams/{team}", str(team)),
    }


def _attribute(
    slug: str,
    name: str,
    kind: str,
    text: Any,
    number: Any,
    date: Any,
    boolean: Any,
    user: Any,
) -> Document:
    """One typed row; the column tells the type, so no attribute can change how another is indexed."""
    row: Document = {"slug": slug, "name": name, "type": kind}
    if kind == "number":
        return row | {"number": number, "value": number}
    if kind == "date":
        return row | {"date": date.isoformat(), "value": date.isoformat()}
    if kind == "boolean":
        return row | {"boolean": boolean, "value": boolean}
    words = user if kind == "user" else text
    return row | {"keyword": words[:500], "value": words[:2000]}


def _completeness(
    model: ModelRow,
    leading: LeadingRow | None,
    facets: Mapping[str, Sequence[str]],
    owners: Sequence[Document],
    is_trained: bool,
    is_measured: bool,
) -> int:
    present = {name for name in ("intended_use", "unintended_use", "summary") if getattr(model, name)}
    present |= {name for name in ("license", "task", "framework") if facets.get(name)}
    present |= {
        name
        for name, is_there in (
            ("owners", any(owner["kind"] == "owner" for owner in owners)),
            ("evaluations", is_measured),
            ("training_data", is_trained),
            ("parameters", leading is not None and leading.parameter_count is not None),
        )
        if is_there
    }
    return sum(step.points for step in STEPS if step.field in present)


def _keys(
    model: ModelRow,
    leading: LeadingRow | None,
    rows: BatchRows,
    terms: dict[str, list[TermRow]],
    tags: Iterable[tuple[Any, ...]],
    owners: Iterable[Document],
    datasets: Iterable[tuple[Any, ...]],
    stage: str,
) -> list[str]:
    """The short facts as words, each once: terms and their other names, tags, people, data sets, sources."""
    found = [
        words
        for way in terms.values()
        for term in way
        for words in (term.name, *term.aliases, *(name for _, name in term.ancestors))
    ]
    found += [words for _, _, words in rows.classifications.get(model.pk, [])]
    found += [name for _, name in tags]
    found += [name for owner in owners for name in (owner["name"], owner["value"].removeprefix("team:"))]
    found += [name for _, name in datasets][:MOST_DATASETS]
    found += [
        model.project__name,
        model.project__namespace,
        model.project__slug,
        stage,
        model.status,
    ]
    if model.source__slug:
        found += [model.source__name or "", model.source__slug]
    if leading:
        found += leading.facts
    return _unique(found)


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _cut(texts: Iterable[str], longest: int) -> list[str]:
    """The words of Markdown, so many characters of them."""
    found, room = [], longest
    for text in filter(None, map(words_of, texts)):
        if room > 0:
            found.append(text[:room])
            room -= len(text)
    return found


def name_fields(body: Document) -> dict[str, list[str]]:
    """What both back ends index of a document's names."""
    own = [names.parts(name) for name in body["text"]["names"]]
    others = [names.parts(name) for name in body["text"]["labels"]]
    return {
        "parts": list(dict.fromkeys(part for name in own for part in name)),
        "joins": list(dict.fromkeys(join for name in own for join in names.joins(name))),
        "label_parts": list(dict.fromkeys(p for name in others for p in (*name, *names.joins(name))))[:2000],
        "grams": names.grams(body["text"]["names"][0]),
    }
