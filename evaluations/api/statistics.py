"""Statistics of a version: matrices, curves, importances, fairness; drift over time; series over steps."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api.registered import ModelView
from catalog.models import ModelVersion
from core.api.inputs import Body, Words
from core.api.problems import Problem
from core.api.schema import describe
from core.errors import NotVisible
from evaluations.api import statistics_shapes as shapes
from evaluations.models import DriftPoint
from evaluations.selectors import statistics as reads
from evaluations.services import statistics as writes
from evaluations.statistics.document import MEASURES, read_document
from evaluations.statistics.kinds import KINDS

LAST = 2**63 - 1


class RemoveDriftBody(Body):
    feature = Words(max_length=200)
    measure = serializers.ChoiceField(choices=DriftPoint.Measure.choices, required=False)


class RemoveSeriesBody(Body):
    name = Words(max_length=200)


class VersionView(ModelView):
    """Base of what is below one version."""

    def version(self, project: str, model: str, label: str) -> ModelVersion:
        found = self.model(project, model)
        version = found.versions.filter(label=label).first()
        if version is None:
            raise NotVisible
        version.model = found
        return version

    def choice(self, name: str, known: Any) -> str:
        """A parameter that takes one of some words, or nothing.

        Raises:
            Problem: it is another word.
        """
        word = self.parameter(name)
        if word and word not in known:
            message = f"Choose one of {', '.join(known)}."
            raise Problem(400, "Some parameters are wrong.", errors=[(name, message)])
        return word

    def whole(self, name: str, usual: int, most: int = LAST) -> int:
        """A parameter as a whole number.

        Raises:
            Problem: it is none, or too large.
        """
        word = self.parameter(name) or str(usual)
        if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= most):
            message = f"Write a whole number from 0 to {most}."
            raise Problem(400, "Some parameters are wrong.", errors=[(name, message)])
        return int(word)


class Statistics(VersionView):
    parameters = {
        "kind": f"One of {', '.join(KINDS)}",
        "dataset": "Slug of a data set",
        "split": "Split, exactly",
        "slice": "Slice, exactly",
    }
    is_paged = True

    @describe("list_statistics", shapes.StatisticLine, paged=True)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """The statistics of a version with their conditions, without their bodies."""
        rows = reads.statistic_rows(self.version(project, model, label))
        if kind := self.choice("kind", KINDS):
            rows = rows.filter(kind=kind)
        for name, column in (("dataset", "dataset__slug"), ("split", "split"), ("slice", "slice")):
            if value := self.parameter(name):
                rows = rows.filter(**{f"evaluation__{column}": value})
        return self.page(rows, reads.statistic_data, by=["id"])

    @describe("add_statistics", shapes.StatisticsAdded, body=shapes.NewStatistics, status=201)
    def post(self, request: Request, project: str, model: str, label: str) -> Response:
        """Add a statistics document: all of it, or nothing. Drift and series grow by the points that are new.

        The same document sent again changes nothing and is answered with 200. Faults name their place, such as
        `statistics[0].matrix[3][2]`. Needs the role contributor, or to own the model.
        """
        version = self.version(project, model, label)
        require(self.viewer, "version.create", version.model)
        document = read_document(request.data)
        added = writes.add_statistics(viewer=self.viewer, version=version, document=document)
        ids = [row.pk for row in added.statistics]
        lines = reads.statistic_data(list(reads.statistic_rows(version).filter(pk__in=ids).order_by("id")))
        counts = {name: getattr(added, name) for name in ("new_statistics", "new_drift", "new_points")}
        return Response({"statistics": lines, **counts}, status=201 if added.is_new else 200)


class Statistic(VersionView):
    @describe("get_statistic", shapes.StatisticFull)
    def get(self, request: Request, project: str, model: str, label: str, statistic: int) -> Response:
        """One statistic: what was sent, and what the formulas make of it."""
        return self.tagged(reads.statistic_detail(self.version(project, model, label), _id(statistic)))

    @describe("remove_statistic")
    def delete(self, request: Request, project: str, model: str, label: str, statistic: int) -> Response:
        """Remove one statistic. Needs the role contributor, or to own the model."""
        version = self.version(project, model, label)
        writes.remove_statistic(viewer=self.viewer, version=version, statistic_id=_id(statistic))
        return Response(status=204)


class Drift(VersionView):
    parameters = {
        "feature": "Name of a feature",
        "measure": f"One of {', '.join(MEASURES)}",
        "since": "Only points from this moment on",
        "until": "Only points before this moment",
    }
    is_paged = True

    @describe("list_drift", shapes.Drift, paged=True)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """How far features moved from their reference, over time."""
        rows = self.version(project, model, label).drift.all()
        if feature := self.parameter("feature"):
            rows = rows.filter(feature=feature)
        if measure := self.choice("measure", MEASURES):
            rows = rows.filter(measure=measure)
        if since := self.since("since"):
            rows = rows.filter(at__gte=since)
        if until := self.since("until"):
            rows = rows.filter(at__lt=until)
        return self.page(rows, reads.drift_data, by=["at", "id"])

    @describe("remove_drift", body=shapes.RemoveDrift)
    def delete(self, request: Request, project: str, model: str, label: str) -> Response:
        """Remove the drift of one feature, by all measures or one. Needs the role contributor, or to own the model."""
        version = self.version(project, model, label)
        require(self.viewer, "version.create", version.model)
        writes.remove_drift(viewer=self.viewer, version=version, **self.body(RemoveDriftBody))
        return Response(status=204)


class SeriesList(VersionView):
    is_paged = True

    @describe("list_series", shapes.SeriesLine, paged=True)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """The series of a version, and how far each goes."""
        rows = self.version(project, model, label).series.all()
        return self.page(rows, reads.series_data, by=["name"])

    @describe("remove_series", body=shapes.RemoveSeries)
    def delete(self, request: Request, project: str, model: str, label: str) -> Response:
        """Remove a series with its points. Needs the role contributor, or to own the model."""
        version = self.version(project, model, label)
        require(self.viewer, "version.create", version.model)
        writes.remove_series(viewer=self.viewer, version=version, **self.body(RemoveSeriesBody))
        return Response(status=204)


class SeriesPoints(VersionView):
    parameters = {
        "name": "Name of the series",
        "first": "Only from this step on",
        "last": "Only up to this step",
        "most": "About how many points to answer with, 2 to 10,000, usually 1,000; lows and highs stay",
    }

    @describe("get_series", shapes.SeriesPoints)
    def get(self, request: Request, project: str, model: str, label: str) -> Response:
        """The points of one series, thinned where there are many."""
        version = self.version(project, model, label)
        found = reads.series_points(
            version,
            self.parameter("name"),
            first=self.whole("first", 0),
            last=self.whole("last", LAST),
            most=max(2, self.whole("most", reads.POINTS_USUALLY, reads.POINTS_AT_MOST)),
        )
        return self.tagged(found)


def _id(statistic: int) -> int:
    """A number that the database can look for."""
    if statistic > LAST:
        raise NotVisible
    return statistic
