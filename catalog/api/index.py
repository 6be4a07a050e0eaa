"""The front door of the API: what there is."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from catalog.api import shapes
from core.api.schema import describe

ROOT = "/api/v1"
LISTS = ("projects", "models", "search", "compare", "taxonomies", "metrics", "datasets", "tags", "sources")


class Index(ApiView):
    @describe("get_index", shapes.Index)
    def get(self, request: Request) -> Response:
        """Where to go from here."""
        links = {name: f"{ROOT}/{name}" for name in LISTS}
        links |= {"attribute_definitions": f"{ROOT}/attribute-definitions"}
        links |= {"schema": "/api/schema", "docs": "/api/docs"}
        return self.tagged({name: request.build_absolute_uri(path) for name, path in links.items()})
