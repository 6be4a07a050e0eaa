"""Metric values, in the metric's own unit, each series under one data set, split and slice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import connection

from alerts.models import Rule
from alerts.quantities.base import Pair, Reading, Subject, comparison, with_unit
from alerts.quantities.versions import VersionsOf
from vocabulary.models import Dataset

# The newest values of each series, and the last value of each of its newest days.
NEWEST = """
SELECT version_id, metric_id, dataset_id, split, slice, at, value, place, place_in_day, day_place FROM (
    SELECT *,
        row_number() OVER (PARTITION BY version_id, metric_id, dataset_id, split, slice
            ORDER BY at DESC, id DESC) AS place,
        row_number() OVER (PARTITION BY version_id, metric_id, dataset_id, split, slice, day
            ORDER BY at DESC, id DESC) AS place_in_day,
        dense_rank() OVER (PARTITION BY version_id, metric_id, dataset_id, split, slice
            ORDER BY day DESC) AS day_place
    FROM (
        SELECT v.id, e.version_id, v.metric_id, e.dataset_id, e.split, e.slice, v.value,
            coalesce(e.evaluated_at, e.created_at) AS at,
            (coalesce(e.evaluated_at, e.created_at) AT TIME ZONE 'UTC')::date AS day
        FROM catalog_evaluation e JOIN catalog_metricvalue v ON v.evaluation_id = e.id
        WHERE e.version_id = ANY(%(versions)s) AND v.metric_id = ANY(%(metrics)s)
    ) AS readings
) AS placed
WHERE place <= %(values)s OR (place_in_day = 1 AND day_place <= %(days)s)
ORDER BY at DESC, place
"""


class MetricQuantity:
    """A rule on a metric: perhaps on one data set, split or slice; else on each of them by itself."""

    measures: Mapping[str, str] = {}

    def measure(self, pairs: Sequence[Pair]) -> Mapping[tuple[int, int], Sequence[Subject]]:
        """Three queries."""
        every = [model.pk for rule, model in pairs if rule.versions == Rule.Versions.EVERY]
        versions = VersionsOf({model.pk for _, model in pairs}, every)
        looked_at = {
            (rule.pk, model.pk): versions.of(rule, model.pk) for rule, model in pairs if rule.metric_id
        }
        rules = {rule.pk: rule for rule, _ in pairs}
        rows = self._rows(
            {version.pk for held in looked_at.values() for version in held}, list(rules.values())
        )
        datasets = dict(
            Dataset.objects.filter(pk__in={row[1] for row in rows if row[1]}).values_list("pk", "name")
        )
        return {
            key: [
                Subject(version, dict(self._series(rules[key[0]], rows.of(version.pk), datasets)))
                for version in held
            ]
            for key, held in looked_at.items()
        }

    def _rows(self, versions: set[int], rules: Sequence[Rule]) -> "Rows":
        asked: dict[str, list[int] | int] = {
            "versions": list(versions),
            "metrics": list({rule.metric_id or 0 for rule in rules}),
            "values": max((rule.in_a_row for rule in rules if rule.row_of == Rule.Row.VALUES), default=1),
            "days": max((rule.in_a_row for rule in rules if rule.row_of == Rule.Row.DAYS), default=0),
        }
        with connection.cursor() as cursor:
            cursor.execute(NEWEST, asked)  # type: ignore[arg-type]
            return Rows(cursor.fetchall())

    def _series(
        self, rule: Rule, rows: "Sequence[Row]", datasets: Mapping[int, str]
    ) -> Iterator[tuple[str, list[Reading]]]:
        found: dict[str, list[Reading]] = defaultdict(list)
        by_day = rule.row_of == Rule.Row.DAYS
        for metric, dataset, split, slice_, at, value, place, place_in_day, day_place in rows:
            if metric != rule.metric_id or (rule.dataset_id and dataset != rule.dataset_id):
                continue
            if (rule.split and split != rule.split) or (rule.slice and slice_ != rule.slice):
                continue
            if (place_in_day == 1 and day_place <= rule.in_a_row) if by_day else place <= rule.in_a_row:
                part = ", ".join(word for word in (datasets.get(dataset or 0, ""), split, slice_) if word)
                found[part].append(Reading(at, value))
        yield from found.items()

    def words(self, rule: Rule, value: float | None, part: str) -> str:
        where = f" on {part}" if part else ""
        unit = self.unit(rule)
        return f"{rule.metric} is {with_unit(value, unit)}{where}; the rule says {comparison(rule, unit)}"

    def unit(self, rule: Rule) -> str:
        return rule.metric.unit if rule.metric else ""


Row = tuple[int, int | None, str, str, datetime, float, int, int, int]


class Rows:
    """What was read, by version."""

    def __init__(self, rows: Sequence[tuple[object, ...]]) -> None:
        self.rows = rows
        self.by_version: dict[object, list[Row]] = defaultdict(list)
        for version, *rest in rows:
            self.by_version[version].append(tuple(rest))  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Row]:
        return (row for rows in self.by_version.values() for row in rows)

    def of(self, version: int) -> Sequence[Row]:
        return self.by_version.get(version, [])
