"""Making the viewer of a request: roles by project, from grants and memberships."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from access.viewer import Role, Viewer
from accounts.models import Membership, User

# Teams with the role in each, then projects with the role in each: granted, or for being in the team of the project.
STANDING = f"""
WITH mine AS (SELECT team_id, role FROM accounts_membership WHERE user_id = %(user)s)
SELECT team_id, NULL::bigint, NULL::integer FROM mine
UNION ALL
SELECT NULL, project_id, role FROM catalog_projectgrant
WHERE user_id = %(user)s OR team_id IN (SELECT team_id FROM mine)
UNION ALL
SELECT NULL, p.id, CASE mine.role WHEN '{Membership.Role.LEAD}' THEN {Role.STEWARD:d} ELSE {Role.CONTRIBUTOR:d} END
FROM catalog_project p JOIN mine USING (team_id)
"""


def load_viewer(user: User | AnonymousUser | None, *, read_only: bool = False) -> Viewer:
    """The viewer for a user; nobody in particular when not signed in.

    One query for memberships, grants, and projects of their teams: every request of somebody signed in asks it. In a
    project of their own team, members contribute and leads steward; a grant may give more.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return Viewer(site_is_open=settings.VITRINE_SITE_OPEN)
    teams: set[int] = set()
    roles: dict[int, Role] = {}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"user": user.pk})
        for team_id, project_id, role in cursor:
            if team_id is not None:
                teams.add(team_id)
            else:
                roles[project_id] = max(Role(role), roles.get(project_id, Role.VIEWER))
    return Viewer(
        user_id=user.pk,
        is_administrator=user.is_superuser,
        team_ids=frozenset(teams),
        roles=roles,
        site_is_open=settings.VITRINE_SITE_OPEN,
        read_only=read_only,
    )
