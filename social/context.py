"""What the header of every page shows of the social words."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from social.selectors import unread_count


def header(request: HttpRequest) -> dict[str, object]:
    """`unread_notifications`: counted when a template first asks, so that partials pay nothing."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    return {"unread_notifications": SimpleLazyObject(lambda: unread_count(viewer))}
