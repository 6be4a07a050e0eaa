"""Models like one, for programs."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from catalog.access import get_model
from core.api.problems import Problem
from core.api.schema import describe
from search.results import SameNumber, SimilarModel
from search.service import similar
from search.similar.service import MOST
from search.web.api import NamedModelShape

USUAL = 10


class SameNumberShape(serializers.Serializer[Any]):
    """A number that both models were measured by under the same conditions."""

    metric = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    direction = serializers.CharField(help_text="higher or lower is better, or none")
    dataset = serializers.CharField(allow_blank=True)
    split = serializers.CharField(allow_blank=True)
    slice = serializers.CharField(allow_blank=True)
    value = serializers.FloatField(help_text="Of the similar model: the best of its versions in use")
    compared_with = serializers.FloatField(help_text="Of the model asked about, likewise")


class SimilarModelShape(NamedModelShape):
    """A model like the one asked about."""

    summary = serializers.CharField(allow_blank=True)
    stage = serializers.CharField(allow_blank=True, help_text="Of the leading version")
    parameters = serializers.IntegerField(allow_null=True)
    points = serializers.FloatField(
        help_text="How alike; of at most 115, besides 2 for each further taxonomy"
    )
    why = serializers.CharField(help_text="What both have in common, in words")
    shared = serializers.ListField(
        child=serializers.CharField(), help_text="task, trained, size …: what gave points, most first"
    )
    number = SameNumberShape(allow_null=True)


class SimilarShape(serializers.Serializer[Any]):
    """Models like one, the most alike first."""

    model = serializers.CharField(help_text="project/model")
    backend = serializers.ChoiceField(["opensearch", "postgres"])
    degraded = serializers.BooleanField(help_text="The search engine is away; Postgres answered")
    similar = SimilarModelShape(many=True)


class SimilarView(ApiView):
    """Models like one."""

    parameters = {"limit": f"How many at most: 1 to {MOST}, usually {USUAL}"}

    @describe("get_similar_models", SimilarShape)
    def get(self, request: Request, project: str, model: str) -> Response:
        """Models like this one by task, architecture, data, language, size, name and description, and why."""
        found = get_model(self.viewer, project, model)
        answer = similar(self.viewer, found.pk, self._limit())
        return self.tagged(
            {
                "model": found.ref,
                "backend": answer.backend,
                "degraded": answer.is_degraded,
                "similar": [_written(request, one) for one in answer.models],
            }
        )

    def _limit(self) -> int:
        words = self.parameter("limit") or str(USUAL)
        if not (words.isascii() and words.isdigit() and len(words) < 5 and 1 <= int(words) <= MOST):
            message = f"Give a whole number from 1 to {MOST}."
            raise Problem(400, "Some parameters are wrong.", errors=[("limit", message)])
        return int(words)


HIT_FIELDS = ("id", "urn", "ref", "project", "project_name", "name", "summary", "stage", "parameters")


def _written(request: Request, one: SimilarModel) -> dict[str, Any]:
    said = {name: getattr(one.hit, name) for name in HIT_FIELDS}
    return said | {
        "url": request.build_absolute_uri(one.hit.url),
        "points": one.points,
        "why": one.why,
        "shared": list(one.shared),
        "number": _number(one.number) if one.number else None,
    }


def _number(number: SameNumber) -> dict[str, Any]:
    names = ("metric", "name", "unit", "direction", "dataset", "split", "slice", "value")
    return {name: getattr(number, name) for name in names} | {"compared_with": number.asked}
