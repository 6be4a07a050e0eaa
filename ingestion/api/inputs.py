"""The body of a new version, with what was measured on it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from catalog.api.inputs import ArtifactBody, LinkBody, PackageBody, PaperBody, PortBody, TermLists
from catalog.facts.fields import input_fields
from catalog.models import (
    ModelVersion,
)
from catalog.services import structure as given
from core.api.inputs import Body, Words, optional
from evaluations.api.inputs import EvaluationBody, evaluations_of


class NewVersion(Body):
    label = Words(max_length=128)
    stage = serializers.ChoiceField(choices=ModelVersion.Stage.choices, required=False, allow_blank=True)
    name = optional(200)
    notes = optional(200_000)
    description = optional(200_000)
    external_id = optional(500)
    parameters = serializers.DictField(child=serializers.JSONField(), required=False)
    packages = PackageBody(many=True, required=False)
    artifacts = ArtifactBody(many=True, required=False)
    inputs = PortBody(many=True, required=False)
    outputs = PortBody(many=True, required=False)
    training_data = serializers.ListField(child=Words(max_length=300), required=False, max_length=500)
    terms = TermLists(required=False)
    links = LinkBody(many=True, required=False)
    papers = PaperBody(many=True, required=False)
    evaluations = EvaluationBody(many=True, required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **input_fields()}


def version_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The checked body as the arguments of `add_version`."""
    fields = dict(data)
    kinds = {
        "packages": given.PackageIn,
        "artifacts": given.ArtifactIn,
        "links": given.LinkIn,
        "papers": given.PaperIn,
    }
    parts: dict[str, Any] = {
        name: tuple(kind(**row) for row in fields.pop(name, ())) for name, kind in kinds.items()
    }
    for name in ("inputs", "outputs"):
        parts[name] = tuple(_port(row) for row in fields.pop(name, ()))
    parts["parameters"] = fields.pop("parameters", {})
    parts["training_data"] = tuple(fields.pop("training_data", ()))
    parts["terms"] = {slug: tuple(words) for slug, words in fields.pop("terms", {}).items()}
    evaluations = evaluations_of(fields.pop("evaluations", ()))
    return {**fields, "structure": given.Structure(**parts), "evaluations": evaluations}


def _port(row: Mapping[str, Any]) -> given.PortIn:
    shape = row.get("shape")
    return given.PortIn(row.get("name", ""), row.get("type", ""), None if shape is None else tuple(shape))
