"""Versions of a model: their structure, stage, aliases and evaluations."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api import inputs, shapes
from catalog.api.registered import ModelView
from catalog.models import ModelVersion, RegisteredModel, VersionAlias
from catalog.selectors import api_reads as reads
from catalog.services.registered import lock_model
from catalog.services.versions import remove_alias, set_alias, set_stage
from core.api.schema import describe
from core.errors import Invalid, NotVisible


class VersionDetail(ModelView):
    @describe("get_version", shapes.Version)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """All that a version is made of."""
        return self.tagged(reads.version_detail(fresh_version(self.model(project, model), label)))


class Stage(ModelView):
    @describe("set_stage", shapes.Version, body=inputs.StageBody)
    def put(self, request: Request, project: str, model: str, label: str) -> Response:
        """Say where a version is in its life. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        version = fresh_version(found, label)
        require(self.viewer, "version.stage", found)
        body = self.body(inputs.StageBody)
        with transaction.atomic():
            lock_model(found)
            if request.headers.get("If-Match"):
                self.match(reads.version_detail(fresh_version(found, label)))
            set_stage(viewer=self.viewer, version=version, **body)
        return self.tagged(lambda: reads.version_detail(fresh_version(found, label)))


class Alias(ModelView):
    @describe("resolve_alias", shapes.Version)
    def get(self, request: Request, project: str, model: str, name: str) -> Response:
        """The version a movable name stands for at the moment. Ask again with If-None-Match: it is cheap."""
        found = self.model(project, model)
        return self.tagged(
            reads.version_detail(_aliased(found, name)),
            headers={"Cache-Control": "private, max-age=0, must-revalidate"},
        )

    @describe("set_alias", shapes.Version, body=inputs.AliasBody)
    def put(self, request: Request, project: str, model: str, name: str) -> Response:
        """Let the name stand for a version from now on. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        require(self.viewer, "version.stage", found)
        label = self.body(inputs.AliasBody)["version"]
        version = found.versions.filter(label=label).first()
        if version is None:
            raise Invalid(f"The model has no version “{label}”.", field="version")
        version.model = found
        with transaction.atomic():
            lock_model(found)
            self._match(request, found, name)
            set_alias(viewer=self.viewer, version=version, name=name)
        return self.tagged(lambda: reads.version_detail(_aliased(found, name)))

    @describe("remove_alias")
    def delete(self, request: Request, project: str, model: str, name: str) -> Response:
        """Remove the name; the version stays."""
        found = self.model(project, model)
        require(self.viewer, "version.stage", found)
        with transaction.atomic():
            lock_model(found)
            self._match(request, found, name)
            remove_alias(viewer=self.viewer, model=found, name=name)
        return Response(status=204)

    def _match(self, request: Request, model: RegisteredModel, name: str) -> None:
        if not request.headers.get("If-Match"):
            return
        try:
            current: Any = reads.version_detail(_aliased(model, name))
        except NotVisible:
            current = None
        self.match(current)


def fresh_version(model: RegisteredModel, label: str) -> ModelVersion:
    version = model.versions.select_related("source").filter(label=label).first()
    if version is None:
        raise NotVisible
    version.model = model
    return version


def _aliased(model: RegisteredModel, name: str) -> ModelVersion:
    alias = VersionAlias.objects.filter(model=model, name=name).select_related("version__source").first()
    if alias is None:
        raise NotVisible
    alias.version.model = model
    return alias.version
