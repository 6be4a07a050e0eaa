"""How a project, a team's models or the whole inventory stand, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from access.viewer import Viewer
from accounts.models import Team
from alerts.access import visible_alerts
from alerts.evaluation import models_of_team
from alerts.models import Alert, Rule
from alerts.quantities.metadata import MetadataQuantity
from alerts.selectors.alerts import IN_ORDER, OPEN
from catalog.access import visible_models
from catalog.models import ModelVersion, Project, RegisteredModel
from catalog.selectors.completeness import STEPS
from evaluations.models import Evaluation
from social.models import Rating

Ids = QuerySet[RegisteredModel, Any]  # the ids of the models it is about, for subqueries
NEWEST = 8
LISTED = 8
# Completeness is computed when the page is asked for, so of a very large inventory a sample stands for it.
MOST_COMPLETED = 20_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a small chart: what, how many, and where it leads."""

    label: str
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A version, on how many data sets it was evaluated, and when last."""

    version: ModelVersion
    datasets: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All that the page shows. Lists of bars have their own whole."""

    models: int
    firing: int
    silenced: int
    by_severity: tuple[Bar, ...]
    alerts: tuple[Alert, ...]
    stages: tuple[Bar, ...]
    evaluated: tuple[Bar, ...]
    renewed: tuple[Bar, ...]
    completeness: tuple[Bar, ...]
    mean_completeness: int | None
    is_sample: bool
    missing: tuple[Bar, ...]
    average: float | None
    ratings: int
    stars: tuple[tuple[int, int], ...]
    newest: tuple[Evaluated, ...]

    @property
    def versions(self) -> int:
        """How many versions there are, for the bars of their stages."""
        return sum(bar.count for bar in self.stages)

    @property
    def completeness_bins(self) -> list[dict[str, object]]:
        """The tenths of completeness, as the histogram takes them."""
        return [{"label": bar.label, "count": bar.count, "selected": True} for bar in self.completeness]


def dashboard(viewer: Viewer, *, project: Project | None = None, team: Team | None = None) -> Dashboard:
    """The dashboard of a project, a team's models or all models, of those that the viewer sees. Twelve queries."""
    models = visible_models(viewer)
    if project is not None:
        models = models.filter(project=project)
    elif team is not None:
        models = models.filter(models_of_team(team.pk))
    ids = models.order_by().values("pk")
    alerts = visible_alerts(viewer).filter(model__in=ids, state__in=OPEN) if viewer.is_signed_in else None
    states = _states(alerts)
    total = models.count()
    evaluated, renewed = _ages(ids)
    held, is_sample, missing = _completeness(models)
    average, stars = _ratings(ids)
    return Dashboard(
        models=total,
        firing=sum(count for (state, _), count in states.items() if state == Alert.State.FIRING),
        silenced=sum(count for (state, _), count in states.items() if state == Alert.State.SILENCED),
        by_severity=tuple(
            Bar(label, states.get((Alert.State.FIRING, severity), 0), severity)
            for severity, label in Rule.Severity.choices
        ),
        alerts=tuple(alerts.order_by(*IN_ORDER)[:LISTED]) if alerts is not None else (),
        stages=_stages(ids),
        evaluated=evaluated,
        renewed=renewed,
        completeness=_tenths(held),
        mean_completeness=round(sum(held) / len(held)) if held else None,
        is_sample=is_sample,
        missing=missing,
        average=average,
        ratings=sum(count for _, count in stars),
        stars=stars,
        newest=_newest(ids),
    )


def _states(alerts: QuerySet[Alert] | None) -> dict[tuple[str, str], int]:
    if alerts is None:
        return {}
    rows = alerts.order_by().values_list("state", "rule__severity").annotate(number=Count("pk"))
    return {(state, severity): number for state, severity, number in rows}


def _stages(ids: Ids) -> tuple[Bar, ...]:
    """Versions by stage. One query."""
    rows = dict(
        ModelVersion.objects.filter(model__in=ids)
        .order_by()
        .values_list("stage")
        .annotate(number=Count("pk"))
    )
    shown = ("production", "staging", "development", "archived", "")
    return tuple(
        Bar(str(ModelVersion.Stage(stage).label), rows.get(stage, 0), stage)
        for stage in shown
        if rows.get(stage) or stage in ("production", "staging")
    )


AGES = ((30, "within 30 days"), (90, "within 90 days"), (365, "within a year"))


def _ages(ids: Ids) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """Models by the age of their newest evaluation and version. Two queries."""
    evaluations = (
        Evaluation.objects.filter(version__model__in=ids)
        .order_by()
        .values("version__model")
        .annotate(at=Max(Coalesce("evaluated_at", "created_at")))
    )
    versions = (
        ModelVersion.objects.filter(model__in=ids).order_by().values("model").annotate(at=Max("created_at"))
    )
    total = ids.count()
    return _by_age(evaluations, total, "never"), _by_age(versions, total, "no version")


