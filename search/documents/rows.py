"""What documents are built from: rows of the catalog for a batch of models. A constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from catalog.facts.base import Kind, version_facts
from catalog.models import (
    AttributeValue,
    Classification,
    ModelTag,
    ModelVersion,
    Ownership,
    Paper,
    RegisteredModel,
    TrainingData,
    VersionAlias,
)
from catalog.selectors.leading import in_leading_order
from core.compiled import Compiled, array_of
from search.documents import numbers
from search.documents.numbers import Numbers
from social.models import Comment, Follow, Rating

MOST_VERSIONS = 60
MOST_COMMENTS = 200
MOST_REVIEWS = 100

Rows = Mapping[int, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term with its way up: parents first to last."""

    taxonomy: str
    slug: str
    name: str
    ancestors: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]


class ModelRow(NamedTuple):
    """A model with its project and source, under the names by which the ORM is asked for them."""

    pk: int
    slug: str
    name: str
    external_id: str
    summary: str
    description: str
    purpose: str
    business_goal: str
    intended_use: str
    unintended_use: str
    status: str
    created_at: datetime
    updated_at: datetime
    project_id: int
    project__slug: str
    project__name: str
    project__namespace: str
    project__visibility: str
    source__slug: str | None
    source__name: str | None


class Totals(NamedTuple):
    """What all versions of a model come to: their number, the last change, the fewest and most parameters."""

    model_id: int
    number: int
    updated: datetime
    smallest: int | None
    largest: int | None


class LeadingRow(NamedTuple):
    """What a document has of the version that stands for its model."""

    model_id: int
    label: str
    stage: str
    parameter_count: int | None
    flops: int | None
    size_bytes: int | None
    released_on: date | None
    description: str
    notes: str
    facts: tuple[str, ...]  # those whose text is searched


@dataclass(slots=True)
class BatchRows:
    """Everything the documents of a batch need; rows by model id."""

    models: list[ModelRow]
    totals: dict[int, Totals]
    leading: dict[int, LeadingRow]
    versions: Rows
    aliases: Rows
    classifications: Rows
    terms: dict[int, TermRow]
    tags: Rows
    owners: Rows
    training: Rows
    numbers: Numbers
    attributes: Rows
    papers: Rows
    ratings: dict[int, tuple[float, int]]  # average, number
    reviews: Rows
    follows: dict[int, int]
    comments: Rows
    comment_counts: dict[int, int] = field(default_factory=dict)


def _searched_facts() -> list[str]:
    """Columns of a version whose text is among the words of a document."""
    facts = [fact for fact in version_facts() if fact.kind is Kind.TEXT and fact.is_searched]
    return [fact.column for fact in sorted(facts, key=lambda fact: fact.position)]


def _leading_row(row: Sequence[Any]) -> LeadingRow:
    own = len(LeadingRow._fields) - 1
    return LeadingRow._make([*row[:own], tuple(row[own:])])


def read(ids: Sequence[int]) -> BatchRows:
    """The rows of the models with these ids. Twenty-one queries, whatever the number."""
    classifications = _by_model(CLASSIFICATIONS(ids))
    return BatchRows(
        models=[ModelRow._make(row) for row in MODELS(ids)],
        totals={row[0]: Totals._make(row) for row in TOTALS(ids)},
        leading={row[0]: _leading_row(row) for row in LEADING(ids)},
        versions=_by_model(VERSIONS(ids)),
        aliases=_by_model(ALIASES(ids)),
        classifications=classifications,
        terms=_terms({term_id for rows in classifications.values() for _, term_id, _ in rows}),
        tags=_by_model(TAGS(ids)),
        owners=_by_model(OWNERS(ids)),
        training=_by_model(TRAINING(ids)),
        numbers=numbers.read(ids),
        attributes=_by_model(ATTRIBUTES(ids)),
        papers=_by_model(PAPERS(ids)),
        ratings={pk: (total / count, count) for pk, total, count in RATINGS(ids)},
        reviews=_by_model(REVIEWS(ids)),
        follows=dict(FOLLOWS(ids)),
        comments=_by_model(COMMENTS(ids)),
        comment_counts=dict(COMMENT_COUNTS(ids)),
    )


def _by_model(rows: Iterable[tuple[Any, ...]]) -> Rows:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def _newest(rows: QuerySet[Any], most: int, *, by: str = "id") -> QuerySet[Any]:
    """The newest rows of each model, newest first."""
    ranked = rows.annotate(rank=Window(RowNumber(), partition_by=F("model_id"), order_by=F(by).desc()))
    return ranked.filter(rank__lte=most).order_by("model_id", f"-{by}")


