"""Saying who answers for a model."""

from django.db import transaction

from access.policy import require
from access.viewer import Viewer
from accounts.models import Team, User
from catalog.models import Ownership, RegisteredModel
from catalog.services import activity
from catalog.services.registered import lock_model
from core.errors import Invalid, NotVisible
from core.validation import translate_db_errors, validate_row


@transaction.atomic
def set_owner(
    *, viewer: Viewer, model: RegisteredModel, kind: str, user: User | None = None, team: Team | None = None
) -> Ownership:
    """Make a person or a team owner, steward or contact; nothing changes when they are it.

    Raises:
        NotAllowed: less than a steward, and no owner. Invalid: no such kind, or not exactly one holder.
    """
    require(viewer, "model.own", model)
    if (user is None) == (team is None):
        raise Invalid("Name either a person or a team.", field="user")
    model = lock_model(model)
    held = Ownership.objects.filter(model=model, kind=kind, user=user, team=team).first()
    if held is not None:
        return held
    made = validate_row(Ownership(model=model, kind=kind, user=user, team=team))
    with translate_db_errors():
        made.save()
    activity.record(viewer=viewer, verb="set-owner", model=model, kind=kind, who=str(user or team))
    return made


@transaction.atomic
def remove_owner(*, viewer: Viewer, model: RegisteredModel, ownership_id: int) -> None:
    """Take an ownership away.

    Raises:
        NotAllowed: less than a steward, and no owner. NotVisible: the model has no such ownership.
    """
    require(viewer, "model.own", model)
    model = lock_model(model)
    held = Ownership.objects.filter(model=model, pk=ownership_id).select_related("user", "team").first()
    if held is None:
        raise NotVisible
    activity.record(
        viewer=viewer, verb="removed-owner", model=model, kind=held.kind, who=str(held.user or held.team)
    )
    held.delete()
