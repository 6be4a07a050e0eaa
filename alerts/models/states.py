"""How each rule stands for each model, what happened, and what must be looked at."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from catalog.models import ModelVersion, RegisteredModel

from .rules import Rule


class Alert(models.Model):
    """How one rule stands for one model or version. There is no row before it fires for the first time.

    `parts` are the conditions (data set, split, slice, feature) under which it fires now. `told` is the last thing
    that was delivered: a silence makes it lag behind `state`, and its end has it catch up.
    """

    class State(models.TextChoices):
        OK = "ok", "Cleared"
        FIRING = "firing", "Firing"
        SILENCED = "silenced", "Silenced"

    class Told(models.TextChoices):
        NOTHING = "", "Nothing"
        FIRED = "fired", "Fired"
        CLEARED = "cleared", "Cleared"

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="alerts")
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="alerts")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OK)
    parts = models.JSONField(default=list)
    episode = models.PositiveIntegerField(default=0, help_text="How often it has fired")
    value = models.FloatField(null=True)
    words = models.CharField(max_length=400, blank=True)
    fired_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=7, choices=Told.choices, blank=True, default=Told.NOTHING)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "model", "version"], nulls_distinct=False, name="alert_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ok", "firing", "silenced"]), name="alert_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["model"], condition=~Q(state="ok"), name="alert_open_of_model"),
            models.Index(fields=["-fired_at", "-id"], name="alert_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.model_id}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("alerts:alert", args=[self.pk])


class Event(models.Model):
    """An alert fired or cleared: never changed, and kept when the rule goes."""

    class Kind(models.TextChoices):
        FIRED = "fired", "Fired"
        CLEARED = "cleared", "Cleared"

    alert = models.ForeignKey(Alert, on_delete=models.SET_NULL, null=True, related_name="events")
    rule = models.ForeignKey(Rule, on_delete=models.SET_NULL, null=True, related_name="events")
    rule_name = models.CharField(max_length=120)
    severity = models.CharField(max_length=8, choices=Rule.Severity.choices)
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="alert_events")
    version = models.ForeignKey(ModelVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    episode = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    words = models.CharField(max_length=400)
    was_silenced = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "episode", "kind"], name="alert_event_once"),
            models.CheckConstraint(condition=Q(kind__in=["fired", "cleared"]), name="alert_event_known"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="alert_event_newest"),
            models.Index(fields=["model", "-at"], name="alert_event_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_name} {self.kind}"


class Touched(models.Model):
    """A model, a rule or a pair of them to be looked at. Written by triggers, in the transaction of the change.

    No rule means every rule, no model every model that the rule is about; neither, everything.
    """

    model_id = models.BigIntegerField(null=True)
    rule_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(db_default=0)
    not_before = models.DateTimeField(null=True, help_text="Set when looking at it failed")

    class Meta:
        db_table = "alerts_touched"
        verbose_name_plural = "touched"
        indexes = [models.Index(fields=["model_id"], name="touched_of_model")]

    def __str__(self) -> str:
        return f"model {self.model_id or 'any'}, rule {self.rule_id or 'any'}"
