"""Versions of a model: listed, and added with what was measured on them."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api import shapes
from catalog.api.registered import ModelView
from catalog.api.versions import fresh_version
from catalog.selectors import api_reads as reads
from core.api.schema import describe
from ingestion.api import inputs
from ingestion.services.versions import add_version


class VersionList(ModelView):
    parameters = {"stage": "Only versions in this stage"}
    is_paged = True

    @describe("list_versions", shapes.VersionLine, paged=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """The versions of a model, the newest first."""
        found = self.model(project, model)
        rows = found.versions.all()
        if stage := self.parameter("stage"):
            rows = rows.filter(stage=stage)
        return self.page(rows, lambda page: reads.version_data(found, page), by=["-position"])

    @describe("add_version", shapes.Version, body=inputs.NewVersion, status=201)
    def post(self, request: Request, project: str, model: str) -> Response:
        """Add a version with all it is made of, in one transaction. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        require(self.viewer, "version.create", found)
        given = inputs.version_of(self.body(inputs.NewVersion))
        version = add_version(viewer=self.viewer, model=found, once=self.once, **given)
        headers = {"Location": f"/api/v1/models/{found.ref}/versions/{version.label}"}
        return self.tagged(
            reads.version_detail(fresh_version(found, version.label)), status=201, headers=headers
        )
