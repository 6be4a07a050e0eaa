"""Models: what stands on the model as a whole."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from access.policy import require
from catalog.access import get_model, get_project
from catalog.api import inputs, shapes
from catalog.models import AttributeDefinition, RegisteredModel
from catalog.selectors import api_reads as reads
from catalog.services.attributes import clear_attribute, set_attribute
from catalog.services.ownership import remove_owner, set_owner
from catalog.services.registered import classify_model, create_model, delete_model, edit_model, lock_model
from core.api.schema import describe
from core.errors import NotVisible


class ModelView(ApiView):
    """Base of what is below one model."""

    def model(self, project: str, model: str) -> RegisteredModel:
        return get_model(self.viewer, project, model)

    def shown(self, model: RegisteredModel, *, status: int = 200) -> Response:
        headers = {"Location": f"/api/v1/models/{model.ref}"} if status == 201 else {}
        return self.tagged(
            lambda: reads.model_detail(self.viewer, model),
            revision=model.revision,
            status=status,
            headers=headers,
        )


class ModelList(ApiView):
    parameters = {
        "project": "Slug of a project",
        "source": "Slug of the source the models were read from",
        "external_id": "source/namespace/model of the record a model was read from",
        "status": "active, deprecated or archived",
        "updated_since": "Only models changed since this moment",
    }
    is_paged = True

    @describe("list_models", shapes.ModelLine, paged=True)
    def get(self, request: Request) -> Response:
        """Models that you may see, in the order they came."""
        rows = reads.models(self.viewer)
        columns = {
            "project": "project__slug",
            "source": "source__slug",
            "external_id": "external_id",
            "status": "status",
        }
        for name, column in columns.items():
            if value := self.parameter(name):
                rows = rows.filter(**{column: value})
        if moment := self.since("updated_since"):
            rows = rows.filter(updated_at__gte=moment)
        return self.page(rows, reads.model_data, by=["id"])


class ProjectModels(ModelView):
    is_paged = True

    @describe("list_project_models", shapes.ModelLine, paged=True)
    def get(self, request: Request, project: str) -> Response:
        """The models of one project."""
        found = get_project(self.viewer, project)
        return self.page(reads.models(self.viewer).filter(project=found), reads.model_data, by=["id"])

    @describe("create_model", shapes.Model, body=inputs.NewModel, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Register a model. Needs the role contributor."""
        found = get_project(self.viewer, project)
        require(self.viewer, "model.create", found)
        made = create_model(viewer=self.viewer, project=found, once=self.once, **self.body(inputs.NewModel))
        return self.shown(made, status=201)


class ModelDetail(ModelView):
    @describe("get_model", shapes.Model)
    def get(self, request: Request, project: str, model: str) -> Response:
        """All that is known of a model, its facts those of the version that stands for it."""
        return self.shown(self.model(project, model))

    @describe("edit_model", shapes.Model, body=inputs.ModelFields)
    def patch(self, request: Request, project: str, model: str) -> Response:
        """Change some fields. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        require(self.viewer, "model.edit", found)
        changes = self.body(inputs.ModelFields, partial=True)
        revision = self.expected_revision()
        return self.shown(
            edit_model(viewer=self.viewer, model=found, changes=changes, expected_revision=revision)
        )

    @describe("delete_model")
    def delete(self, request: Request, project: str, model: str) -> Response:
        """Remove the model with all that hangs on it. Needs the role steward."""
        found = self.model(project, model)
        delete_model(
            viewer=self.viewer,
            model=found,
            confirmation=found.slug,
            expected_revision=self.expected_revision(),
        )
        return Response(status=204)


class Owners(ModelView):
    @describe("list_owners", shapes.Owner, many=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """Owners, stewards and contacts of a model."""
        return self.tagged(reads.owners_data(self.model(project, model)))

    @describe("add_owner", shapes.Owner, body=inputs.OwnerBody, status=201)
    def post(self, request: Request, project: str, model: str) -> Response:
        """Make a person or a team owner, steward or contact. Needs the role steward, or to own the model."""
        found = self.model(project, model)
        require(self.viewer, "model.own", found)
        made = set_owner(viewer=self.viewer, model=found, **self.body(inputs.OwnerBody))
        row = next(row for row in reads.owners_data(found) if row["id"] == made.pk)
        return Response(row, status=201)


class Owner(ModelView):
    @describe("remove_owner")
    def delete(self, request: Request, project: str, model: str, owner: int) -> Response:
        """Take an ownership away."""
        found = self.model(project, model)
        require(self.viewer, "model.own", found)
        with transaction.atomic():
            lock_model(found)
            self.match(next((row for row in reads.owners_data(found) if row["id"] == owner), None))
            remove_owner(viewer=self.viewer, model=found, ownership_id=owner)
        return Response(status=204)


class Attributes(ModelView):
    @describe("list_attributes", shapes.Attribute, many=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """The organisation's own fields on the model and its versions; sensitive ones only for contributors."""
        return self.tagged(reads.attributes_data(self.viewer, self.model(project, model)))


