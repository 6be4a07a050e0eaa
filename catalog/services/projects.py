"""Writing projects: made by a team or an administrator, edited by stewards."""

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from access.policy import require, signed_in
from access.viewer import Role, Viewer
from accounts.models import Team
from catalog.models import Project, ProjectGrant
from catalog.services import activity
from catalog.services import once as submissions
from core.errors import Conflict, EditConflict, Invalid, NotAllowed, NotVisible
from core.validation import slug_from, translate_db_errors, validate_row
from vocabulary.models import Term

log = logging.getLogger(__name__)

TEXTS = ("name", "description", "purpose", "business_goal", "region", "url")
DATES = ("starts_on", "ends_on")
EDITABLE = (*TEXTS, *DATES, "visibility", "domain", "team")


def may_create_project(viewer: Viewer) -> bool:
    """Whether the viewer may make a project at all: administrators, and everybody who is in a team."""
    return viewer.is_signed_in and not viewer.read_only and (viewer.is_administrator or bool(viewer.team_ids))


def create_project(
    *, viewer: Viewer, name: str, slug: str = "", team: Team | None = None, once: str = "", **fields: Any
) -> Project:
    """Make a project; its maker becomes its administrator.

    Members of a team make projects of that team; administrators of the site also those of no team.
    `once` marks one submission: a second call with the same mark returns the first one's project.

    Raises:
        NotAllowed: not signed in, or in none of the teams.
        Invalid: a field is wrong. Conflict: the slug is taken.
    """
    user_id = signed_in(viewer, "project.create")
    if not viewer.is_administrator and (team is None or team.pk not in viewer.team_ids):
        raise NotAllowed("project.create", "Choose one of your own teams to own the project.")
    _known(fields)
    project = Project(name=name, slug=slug or slug_from(name, most=120, what="project"), team=team, **fields)
    validate_row(project)
    try:
        with transaction.atomic(), translate_db_errors():
            project.save(force_insert=True)
            ProjectGrant.objects.create(project=project, user_id=user_id, role=Role.ADMINISTRATOR)
            mark = submissions.mark(once)
            activity.record(viewer=viewer, verb="created", project=project, name=project.name, **mark)
    except Conflict:
        if made := submissions.made_before(viewer=viewer, verb="created", once=once):
            return made.project
        raise
    return project


@transaction.atomic
def edit_project(
    *, viewer: Viewer, project: Project, changes: Mapping[str, Any], expected: dt.datetime | None = None
) -> Project:
    """Change some fields of a project.

    `expected` is the `updated_at` the editor had before them.

    Raises:
        EditConflict: someone changed it since; `extra["current"]` holds the values now.
        NotAllowed: less than a steward; or a visibility or team changed by less than an administrator.
        Invalid: a field is wrong.
    """
    require(viewer, "project.edit", project)
    _known(changes)
    project = _locked(project)
    if expected is not None and project.updated_at != expected:
        raise EditConflict(
            "The project was changed by someone else in the meantime.", extra={"current": current(project)}
        )
    changed = [name for name, value in changes.items() if getattr(project, name) != value]
    if not changed:
        return project
    if {"visibility", "team"} & set(changed):
        require(viewer, "project.grant", project)
    for name in changed:
        setattr(project, name, changes[name])
    validate_row(project)
    with translate_db_errors():
        project.save(update_fields=[*changed, "updated_at"])
    activity.record(viewer=viewer, verb="edited", project=project, fields=changed)
    return project


@transaction.atomic
def delete_project(*, viewer: Viewer, project: Project, confirmation: str) -> None:
    """Remove a project with all its models; `confirmation` repeats its slug.

    Raises:
        NotAllowed: not its administrator. Invalid: the confirmation is another word.
    """
    require(viewer, "project.delete", project)
    project = _locked(project)
    if confirmation != project.slug:
        raise Invalid(f"Type “{project.slug}” to confirm.", field="confirmation")
    log.warning("project deleted: %s by user %s", project.slug, viewer.user_id)
    project.delete()


def current(project: Project) -> dict[str, Any]:
    """The editable values as plain data, for someone who came too late. Two queries at most."""
    values = {name: getattr(project, name) for name in (*TEXTS, *DATES, "visibility")}
    values["domain"] = project.domain.slug if project.domain else None
    values["team"] = project.team.slug if project.team else None
    return values


def _locked(project: Project) -> Project:
    found = Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()
    if found is None:
        raise NotVisible
    return found


def _known(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise Invalid(f"A project has no field “{name}” to edit.", field=name)
        if name in TEXTS and not isinstance(value, str):
            raise Invalid("Write text here.", field=name)
    domain = fields.get("domain")
    if domain is not None and not isinstance(domain, Term):
        raise Invalid("Choose a term.", field="domain")
    starts, ends = fields.get("starts_on"), fields.get("ends_on")
    if starts and ends and ends < starts:
        raise Conflict("The end is before the start.", field="ends_on", status=400)