MODELS = Compiled(
    lambda ids: RegisteredModel.objects.filter(pk__in=ids).order_by("pk").values_list(*ModelRow._fields)
)
TOTALS = Compiled(
    lambda ids: (
        ModelVersion.objects.filter(model__in=ids)
        .order_by()
        .values("model_id")
        .annotate(
            number=Count("id"),
            updated=Max("updated_at"),
            smallest=Min("parameter_count"),
            largest=Max("parameter_count"),
        )
        .values_list(*Totals._fields)
    )
)
LEADING = Compiled(
    lambda ids: (
        in_leading_order(ModelVersion.objects.filter(model__in=ids))
        .distinct("model_id")
        .values_list(*LeadingRow._fields[:-1], *_searched_facts())
    )
)
VERSIONS = Compiled(
    lambda ids: _newest(ModelVersion.objects.filter(model__in=ids), MOST_VERSIONS, by="position").values_list(
        "model_id", "label", "name"
    )
)
ALIASES = Compiled(
    lambda ids: (
        VersionAlias.objects.filter(model__in=ids)
        .order_by("model_id", "name")
        .values_list("model_id", "name")
    )
)
CLASSIFICATIONS = Compiled(
    lambda ids: (
        Classification.objects.filter(model__in=ids)
        .filter(Q(version=None) | ~Q(version__stage="archived"))
        .values_list("model_id", "version_id", "term_id", "words")
        .distinct()
        .order_by("model_id", "term_id", "version_id")
    )
)
TAGS = Compiled(
    lambda ids: (
        ModelTag.objects.filter(model__in=ids)
        .order_by("model_id", "tag__slug")
        .values_list("model_id", "tag__slug", "tag__name")
    )
)
OWNERS = Compiled(
    lambda ids: (
        Ownership.objects.filter(model__in=ids)
        .order_by("model_id", "kind", "id")
        .values_list("model_id", "kind", "user__username", "user__name", "team__slug", "team__name")
    )
)
TRAINING = Compiled(
    lambda ids: (
        TrainingData.objects.filter(version__model__in=ids)
        .order_by("version__model_id", "dataset__slug")
        .values_list("version__model_id", "dataset__slug", "dataset__name")
        .distinct()
    )
)
ATTRIBUTES = Compiled(
    lambda ids: (
        AttributeValue.objects.filter(model__in=ids, definition__is_sensitive=False)
        .order_by("model_id", "definition__slug", "version__position", "id")
        .values_list(
            "model_id",
            "definition__slug",
            "definition__name",
            "type",
            "text",
            "number",
            "date",
            "boolean",
            "user__username",
        )
    )
)
PAPERS = Compiled(
    lambda ids: (
        Paper.objects.filter(versions__model__in=ids)
        .order_by("versions__model_id", "title")
        .values_list("versions__model_id", "title", "url")
        .distinct()
    )
)
RATINGS = Compiled(
    lambda ids: (
        Rating.objects.filter(model__in=ids)
        .order_by()
        .values("model_id")
        .annotate(total=Sum("stars"), n=Count("id"))
        .values_list("model_id", "total", "n")
    )
)
REVIEWS = Compiled(
    lambda ids: _newest(Rating.objects.filter(model__in=ids).exclude(review=""), MOST_REVIEWS).values_list(
        "model_id", "review"
    )
)
FOLLOWS = Compiled(
    lambda ids: (
        Follow.objects.filter(model__in=ids)
        .order_by()
        .values("model_id")
        .annotate(n=Count("id"))
        .values_list("model_id", "n")
    )
)
COMMENTS = Compiled(
    lambda ids: _newest(Comment.objects.filter(model__in=ids, deleted_at=None), MOST_COMMENTS).values_list(
        "model_id", "body"
    )
)
COMMENT_COUNTS = Compiled(
    lambda ids: (
        Comment.objects.filter(model__in=ids, deleted_at=None)
        .order_by()
        .values("model_id")
        .annotate(n=Count("id"))
        .values_list("model_id", "n")
    )
)

TERMS = """
WITH RECURSIVE up AS (
    SELECT id AS leaf, id, parent_id, 0 AS height FROM catalog_term WHERE id = ANY(%s::bigint[])
    UNION ALL
    SELECT up.leaf, t.id, t.parent_id, up.height + 1
    FROM up JOIN catalog_term t ON t.id = up.parent_id WHERE up.height < 20
)
SELECT up.leaf, x.slug, t.slug, t.name,
    CASE WHEN up.height = 0
        THEN ARRAY(SELECT a.words FROM catalog_termalias a WHERE a.term_id = t.id ORDER BY a.id LIMIT 20)
        ELSE '{}'::text[]
    END
FROM up JOIN catalog_term t ON t.id = up.id JOIN catalog_taxonomy x ON x.id = t.taxonomy_id
ORDER BY up.leaf, up.height
"""


def _terms(ids: set[int]) -> dict[int, TermRow]:
    """The terms with these ids, with all above them. One query."""
    with connection.cursor() as cursor:
        cursor.execute(TERMS, [array_of(ids)])
        rows = cursor.fetchall()
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for leaf, *row in rows:
        found[leaf].append(tuple(row))
    return {
        leaf: TermRow(
            taxonomy=way[0][0],
            slug=way[0][1],
            name=way[0][2],
            ancestors=tuple((slug, name) for _, slug, name, _ in way[1:]),
            aliases=tuple(way[0][3]),
        )
        for leaf, way in found.items()
    }
