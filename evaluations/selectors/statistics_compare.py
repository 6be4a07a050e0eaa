"""Statistics of several versions side by side, only like with like: same kind, name, data set, split and slice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, F, OuterRef

from access.viewer import Viewer
from catalog.models import ModelVersion, RegisteredModel
from catalog.selectors.refs import UnknownRef, resolve_versions
from core.charts import Chart
from evaluations.charts import statistics as charts
from evaluations.models import Series, Statistic
from evaluations.selectors.compare import FEWEST, MOST
from evaluations.selectors.comparison import WrongNumber
from evaluations.selectors.matrices import MatrixView, matrix_view
from evaluations.selectors.statistics import groups_of, thinned
from evaluations.statistics import formulas
from evaluations.statistics.kinds import Body

CONDITIONS_AT_MOST = 200
SERIES_CHARTS, SERIES_STEPS = 6, 400
CANDIDATES = 50
WHOLE_AT_MOST = 12  # classes of matrices that stand side by side


@dataclass(frozen=True, slots=True, order=True)
class Alike:
    """What must be the same before two statistics may stand side by side, beside kind and name."""

    dataset: str
    split: str
    slice: str

    @property
    def words(self) -> str:
        return ", ".join(part for part in (self.dataset or "No data set", self.split, self.slice) if part)


@dataclass(frozen=True, slots=True)
class Named:
    """A version in the comparison, by the name it goes by there."""

    version: ModelVersion
    name: str


@dataclass(frozen=True, slots=True)
class Matrices:
    """Matrices over the same classes, None where a version has none; F1 by class, the best of each marked."""

    name: str
    views: tuple[tuple[Named, MatrixView | None], ...]
    labels: tuple[str, ...]
    by_class: tuple[tuple[str, tuple[tuple[float | None, bool], ...]], ...]

    @property
    def are_shown_whole(self) -> bool:
        return len(self.labels) <= WHOLE_AT_MOST


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """How a version treats the groups of one attribute; None where it has no such statistic."""

    named: Named
    summary: formulas.Fairness | None


@dataclass(frozen=True)
class StatisticsComparison:
    """All of the page that compares statistics."""

    columns: tuple[Named, ...]
    conditions: tuple[Alike, ...]
    chosen: Alike | None
    curves: tuple[Chart, ...]
    matrices: tuple[Matrices, ...]
    importances: tuple[Chart, ...]
    fairness: tuple[tuple[str, tuple[FairnessRow, ...]], ...]
    series: tuple[Chart, ...]
    not_alike: tuple[tuple[str, str], ...]

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart, for downloads."""
        return (*self.curves, *self.importances, *self.series)

    @property
    def is_empty(self) -> bool:
        return not (self.charts or self.matrices or self.fairness)


def compare_statistics(viewer: Viewer, refs: Sequence[str], *, on: int = 0) -> StatisticsComparison:
    """Statistics that two or more of 2 to 12 versions share; `on` is the place of the conditions, from 1. Ten queries.

    Raises:
        WrongNumber: less than two or more than twelve. UnknownRef: one names nothing this viewer may see.
    """
    if not FEWEST <= len(refs) <= MOST:
        raise WrongNumber(len(refs))
    columns = _columns(resolve_versions(viewer, refs))
    latest = _latest([column.version for column in columns])
    shared: dict[Alike, dict[tuple[str, str], dict[int, Statistic]]] = defaultdict(dict)
    for (where, kind, name), held in latest.items():
        if len(held) > 1:
            shared[where][kind, name] = held
    conditions = tuple(sorted(shared))[:CONDITIONS_AT_MOST]
    # What most of them share is shown first.
    chosen = conditions[on - 1] if 0 < on <= len(conditions) else None
    if chosen is None and conditions:
        chosen = max(conditions, key=lambda one: sum(len(held) for held in shared[one].values()))
    groups = shared[chosen] if chosen else {}
    bodies = _bodies([row.pk for held in groups.values() for row in held.values()])
    not_alike: list[tuple[str, str]] = []
    matrices = _matrices(columns, groups, bodies, not_alike)
    return StatisticsComparison(
        columns=columns,
        conditions=conditions,
        chosen=chosen,
        curves=_curves(columns, groups, bodies),
        matrices=matrices,
        importances=_importances(columns, groups, bodies, not_alike),
        fairness=_fairness(columns, groups, bodies),
        series=_series(columns),
        not_alike=(*not_alike, *_alone(latest)),
    )


