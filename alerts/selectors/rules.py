"""Rules with how they stand, and what one would do before it is saved."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from access.viewer import Viewer
from accounts.models import Team
from alerts.access import (
    get_rule,
    led_teams,
    manages,
    stewarded,
    visible_alerts,
    visible_rules,
    visible_silences,
)
from alerts.evaluation import measure, scope_of
from alerts.judging import judge
from alerts.models import Alert, Recipient, Rule, Silence
from alerts.quantities import QUANTITIES, comparison
from catalog.access import visible_models
from catalog.models import Project, RegisteredModel

PAGE = 50
MOST_TRIED = 5_000
TRY_BATCH = 500
SHOWN = 12


def rule_rows(viewer: Viewer) -> QuerySet[Rule]:
    """Rules of the viewer's, each with `open_alerts`: how many of its alerts fire."""
    counted = Count("alerts", filter=~Q(alerts__state=Alert.State.OK))
    return visible_rules(viewer).annotate(open_alerts=counted)


def rules_of(viewer: Viewer, number: int = 1) -> Page[Rule]:
    """A page of rules by name. Two queries."""
    return Paginator(rule_rows(viewer).order_by("name", "pk"), PAGE).get_page(number)


def condition_of(rule: Rule) -> str:
    """What the rule says, in a sentence: `F1 on fraud-eval below 0.8`. No query."""
    quantity = QUANTITIES.get(rule.kind)
    if quantity is None:
        return f"{rule.get_kind_display()} {rule.op} {rule.threshold:g}"
    if rule.kind == Rule.Kind.METADATA and rule.measure != "percent":
        where = ", in production" if rule.versions == Rule.Versions.PRODUCTION else ""
        return f"{quantity.measures.get(rule.measure, rule.measure)}{where}"
    unit = quantity.unit(rule)
    if rule.kind == Rule.Kind.METRIC:
        where = ", ".join(word for word in (str(rule.dataset or ""), rule.split, rule.slice) if word)
        return f"{rule.metric}{' on ' + where if where else ''} {comparison(rule, unit)}"
    what = quantity.measures.get(rule.measure, rule.measure)
    feature = f" of {rule.feature}" if rule.feature else ""
    return f"{what}{feature} {comparison(rule, unit)}"


def scope_words(rule: Rule) -> str:
    """What the rule watches."""
    if rule.model is not None:
        return rule.model.name
    if rule.project is not None:
        return rule.project.name
    return str(rule.team) if rule.team is not None else "the whole inventory"


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule, whom it tells, what fires by it, and whether the viewer may change it."""

    rule: Rule
    condition: str
    scope: str
    recipients: tuple[Recipient, ...]
    endpoint_names: tuple[str, ...]
    alerts: Page[Alert]
    silences: tuple[Silence, ...]
    may_manage: bool


def rule_page(viewer: Viewer, rule_id: int, number: int = 1) -> RulePage:
    """Eight queries at most.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    rule = get_rule(viewer, rule_id)
    alerts = visible_alerts(viewer).filter(rule=rule).order_by("-state", "-fired_at", "-pk")
    silences = visible_silences(viewer).filter(rule=rule, ended_at=None, settled_at=None)
    may = manages(viewer, rule)
    return RulePage(
        rule,
        condition_of(rule),
        scope_words(rule),
        tuple(rule.recipients.select_related("user", "team")),
        tuple(rule.endpoints.values_list("name", flat=True)) if may else (),
        Paginator(alerts, PAGE).get_page(number),
        tuple(one for one in silences if one.is_active),
        may,
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would do now: on how many models it looked, and on which it would fire (the first of them)."""

    looked_at: int
    firing: int
    shown: tuple[tuple[RegisteredModel, str], ...]
    is_all: bool


def tryout(viewer: Viewer, rule: Rule) -> Trial:
    """Try a rule, saved or not, on the models in its scope that the viewer sees. A few queries for 500 models."""
    models = visible_models(viewer).filter(scope_of(rule)).exclude(status=RegisteredModel.Status.ARCHIVED)
    if rule.kind == Rule.Kind.METRIC:
        measured = RegisteredModel.objects.filter(
            versions__evaluations__values__metric_id=rule.metric_id or 0
        )
        models = models.filter(pk__in=measured.values("pk"))
    found = list(models.select_related("source").order_by("name", "pk")[: MOST_TRIED + 1])
    is_all, found = len(found) <= MOST_TRIED, found[:MOST_TRIED]
    firing: list[tuple[RegisteredModel, str]] = []
    quantity = QUANTITIES[rule.kind]
    for first in range(0, len(found), TRY_BATCH):
        held = found[first : first + TRY_BATCH]
        subjects = measure([(rule, model) for model in held])
        for model in held:
            for subject in subjects.get((rule.pk, model.pk), ()):
                verdict = judge(rule, subject)
                if verdict.fires:
                    version = f"Version {subject.version.label}: " if subject.version else ""
                    words = quantity.words(rule, verdict.value, verdict.part)
                    firing.append((model, version + words))
    return Trial(len(found), len(firing), tuple(firing[:SHOWN]), is_all)


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the viewer may make rules on, besides models that they own."""

    inventory: bool
    projects: tuple[Project, ...]
    teams: tuple[Team, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.inventory or self.projects or self.teams)


def scopes_of(viewer: Viewer) -> Scopes:
    """Two queries."""
    if not viewer.is_signed_in or viewer.read_only:
        return Scopes(False, (), ())
    projects = Project.objects.order_by("name")
    if not viewer.is_administrator:
        projects = projects.filter(pk__in=stewarded(viewer))
    return Scopes(
        viewer.is_administrator, tuple(projects[:1000]), tuple(led_teams(viewer).order_by("name")[:1000])
    )
