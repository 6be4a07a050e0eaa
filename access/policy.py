"""The rules: which role an action needs. Knows objects only by the scope they hang in.

An object is anything with `scope_id`, `scope_visibility` and, where people hold it directly,
`held_by(viewer)`; see `Scoped`.
"""

from typing import Protocol

from access.viewer import Role, Viewer
from core.errors import NotAllowed, NotVisible


class Scoped(Protocol):
    """What the rules need to know of an object."""

    @property
    def scope_id(self) -> int: ...
    @property
    def scope_visibility(self) -> str: ...
    def held_by(self, viewer: Viewer) -> bool: ...


SIGNED_IN = "anyone signed in who sees it"

# What each action needs: a role in the scope, or just an account.
RULES: dict[str, Role | str] = {
    "project.edit": Role.STEWARD,
    "project.grant": Role.ADMINISTRATOR,
    "project.delete": Role.ADMINISTRATOR,
    "project.alert": Role.STEWARD,
    "model.create": Role.CONTRIBUTOR,
    "model.edit": Role.CONTRIBUTOR,
    "model.own": Role.STEWARD,
    "model.delete": Role.STEWARD,
    "version.create": Role.CONTRIBUTOR,
    "version.stage": Role.CONTRIBUTOR,
    "model.tag": SIGNED_IN,
    "model.rate": SIGNED_IN,
    "model.comment": SIGNED_IN,
    "model.bookmark": SIGNED_IN,
    "model.moderate": Role.STEWARD,
    "model.alert": Role.STEWARD,
}
# Owners and stewards of a single model may do these to it whatever their role in the project.
HOLDERS_MAY = frozenset(
    {"model.edit", "model.own", "version.create", "version.stage", "model.moderate", "model.alert"}
)


def may(viewer: Viewer, action: str, thing: Scoped) -> bool:
    """Whether `viewer` may do `action` to `thing`; "view" asks whether it exists for them."""
    if not viewer.sees(thing.scope_id, thing.scope_visibility):
        return False
    if action == "view":
        return True
    if not viewer.is_signed_in or viewer.read_only:
        return False
    rule = RULES[action]
    if not isinstance(rule, Role):
        return True
    role = viewer.role_in(thing.scope_id)
    if role is not None and role >= rule:
        return True
    return action in HOLDERS_MAY and thing.held_by(viewer)


def require(viewer: Viewer, action: str, thing: Scoped) -> None:
    """Raise unless `viewer` may do `action` to `thing`.

    Raises:
        NotVisible: the thing does not exist for the viewer.
        NotAllowed: it does, but the action needs more; the reason says what.
    """
    if may(viewer, action, thing):
        return
    if not viewer.sees(thing.scope_id, thing.scope_visibility):
        raise NotVisible
    if not viewer.is_signed_in:
        raise NotAllowed(action, "Sign in first.")
    if viewer.read_only:
        raise NotAllowed(action, "This token may only read; use one with the write scope.")
    rule = RULES[action]
    assert isinstance(rule, Role)  # nosec B101: anything else was allowed above
    raise NotAllowed(action, f"This needs the role {rule.name.lower()} in the project.")


def signed_in(viewer: Viewer, action: str) -> int:
    """The viewer's user id, where an action needs an account but no thing to hang rights on.

    Raises:
        NotAllowed: nobody is signed in, or only with a token that may read.
    """
    if viewer.user_id is None:
        raise NotAllowed(action, "Sign in first.")
    if viewer.read_only:
        raise NotAllowed(action, "This token may only read; use one with the write scope.")
    return viewer.user_id


def require_administrator(viewer: Viewer, action: str) -> int:
    """The viewer's user id, for what only administrators of the site may do.

    Raises:
        NotAllowed: the viewer is none.
    """
    user_id = signed_in(viewer, action)
    if not viewer.is_administrator:
        raise NotAllowed(action, "Only administrators of the site may do this.")
    return user_id
