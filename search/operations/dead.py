"""The dead list: documents that could not be built or were refused, tried again or forgotten."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from access.viewer import Viewer
from catalog.models import RegisteredModel
from core.errors import Conflict
from search.engine.client import is_configured
from search.models import DeadLetter, EngineQueue, Outbox
from search.operations.jobs import require_operator

PAGE = 10


class StillNeeded(Conflict):
    """Forgetting the entry would hide that a model of the catalog is not found as it is."""

    def __init__(self) -> None:
        super().__init__(
            "This model is in the catalog and its document is wanted: try again, or mend the model."
            " Only entries of models that are gone can be forgotten."
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One dead entry with its model, which may be gone from the catalog."""

    letter: DeadLetter
    model: RegisteredModel | None
    is_waiting: bool
    may_forget: bool


def entries(viewer: Viewer, page: int = 1, size: int = PAGE) -> list[Entry]:
    """One page of the list, newest first. Two statements.

    Raises:
        NotVisible: the viewer is no administrator.
    """
    require_operator(viewer)
    of_model = Q(model_id=OuterRef("model_id"))
    waits: Any = Exists(Outbox.objects.filter(of_model))
    if is_configured():
        waits |= Exists(EngineQueue.objects.filter(of_model))
    start = (page - 1) * size
    letters = list(
        DeadLetter.objects.annotate(waits=waits).order_by("-failed_at", "-pk")[start : start + size]
    )
    models = named([letter.model_id for letter in letters])
    return [
        Entry(
            letter,
            models.get(letter.model_id),
            bool(letter.waits),  # type: ignore[attr-defined]
            _may_forget(letter, letter.model_id in models),
        )
        for letter in letters
    ]


def named(model_ids: list[int]) -> dict[int, RegisteredModel]:
    """The models of these ids that are in the catalog, with their projects. One statement, for administrators."""
    return RegisteredModel.objects.select_related("project").in_bulk(model_ids) if model_ids else {}


def retry(viewer: Viewer, letter_ids: list[int] | None = None) -> int:
    """Have the documents of these entries, or of all, built and carried once more; how many. One statement.

    A success removes the entry, a failure counts as one more attempt.

    Raises:
        NotVisible: the viewer is no administrator.
    """
    require_operator(viewer)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_outbox (model_id) SELECT DISTINCT model_id FROM search_deadletter"
            " WHERE %(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s)",
            {"ids": letter_ids},
        )
        return int(cursor.rowcount)


def forget(viewer: Viewer, letter_id: int) -> bool:
    """Strike an entry off; whether it was there. Three statements.

    Raises:
        NotVisible: the viewer is no administrator. StillNeeded: its model is in the catalog.
    """
    require_operator(viewer)
    letter = DeadLetter.objects.filter(pk=letter_id).first()
    if letter is None:
        return False
    if not _may_forget(letter, RegisteredModel.objects.filter(pk=letter.model_id).exists()):
        raise StillNeeded
    return bool(DeadLetter.objects.filter(pk=letter_id).delete()[0])


def _may_forget(letter: DeadLetter, is_in_catalog: bool) -> bool:
    """Entries of models that are gone, and of an engine that nobody uses any more, stand for nothing."""
    return not is_in_catalog or (letter.stage == DeadLetter.Stage.ENGINE and not is_configured())
