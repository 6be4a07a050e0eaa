"""Who is looking: the value every selector and every search takes first."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Role(enum.IntEnum):
    """What someone may do within a scope; a higher role includes the lower ones."""

    VIEWER = 1
    CONTRIBUTOR = 2
    STEWARD = 3
    ADMINISTRATOR = 4


class Visibility(enum.StrEnum):
    """Who may see a scope at all: everybody, anyone signed in, or those with a role in it."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


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
    def visibilities(self) -> tuple[Visibility, ...]:
        """The visibilities this viewer sees without needing a role."""
        if self.is_signed_in:
            return (Visibility.PUBLIC, Visibility.INTERNAL)
        return (Visibility.PUBLIC,) if self.site_is_open else ()

    def role_in(self, scope_id: int) -> Role | None:
        return Role.ADMINISTRATOR if self.is_administrator else self.roles.get(scope_id)

    def sees(self, scope_id: int, visibility: str) -> bool:
        """Whether a scope of this visibility exists for the viewer."""
        return self.role_in(scope_id) is not None or visibility in self.visibilities
