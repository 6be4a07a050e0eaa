"""Every address, by app. An app's pages are in its `urls`, its API in its `api_urls`."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health

PAGES = [
    "portal.edit_urls",
    "portal.urls",
    "portal.catalog_urls",
    "people.urls",
    "social.urls",
    "search.urls",
    "alerts.urls",
]
API = ["portal.catalog_api_urls", "social.api_urls", "search.api_urls", "alerts.api_urls", "people.api_urls"]


def included(prefix: str, modules: list[str]) -> list[URLPattern | URLResolver]:
    return [path(prefix, include(module)) for module in modules]


handler500 = "config.failures.server_error"

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    *included("", PAGES),
    *(included("", ["portal.ui_patterns"]) if settings.DEBUG else []),
    *included("api/v1/", API),
    *included("api/", ["core.api_docs_urls"]),
]
