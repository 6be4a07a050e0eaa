"""Giving and taking roles in a project."""

from django.db import transaction

from access.policy import require
from access.viewer import Role, Viewer
from accounts.models import Team, User
from catalog.models import Project, ProjectGrant
from catalog.services import activity
from core.errors import Conflict, Invalid, NotVisible
from core.validation import translate_db_errors


@transaction.atomic
def grant_role(
    *, viewer: Viewer, project: Project, role: Role, user: User | None = None, team: Team | None = None
) -> ProjectGrant:
    """Give a person or a team a role in the project; a second call replaces the role.

    Raises:
        NotAllowed: not its administrator. Invalid: not exactly one of person and team.
        Conflict: it would leave the project without an administrator.
    """
    require(viewer, "project.grant", project)
    _one_holder(user, team)
    _lock(project)
    held = ProjectGrant.objects.filter(project=project, user=user, team=team).first()
    if held is not None and held.role == role:
        return held
    if held is not None and held.role == Role.ADMINISTRATOR:
        _leaves_an_administrator(project, held)
    with translate_db_errors():
        grant, _ = ProjectGrant.objects.update_or_create(
            project=project, user=user, team=team, defaults={"role": int(role)}
        )
    activity.record(
        viewer=viewer, verb="granted", project=project, holder=str(user or team), role=role.name.lower()
    )
    return grant


@transaction.atomic
def revoke_role(
    *,
    viewer: Viewer,
    project: Project,
    user: User | None = None,
    team: Team | None = None,
    last_one_knowingly: bool = False,
) -> None:
    """Take the role of a person or team in the project; nothing happens when they hold none.

    Raises:
        NotAllowed: not its administrator.
        Conflict: it is the project's last administrator, and `last_one_knowingly` is not set. (Administrators
            of the site can still mend a project that nobody administers.)
    """
    require(viewer, "project.grant", project)
    _one_holder(user, team)
    _lock(project)
    held = ProjectGrant.objects.filter(project=project, user=user, team=team).first()
    if held is None:
        return
    if held.role == Role.ADMINISTRATOR and not last_one_knowingly:
        _leaves_an_administrator(project, held)
    held.delete()
    activity.record(viewer=viewer, verb="revoked", project=project, holder=str(user or team))


def _one_holder(user: User | None, team: Team | None) -> None:
    if (user is None) == (team is None):
        raise Invalid("Name either a person or a team.", field="user")


def _lock(project: Project) -> None:
    """Hold the project's row, so that two people can't remove each other's last administrator at once."""
    if not Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).exists():
        raise NotVisible


def _leaves_an_administrator(project: Project, held: ProjectGrant) -> None:
    others = ProjectGrant.objects.filter(project=project, role=Role.ADMINISTRATOR).exclude(pk=held.pk)
    if not others.exists():
        raise Conflict(
            "This is the project's last administrator. Give someone else the role first.",
            field="role",
            extra={"last_administrator": True},
        )
