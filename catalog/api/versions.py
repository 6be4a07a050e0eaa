"""Versions of a model: their structure, stage, aliases and evaluations."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import inputs, shapes
from catalog.api.registered import ModelView
from catalog.api.schema import describe
from catalog.models import ModelVersion, RegisteredModel, VersionAlias
from catalog.selectors import api_reads as reads
from catalog.services.evaluations import add_evaluation
from catalog.services.registered import locked
from catalog.services.versions import add_version, remove_alias, set_alias, set_stage
from governance.errors import Invalid
from governance.policy import NotVisible, require


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
        return self.tagged(reads.version_detail(_fresh(found, version.label)), status=201, headers=headers)


class VersionDetail(ModelView):
    @describe("get_version", shapes.Version)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """All that a version is made of."""
        return self.tagged(reads.version_detail(_fresh(self.model(project, model), label)))


class Stage(ModelView):
    @describe("set_stage", shapes.Version, body=inputs.StageBody)
    def put(self, request: Request, project: str, model: str, label: str) -> Response:
        """Say where a version is in its life. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        version = _fresh(found, label)
        require(self.viewer, "version.stage", found)
        body = self.body(inputs.StageBody)
        with transaction.atomic():
            locked(found)
            if request.headers.get("If-Match"):
                self.match(reads.version_detail(_fresh(found, label)))
            set_stage(viewer=self.viewer, version=version, **body)
        return self.tagged(lambda: reads.version_detail(_fresh(found, label)))


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
            locked(found)
            self._match(request, found, name)
            set_alias(viewer=self.viewer, version=version, name=name)
        return self.tagged(lambda: reads.version_detail(_aliased(found, name)))

    @describe("remove_alias")
    def delete(self, request: Request, project: str, model: str, name: str) -> Response:
        """Remove the name; the version stays."""
        found = self.model(project, model)
        require(self.viewer, "version.stage", found)
        with transaction.atomic():
            locked(found)
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


class Evaluations(ModelView):
    parameters = {"dataset": "Slug of a data set", "metric": "Slug of a metric"}
    is_paged = True

    @describe("list_evaluations", shapes.Evaluation, paged=True)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """What was measured on a version, by the conditions it was measured under."""
        rows = reads.evaluations(_fresh(self.model(project, model), label))
        if dataset := self.parameter("dataset"):
            rows = rows.filter(dataset__slug=dataset)
        if metric := self.parameter("metric"):
            rows = rows.filter(values__metric__slug=metric).distinct()
        return self.page(rows, reads.evaluation_data, by=["id"])

    @describe("add_evaluation", shapes.Evaluations, body=inputs.EvaluationBody, status=201)
    def post(self, request: Request, project: str, model: str, label: str) -> Response:
        """Add measurements, in your own words and units; the vocabulary maps them.

        The same numbers sent again change nothing and are answered with 200. Needs the role contributor, or to
        own the model.
        """
        found = self.model(project, model)
        version = _fresh(found, label)
        require(self.viewer, "version.create", found)
        (given,) = inputs.evaluations_of([self.body(inputs.EvaluationBody)], within="")
        added = add_evaluation(viewer=self.viewer, version=version, evaluation=given)
        rows = reads.evaluations(version).filter(pk__in=[row.pk for row in added.evaluations]).order_by("id")
        return Response(
            {"evaluations": reads.evaluation_data(list(rows))}, status=201 if added.is_new else 200
        )


def _fresh(model: RegisteredModel, label: str) -> ModelVersion:
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