def candidates(viewer: Viewer, refs: Sequence[str]) -> list[ModelVersion]:
    """Versions with statistics, of the model that the first reference names, to compare with it. Five queries.

    Empty where the reference names nothing this viewer may see.
    """
    try:
        found = resolve_versions(viewer, refs[:1])
    except UnknownRef:
        return []
    if not found:
        return []
    model, _ = found[0]
    versions = list(
        model.versions.filter(Exists(Statistic.objects.filter(evaluation__version=OuterRef("pk"))))[
            :CANDIDATES
        ]
    )
    for version in versions:
        version.model = model
    return versions


def _columns(found: Sequence[tuple[RegisteredModel, ModelVersion | None]]) -> tuple[Named, ...]:
    versions = [version for _, version in found if version is not None]
    models = {version.model_id for version in versions}
    return tuple(
        Named(version, version.label if len(models) == 1 else f"{version.model.name} {version.label}")
        for version in versions
    )


def _latest(versions: Sequence[ModelVersion]) -> dict[tuple[Alike, str, str], dict[int, Statistic]]:
    """By what they are: the latest statistic of each version. One query, without bodies."""
    rows = (
        Statistic.objects.filter(evaluation__version__in=versions)
        .defer("body")
        .select_related("evaluation__dataset")
        .order_by(F("evaluation__evaluated_at").asc(nulls_first=True), "pk")
    )
    found: dict[tuple[Alike, str, str], dict[int, Statistic]] = defaultdict(dict)
    for row in rows:
        one = row.evaluation
        where = Alike(one.dataset.name if one.dataset else "", one.split, one.slice)
        found[where, row.kind, row.name][one.version_id] = row
    return found


def _bodies(keys: Sequence[int]) -> dict[int, Body]:
    return dict(Statistic.objects.filter(pk__in=keys).values_list("pk", "body"))


Groups = dict[tuple[str, str], dict[int, Statistic]]


def _curves(columns: Sequence[Named], groups: Groups, bodies: dict[int, Body]) -> tuple[Chart, ...]:
    """A chart for each kind of curve, and for each name of it up to three."""
    found = []
    for kind in charts.CURVES:
        named = [(name, held) for (one, name), held in sorted(groups.items()) if one == kind]
        for place, (name, held) in enumerate(named[:3]):
            rows = [(c.name, held[c.version.pk]) for c in columns if c.version.pk in held]
            given = [(label, row.value, bodies[row.pk]) for label, row in rows]
            found.append(charts.curve_chart(kind, given, about=name, place=place))
    return tuple(found)


def _matrices(
    columns: Sequence[Named], groups: Groups, bodies: dict[int, Body], not_alike: list[tuple[str, str]]
) -> tuple[Matrices, ...]:
    found = []
    for (kind, name), held in sorted(groups.items()):
        if kind != "confusion_matrix":
            continue
        labels = {tuple(sorted(bodies[row.pk]["labels"])) for row in held.values()}
        if len(labels) > 1:
            not_alike.append((f"Confusion matrix {name}".strip(), "their classes differ"))
            continue
        first = bodies[next(iter(held.values())).pk]["labels"]
        views = []
        for column in columns:
            row = held.get(column.version.pk)
            views.append((column, matrix_view(row, _ordered(bodies[row.pk], first)) if row else None))
        found.append(
            Matrices(name, tuple(views), tuple(first), _by_class(first, [view for _, view in views]))
        )
    return tuple(found[:2])


