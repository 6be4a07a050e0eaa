"""The page of a version's statistics: one set of conditions at a time, then drift and series of the version."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import Max

from access.viewer import Viewer
from catalog.models import ModelVersion, RegisteredModel
from catalog.selectors.rights import Rights, rights_on
from catalog.selectors.versions import get_version
from core.charts import Chart
from evaluations.charts import statistics as charts
from evaluations.models import DriftPoint, Evaluation, Statistic
from evaluations.selectors.matrices import MatrixView, matrix_view
from evaluations.selectors.measurements import VALUE, Measured, measured
from evaluations.selectors.statistics import groups_of, statistic_rows, thinned
from evaluations.statistics import formulas
from evaluations.statistics.kinds import KINDS

MATRICES, IMPORTANCES, FAIRNESSES, SLICES = 3, 4, 10, 100
DRIFT_FEATURES, DRIFT_ROWS = 8, 25
DRIFT_DAYS = 30
SERIES_CHARTS, SERIES_STEPS = 6, 400
CONDITIONS_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions that something was measured under, to choose among."""

    evaluation: Evaluation
    count: int

    @property
    def words(self) -> str:
        one = self.evaluation
        parts = [one.dataset.name if one.dataset else "No data set", one.split, one.slice]
        if one.evaluated_at:
            parts.append(f"{one.evaluated_at:%Y-%m-%d %H:%M}")
        if one.source:
            parts.append(one.source.name)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FairnessView:
    """Groups side by side, and what tells them apart."""

    statistic: Statistic
    outcome: str
    groups: tuple[formulas.GroupCounts, ...]
    summary: formulas.Fairness

    @property
    def breaks_four_fifths(self) -> bool:
        impact = self.summary.disparate_impact
        return impact is not None and impact < 0.8


@dataclass(frozen=True, slots=True)
class SliceTable:
    """Numbers of one data set and split by slice: a column a measure, None where not measured."""

    dataset: str
    split: str
    columns: tuple[tuple[str, str, int], ...]
    rows: tuple[tuple[str, tuple[tuple[float | None, bool], ...]], ...]


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One feature: its latest value, and those before it."""

    feature: str
    value: float
    at: dt.datetime
    history: tuple[float, ...]
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class DriftView:
    """The features that moved most by one measure."""

    measure: str
    title: str
    measures: tuple[tuple[str, str], ...]
    chart: Chart | None
    rows: tuple[DriftRow, ...]
    features: int
    moved: int
    moved_much: int
    latest: dt.datetime
    has_limits: bool


@dataclass(frozen=True)
class StatisticsPage:
    """All of a version's statistics page."""

    model: RegisteredModel
    version: ModelVersion
    rights: Rights
    conditions: tuple[Where, ...]
    chosen: Where | None
    matrices: tuple[MatrixView, ...]
    more_matrices: int
    curves: tuple[Chart, ...]
    importances: tuple[Chart, ...]
    fairnesses: tuple[FairnessView, ...]
    not_shown: tuple[Statistic, ...]
    slices: SliceTable | None
    drift: DriftView | None
    series: tuple[Chart, ...]
    series_page: Page | None
    series_words: str

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart, for downloads."""
        drift = (self.drift.chart,) if self.drift and self.drift.chart else ()
        return (*self.curves, *self.importances, *drift, *self.series)

    @property
    def is_empty(self) -> bool:
        return not (self.conditions or self.drift or self.series or self.series_words or self.slices)


def statistics_page(
    viewer: Viewer,
    project: str,
    slug: str,
    label: str,
    *,
    on: int = 0,
    measure: str = "",
    feature: str = "",
    words: str = "",
    number: int = 1,
) -> StatisticsPage:
    """The statistics of one version; `on` chooses an evaluation. About twenty queries, however much there is.

    Raises:
        NotVisible: there is no such version for this viewer.
    """
    version = get_version(viewer, project, slug, label)
    lines = list(statistic_rows(version).order_by("evaluation_id", "kind", "name"))
    conditions = _conditions(lines)
    chosen = next((one for one in conditions if one.evaluation.pk == on), None)
    chosen = chosen or max(conditions, key=lambda one: one.count, default=None)
    mine = [line for line in lines if chosen and line.evaluation_id == chosen.evaluation.pk]
    shown = _chosen(mine)
    bodies = _bodies(shown)
    by_kind: dict[str, list[Statistic]] = defaultdict(list)
    for line in shown:
        by_kind[line.kind].append(line)
    series, series_page = _series(version, words, number)
    return StatisticsPage(
        model=version.model,
        version=version,
        rights=rights_on(viewer, version.model),
        conditions=conditions,
        chosen=chosen,
        matrices=tuple(matrix_view(one, bodies[one.pk]) for one in by_kind["confusion_matrix"]),
        more_matrices=sum(one.kind == "confusion_matrix" for one in mine) - len(by_kind["confusion_matrix"]),
        curves=_curves(mine, by_kind, bodies),
        importances=_importances(by_kind["importance"], bodies),
        fairnesses=tuple(_fairness(one, bodies[one.pk]) for one in by_kind["fairness"]),
        not_shown=tuple(line for line in mine if line not in shown),
        slices=_slices(measured([version]), lines, chosen),
        drift=_drift(version, measure, feature),
        series=series,
        series_page=series_page,
        series_words=words,
    )


def _conditions(lines: Sequence[Statistic]) -> tuple[Where, ...]:
    counts: dict[int, int] = defaultdict(int)
    evaluations = {}
    for line in lines:
        counts[line.evaluation_id] += 1
        evaluations[line.evaluation_id] = line.evaluation
    found = [Where(evaluation, counts[pk]) for pk, evaluation in evaluations.items()]
    return tuple(sorted(found, key=lambda one: one.words.casefold())[:CONDITIONS_AT_MOST])


def _chosen(lines: Sequence[Statistic]) -> list[Statistic]:
    """What is drawn: a bounded number of each kind, those without a name or with an average's name first."""
    most = {
        "confusion_matrix": MATRICES,
        "importance": IMPORTANCES,
        "fairness": FAIRNESSES,
    }
    found: list[Statistic] = []
    for kind in KINDS:
        rows = [line for line in lines if line.kind == kind]
        rows.sort(key=lambda line: (line.name not in ("", "micro", "macro"), line.name))
        found += rows[: most.get(kind, charts.MOST_LINES)]
    return found


