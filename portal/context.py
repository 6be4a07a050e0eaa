"""What the header asks of every page. Nothing is read before a template asks."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from access.viewer import Role, Viewer


def header(request: HttpRequest) -> dict[str, object]:
    """`may_add_model`: whether the viewer can register a model somewhere. No query beyond the viewer's own."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    return {"may_add_model": SimpleLazyObject(lambda: may_add_model(viewer))}


def may_add_model(viewer: Viewer) -> bool:
    """True with a contributor's role in at least one project."""
    if not viewer.is_signed_in or viewer.read_only:
        return False
    return viewer.is_administrator or any(role >= Role.CONTRIBUTOR for role in viewer.roles.values())
