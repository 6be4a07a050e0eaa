"""Adding a version with what was measured on it, in one transaction."""

from collections.abc import Sequence
from typing import Any

from access.viewer import Viewer
from catalog.models import ModelVersion, RegisteredModel
from catalog.services import versions
from evaluations.services.evaluations import write_evaluations
from evaluations.services.records import EvaluationIn


def add_version(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    label: str,
    evaluations: Sequence[EvaluationIn] = (),
    **given: Any,
) -> ModelVersion:
    """Add a version as `catalog.services.versions.add_version` does, with its evaluations; all of it, or nothing.

    Raises:
        NotAllowed, Conflict, Invalid: as there, and for an evaluation that cannot be taken.
    """

    def measure(version: ModelVersion) -> None:
        write_evaluations(version, evaluations)

    return versions.add_version(viewer=viewer, model=model, label=label, complete=measure, **given)