def _bodies(lines: Sequence[Statistic]) -> dict[int, dict]:  # type: ignore[type-arg]
    return dict(Statistic.objects.filter(pk__in=[line.pk for line in lines]).values_list("pk", "body"))


def _curves(
    mine: Sequence[Statistic],
    by_kind: Mapping[str, Sequence[Statistic]],
    bodies: Mapping[int, dict],  # type: ignore[type-arg]
) -> tuple[Chart, ...]:
    found = []
    for kind in charts.CURVES:
        if rows := by_kind.get(kind):
            left_out = sum(line.kind == kind for line in mine) - len(rows)
            given = [(row.name or "all", row.value, bodies[row.pk]) for row in rows]
            found.append(charts.curve_chart(kind, given, left_out))
    return tuple(found)


def _importances(rows: Sequence[Statistic], bodies: Mapping[int, dict]) -> tuple[Chart, ...]:  # type: ignore[type-arg]
    found = []
    for place, row in enumerate(rows):
        body = bodies[row.pk]
        if "values" in body:
            found.append(charts.importance_chart(row.name, body, place))
        if "classes" in body:
            found.append(charts.class_importance_chart(row.name, body, place))
    return tuple(found)


def _fairness(row: Statistic, body: dict) -> FairnessView:  # type: ignore[type-arg]
    groups = groups_of(body)
    return FairnessView(row, body.get("outcome", ""), tuple(groups), formulas.fairness(groups))


def _slices(numbers: Measured, lines: Sequence[Statistic], chosen: Where | None) -> SliceTable | None:
    """The slices of the chosen data set and split (or of those with most slices), numbers and areas alike."""
    values: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    columns: dict[str, tuple[str, str, int, str, int]] = {}
    for column in numbers.by_version.values():
        for where, row in column.items():
            if row[VALUE] is None:
                continue
            metric = numbers.metrics[where.metric]
            columns[metric.slug] = (
                metric.name,
                metric.unit,
                metric.precision,
                metric.direction,
                metric.importance,
            )
            values[where.dataset, where.split][where.slice][metric.slug] = row[VALUE]
    for line in lines:
        if line.value is None:
            continue
        one = line.evaluation
        name = f"{line.get_kind_display()} {line.name}".strip()
        direction = "lower" if line.kind in ("calibration", "fairness") else "higher"
        columns[name] = (f"{name}: {KINDS[line.kind].measure}", "", 4, direction, 0)
        slug = one.dataset.slug if one.dataset else ""
        values[slug, one.split][one.slice].setdefault(name, line.value)
    if chosen is not None:
        dataset = chosen.evaluation.dataset
        key = (dataset.slug if dataset else "", chosen.evaluation.split)
    else:
        key = max(values, key=lambda pair: len(values[pair]), default=("", ""))
    rows = values.get(key, {})
    if len(rows) < 2:
        return None
    # A measure is worth a column where at least two slices have it.
    shared = [name for name in columns if sum(name in row for row in rows.values()) > 1]
    shared.sort(key=lambda name: (-columns[name][4], columns[name][0]))
    shared = shared[:5]
    worst = {
        name: _worst([row[name] for row in rows.values() if name in row], columns[name][3]) for name in shared
    }
    return (
        SliceTable(
            dataset=numbers.datasets.get(key[0])
            or (chosen.evaluation.dataset.name if chosen and chosen.evaluation.dataset else ""),
            split=key[1],
            columns=tuple(columns[name][:3] for name in shared),
            rows=tuple(
                (slice_, tuple((row.get(name), row.get(name) == worst[name]) for name in shared))
                for slice_, row in sorted(rows.items())[:SLICES]
            ),
        )
        if shared
        else None
    )


