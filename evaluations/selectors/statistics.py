"""Reading statistics as plain data: lists without their bodies, one with all that follows from it, points thinned.

Callers have checked that the viewer may see the version.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from catalog.models import ModelVersion
from core.errors import NotVisible
from evaluations.models import DriftPoint, Series, Statistic
from evaluations.statistics import formulas
from evaluations.statistics.kinds import KINDS, Body

Plain = dict[str, Any]
POINTS_AT_MOST = 10_000
POINTS_USUALLY = 1_000

# The lowest and the highest point of each of `half` stretches of equal length, so that no peak is lost.
THINNED = """
WITH cut AS (
    SELECT series_id, step, value, ntile(%(half)s) OVER (PARTITION BY series_id ORDER BY step) AS stretch
    FROM catalog_seriespoint WHERE series_id = ANY(%(series)s) AND step BETWEEN %(first)s AND %(last)s
), ranked AS (
    SELECT series_id, step, value,
        row_number() OVER (PARTITION BY series_id, stretch ORDER BY value, step) AS low,
        row_number() OVER (PARTITION BY series_id, stretch ORDER BY value DESC, step) AS high
    FROM cut
)
SELECT series_id, step, value FROM ranked WHERE low = 1 OR high = 1 ORDER BY series_id, step
"""


def statistic_rows(version: ModelVersion) -> QuerySet[Statistic]:
    """The statistics of a version with their conditions at hand, without their bodies."""
    rows = Statistic.objects.filter(evaluation__version=version).defer("body")
    return rows.select_related("evaluation__dataset", "evaluation__source")


def statistics_in_words(version: ModelVersion) -> tuple[str, ...]:
    """What kinds of statistics a version has, each with its number; empty without any. Three queries."""
    rows = Statistic.objects.filter(evaluation__version=version)
    counts = dict(rows.values_list("kind").annotate(n=Count("pk")).values_list("kind", "n").order_by())
    found = [
        (counts[kind], label.lower().replace("roc", "ROC"))
        for kind, label in Statistic.Kind.choices
        if kind in counts
    ]
    if version.drift.exists():
        found.append((1, "drift of features"))
    if series := version.series.count():
        found.append((series, "series"))
    return tuple(f"{words} ({count:,})" if count > 1 else words for count, words in found)


def statistic_data(rows: Sequence[Statistic]) -> list[Plain]:
    """Lines of a list. No query on rows of `statistic_rows`."""
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "name": row.name,
            "dataset": row.evaluation.dataset.slug if row.evaluation.dataset else None,
            "dataset_words": row.evaluation.dataset_words,
            "split": row.evaluation.split,
            "split_is_assumed": row.evaluation.split_is_assumed,
            "slice": row.evaluation.slice,
            "evaluated_at": row.evaluation.evaluated_at,
            "source": row.evaluation.source.slug if row.evaluation.source else None,
            "size": row.size,
            "measure": KINDS[row.kind].measure,
            "value": row.value,
            "created_at": row.created_at,
        }
        for row in rows
    ]


def statistic_detail(version: ModelVersion, statistic_id: int) -> Plain:
    """One statistic with its body and all that the formulas make of it. One query.

    Raises:
        NotVisible: the version has no such statistic.
    """
    row = statistic_rows(version).defer(None).filter(pk=statistic_id).first()
    if row is None:
        raise NotVisible
    return {**statistic_data([row])[0], "body": row.body, "computed": computed(row.kind, row.body)}


def computed(kind: str, body: Body) -> Plain:
    """What follows from a body, by name; scores of classes and groups in the order of the body."""
    if kind == "confusion_matrix":
        return asdict(formulas.matrix_scores(body["matrix"]))
    if kind == "roc":
        return {"area": formulas.area(body["false_positive_rate"], body["true_positive_rate"])}
    if kind == "precision_recall":
        return {"average_precision": formulas.average_precision(body["recall"], body["precision"])}
    if kind == "calibration":
        error = formulas.expected_calibration_error(body["predicted"], body["observed"], body["counts"])
        return {"expected_calibration_error": error}
    if kind == "fairness":
        groups = groups_of(body)
        rates = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")
        each = [{"group": group.group} | {rate: getattr(group, rate) for rate in rates} for group in groups]
        return {**asdict(formulas.fairness(groups)), "groups": each}
    return {}


def groups_of(body: Body) -> list[formulas.GroupCounts]:
    """The groups of a body of fairness."""
    return [formulas.GroupCounts(**row) for row in body["groups"]]


def drift_data(rows: Sequence[DriftPoint]) -> list[Plain]:
    """Points of drift. No query."""
    return [
        {"feature": row.feature, "measure": row.measure, "at": row.at, "value": row.value} for row in rows
    ]


def series_data(rows: Sequence[Series]) -> list[Plain]:
    """Series with how far they go. One query."""
    found = Series.objects.filter(pk__in=[row.pk for row in rows]).annotate(
        count=Count("points"), first=Min("points__step"), last=Max("points__step")
    )
    reach = {row.pk: row for row in found}
    return [
        {
            "name": row.name,
            "points": reach[row.pk].count,
            "first_step": reach[row.pk].first,
            "last_step": reach[row.pk].last,
        }
        for row in rows
        if row.pk in reach
    ]


def series_points(
    version: ModelVersion, name: str, *, first: int, last: int, most: int = POINTS_USUALLY
) -> Plain:
    """The points (step, value) of one series between two steps, thinned to about `most`. Three queries.

    Raises:
        NotVisible: the version has no series of that name.
    """
    series = version.series.filter(name=name).first()
    if series is None:
        raise NotVisible
    total = series.points.filter(step__range=(first, last)).count()
    points = thinned([series.pk], most=most if total > most else 2 * most, first=first, last=last)[series.pk]
    return {"name": series.name, "total": total, "is_thinned": len(points) < total, "points": points}


def thinned(
    series: Sequence[int], *, most: int, first: int = 0, last: int = 2**63 - 1
) -> dict[int, list[tuple[int, float]]]:
    """Points of several series by their keys, at most about `most` of each: lows and highs stay. One query."""
    found: dict[int, list[tuple[int, float]]] = {pk: [] for pk in series}
    bounds: Plain = {"half": max(1, most // 2), "series": list(series), "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(THINNED, bounds)
        for pk, step, value in cursor.fetchall():
            found[pk].append((step, value))
    return found
