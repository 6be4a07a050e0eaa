"""Writing down what people do, for the feeds."""

from access.viewer import Viewer
from catalog.models import Activity, ModelVersion, Project, RegisteredModel


def record(
    *,
    viewer: Viewer,
    verb: str,
    project: Project | None = None,
    model: RegisteredModel | None = None,
    version: ModelVersion | None = None,
    **detail: object,
) -> Activity:
    """Add one line to the feed of a model (and so of its project), inside the caller's transaction.

    `detail` is plain JSON that the feed's sentence needs, such as `stars=4`. One query.
    """
    if model is None and project is None:
        raise ValueError("an activity needs a model or a project")
    return Activity.objects.create(
        actor_id=viewer.user_id,
        verb=verb,
        project_id=project.pk if model is None and project is not None else model.project_id,  # type: ignore[union-attr]
        model=model,
        version=version,
        detail=detail,
    )
