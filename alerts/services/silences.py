"""Silencing a rule, a model or a project for a while, and ending that early."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from access.viewer import Viewer
from alerts.access import require_manage, visible_silences
from alerts.models import Rule, Silence
from catalog.models import Project, RegisteredModel
from core.errors import Invalid, NotVisible
from core.validation import translate_db_errors, validate_row

LONGEST = timedelta(days=366)


@transaction.atomic
def silence(
    *,
    viewer: Viewer,
    until: datetime,
    reason: str,
    rule: Rule | None = None,
    model: RegisteredModel | None = None,
    project: Project | None = None,
) -> Silence:
    """Have nothing delivered about one thing until a moment.

    Raises:
        NotVisible, NotAllowed: it is not the viewer's to silence. Invalid: no reason, or a moment that is past or
        more than a year away.
    """
    if sum(thing is not None for thing in (rule, model, project)) != 1:
        raise Invalid("Choose one of rule, model and project.", field="rule")
    if rule is not None:
        require_manage(viewer, project=rule.project, team=rule.team, model=rule.model)
    else:
        require_manage(viewer, project=project, team=None, model=model)
    now = timezone.now()
    if until <= now:
        raise Invalid("Choose a moment to come.", field="until")
    if until > now + LONGEST:
        raise Invalid("A silence lasts a year at most.", field="until")
    if not reason.strip():
        raise Invalid("Say why, for those who wonder.", field="reason")
    made = validate_row(
        Silence(
            rule=rule, model=model, project=project, until=until, reason=reason, created_by_id=viewer.user_id
        )
    )
    with translate_db_errors():
        made.save()
    return made


@transaction.atomic
def end_silence(*, viewer: Viewer, silence_id: int) -> None:
    """End a silence now; what still fires under it is told within seconds.

    Raises:
        NotVisible: there is none, or none for this viewer. NotAllowed: it is not the viewer's to end.
    """
    found = visible_silences(viewer).select_for_update(of=("self",)).filter(pk=silence_id).first()
    if found is None:
        raise NotVisible
    require_silence(viewer, found)
    if found.is_active:
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])


def require_silence(viewer: Viewer, found: Silence) -> None:
    if found.rule is not None:
        require_manage(viewer, project=found.rule.project, team=found.rule.team, model=found.rule.model)
    else:
        require_manage(viewer, project=found.project, team=None, model=found.model)
