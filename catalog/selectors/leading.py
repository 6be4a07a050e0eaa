"""Which version stands for a model: the one place that rule is written."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from catalog.models import ModelVersion

# Production first, then whatever still lives, archived versions last; the newest within each.
LEADING_ORDER = (
    Case(
        When(stage="production", then=Value(0)),
        When(stage="archived", then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    ),
    "-position",
)


def in_leading_order(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """`versions` with the one that stands for its model first, their sources at hand."""
    return versions.order_by("model_id", *LEADING_ORDER).select_related("source")
