"""What every template may read."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The version, and whether this is a demo. No query."""
    return {"site_version": settings.VERSION, "is_demo": settings.VITRINE_DEMO, "debug": settings.DEBUG}
