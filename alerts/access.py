"""Which rules, alerts, silences and endpoints exist for a viewer, and which they may change.

Alerts are for those who are signed in. A rule is seen by those who see its scope: its project or model; a team's by its
members; the inventory's by administrators. An alert is seen by those who see its model, and see its rule or are looked
after by one of the inventory. Endpoints are seen only by those who manage them: an address may hold a secret.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from access.policy import may, require
from access.viewer import Role, Viewer
from accounts.models import Membership, Team
from alerts.models import Alert, Endpoint, Event, Rule, Silence
from catalog.models import Ownership, Project, RegisteredModel
from core.errors import NotAllowed, NotVisible

NO_SCOPE = Q(project=None, team=None, model=None)


def sees_rule(viewer: Viewer, prefix: str = "", *, inventory: bool = False) -> Q:
    """The condition that a rule exists for the viewer; with `inventory` also one of the whole inventory."""
    if viewer.is_administrator:
        return Q()
    seen = Q(**{f"{prefix}project__isnull": False}) & viewer.scopes.as_q(f"{prefix}project__")
    seen |= Q(**{f"{prefix}model__isnull": False}) & viewer.scopes.as_q(f"{prefix}model__project__")
    seen |= Q(**{f"{prefix}team__in": list(viewer.team_ids)})
    if inventory:
        nothing = {f"{prefix}{name}": None for name in ("project", "team", "model")}
        seen |= Q(**nothing)
    return seen


def visible_rules(viewer: Viewer) -> QuerySet[Rule]:
    """Rules that exist for the viewer, with what their condition and scope need."""
    rules = Rule.objects.filter(sees_rule(viewer)) if viewer.is_signed_in else Rule.objects.none()
    return rules.select_related("metric", "dataset", "project", "team", "model__project", "created_by")


def visible_alerts(viewer: Viewer) -> QuerySet[Alert]:
    """Alerts that exist for the viewer."""
    if not viewer.is_signed_in:
        return Alert.objects.none()
    seen = viewer.scopes.as_q("model__project__") & sees_rule(viewer, "rule__", inventory=True)
    return Alert.objects.filter(seen).select_related("rule__metric", "model__project", "version")


def visible_events(viewer: Viewer) -> QuerySet[Event]:
    """History that exists for the viewer; of a rule that is gone, administrators read it alone."""
    if not viewer.is_signed_in:
        return Event.objects.none()
    if viewer.is_administrator:
        seen = Q()
    else:
        seen = viewer.scopes.as_q("model__project__") & sees_rule(viewer, "rule__", inventory=True)
        seen &= Q(rule__isnull=False)
    return Event.objects.filter(seen).select_related("model__project", "version", "rule", "alert")


def visible_silences(viewer: Viewer) -> QuerySet[Silence]:
    """Silences of what the viewer sees."""
    if not viewer.is_signed_in:
        return Silence.objects.none()
    seen = (
        Q()
        if viewer.is_administrator
        else (
            Q(rule__isnull=False) & sees_rule(viewer, "rule__")
            | Q(model__isnull=False) & viewer.scopes.as_q("model__project__")
            | Q(project__isnull=False) & viewer.scopes.as_q("project__")
        )
    )
    related = (
        "rule__project",
        "rule__team",
        "rule__model__project",
        "model__project",
        "project",
        "created_by",
    )
    return Silence.objects.filter(seen).select_related(*related)


def managed_endpoints(viewer: Viewer) -> QuerySet[Endpoint]:
    """Endpoints that the viewer may see and change: an administrator all, a steward those of the project."""
    if not viewer.is_signed_in:
        return Endpoint.objects.none()
    found = Endpoint.objects.select_related("project", "created_by")
    return found if viewer.is_administrator else found.filter(project_id__in=stewarded(viewer))


def stewarded(viewer: Viewer) -> list[int]:
    """Ids of the projects in which the viewer may make rules and endpoints, but for administrators."""
    return [pk for pk, role in viewer.roles.items() if role >= Role.STEWARD]


def led_teams(viewer: Viewer) -> QuerySet[Team]:
    """Teams in whose name the viewer may make rules: those they lead; for an administrator all."""
    if viewer.is_administrator:
        return Team.objects.all()
    led = Membership.objects.filter(user_id=viewer.user_id or 0, role=Membership.Role.LEAD)
    return Team.objects.filter(pk__in=led.values("team_id"))


def may_manage(
    viewer: Viewer, *, project: Project | None, team: Team | None, model: RegisteredModel | None
) -> bool:
    """Whether the viewer may make rules on a scope. At most one query."""
    if not viewer.is_signed_in or viewer.read_only:
        return False
    if model is not None:
        return may(viewer, "model.alert", model)
    if project is not None:
        return may(viewer, "project.alert", project)
    if team is not None:
        return led_teams(viewer).filter(pk=team.pk).exists()
    return viewer.is_administrator


def require_manage(
    viewer: Viewer, *, project: Project | None, team: Team | None, model: RegisteredModel | None
) -> None:
    """Raise unless the viewer may make rules on a scope.

    Raises:
        NotVisible: the scope does not exist for the viewer. NotAllowed: it does.
    """
    if model is not None:
        require(viewer, "model.alert", model)
    elif project is not None:
        require(viewer, "project.alert", project)
    if may_manage(viewer, project=project, team=team, model=model):
        return
    if not viewer.is_signed_in:
        raise NotAllowed("alerts", "Sign in first.")
    if viewer.read_only:
        raise NotAllowed("alerts", "This token may only read; use one with the write scope.")
    needs = "be a lead of the team" if team is not None else "be an administrator of the site"
    raise NotAllowed("alerts", f"For this you must {needs}.")


def manages(viewer: Viewer, rule: Rule) -> bool:
    return may_manage(viewer, project=rule.project, team=rule.team, model=rule.model)


class Managed:
    """What of a list the viewer may change, told from two queries, whatever its length."""

    def __init__(self, viewer: Viewer, model_ids: Iterable[int | None]) -> None:
        self.viewer = viewer
        self.may_write = viewer.is_signed_in and not viewer.read_only
        self.projects = set(stewarded(viewer))
        self.teams = set(led_teams(viewer).values_list("pk", flat=True))
        held = Ownership.objects.filter(
            model_id__in=[pk for pk in model_ids if pk], kind__in=["owner", "steward"]
        )
        mine = Q(user_id=viewer.user_id or 0) | Q(team_id__in=list(viewer.team_ids))
        self.models = set(held.filter(mine).values_list("model_id", flat=True))

    def of(self, project_id: int | None, team_id: int | None, model: RegisteredModel | None) -> bool:
        if not self.may_write or self.viewer.is_administrator:
            return self.may_write
        if model is not None:
            return model.project_id in self.projects or model.pk in self.models
        return project_id in self.projects or team_id in self.teams

    def of_rule(self, rule: Rule) -> bool:
        return self.of(rule.project_id, rule.team_id, rule.model)

    def of_silence(self, silence: Silence) -> bool:
        if silence.rule is not None:
            return self.of_rule(silence.rule)
        return self.of(silence.project_id, None, silence.model)


def require_rule(viewer: Viewer, rule: Rule) -> None:
    """Raise unless the viewer may change the rule."""
    require_manage(viewer, project=rule.project, team=rule.team, model=rule.model)


def get_rule(viewer: Viewer, rule_id: int) -> Rule:
    """One rule. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    found = visible_rules(viewer).filter(pk=rule_id).first()
    if found is None:
        raise NotVisible
    return found


def get_endpoint(viewer: Viewer, endpoint_id: int) -> Endpoint:
    """One endpoint that the viewer manages. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    found = managed_endpoints(viewer).filter(pk=endpoint_id).first()
    if found is None:
        raise NotVisible
    return found
