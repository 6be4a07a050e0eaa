"""How a model's numbers go over its versions: one small chart for each metric under the same conditions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection

from catalog.models import ModelVersion, RegisteredModel
from evaluations.selectors.measurements import Conditions

MOST_VERSIONS = 200  # the newest; with more, points would lie upon each other
PER_PAGE = 12

# Measured for two versions at least, and once each: where a source states several numbers none is drawn.
CONDITIONS = """
SELECT m.slug, m.name, m.unit, m.direction, coalesce(d.slug, ''), coalesce(d.name, ''), e.split, e.slice
FROM catalog_evaluation e
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
LEFT JOIN catalog_dataset d ON d.id = e.dataset_id
WHERE e.version_id = ANY(%s)
GROUP BY m.id, d.id, e.split, e.slice HAVING count(DISTINCT e.version_id) > 1
ORDER BY (e.slice <> ''), m.importance DESC, count(DISTINCT e.version_id) DESC, m.name, d.name, e.split, e.slice
"""
VALUES = """
SELECT m.slug, coalesce(d.slug, ''), e.split, e.slice, e.version_id,
    (array_agg(mv.value ORDER BY e.evaluated_at DESC NULLS LAST, e.id))[1], max(e.evaluated_at)
FROM catalog_evaluation e
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
LEFT JOIN catalog_dataset d ON d.id = e.dataset_id
WHERE e.version_id = ANY(%(versions)s)
    AND (m.slug, coalesce(d.slug, ''), e.split, e.slice) IN (
        SELECT * FROM unnest(%(metric)s::text[], %(dataset)s::text[], %(split)s::text[], %(slice)s::text[])
    )
GROUP BY m.slug, d.slug, e.split, e.slice, e.version_id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One metric under the same conditions over versions: points as the chart takes them, oldest first."""

    metric: str
    unit: str
    direction: str
    where: str
    points: tuple[dict[str, Any], ...]

    @property
    def values(self) -> list[float]:
        return [point["value"] for point in self.points]


@dataclass(frozen=True, slots=True)
class Progress:
    """A page of lines, and how many versions they go over."""

    lines: tuple[Line, ...]
    page: Page[Any]
    versions: int
    of: int


def progress_of(
    model: RegisteredModel, *, by_time: bool = False, page: int = 1, per_page: int = PER_PAGE
) -> Progress:
    """What was measured alike for two or more of a model's newest versions. Four queries.

    By time, points stand in the order of their dates (measured, else released), and those without one are left out.
    The model is one that the viewer may see.
    """
    versions = list(model.versions.order_by("-position")[:MOST_VERSIONS])
    for version in versions:
        version.model = model
    by_id = {version.pk: version for version in versions}
    with connection.cursor() as cursor:
        cursor.execute(CONDITIONS, [list(by_id)])
        found = Paginator(cursor.fetchall(), per_page).get_page(page)
        wanted = [
            Conditions(slug, dataset, split, slice_) for slug, _, _, _, dataset, _, split, slice_ in found
        ]
        asked = {name: [getattr(one, name) for one in wanted] for name in Conditions._fields}
        cursor.execute(VALUES, {"versions": list(by_id), **asked})
        values: dict[Conditions, list[tuple[ModelVersion, float, date | None]]] = defaultdict(list)
        for slug, dataset, split, slice_, version_id, value, at in cursor.fetchall():
            version = by_id[version_id]
            day = at.date() if at else version.released_on
            values[Conditions(slug, dataset, split, slice_)].append((version, value, day))
    lines = []
    for conditions, (_, name, unit, direction, _, dataset_name, split, slice_) in zip(
        wanted, found, strict=True
    ):
        points = _points(values[conditions], by_time=by_time)
        where = ", ".join(part for part in (dataset_name, split, slice_) if part)
        lines.append(Line(name, unit, direction, where, tuple(points)))
    return Progress(tuple(lines), found, len(versions), model.versions.count())


def _points(rows: list[tuple[ModelVersion, float, date | None]], *, by_time: bool) -> list[dict[str, Any]]:
    if by_time:
        dated = sorted(((day, version, value) for version, value, day in rows if day), key=lambda row: row[0])
        return [_point(version, value, f"{day:%Y-%m-%d}") for day, version, value in dated]
    ordered = sorted(rows, key=lambda row: row[0].position)
    return [_point(version, value, version.label) for version, value, _ in ordered]


def _point(version: ModelVersion, value: float, label: str) -> dict[str, Any]:
    """A version's point: its stage is noted where it has one that counts, the day of its release beside the value."""
    return {
        "label": label,
        "value": value,
        "note": version.get_stage_display() if version.stage in ("production", "staging") else "",
        "hint": f"released {version.released_on}" if version.released_on else "",
        "url": version.get_absolute_url(),
    }
