"""Which version stands for a model: the one place that rule is written."""

from collections.abc import Collection

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import RawSQL

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
    """`versions` with the one that stands for its model first."""
    return versions.order_by("model_id", *LEADING_ORDER)


def leading_versions(model_ids: Collection[int] | RawSQL) -> dict[int, int]:
    """Model id → id of the version that stands for it; models without a version are left out. One query.

    `model_ids` may be an expression that gives them.
    """
    versions = ModelVersion.objects.filter(model_id__in=model_ids)
    return dict(in_leading_order(versions).distinct("model_id").values_list("model_id", "id"))
