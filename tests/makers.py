"""Makers of rows that read like words, for tests that need people, projects and models."""

from itertools import count

from django.utils.text import slugify

from access.viewer import Role, Viewer
from access.viewers import load_viewer
from accounts.models import Membership, Team, User
from catalog.models import ModelVersion, Ownership, Project, ProjectGrant, RegisteredModel

numbers = count(1)
ROLES = {role.name.lower(): role for role in Role}


def make_person(username: str = "", *, name: str = "", **fields) -> User:
    """An account; with `password` one can sign in to it."""
    password = fields.pop("password", None)
    user = User(username=username or f"person{next(numbers)}", name=name, **fields)
    user.set_password(password)
    user.save()
    return user


def make_team(name: str = "", *members: User, leads: tuple[User, ...] = ()) -> Team:
    name = name or f"Team {next(numbers)}"
    team = Team.objects.create(name=name, slug=slugify(name))
    for user in members:
        Membership.objects.create(team=team, user=user)
    for user in leads:
        Membership.objects.create(team=team, user=user, role="lead")
    return team


def make_project(visibility: str = "public", *, team: Team | None = None, **roles: object) -> Project:
    """A project; keywords are roles and who has them: `steward=anna`."""
    name = f"Project {next(numbers)}"
    project = Project.objects.create(name=name, slug=slugify(name), visibility=visibility, team=team)
    for role, holder in roles.items():
        key = "team" if isinstance(holder, Team) else "user"
        ProjectGrant.objects.create(project=project, role=ROLES[role], **{key: holder})
    return project


def make_model(
    project: Project | None = None, *, visibility: str = "public", owner: User | None = None, **fields
):
    """A model with one version, in a new project unless one is given."""
    number = next(numbers)
    model = RegisteredModel.objects.create(
        project=project or make_project(visibility),
        name=fields.pop("name", f"Model {number}"),
        slug=f"model-{number}",
        **fields,
    )
    ModelVersion.objects.create(model=model, label="1", position=1)
    if owner is not None:
        Ownership.objects.create(model=model, kind="owner", user=owner)
    return model


def seen_by(user: User | None, *, read_only: bool = False) -> Viewer:
    return load_viewer(user, read_only=read_only)
