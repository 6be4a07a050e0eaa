"""Which scopes exist for a viewer, as a condition of the ORM."""

from django.db.models import Q

from access.viewer import Viewer


def sees_project(viewer: Viewer, prefix: str = "") -> Q:
    """The condition that a project (reached through `prefix`, such as `project__`) exists for the viewer."""
    if viewer.is_administrator:
        return Q()
    seen = Q(**{f"{prefix}visibility__in": [v.value for v in viewer.visibilities]})
    if viewer.roles:
        seen |= Q(**{f"{prefix}pk__in": list(viewer.roles)})
    return seen
