"""What fires, what has happened, and what was sent, for whom it is theirs to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from access.viewer import Viewer
from alerts.access import get_rule, managed_endpoints, visible_alerts, visible_events, visible_silences
from alerts.models import Alert, Delivery, Event, Rule, Silence
from catalog.models import Project, RegisteredModel
from core.errors import Invalid, NotVisible

PAGE = 50
BY_SEVERITY = Case(
    When(rule__severity="critical", then=Value(0)),
    When(rule__severity="warning", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
OPEN = ("firing", "silenced")
# What fires before what is silenced (or has cleared), then the most severe, then the newest.
IN_ORDER = (
    Case(When(state="firing", then=Value(0)), default=Value(1), output_field=IntegerField()),
    BY_SEVERITY,
    "-fired_at",
    "-pk",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty is everything. `state` "open" is what fires or is silenced."""

    state: str = ""
    severity: str = ""
    kind: str = ""
    project: str = ""
    model: str = ""  # project/model
    rule: int | None = None

    def conditions(self, prefix: str) -> Q:
        """Those on model and rule; `prefix` leads to the rule's columns."""
        found = Q()
        if self.severity:
            found &= Q(**{f"{prefix}severity": self.severity})
        if self.kind:
            found &= Q(rule__kind=self.kind)
        if self.project:
            found &= Q(model__project__slug=self.project)
        if self.model:
            project, _, slug = self.model.partition("/")
            found &= Q(model__project__slug=project, model__slug=slug)
        if self.rule is not None:
            found &= Q(rule_id=self.rule)
        return found


def filter_of(given: Mapping[str, str]) -> Filter:
    """A filter from the parameters of an address.

    Raises:
        Invalid: a value that there is not.
    """
    state, severity, kind = given.get("state", ""), given.get("severity", ""), given.get("kind", "")
    if state and state not in ("open", "all", *Alert.State.values):
        raise Invalid("Choose open, all, firing, silenced or ok.", field="state")
    if severity and severity not in Rule.Severity.values:
        raise Invalid("Choose critical, warning or info.", field="severity")
    if kind and kind not in Rule.Kind.values:
        raise Invalid("Choose metric, drift, staleness or metadata.", field="kind")
    rule = given.get("rule", "")
    if rule and not (rule.isascii() and rule.isdigit() and len(rule) < 19):
        raise Invalid("A rule is named by its number.", field="rule")
    return Filter(
        state, severity, kind, given.get("project", ""), given.get("model", ""), int(rule) if rule else None
    )


def alert_rows(viewer: Viewer, wanted: Filter) -> QuerySet[Alert]:
    """Alerts of the viewer's, unordered."""
    rows = visible_alerts(viewer).filter(wanted.conditions("rule__"))
    if wanted.state == "open" or not wanted.state:
        return rows.filter(state__in=OPEN)
    return rows if wanted.state == "all" else rows.filter(state=wanted.state)


def alerts_of(viewer: Viewer, wanted: Filter, number: int = 1) -> Page[Alert]:
    """A page of alerts, what fires first, then the most severe, then the newest. Two queries."""
    rows = alert_rows(viewer, wanted).order_by(*IN_ORDER)
    return Paginator(rows, PAGE).get_page(number)


def event_rows(viewer: Viewer, wanted: Filter) -> QuerySet[Event]:
    """History of the viewer's, unordered."""
    return visible_events(viewer).filter(wanted.conditions(""))


def events_of(viewer: Viewer, wanted: Filter, number: int = 1) -> Page[Event]:
    """A page of history, newest first. Two queries."""
    return Paginator(event_rows(viewer, wanted).order_by("-at", "-pk"), PAGE).get_page(number)


def open_count(viewer: Viewer, model: RegisteredModel) -> int:
    """How many alerts fire on a model, silenced or not. One query; none for those not signed in."""
    return visible_alerts(viewer).filter(model=model, state__in=OPEN).count() if viewer.is_signed_in else 0


def projects_with_alerts(viewer: Viewer) -> list[Project]:
    """Projects to filter by. One query."""
    held = visible_alerts(viewer).order_by().values("model__project_id")
    return list(Project.objects.filter(pk__in=held).order_by("name")[:200])


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert with its history, what silences it, and its messages to endpoints that the viewer manages."""

    alert: Alert
    rule: Rule | None
    events: tuple[Event, ...]
    silences: tuple[Silence, ...]
    deliveries: tuple[Delivery, ...]


def alert_page(viewer: Viewer, alert_id: int) -> AlertPage:
    """Six queries.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    alert = visible_alerts(viewer).filter(pk=alert_id).first()
    if alert is None:
        raise NotVisible
    silences = (
        visible_silences(viewer)
        .filter(ended_at=None, settled_at=None)
        .filter(Q(rule_id=alert.rule_id) | Q(model_id=alert.model_id) | Q(project_id=alert.model.project_id))
    )
    deliveries = Delivery.objects.filter(
        event__alert=alert, endpoint__in=managed_endpoints(viewer).values("pk")
    )
    deliveries = deliveries.select_related("endpoint", "event").annotate(tries=Count("attempts"))
    try:
        rule = get_rule(viewer, alert.rule_id)
    except NotVisible:
        rule = None
    return AlertPage(
        alert,
        rule,
        tuple(alert.events.select_related("version")[:100]),
        tuple(one for one in silences if one.is_active),
        tuple(deliveries.order_by("-pk")[:20]),
    )
