"""Making, changing and removing rules."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from access.viewer import Viewer
from accounts.models import Team, User
from alerts.access import get_rule, managed_endpoints, require_manage, require_rule
from alerts.models import Alert, Endpoint, Event, Recipient, Rule
from alerts.quantities import QUANTITIES
from alerts.quantities.metadata import PERCENT
from core.errors import EditConflict, Invalid
from core.validation import translate_db_errors, validate_row

SCOPE = ("project", "team", "model")
QUANTITY = ("metric", "dataset", "split", "slice", "measure", "feature", "versions")
CONDITION = ("op", "threshold", "clear_at", "in_a_row", "row_of")
OWN = ("name", "note", "severity", "is_enabled", "tell_owners", "by_app", "by_mail")
EDITABLE = (*OWN, *QUANTITY, *CONDITION)
MOST_RECIPIENTS = 100


def shaped(kind: str, given: Mapping[str, Any], rule: Rule | None = None) -> Rule:
    """A rule of these fields, checked and not saved. No query.

    What a kind has no choice in is filled in: an age is always too high, a missing piece always counts as one.

    Raises:
        Invalid: the field at fault.
    """
    rule = rule or Rule(kind=kind)
    for name, value in given.items():
        setattr(rule, name, value)
    quantity = QUANTITIES.get(kind)
    if quantity is None:
        raise Invalid(f"Choose one of: {', '.join(QUANTITIES)}.", field="kind")
    if kind == Rule.Kind.METRIC:
        if rule.metric is None:
            raise Invalid("Choose a metric.", field="metric")
    elif rule.measure not in quantity.measures:
        raise Invalid(f"Choose one of: {', '.join(quantity.measures)}.", field="measure")
    if kind in (Rule.Kind.STALENESS, Rule.Kind.METADATA):
        rule.in_a_row, rule.clear_at, rule.row_of = 1, None, Rule.Row.VALUES
        rule.op = Rule.Op.BELOW if rule.measure == PERCENT else Rule.Op.ABOVE
        if kind == Rule.Kind.METADATA and rule.measure != PERCENT:
            rule.threshold = 0.5
    _check(rule)
    return validate_row(rule)


def _check(rule: Rule) -> None:
    if rule.op not in Rule.Op.values:
        raise Invalid("Choose below or above.", field="op")
    if rule.threshold is None or not math.isfinite(rule.threshold):
        raise Invalid("Give a threshold.", field="threshold")
    if rule.kind == Rule.Kind.STALENESS and rule.threshold <= 0:
        raise Invalid("Give a number of days above 0.", field="threshold")
    if rule.clear_at is not None:
        if not math.isfinite(rule.clear_at):
            raise Invalid("Write a finite number.", field="clear_at")
        wrong = rule.clear_at < rule.threshold if rule.op == Rule.Op.BELOW else rule.clear_at > rule.threshold
        if wrong:
            side = "or above" if rule.op == Rule.Op.BELOW else "or below"
            raise Invalid(f"It can clear only at {rule.threshold:g} {side}.", field="clear_at")
    if not 1 <= rule.in_a_row <= 100:
        raise Invalid("Choose 1 to 100.", field="in_a_row")


@transaction.atomic
def make_rule(
    *,
    viewer: Viewer,
    kind: str,
    scope: Mapping[str, Any],
    fields: Mapping[str, Any],
    people: Sequence[User] = (),
    teams: Sequence[Team] = (),
    endpoints: Sequence[Endpoint] = (),
) -> Rule:
    """Make a rule; workers look at what it is about within seconds.

    Raises:
        NotVisible, NotAllowed: the scope is not the viewer's to watch. Invalid: a field is wrong.
    """
    whole = {name: scope.get(name) for name in SCOPE}
    if sum(value is not None for value in whole.values()) > 1:
        raise Invalid("Choose one of project, team and model.", field="project")
    require_manage(viewer, **whole)
    _known(fields)
    rule = shaped(kind, {**whole, **fields, "created_by_id": viewer.user_id})
    with translate_db_errors():
        rule.save()
    _tell(viewer, rule, people=people, teams=teams, endpoints=endpoints)
    return rule


@transaction.atomic
def edit_rule(
    *,
    viewer: Viewer,
    rule: Rule,
    fields: Mapping[str, Any],
    people: Sequence[User] | None = None,
    teams: Sequence[Team] | None = None,
    endpoints: Sequence[Endpoint] | None = None,
    expected: int | None = None,
) -> Rule:
    """Change a rule; its kind and scope stay. What is left out stays, too.

    Raises:
        NotAllowed: the rule is not the viewer's to change. Invalid: a field is wrong.
        EditConflict: someone changed it since the `expected` revision.
    """
    require_rule(viewer, rule)
    _known(fields)
    Rule.objects.select_for_update(of=("self",), no_key=True).filter(pk=rule.pk).first()
    rule = get_rule(viewer, rule.pk)
    if expected is not None and expected != rule.revision:
        raise EditConflict(
            "The rule was changed by someone else in the meantime.", extra={"revision": rule.revision}
        )
    rule = shaped(rule.kind, {**fields, "revision": rule.revision + 1}, rule)
    with translate_db_errors():
        rule.save()
    _tell(viewer, rule, people=people, teams=teams, endpoints=endpoints)
    return rule


@transaction.atomic
def remove_rule(*, viewer: Viewer, rule: Rule) -> None:
    """Remove a rule. What fired by it is written down as cleared; its history stays, for administrators.

    Raises:
        NotAllowed: the rule is not the viewer's to change.
    """
    require_rule(viewer, rule)
    firing = Alert.objects.filter(rule=rule).exclude(state=Alert.State.OK).select_for_update(of=("self",))
    Event.objects.bulk_create(
        [
            Event(
                alert=alert,
                rule=rule,
                rule_name=rule.name,
                severity=rule.severity,
                model_id=alert.model_id,
                version_id=alert.version_id,
                kind=Event.Kind.CLEARED,
                episode=alert.episode,
                words="The rule was removed",
            )
            for alert in firing
        ],
        ignore_conflicts=True,
    )
    rule.delete()


def _known(fields: Mapping[str, Any]) -> None:
    for name in fields:
        if name not in EDITABLE:
            raise Invalid(f"A rule has no field “{name}” to set.", field=name)


def _tell(
    viewer: Viewer,
    rule: Rule,
    *,
    people: Sequence[User] | None,
    teams: Sequence[Team] | None,
    endpoints: Sequence[Endpoint] | None,
) -> None:
    """Set whom the rule tells; None leaves it as it is."""
    if people is not None:
        _set_recipients(rule, "user", [user.pk for user in people])
    if teams is not None:
        _set_recipients(rule, "team", [team.pk for team in teams])
    if endpoints is not None:
        mine = set(managed_endpoints(viewer).values_list("pk", flat=True))
        kept = [pk for pk in rule.endpoints.values_list("pk", flat=True) if pk not in mine]
        if any(endpoint.pk not in mine for endpoint in endpoints):
            raise Invalid("There is no such webhook.", field="webhooks")
        rule.endpoints.set([*kept, *[endpoint.pk for endpoint in endpoints]])


def _set_recipients(rule: Rule, kind: str, ids: Sequence[int]) -> None:
    if len(ids) > MOST_RECIPIENTS:
        raise Invalid(f"Name at most {MOST_RECIPIENTS}; a team is better for more.", field="people")
    rule.recipients.exclude(**{f"{kind}_id__in": ids}).exclude(**{kind: None}).delete()
    Recipient.objects.bulk_create(
        [Recipient(rule=rule, **{f"{kind}_id": pk}) for pk in dict.fromkeys(ids)], ignore_conflicts=True
    )
