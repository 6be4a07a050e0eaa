"""What was measured on a version: listed and added."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api.registered import ModelView
from catalog.api.versions import fresh_version
from core.api.schema import describe
from evaluations.api import inputs, shapes
from evaluations.selectors import api_reads as reads
from evaluations.services.evaluations import add_evaluation


class Evaluations(ModelView):
    parameters = {"dataset": "Slug of a data set", "metric": "Slug of a metric"}
    is_paged = True

    @describe("list_evaluations", shapes.Evaluation, paged=True)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """What was measured on a version, by the conditions it was measured under."""
        rows = reads.evaluations(fresh_version(self.model(project, model), label))
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
        version = fresh_version(found, label)
        require(self.viewer, "version.create", found)
        (given,) = inputs.evaluations_of([self.body(inputs.EvaluationBody)], within="")
        added = add_evaluation(viewer=self.viewer, version=version, evaluation=given)
        rows = reads.evaluations(version).filter(pk__in=added.ids).order_by("id")
        return Response(
            {"evaluations": reads.evaluation_data(list(rows))}, status=201 if added.is_new else 200
        )
