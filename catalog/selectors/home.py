"""What is new in the catalog, for its first page."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from access.viewer import Viewer
from catalog.access import visible_models
from catalog.models import Activity, Classification, ModelVersion, Ownership, RegisteredModel

RECENT = 8


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that came lately."""

    version: ModelVersion
    task: str


def newest_versions(viewer: Viewer, limit: int = RECENT) -> list[NewVersion]:
    """The latest versions the viewer may see, one a model. Two queries."""
    rows = (
        ModelVersion.objects.filter(viewer.scopes.as_q("model__project__"))
        .select_related("model__project")
        .order_by(F("created_at").desc(), F("released_on").desc(nulls_last=True))[: limit * 4]
    )
    found: dict[int, ModelVersion] = {}
    for version in rows:
        found.setdefault(version.model_id, version)
    chosen = list(found.values())[:limit]
    tasks = dict(
        Classification.objects.filter(version__in=chosen, term__taxonomy__slug="task").values_list(
            "version_id", "term__name"
        )
    )
    return [NewVersion(version, tasks.get(version.pk, "")) for version in chosen]


def recent_activity(viewer: Viewer, limit: int = RECENT) -> list[Activity]:
    """What people did lately where the viewer may see it. One query."""
    rows = Activity.objects.filter(viewer.scopes.as_q("project__"), model__isnull=False)
    return list(rows.select_related("actor", "model__project", "version")[:limit])


def my_models(viewer: Viewer, limit: int = RECENT) -> list[RegisteredModel]:
    """Models the viewer owns or stewards, in person. One query."""
    if viewer.user_id is None:
        return []
    mine = Ownership.objects.filter(model=OuterRef("pk"), user_id=viewer.user_id)
    return list(visible_models(viewer).filter(Exists(mine)).order_by("name")[:limit])
