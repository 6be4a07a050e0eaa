"""Which scopes exist for a viewer: one rule, compiled for each place that asks it.

A scope (a project) exists for administrators of the site, for those who hold a role in it, and for everybody whom its
visibility lets in: signed-in people see public and internal scopes, visitors of an open site public ones, visitors of
a closed site none.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q


class Visibility(enum.StrEnum):
    """Who may see a scope at all: everybody, anyone signed in, or those with a role in it."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


def open_visibilities(*, is_signed_in: bool, site_is_open: bool) -> tuple[Visibility, ...]:
    """The visibilities that let somebody in without a role."""
    if is_signed_in:
        return (Visibility.PUBLIC, Visibility.INTERNAL)
    return (Visibility.PUBLIC,) if site_is_open else ()


@dataclass(frozen=True, slots=True)
class VisibleScopes:
    """The scopes that exist for one viewer: all of them, those of some visibilities, those with a role."""

    everything: bool
    visibilities: tuple[str, ...]
    with_role: tuple[int, ...]

    def __contains__(self, scope: tuple[int, str]) -> bool:
        """Whether a scope (id, visibility) exists for the viewer."""
        scope_id, visibility = scope
        return self.everything or visibility in self.visibilities or scope_id in self.with_role

    def as_q(self, prefix: str = "") -> Q:
        """The condition for the ORM on a project that is reached through `prefix`, such as `project__`."""
        if self.everything:
            return Q()
        visible = Q(**{f"{prefix}visibility__in": list(self.visibilities)})
        if self.with_role:
            visible |= Q(**{f"{prefix}pk__in": list(self.with_role)})
        return visible

    def as_sql(self, visibility: str, scope_id: str) -> str:
        """The condition in SQL for this viewer, with placeholders for `sql_parameters`."""
        return "TRUE" if self.everything else _seen(visibility, scope_id)

    @property
    def sql_parameters(self) -> dict[str, Any]:
        """What stands for the placeholders of `sql_condition`."""
        return {
            "sees_everything": self.everything,
            "seen_visibilities": list(self.visibilities),
            "seen_scopes": list(self.with_role),
        }

    def as_clauses(self, visibility: str, scope_id: str) -> list[dict[str, Any]]:
        """The filter for the search engine, on the fields that hold a document's visibility and scope."""
        if self.everything:
            return []
        visible = [
            {"terms": {visibility: list(self.visibilities)}},
            {"terms": {scope_id: list(self.with_role)}},
        ]
        return [{"bool": {"should": visible, "minimum_should_match": 1}}]


def visible_scopes(
    *, is_administrator: bool, is_signed_in: bool, site_is_open: bool, roles: Mapping[int, object]
) -> VisibleScopes:
    """The rule itself."""
    visibilities = open_visibilities(is_signed_in=is_signed_in, site_is_open=site_is_open)
    return VisibleScopes(is_administrator, tuple(map(str, visibilities)), tuple(sorted(roles)))


def sql_condition(visibility: str, scope_id: str) -> str:
    """The condition in SQL on the columns that hold visibility and scope, with placeholders for `sql_parameters`."""
    return f"(%(sees_everything)s OR {_seen(visibility, scope_id)})"


def _seen(visibility: str, scope_id: str) -> str:
    return f"({visibility} = ANY(%(seen_visibilities)s) OR {scope_id} = ANY(%(seen_scopes)s))"


def everyone_signed_in_sees(visibility: str) -> bool:
    """Whether a scope of this visibility exists for every signed-in person, whatever their roles."""
    return visibility in open_visibilities(is_signed_in=True, site_is_open=False)
