"""Who is looking: the value every selector and every search takes first."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from access.visibility import VisibleScopes, visible_scopes


class Role(enum.IntEnum):
    """What someone may do within a scope; a higher role includes the lower ones."""

    VIEWER = 1
    CONTRIBUTOR = 2
    STEWARD = 3
    ADMINISTRATOR = 4


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, or nobody in particular, with all that decides what they may see.

    `roles` maps the id of a scope (a project) to the role held there, directly or through a team.
    """

    user_id: int | None = None
    is_administrator: bool = False
    team_ids: frozenset[int] = frozenset()
    roles: Mapping[int, Role] = field(default_factory=dict)
    site_is_open: bool = True
    read_only: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def scopes(self) -> VisibleScopes:
        """The scopes that exist for this viewer."""
        return visible_scopes(
            is_administrator=self.is_administrator,
            is_signed_in=self.is_signed_in,
            site_is_open=self.site_is_open,
            roles=self.roles,
        )

    def role_in(self, scope_id: int) -> Role | None:
        return Role.ADMINISTRATOR if self.is_administrator else self.roles.get(scope_id)

    def sees(self, scope_id: int, visibility: str) -> bool:
        """Whether a scope of this visibility exists for the viewer."""
        return (scope_id, visibility) in self.scopes
