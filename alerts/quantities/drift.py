"""Drift of features, by one measure, each feature a series of its own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import connection

from alerts.models import Rule
from alerts.quantities.base import Pair, Reading, Subject, comparison, with_unit
from alerts.quantities.versions import VersionsOf
from evaluations.models import DriftPoint

# As for metrics: the newest points of each series, and the last of each of its newest days.
NEWEST = """
SELECT version_id, measure, feature, at, value, place, place_in_day, day_place FROM (
    SELECT version_id, measure, feature, at, value,
        row_number() OVER (PARTITION BY version_id, measure, feature ORDER BY at DESC) AS place,
        row_number() OVER (PARTITION BY version_id, measure, feature, (at AT TIME ZONE 'UTC')::date
            ORDER BY at DESC) AS place_in_day,
        dense_rank() OVER (PARTITION BY version_id, measure, feature
            ORDER BY (at AT TIME ZONE 'UTC')::date DESC) AS day_place
    FROM catalog_driftpoint WHERE version_id = ANY(%(versions)s) AND measure = ANY(%(measures)s)
) AS placed
WHERE place <= %(values)s OR (place_in_day = 1 AND day_place <= %(days)s)
ORDER BY at DESC
"""
Row = tuple[str, str, datetime, float, int, int, int]


class DriftQuantity:
    """A rule on how far features have moved from their reference: one feature, or each of them by itself."""

    measures: Mapping[str, str] = {str(value): str(label) for value, label in DriftPoint.Measure.choices}

    def measure(self, pairs: Sequence[Pair]) -> Mapping[tuple[int, int], Sequence[Subject]]:
        """Two queries."""
        every = [model.pk for rule, model in pairs if rule.versions == Rule.Versions.EVERY]
        versions = VersionsOf({model.pk for _, model in pairs}, every)
        looked_at = {(rule.pk, model.pk): versions.of(rule, model.pk) for rule, model in pairs}
        rules = {rule.pk: rule for rule, _ in pairs}
        rows = _rows({version.pk for held in looked_at.values() for version in held}, list(rules.values()))
        return {
            key: [
                Subject(version, dict(_series(rules[key[0]], rows.get(version.pk, [])))) for version in held
            ]
            for key, held in looked_at.items()
        }

    def words(self, rule: Rule, value: float | None, part: str) -> str:
        what = self.measures.get(rule.measure, rule.measure)
        of = f" of {part}" if part else ""
        return f"{what}{of} is {with_unit(value, '')}; the rule says {comparison(rule, '')}"

    def unit(self, rule: Rule) -> str:
        return ""


def _rows(versions: set[int], rules: Sequence[Rule]) -> Mapping[int, Sequence[Row]]:
    asked: dict[str, list[int] | list[str] | int] = {
        "versions": list(versions),
        "measures": list({rule.measure for rule in rules}),
        "values": max((rule.in_a_row for rule in rules if rule.row_of == Rule.Row.VALUES), default=1),
        "days": max((rule.in_a_row for rule in rules if rule.row_of == Rule.Row.DAYS), default=0),
    }
    found: dict[int, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, asked)  # type: ignore[arg-type]
        for version, *rest in cursor.fetchall():
            found[version].append(tuple(rest))  # type: ignore[arg-type]
    return found


def _series(rule: Rule, rows: Sequence[Row]) -> Iterator[tuple[str, list[Reading]]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    by_day = rule.row_of == Rule.Row.DAYS
    for measure, feature, at, value, place, place_in_day, day_place in rows:
        if measure != rule.measure or (rule.feature and feature != rule.feature):
            continue
        if (place_in_day == 1 and day_place <= rule.in_a_row) if by_day else place <= rule.in_a_row:
            found[feature].append(Reading(at, value))
    yield from found.items()
