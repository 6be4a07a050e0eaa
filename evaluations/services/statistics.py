"""Writing statistics: a whole document at once, or nothing of it; the same document again changes nothing."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from access.policy import require
from access.viewer import Viewer
from catalog.models import ModelVersion
from catalog.services import activity
from catalog.services.registered import lock_model
from core.errors import Conflict, Invalid, NotVisible
from core.validation import translate_db_errors, validate_row
from evaluations.models import (
    DriftPoint,
    Evaluation,
    Series,
    SeriesPoint,
    Statistic,
)
from evaluations.statistics.document import (
    Document,
    DriftIn,
    SeriesIn,
    StatisticIn,
)
from evaluations.statistics.kinds import Body
from vocabulary.models import Dataset, Source
from vocabulary.services.datasets import resolve_datasets

BATCH = 5_000
DRIFT_OF_A_VERSION = 1_000_000
POINTS_OF_A_VERSION = 1_000_000
SERIES_OF_A_VERSION = 500
# Data set, split, slice, time, source; then kind and name.
Where = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What a document was made of, and how much of it was new. `statistics` holds all of them, new or not."""

    statistics: tuple[Statistic, ...]
    new_statistics: int
    new_drift: int
    new_points: int

    @property
    def is_new(self) -> bool:
        return bool(self.new_statistics or self.new_drift or self.new_points)


@transaction.atomic
def add_statistics(*, viewer: Viewer, version: ModelVersion, document: Document) -> Added:
    """Add all that a document holds to a version. About fifteen queries, and one for 5,000 points.

    Raises:
        NotAllowed: less than a contributor, and no owner. Invalid: unknown source, or too much for one version.
        Conflict: other numbers stand in the same place; the field names it.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    rows, fresh = _add_statistics(version, document.statistics)
    added = Added(
        tuple(rows), fresh, _add_drift(version, document.drift), _add_series(version, document.series)
    )
    # Points arrive by the hour; only what is measured once makes a line in the feed.
    if fresh:
        activity.record(
            viewer=viewer,
            verb="added-statistics",
            model=version.model,
            version=version,
            label=version.label,
            statistics=fresh,
        )
    return added


@transaction.atomic
def remove_statistic(*, viewer: Viewer, version: ModelVersion, statistic_id: int) -> None:
    """Remove one statistic; its evaluation goes, too, when nothing else was measured under it.

    Raises:
        NotAllowed: less than a contributor, and no owner. NotVisible: the version has no such statistic.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    rows = Statistic.objects.filter(evaluation__version=version).defer("body")
    found = rows.filter(pk=statistic_id).select_related("evaluation").first()
    if found is None:
        raise NotVisible
    evaluation, words = found.evaluation, str(found)
    found.delete()
    if not evaluation.statistics.exists() and not evaluation.values.exists():
        evaluation.delete()
    _removed(viewer, version, words)


@transaction.atomic
def remove_drift(*, viewer: Viewer, version: ModelVersion, feature: str, measure: str = "") -> int:
    """Remove the drift of one feature, by all measures unless one is named; how many points went.

    Raises:
        NotAllowed: less than a contributor, and no owner. NotVisible: there is none.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    rows = version.drift.filter(feature=feature)
    count, _ = (rows.filter(measure=measure) if measure else rows).delete()
    if not count:
        raise NotVisible
    _removed(viewer, version, f"drift of {feature}")
    return count


@transaction.atomic
def remove_series(*, viewer: Viewer, version: ModelVersion, name: str) -> None:
    """Remove a series with its points.

    Raises:
        NotAllowed: less than a contributor, and no owner. NotVisible: there is none of that name.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    found = version.series.filter(name=name).first()
    if found is None:
        raise NotVisible
    found.delete()
    _removed(viewer, version, f"series {name}")


def _removed(viewer: Viewer, version: ModelVersion, words: str) -> None:
    activity.record(
        viewer=viewer,
        verb="removed-statistics",
        model=version.model,
        version=version,
        label=version.label,
        what=words,
    )


