"""Who is looking, and which projects and models exist for them."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from catalog.models import Project, ProjectGrant, RegisteredModel
from governance.policy import NotVisible
from governance.viewer import Role, Viewer


def viewer_of(user: User | AnonymousUser | None, *, read_only: bool = False) -> Viewer:
    """The viewer for a user; nobody in particular when not signed in.

    At most three queries: memberships, grants, and projects of their teams. In a project of their own team,
    members contribute and leads steward; a grant may give more.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return Viewer(site_is_open=settings.VITRINE_SITE_OPEN)
    teams = dict(Membership.objects.filter(user_id=user.pk).values_list("team_id", "role"))
    roles: dict[int, Role] = {}
    grants = ProjectGrant.objects.filter(Q(user_id=user.pk) | Q(team_id__in=list(teams)))
    held = [(project_id, Role(role)) for project_id, role in grants.values_list("project_id", "role")]
    if teams:
        owned = Project.objects.filter(team_id__in=list(teams)).values_list("id", "team_id")
        held += [
            (project_id, Role.STEWARD if teams[team_id] == Membership.Role.LEAD else Role.CONTRIBUTOR)
            for project_id, team_id in owned
        ]
    for project_id, role in held:
        roles[project_id] = max(role, roles.get(project_id, role))
    return Viewer(
        user_id=user.pk,
        is_administrator=user.is_superuser,
        team_ids=frozenset(teams),
        roles=roles,
        site_is_open=settings.VITRINE_SITE_OPEN,
        read_only=read_only,
    )


def sees_project(viewer: Viewer, prefix: str = "") -> Q:
    """The condition that a project (reached through `prefix`, such as `project__`) exists for the viewer."""
    if viewer.is_administrator:
        return Q()
    seen = Q(**{f"{prefix}visibility__in": [v.value for v in viewer.visibilities]})
    if viewer.roles:
        seen |= Q(**{f"{prefix}pk__in": list(viewer.roles)})
    return seen


def visible_projects(viewer: Viewer) -> QuerySet[Project]:
    """Projects that exist for the viewer."""
    return Project.objects.filter(sees_project(viewer))


def visible_models(viewer: Viewer) -> QuerySet[RegisteredModel]:
    """Models that exist for the viewer, with their project at hand."""
    return RegisteredModel.objects.filter(sees_project(viewer, "project__")).select_related("project")


def get_project(viewer: Viewer, slug: str) -> Project:
    """The project of that slug. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    project = visible_projects(viewer).select_related("team", "source", "domain").filter(slug=slug).first()
    if project is None:
        raise NotVisible
    return project


def get_model(viewer: Viewer, project: str, model: str) -> RegisteredModel:
    """The model by its two slugs. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    found = visible_models(viewer).select_related("source").filter(project__slug=project, slug=model).first()
    if found is None:
        raise NotVisible
    return found
