"""The API's description and its reader, below /api/; and what answers where there is nothing. Included last."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core.api.problems import no_such_address

app_name = "api_docs"

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(
            url_name="api_docs:schema", template_name="catalog/api_docs.html"
        ),
        name="docs",
    ),
    re_path(
        r"", no_such_address
    ),  # anything, line breaks too, which `.*` would let through to the pages' 404
]