def digest(body: Body) -> str:
    """What tells one body from another, however the database writes its numbers."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _add_statistics(version: ModelVersion, given: Sequence[StatisticIn]) -> tuple[list[Statistic], int]:
    """All of `given` as rows, those that stood there among them, and how many are new."""
    if not given:
        return [], 0
    datasets = resolve_datasets({one.dataset: None for one in given if one.dataset}, field="statistics")
    evaluations = _evaluations(version, given, datasets, _sources(given))
    standing: dict[Where, Statistic] = {
        (row.evaluation_id, row.kind, row.name): row
        for row in Statistic.objects.filter(evaluation__in={row.pk for row in evaluations}).defer("body")
    }
    rows: list[Statistic] = []
    fresh: list[Statistic] = []
    places: dict[Where, str] = {}
    for one, evaluation in zip(given, evaluations, strict=True):
        key: Where = (evaluation.pk, one.kind, one.name)
        if key in places:
            raise Invalid(f"It is the same as {places[key]} by the names of the vocabulary.", field=one.place)
        places[key] = one.place
        old, mark = standing.get(key), digest(one.body)
        if old is not None and old.digest != mark:
            raise Conflict(
                "Another one stands under these conditions. Say when this was measured (evaluated_at), give it "
                f"a name, or delete number {old.pk} first.",
                field=one.place,
            )
        if old is None:
            old = validate_row(
                Statistic(
                    evaluation=evaluation,
                    kind=one.kind,
                    name=one.name,
                    body=one.body,
                    digest=mark,
                    size=one.size,
                    value=one.value,
                ),
                within=f"{one.place}.",
            )
            fresh.append(old)
        rows.append(old)
    with translate_db_errors():
        Statistic.objects.bulk_create(fresh, batch_size=100)
    return rows, len(fresh)


def _sources(given: Sequence[StatisticIn]) -> dict[str, Source]:
    slugs = {one.source for one in given if one.source}
    found = {source.slug: source for source in Source.objects.filter(slug__in=slugs)} if slugs else {}
    for one in given:
        if one.source and one.source not in found:
            raise Invalid(f"There is no source “{one.source}”.", field=f"{one.place}.source")
    return found


def _evaluations(
    version: ModelVersion,
    given: Sequence[StatisticIn],
    datasets: dict[str, Dataset | None],
    sources: dict[str, Source],
) -> list[Evaluation]:
    """The evaluation of each of `given`, made where none stands under its conditions. Two queries."""
    wanted = []
    for one in given:
        dataset = datasets.get(one.dataset)
        assumed = "" if one.split or dataset is None else dataset.default_split
        wanted.append(
            validate_row(
                Evaluation(
                    version=version,
                    dataset=dataset,
                    dataset_words=one.dataset,
                    split=one.split or assumed,
                    split_is_assumed=bool(assumed),
                    slice=one.slice,
                    evaluated_at=one.evaluated_at,
                    source=sources.get(one.source),
                ),
                within=f"{one.place}.",
            )
        )
    known = {_where(row): row for row in Evaluation.objects.filter(version=version)}
    made: dict[Where, Evaluation] = {}
    for row in wanted:
        if _where(row) not in known:
            made.setdefault(_where(row), row)
    with translate_db_errors():
        Evaluation.objects.bulk_create(made.values(), batch_size=BATCH)
    known |= made
    return [known[_where(row)] for row in wanted]


def _where(row: Evaluation) -> Where:
    return (row.dataset_id, row.split, row.slice, row.evaluated_at, row.source_id)


def _add_drift(version: ModelVersion, given: Sequence[DriftIn]) -> int:
    """Add those points that do not stand there; how many. Three queries, and one for 5,000 points."""
    if not given:
        return 0
    moments = [one.at for one in given]
    held = version.drift.filter(at__range=(min(moments), max(moments)))
    standing = {
        (feature, measure, at): value
        for feature, measure, at, value in held.values_list("feature", "measure", "at", "value")
    }
    fresh = []
    for one in given:
        before = standing.get((one.feature, one.measure, one.at))
        if before is None:
            fresh.append(
                DriftPoint(
                    version=version, feature=one.feature, measure=one.measure, at=one.at, value=one.value
                )
            )
        # Computed from histograms, the last digit may come out otherwise another time.
        elif not math.isclose(before, one.value, rel_tol=1e-9, abs_tol=1e-12):
            raise _other(one.place, before, one.value)
    _bounded(version.drift.count() + len(fresh), DRIFT_OF_A_VERSION, "points of drift", "drift")
    with translate_db_errors():
        DriftPoint.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _add_series(version: ModelVersion, given: Sequence[SeriesIn]) -> int:
    """Add those points that do not stand there; how many. Five queries, and one for 5,000 points."""
    if not given:
        return 0
    series = _named(version, [one.name for one in given])
    steps = [step for one in given for step, _ in one.points]
    held = SeriesPoint.objects.filter(
        series__in=[series[one.name] for one in given], step__range=(min(steps), max(steps))
    )
    standing = {(pk, step): value for pk, step, value in held.values_list("series_id", "step", "value")}
    fresh = []
    for one in given:
        row = series[one.name]
        for position, (step, value) in enumerate(one.points):
            before = standing.get((row.pk, step))
            if before is None:
                fresh.append(SeriesPoint(series=row, step=step, value=value))
            elif before != value:
                raise _other(f"{one.place}.points[{position}]", before, value)
    total = SeriesPoint.objects.filter(series__version=version).count() + len(fresh)
    _bounded(total, POINTS_OF_A_VERSION, "points of series", "series")
    with translate_db_errors():
        SeriesPoint.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _named(version: ModelVersion, names: Iterable[str]) -> dict[str, Series]:
    """The version's series by name, with new ones made."""
    known = {row.name: row for row in version.series.all()}
    missing = [name for name in names if name not in known]
    _bounded(len(known) + len(missing), SERIES_OF_A_VERSION, "series", "series")
    made = Series.objects.bulk_create(Series(version=version, name=name) for name in missing)
    return known | {row.name: row for row in made}


def _other(place: str, before: float, now: float) -> Conflict:
    return Conflict(
        f"{before:g} stands here already, not {now:g}. Delete it first to replace it.", field=place
    )


def _bounded(count: int, most: int, what: str, field: str) -> None:
    if count > most:
        raise Invalid(f"A version holds at most {most:,} {what}; these would be {count:,}.", field=field)
