"""Bodies of evaluations."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from core.api.inputs import Body, Measure, Words, optional
from core.errors import Invalid
from evaluations.services.records import EvaluationIn, MetricIn
from vocabulary.models import Source


class MetricBody(Body):
    metric = Words(max_length=200, help_text="In your own words; the vocabulary maps them")
    value = Measure()
    unit = optional(40)
    low = Measure(required=False, allow_null=True, help_text="Lower end of the interval it is known within")
    high = Measure(required=False, allow_null=True)
    spread = Measure(required=False, allow_null=True, help_text="Instead of both ends: as far to either side")
    interval = optional(60, help_text="What the interval is, such as 95 % confidence")


class EvaluationBody(Body):
    dataset = optional(300)
    split = optional(120)
    slice = optional(200)
    evaluated_at = serializers.DateTimeField(required=False, allow_null=True)
    source = Words(required=False, allow_null=True, max_length=80, help_text="Slug of a source")
    metrics = MetricBody(many=True, allow_empty=False)


def evaluations_of(
    rows: Sequence[Mapping[str, Any]], *, within: str = "evaluations"
) -> tuple[EvaluationIn, ...]:
    """The checked bodies as the services take them. One query, for all their sources.

    Raises:
        Invalid: there is no such source.
    """
    slugs = {row["source"] for row in rows if row.get("source")}
    sources = {source.slug: source for source in Source.objects.filter(slug__in=slugs)} if slugs else {}
    found = []
    for position, row in enumerate(rows):
        fields = {name: value for name, value in row.items() if name not in {"metrics", "source"}}
        slug = row.get("source")
        if slug and slug not in sources:
            place = f"{within}[{position}].source" if within else "source"
            raise Invalid(f"There is no source “{slug}”.", field=place)
        metrics = tuple(MetricIn(**metric) for metric in row["metrics"])
        found.append(EvaluationIn(metrics=metrics, source=sources[slug] if slug else None, **fields))
    return tuple(found)
