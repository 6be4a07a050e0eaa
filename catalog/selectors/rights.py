"""What a viewer may do to a model, asked once for a whole page."""

from dataclasses import dataclass

from access.policy import may
from access.viewer import Viewer
from catalog.models import (
    RegisteredModel,
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the viewer may do here, asked once."""

    edit: bool
    own: bool
    delete: bool
    add_version: bool
    stage: bool
    moderate: bool


def rights_on(viewer: Viewer, model: RegisteredModel) -> Rights:
    """What the viewer may do to the model. Up to four queries for those who hold no role in its project."""
    actions = ("model.edit", "model.own", "model.delete", "version.create", "version.stage", "model.moderate")
    return Rights(*(may(viewer, action, model) for action in actions))
