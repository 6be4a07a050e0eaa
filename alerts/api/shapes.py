"""What the API of alerts takes and gives."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers as s

from alerts.models import Alert, Attempt, Delivery, Endpoint, Event, Recipient, Rule, Silence
from alerts.quantities import QUANTITIES
from alerts.selectors.rules import condition_of
from catalog.api.shapes import Person
from core.api.inputs import Body, Measure, Words, optional
from core.api.shapes import Shape

Plain = dict[str, Any]


# ── taken ─────────────────────────────────────────────────────────────────────────────────────────


class RuleFields(Body):
    name = Words(max_length=120)
    note = optional(5000, help_text="What to do about it; Markdown")
    severity = s.ChoiceField(choices=Rule.Severity.choices, required=False)
    is_enabled = s.BooleanField(required=False)
    metric = Words(max_length=200, required=False, help_text="By any of its names; for the kind metric")
    dataset = Words(max_length=300, required=False, allow_null=True, help_text="Without it, each by itself")
    split = optional(120)
    slice = optional(300)
    measure = Words(
        max_length=40,
        required=False,
        help_text="Staleness: version, evaluation, production. Metadata: a field such as owners, or percent. "
        "Drift: psi, ks, js.",
    )
    feature = optional(200, help_text="For drift; without it, each by itself")
    versions = s.ChoiceField(choices=Rule.Versions.choices, required=False)
    op = s.ChoiceField(choices=Rule.Op.choices, required=False)
    threshold = Measure(required=False, help_text="In the metric's own unit, or in days, or in percent")
    clear_at = Measure(required=False, allow_null=True, help_text="Fires until the value is back here")
    in_a_row = s.IntegerField(required=False, min_value=1, max_value=100)
    row_of = s.ChoiceField(choices=Rule.Row.choices, required=False)
    tell_owners = s.BooleanField(required=False)
    by_app = s.BooleanField(required=False)
    by_mail = s.BooleanField(required=False)
    people = s.ListField(child=Words(max_length=64), required=False, max_length=100, help_text="User names")
    teams = s.ListField(child=Words(max_length=80), required=False, max_length=100, help_text="Slugs")
    webhooks = s.ListField(
        child=s.IntegerField(min_value=1), required=False, max_length=50, help_text="Numbers of webhooks"
    )


class NewRule(RuleFields):
    kind = s.ChoiceField(choices=Rule.Kind.choices)
    project = Words(required=False, allow_null=True, max_length=120)
    team = Words(required=False, allow_null=True, max_length=80)
    model = Words(required=False, allow_null=True, max_length=300, help_text="project/model")


class SilenceBody(Body):
    rule = s.IntegerField(required=False, min_value=1)
    model = Words(required=False, max_length=300, help_text="project/model")
    project = Words(required=False, max_length=120)
    until = s.DateTimeField()
    reason = Words(max_length=300)


class WebhookFields(Body):
    name = Words(max_length=120)
    url = Words(max_length=1000)
    is_enabled = s.BooleanField(required=False)


class NewWebhook(WebhookFields):
    project = Words(
        required=False, allow_null=True, max_length=120, help_text="Without it, of the whole inventory"
    )


# ── given ─────────────────────────────────────────────────────────────────────────────────────────


class RuleShape(Shape):
    id = s.IntegerField()
    url = s.CharField()
    name = s.CharField()
    note = s.CharField(allow_blank=True)
    severity = s.CharField()
    is_enabled = s.BooleanField()
    kind = s.CharField()
    condition = s.CharField(help_text="What it says, in words")
    project = s.CharField(allow_null=True)
    team = s.CharField(allow_null=True)
    model = s.CharField(allow_null=True)
    metric = s.CharField(allow_null=True)
    dataset = s.CharField(allow_null=True)
    split = s.CharField(allow_blank=True)
    slice = s.CharField(allow_blank=True)
    measure = s.CharField(allow_blank=True)
    feature = s.CharField(allow_blank=True)
    versions = s.CharField()
    op = s.CharField()
    threshold = s.FloatField()
    unit = s.CharField(allow_blank=True)
    clear_at = s.FloatField(allow_null=True)
    in_a_row = s.IntegerField()
    row_of = s.CharField()
    tell_owners = s.BooleanField()
    by_app = s.BooleanField()
    by_mail = s.BooleanField()
    people = s.ListField(child=s.CharField())
    teams = s.ListField(child=s.CharField())
    open_alerts = s.IntegerField()
    revision = s.IntegerField()
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()


class WouldFire(Shape):
    model = s.CharField()
    words = s.CharField()


class TrialShape(Shape):
    looked_at = s.IntegerField()
    firing = s.IntegerField()
    first = WouldFire(many=True)
    is_all = s.BooleanField(help_text="False when there are more models than were looked at")


class AlertShape(Shape):
    id = s.IntegerField()
    url = s.CharField()
    rule = s.IntegerField()
    rule_name = s.CharField()
    severity = s.CharField()
    kind = s.CharField()
    model = s.CharField()
    version = s.CharField(allow_null=True)
    state = s.CharField(help_text="firing, silenced or ok")
    value = s.FloatField(allow_null=True)
    words = s.CharField(allow_blank=True)
    episode = s.IntegerField(help_text="How often it has fired")
    fired_at = s.DateTimeField(allow_null=True)
    cleared_at = s.DateTimeField(allow_null=True)


class EventShape(Shape):
    id = s.IntegerField()
    alert = s.IntegerField(allow_null=True)
    rule = s.IntegerField(allow_null=True)
    rule_name = s.CharField()
    severity = s.CharField()
    kind = s.CharField(help_text="fired or cleared")
    model = s.CharField()
    version = s.CharField(allow_null=True)
    value = s.FloatField(allow_null=True)
    words = s.CharField()
    was_silenced = s.BooleanField()
    at = s.DateTimeField()


class SilenceShape(Shape):
    id = s.IntegerField()
    rule = s.IntegerField(allow_null=True)
    model = s.CharField(allow_null=True)
    project = s.CharField(allow_null=True)
    until = s.DateTimeField()
    reason = s.CharField()
    is_active = s.BooleanField()
    created_by = Person(allow_null=True)
    created_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class WebhookShape(Shape):
    id = s.IntegerField()
    name = s.CharField()
    url = s.CharField()
    project = s.CharField(allow_null=True)
    is_enabled = s.BooleanField()
    failures = s.IntegerField(help_text="In a row")
    next_at = s.DateTimeField(allow_null=True)
    revision = s.IntegerField()
    created_at = s.DateTimeField()


class WebhookSecret(WebhookShape):
    secret = s.CharField(help_text="Shown this once")


class SecretShape(Shape):
    secret = s.CharField(help_text="Shown this once; for a day the one before signs, too")


class AttemptShape(Shape):
    at = s.DateTimeField()
    status = s.IntegerField(allow_null=True)
    error = s.CharField(allow_blank=True)
    milliseconds = s.IntegerField()


class DeliveryShape(Shape):
    id = s.IntegerField()
    message_id = s.CharField()
    type = s.CharField()
    event = s.IntegerField(allow_null=True)
    state = s.CharField()
    created_at = s.DateTimeField()
    done_at = s.DateTimeField(allow_null=True)
    attempts = AttemptShape(many=True)


# ── rows as plain data ────────────────────────────────────────────────────────────────────────────


def rule_data(rows: Sequence[Rule]) -> list[Plain]:
    """Rules with `open_alerts` and their scopes at hand. One query."""
    told: dict[int, tuple[list[str], list[str]]] = {row.pk: ([], []) for row in rows}
    for one in Recipient.objects.filter(rule__in=told).select_related("user", "team").order_by("pk"):
        people, teams = told[one.rule_id]
        if one.user is not None:
            people.append(one.user.username)
        if one.team is not None:
            teams.append(one.team.slug)
    names = (
        "name", "note", "severity", "is_enabled", "kind", "split", "slice", "measure", "feature", "versions", "op",
        "threshold", "clear_at", "in_a_row", "row_of", "tell_owners", "by_app", "by_mail", "revision", "created_at",
        "updated_at",
    )  # fmt: skip
    return [
        {
            "id": row.pk,
            "url": row.get_absolute_url(),
            **{name: getattr(row, name) for name in names},
            "condition": condition_of(row),
            "project": row.project.slug if row.project else None,
            "team": row.team.slug if row.team else None,
            "model": row.model.ref if row.model else None,
            "metric": row.metric.slug if row.metric else None,
            "dataset": row.dataset.slug if row.dataset else None,
            "unit": QUANTITIES[row.kind].unit(row) if row.kind in QUANTITIES else "",
            "people": told[row.pk][0],
            "teams": told[row.pk][1],
            "open_alerts": getattr(row, "open_alerts", 0),
        }
        for row in rows
    ]


def alert_data(rows: Sequence[Alert]) -> list[Plain]:
    names = ("state", "value", "words", "episode", "fired_at", "cleared_at")
    return [
        {
            "id": row.pk,
            "url": row.get_absolute_url(),
            "rule": row.rule_id,
            "rule_name": row.rule.name,
            "severity": row.rule.severity,
            "kind": row.rule.kind,
            "model": row.model.ref,
            "version": row.version.label if row.version else None,
            **{name: getattr(row, name) for name in names},
        }
        for row in rows
    ]


def event_data(rows: Sequence[Event]) -> list[Plain]:
    names = ("rule_name", "severity", "kind", "value", "words", "was_silenced", "at")
    return [
        {
            "id": row.pk,
            "alert": row.alert_id,
            "rule": row.rule_id,
            "model": row.model.ref,
            "version": row.version.label if row.version else None,
            **{name: getattr(row, name) for name in names},
        }
        for row in rows
    ]


def silence_data(rows: Sequence[Silence]) -> list[Plain]:
    names = ("until", "reason", "is_active", "created_at", "ended_at")
    return [
        {
            "id": row.pk,
            "rule": row.rule_id,
            "model": row.model.ref if row.model else None,
            "project": row.project.slug if row.project else None,
            "created_by": {"username": row.created_by.username, "name": row.created_by.name}
            if row.created_by
            else None,
            **{name: getattr(row, name) for name in names},
        }
        for row in rows
    ]


def webhook_data(rows: Sequence[Endpoint]) -> list[Plain]:
    names = ("name", "url", "is_enabled", "failures", "next_at", "revision", "created_at")
    return [
        {
            "id": row.pk,
            "project": row.project.slug if row.project else None,
            **{name: getattr(row, name) for name in names},
        }
        for row in rows
    ]


def delivery_data(rows: Sequence[Delivery]) -> list[Plain]:
    """Messages with their attempts. One query."""
    tried: dict[int, list[Plain]] = {row.pk: [] for row in rows}
    for one in Attempt.objects.filter(delivery__in=tried).order_by("-pk"):
        found = {"at": one.at, "status": one.status, "error": one.error, "milliseconds": one.milliseconds}
        tried[one.delivery_id].append(found)
    names = ("message_id", "type", "state", "created_at", "done_at")
    return [
        {
            "id": row.pk,
            "event": row.event_id,
            **{name: getattr(row, name) for name in names},
            "attempts": tried[row.pk],
        }
        for row in rows
    ]
