"""The first step of every write here: the model as it is now, locked, and the right to do this to it."""

from access.policy import require
from access.viewer import Viewer
from catalog.access import visible_models
from catalog.models import RegisteredModel
from core.errors import NotAllowed, NotVisible


def person_id(viewer: Viewer) -> int:
    """The person behind a viewer that `for_writing` let through."""
    if viewer.user_id is None:
        raise NotAllowed("write", "Sign in first.")
    return viewer.user_id


def for_writing(viewer: Viewer, action: str, model: RegisteredModel) -> RegisteredModel:
    """The model read anew and held until the transaction ends, so that it can't vanish meanwhile. One query.

    Raises:
        NotVisible: it does not exist (any more) for the viewer.
        NotAllowed: it does, but the viewer may not do this.
    """
    held = visible_models(viewer).select_for_update(of=("self",), no_key=True).filter(pk=model.pk).first()
    if held is None:
        raise NotVisible
    require(viewer, action, held)
    return held