def _worst(values: Sequence[float], direction: str) -> float | None:
    if direction == "none" or len(set(values)) < 2:
        return None
    return min(values) if direction == "higher" else max(values)


def _drift(version: ModelVersion, measure: str, feature: str) -> DriftView | None:
    """The features that moved most at last. Four queries."""
    held = dict(
        version.drift.order_by()
        .values_list("measure")
        .annotate(latest=Max("at"))
        .values_list("measure", "latest")
    )
    known = [(value, label) for value, label in DriftPoint.Measure.choices if value in held]
    if not known:
        return None
    chosen = measure if measure in held else known[0][0]
    title = dict(known)[chosen]
    # Jobs measure their features within one run; what was not measured for a month is no longer watched.
    since = held[chosen] - dt.timedelta(days=DRIFT_DAYS)
    rows = version.drift.filter(measure=chosen, at__gte=since)
    if feature:
        rows = rows.filter(feature__icontains=feature)
    latest = rows.order_by("feature", "-at").distinct("feature").values_list("feature", "value", "at")
    last = sorted(latest, key=lambda row: (-row[1], row[0]))
    names = [name for name, _, _ in last[:DRIFT_ROWS]]
    history: dict[str, list[tuple[dt.datetime, float]]] = defaultdict(list)
    past = version.drift.filter(measure=chosen, feature__in=names).order_by("-at")
    for name, at, value in past.values_list("feature", "at", "value")[: DRIFT_ROWS * 200]:
        history[name].insert(0, (at, value))
    drawn = {name: history[name] for name in names[:DRIFT_FEATURES]}
    several = any(len(points) > 1 for points in drawn.values())
    low, high = (limit for limit, _ in charts.PSI_LIMITS)
    is_psi = chosen == "psi"
    return DriftView(
        measure=chosen,
        title=title,
        measures=tuple(known),
        chart=charts.drift_chart(chosen, title, drawn) if several else None,
        rows=tuple(
            DriftRow(name, value, at, tuple(v for _, v in history[name]), *_verdict(value, is_psi))
            for name, value, at in last[:DRIFT_ROWS]
        ),
        features=len(last),
        moved=sum(low <= value < high for _, value, _ in last) if is_psi else 0,
        moved_much=sum(value >= high for _, value, _ in last) if is_psi else 0,
        latest=held[chosen],
        has_limits=is_psi,
    )


def _verdict(value: float, is_psi: bool) -> tuple[str, str]:
    if not is_psi:
        return "", ""
    (low, _), (high, _) = charts.PSI_LIMITS
    if value >= high:
        return "moved much", "bad"
    return ("moved", "warm") if value >= low else ("stable", "good")


def _series(version: ModelVersion, words: str, number: int) -> tuple[tuple[Chart, ...], Page | None]:
    """A page of series, those alike in one chart: `train/loss` and `test/loss` are both loss. Two queries."""
    rows = version.series.order_by("name")
    if words:
        rows = rows.filter(name__icontains=words)
    together: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for pk, name in rows.values_list("pk", "name"):
        together[name.rpartition("/")[2] or name].append((pk, name))
    if not together:
        return (), None
    page = Paginator(list(together.items()), SERIES_CHARTS).get_page(number)
    wanted = [pk for _, lines in page for pk, _ in lines[: charts.MOST_LINES]]
    points = thinned(wanted, most=SERIES_STEPS)
    found = []
    for place, (title, lines) in enumerate(page):
        held = {name: points.get(pk, []) for pk, name in lines}
        found.append(charts.series_chart(lines[0][1] if len(lines) == 1 else title, held, place))
    return tuple(found), page
