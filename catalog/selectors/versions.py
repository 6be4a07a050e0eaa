"""Reading one version of a model."""

from access.viewer import Viewer
from catalog.access import get_model
from catalog.models import (
    ModelVersion,
)
from core.errors import NotVisible


def get_version(viewer: Viewer, project: str, slug: str, label: str) -> ModelVersion:
    """The version, with its source, model and project at hand. Two queries.

    Raises:
        NotVisible: there is none for this viewer.
    """
    model = get_model(viewer, project, slug)
    version = model.versions.select_related("source").filter(label=label).first()
    if version is None:
        raise NotVisible
    version.model = model
    return version
