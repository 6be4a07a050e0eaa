"""Recognising the second of two equal submissions, so that a double click makes one thing."""

from typing import Any

from access.viewer import Viewer
from catalog.models import Activity

LONGEST = 64


def mark(once: str) -> dict[str, Any]:
    """What to write into the activity of something made by the submission `once`."""
    return {"once": once[:LONGEST]} if once else {}


def made_before(*, viewer: Viewer, verb: str, once: str) -> Activity | None:
    """The activity that the same viewer's submission `once` has left, if it got through before. One query."""
    if not once or viewer.user_id is None:
        return None
    return (
        Activity.objects.filter(actor_id=viewer.user_id, verb=verb, detail__once=once[:LONGEST])
        .select_related("project", "model__project", "version__model__project")
        .order_by("id")
        .last()
    )