def _by_age(rows: Any, total: int, never: str) -> tuple[Bar, ...]:
    now = timezone.now()
    counted = rows.aggregate(
        all=Count("at"),
        **{f"d{days}": Count("at", filter=Q(at__gte=now - timedelta(days=days))) for days, _ in AGES},
    )
    found, before = [], 0
    for days, label in AGES:
        found.append(Bar(label, counted[f"d{days}"] - before))
        before = counted[f"d{days}"]
    found.append(Bar("longer ago", counted["all"] - before))
    return (*found, Bar(never, total - counted["all"]))


# Each step of `catalog.selectors.completeness` as a condition on a model `m` and its leading version `v`; a test
# compares both.
PRESENT = {
    "intended_use": "m.intended_use <> ''",
    "unintended_use": "m.unintended_use <> ''",
    "summary": "m.summary <> ''",
    "owners": "EXISTS (SELECT FROM catalog_ownership o WHERE o.model_id = m.id AND o.kind = 'owner')",
    "training_data": "EXISTS (SELECT FROM catalog_trainingdata t WHERE t.version_id = v.id)",
    "evaluations": (
        "EXISTS (SELECT FROM catalog_evaluation e JOIN catalog_metricvalue x ON x.evaluation_id = e.id"
        " WHERE e.version_id = v.id)"
    ),
    "parameters": "v.parameter_count IS NOT NULL",
}
TERM = (
    "EXISTS (SELECT FROM catalog_classification c JOIN catalog_term t ON t.id = c.term_id"
    " JOIN catalog_taxonomy x ON x.id = t.taxonomy_id WHERE c.model_id = m.id AND x.slug = '{slug}'"
    " AND (c.version_id IS NULL OR c.version_id = v.id))"
)
for _slug in ("license", "task", "framework"):
    PRESENT[_slug] = TERM.format(slug=_slug)


def _completeness(models: QuerySet[RegisteredModel]) -> tuple[list[int], bool, tuple[Bar, ...]]:
    """Each model's share of a hundred, whether they are a sample, and what is missing most. One query."""
    chosen, parameters = (
        models.select_related(None).order_by("-pk").values("pk")[: MOST_COMPLETED + 1].query.sql_with_params()
    )
    columns = ", ".join(PRESENT[step.field] for step in STEPS)
    statement = (
        f"SELECT {columns} FROM ({chosen}) AS chosen (id) JOIN catalog_registeredmodel m USING (id)"
        " LEFT JOIN LATERAL (SELECT w.id, w.parameter_count FROM catalog_modelversion w WHERE w.model_id = m.id"
        " ORDER BY CASE w.stage WHEN 'production' THEN 0 WHEN 'archived' THEN 2 ELSE 1 END, w.position DESC LIMIT 1"
        ") AS v ON true"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # nosec B608: built from constants and Django's own SQL
        rows = cursor.fetchall()
    is_sample, rows = len(rows) > MOST_COMPLETED, rows[:MOST_COMPLETED]
    percents = [
        100 - sum(step.points for step, there in zip(STEPS, row, strict=True) if not there) for row in rows
    ]
    lacking = [
        Bar(MetadataQuantity.measures[step.field], sum(not row[place] for row in rows), step.field)
        for place, step in enumerate(STEPS)
    ]
    return percents, is_sample, tuple(sorted(lacking, key=lambda bar: -bar.count)[:5])


def _tenths(percents: list[int]) -> tuple[Bar, ...]:
    counts = [0] * 10
    for percent in percents:
        counts[min(9, percent // 10)] += 1
    return tuple(
        Bar(f"{place * 10} to {place * 10 + 9 + (place == 9)} %", count) for place, count in enumerate(counts)
    )


def _ratings(
    ids: Ids,
) -> tuple[float | None, tuple[tuple[int, int], ...]]:
    """Mean and number of stars. One query."""
    rows = dict(
        Rating.objects.filter(model__in=ids).order_by().values_list("stars").annotate(number=Count("pk"))
    )
    number = sum(rows.values())
    mean = sum(stars * count for stars, count in rows.items()) / number if number else None
    return mean, tuple((stars, rows.get(stars, 0)) for stars in (5, 4, 3, 2, 1))


def _newest(ids: Ids) -> tuple[Evaluated, ...]:
    """The versions evaluated last. Two queries."""
    rows = list(
        Evaluation.objects.filter(version__model__in=ids)
        .order_by()
        .values("version_id")
        .annotate(at=Max(Coalesce("evaluated_at", "created_at")), datasets=Count("dataset", distinct=True))
        .order_by("-at", "-version_id")[:NEWEST]
    )
    versions = ModelVersion.objects.select_related("model__project").in_bulk(
        [row["version_id"] for row in rows]
    )
    return tuple(
        Evaluated(versions[row["version_id"]], row["datasets"], row["at"])
        for row in rows
        if row["version_id"] in versions
    )
