"""Writing down who stated an edited fact."""

from collections.abc import Iterable

from django.utils import timezone

from access.viewer import Viewer
from catalog.models import FactOrigin, ModelVersion, RegisteredModel


def stamp(
    *, viewer: Viewer, model: RegisteredModel, fields: Iterable[str], version: ModelVersion | None = None
) -> None:
    """The viewer is from now on the origin of these fields. One query."""
    now = timezone.now()
    FactOrigin.objects.bulk_create(
        [
            FactOrigin(model=model, version=version, field=field, user_id=viewer.user_id, observed_at=now)
            for field in fields
        ],
        update_conflicts=True,
        unique_fields=["model", "version", "field"],
        update_fields=["user", "source", "words", "observed_at"],
    )