class Attribute(ModelView):
    """One attribute of the model as a whole, or with `version` of one version."""

    parameters = {"version": "Label of a version"}

    @describe("get_attribute", shapes.Attribute)
    def get(self, request: Request, project: str, model: str, attribute: str) -> Response:
        """One of the organisation's fields."""
        found = self.model(project, model)
        data = self._data(found, attribute, self.parameter("version") or None)
        if data is None:
            raise NotVisible
        return self.tagged(data)

    @describe("set_attribute", shapes.Attribute, body=inputs.AttributeBody)
    def put(self, request: Request, project: str, model: str, attribute: str) -> Response:
        """Set the field. Needs the role contributor, or to own the model."""
        found = self.model(project, model)
        require(self.viewer, "model.edit", found)
        definition = _definition(attribute)
        body = self.body(inputs.AttributeBody)
        label = body.get("version")
        version = reads.find_version(self.viewer, found, label) if label else None
        with transaction.atomic():
            lock_model(found)
            self.match(self._data(found, attribute, label))
            set_attribute(
                viewer=self.viewer, model=found, definition=definition, value=body["value"], version=version
            )
        return self.tagged(self._data(found, attribute, label))

    @describe("clear_attribute")
    def delete(self, request: Request, project: str, model: str, attribute: str) -> Response:
        """Leave the field of the model as a whole empty."""
        found = self.model(project, model)
        require(self.viewer, "model.edit", found)
        with transaction.atomic():
            lock_model(found)
            self.match(self._data(found, attribute, None))
            clear_attribute(viewer=self.viewer, model=found, definition=_definition(attribute))
        return Response(status=204)

    def _data(self, model: RegisteredModel, slug: str, label: str | None) -> dict[str, Any] | None:
        rows = reads.attributes_data(self.viewer, model)
        return next((row for row in rows if (row["attribute"], row["version"]) == (slug, label)), None)


def _definition(slug: str) -> AttributeDefinition:
    definition = AttributeDefinition.objects.filter(slug=slug).first()
    if definition is None:
        raise NotVisible
    return definition


class Classifications(ModelView):
    @describe("list_classifications", shapes.Classification, many=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """Terms on the model as a whole, and on its versions."""
        return self.tagged(reads.classifications_data(self.model(project, model)))


class ClassificationsOf(ModelView):
    @describe("set_classifications", shapes.Model, body=inputs.TermsBody)
    def put(self, request: Request, project: str, model: str, taxonomy: str) -> Response:
        """Set the terms of one taxonomy on the model as a whole; none gives way to those of the versions."""
        found = self.model(project, model)
        require(self.viewer, "model.edit", found)
        terms = self.body(inputs.TermsBody)["terms"]
        revision = self.expected_revision()
        changed = classify_model(
            viewer=self.viewer, model=found, taxonomy=taxonomy, terms=terms, expected_revision=revision
        )
        return self.shown(changed)


class Activities(ModelView):
    is_paged = True

    @describe("list_activity", shapes.Activity, paged=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """What people did to the model, the latest first."""
        rows = reads.activity_rows(self.model(project, model))
        return self.page(rows, reads.activity_data, by=["-at", "-id"])
