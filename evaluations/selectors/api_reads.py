"""Evaluations as plain data for the API."""

from collections.abc import Sequence

from django.db.models import QuerySet

from catalog.models import (
    ModelVersion,
)
from catalog.selectors.api_reads import Plain
from evaluations.models import Evaluation


def evaluations(version: ModelVersion) -> QuerySet[Evaluation]:
    """The evaluations of a version, with what `evaluation_data` needs."""
    rows = Evaluation.objects.filter(version=version).select_related("dataset", "source")
    return rows.prefetch_related("values__metric")


def evaluation_data(rows: Sequence[Evaluation]) -> list[Plain]:
    """Evaluations with their numbers. No query on rows of `evaluations`."""
    return [
        {
            "id": row.pk,
            "dataset": {"slug": row.dataset.slug, "name": row.dataset.name} if row.dataset else None,
            "dataset_words": row.dataset_words,
            "split": row.split,
            "split_is_assumed": row.split_is_assumed,
            "slice": row.slice,
            "evaluated_at": row.evaluated_at,
            "source": row.source.slug if row.source else None,
            "metrics": [
                {
                    "metric": value.metric.slug,
                    "name": value.metric.name,
                    "value": value.value,
                    "unit": value.metric.unit,
                    "direction": value.metric.direction,
                    "words": value.words,
                    "raw_value": value.raw_value,
                    "raw_unit": value.raw_unit,
                    "low": value.low,
                    "high": value.high,
                    "interval": value.interval,
                }
                for value in sorted(row.values.all(), key=lambda value: value.pk)
            ],
        }
        for row in rows
    ]
