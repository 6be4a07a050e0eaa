"""What the API reads of the vocabulary: terms, metrics, data sets and tags as plain data, and which one may see."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from access.viewer import Viewer
from catalog.access import visible_models
from catalog.models import ModelTag, Tag, TrainingData
from catalog.selectors.api_reads import Plain
from evaluations.models import Evaluation, MetricValue
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    MetricAlias,
    Term,
    TermAlias,
)


def term_data(rows: Sequence[Term]) -> list[Plain]:
    """Terms with their place in the tree. Three queries: aliases, parents, numbers of children."""
    aliases: dict[int | None, list[str]] = defaultdict(list)
    for alias in TermAlias.objects.filter(term__in=rows).order_by("words"):
        aliases[alias.term_id].append(alias.words)
    parents = dict(Term.objects.filter(pk__in={row.parent_id for row in rows}).values_list("pk", "slug"))
    children = dict(
        Term.objects.filter(parent__in=rows)
        .values("parent_id")
        .annotate(n=Count("pk"))
        .values_list("parent_id", "n")
        .order_by()
    )
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "description": row.description,
            "url": row.url,
            "parent": parents.get(row.parent_id) if row.parent_id else None,
            "children": children.get(row.pk, 0),
            "aliases": aliases[row.pk],
        }
        for row in rows
    ]


def metrics(viewer: Viewer) -> QuerySet[Metric]:
    """Metrics, but for those that were only ever measured on models the viewer does not see."""
    values = MetricValue.objects.filter(metric=OuterRef("pk"))
    seen = values.filter(evaluation__version__model__in=visible_models(viewer).select_related(None))
    return Metric.objects.filter(Exists(seen) | ~Exists(values))


def datasets(viewer: Viewer) -> QuerySet[Dataset]:
    """Data sets, but for those that are only used by models the viewer does not see."""
    models_seen = visible_models(viewer).select_related(None)
    measured = Evaluation.objects.filter(dataset=OuterRef("pk"))
    trained = TrainingData.objects.filter(dataset=OuterRef("pk"))
    seen = Q(Exists(measured.filter(version__model__in=models_seen)))
    seen |= Q(Exists(trained.filter(version__model__in=models_seen)))
    return Dataset.objects.filter(seen | (~Exists(measured) & ~Exists(trained)))


def metric_data(rows: Sequence[Metric]) -> list[Plain]:
    """Metric definitions with the words that stand for them. One query."""
    aliases: dict[int | None, list[str]] = defaultdict(list)
    for metric_id, words in MetricAlias.objects.filter(metric__in=rows).values_list("metric_id", "words"):
        if words not in aliases[metric_id]:
            aliases[metric_id].append(words)
    names = (
        "slug",
        "name",
        "description",
        "unit",
        "direction",
        "minimum",
        "maximum",
        "group",
        "precision",
        "importance",
    )
    return [{**{name: getattr(row, name) for name in names}, "aliases": aliases[row.pk]} for row in rows]


def dataset_data(rows: Sequence[Dataset]) -> list[Plain]:
    """Data sets with the words that stand for them. One query."""
    aliases: dict[int | None, list[str]] = defaultdict(list)
    for dataset_id, words in DatasetAlias.objects.filter(dataset__in=rows).values_list("dataset_id", "words"):
        aliases[dataset_id].append(words)
    names = ("slug", "name", "description", "url", "default_split")
    return [{**{name: getattr(row, name) for name in names}, "aliases": aliases[row.pk]} for row in rows]


def tags(viewer: Viewer) -> QuerySet[Tag]:
    """Tags on at least one model that the viewer sees."""
    return Tag.objects.filter(
        pk__in=ModelTag.objects.filter(model__in=visible_models(viewer)).values("tag_id")
    )


def tag_data(viewer: Viewer, rows: Sequence[Tag]) -> list[Plain]:
    """Tags with the number of the viewer's models that carry each. One query."""
    counts = dict(
        ModelTag.objects.filter(tag__in=rows, model__in=visible_models(viewer))
        .values("tag_id")
        .annotate(n=Count("pk"))
        .values_list("tag_id", "n")
        .order_by()
    )
    return [
        {"slug": row.slug, "name": row.name, "url": row.get_absolute_url(), "models": counts.get(row.pk, 0)}
        for row in rows
    ]