def _ordered(body: Body, labels: Sequence[str]) -> Body:
    """The same matrix with its classes in another order."""
    if body["labels"] == labels:
        return body
    places = {label: place for place, label in enumerate(body["labels"])}
    order = [places[label] for label in labels]
    matrix = body["matrix"]
    return {"labels": list(labels), "matrix": [[matrix[row][column] for column in order] for row in order]}


def _by_class(
    labels: Sequence[str], views: Sequence[MatrixView | None]
) -> tuple[tuple[str, tuple[tuple[float | None, bool], ...]], ...]:
    """F1 of each class for each version, the classes that differ most first."""
    rows = []
    for place, label in enumerate(labels):
        values = [view.scores.classes[place].f1 if view else None for view in views]
        present = [value for value in values if value is not None]
        spread = max(present) - min(present)
        best = max(present) if spread > 0 else None
        rows.append(
            (-spread, place, label, tuple((value, value is not None and value == best) for value in values))
        )
    rows.sort(key=lambda row: row[:2])
    return tuple((label, cells) for _, _, label, cells in rows[:30])


def _importances(
    columns: Sequence[Named], groups: Groups, bodies: dict[int, Body], not_alike: list[tuple[str, str]]
) -> tuple[Chart, ...]:
    found: list[Chart] = []
    for (kind, name), held in sorted(groups.items()):
        if kind != "importance" or len(found) == 3:
            continue
        every = [(c.name, bodies[held[c.version.pk].pk]) for c in columns if c.version.pk in held]
        given = [(label, body) for label, body in every if "values" in body]
        common = set.intersection(*(set(body["features"]) for _, body in given)) if given else set()
        if len(given) > 1 and common:
            found.append(charts.compared_importance_chart(name, given, len(found)))
        else:
            not_alike.append((f"Feature importance {name}".strip(), "they have no feature in common"))
    return tuple(found)


def _fairness(
    columns: Sequence[Named], groups: Groups, bodies: dict[int, Body]
) -> tuple[tuple[str, tuple[FairnessRow, ...]], ...]:
    found = []
    for (kind, name), held in sorted(groups.items()):
        if kind == "fairness":
            rows = []
            for column in columns:
                row = held.get(column.version.pk)
                summary = formulas.fairness(groups_of(bodies[row.pk])) if row else None
                rows.append(FairnessRow(column, summary))
            found.append((name, tuple(rows)))
    return tuple(found[:10])


def _series(columns: Sequence[Named]) -> tuple[Chart, ...]:
    """Series of the same name, overlaid. Two queries."""
    named: dict[str, dict[int, int]] = defaultdict(dict)
    rows = Series.objects.filter(version__in=[column.version for column in columns])
    for pk, name, version_id in rows.values_list("pk", "name", "version_id"):
        named[name][version_id] = pk
    shared = sorted((name, held) for name, held in named.items() if len(held) > 1)[:SERIES_CHARTS]
    if not shared:
        return ()
    points = thinned([pk for _, held in shared for pk in held.values()], most=SERIES_STEPS)
    return tuple(
        charts.series_chart(
            name,
            {c.name: points[held[c.version.pk]] for c in columns if c.version.pk in held},
            place,
        )
        for place, (name, held) in enumerate(shared)
    )


def _alone(latest: dict[tuple[Alike, str, str], dict[int, Statistic]]) -> list[tuple[str, str]]:
    """What only one of the versions has under its conditions, up to fifty."""
    labels = dict(Statistic.Kind.choices)
    found = [
        (f"{labels[kind]} {name}".strip(), f"only one has it on {where.words}")
        for (where, kind, name), held in sorted(latest.items(), key=lambda item: item[0])
        if len(held) == 1
    ]
    return found[:50]
