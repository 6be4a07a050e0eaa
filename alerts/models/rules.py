"""What is watched, who is told, and when nobody is."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team
from catalog.models import Project, RegisteredModel
from vocabulary.models import Dataset, Metric

from .delivery import Endpoint

USER = settings.AUTH_USER_MODEL


class Rule(models.Model):
    """A quantity, a threshold, and the models it is watched on.

    Whatever its kind, a rule compares a number with `threshold`: a metric's value, an age in days, a share of metadata.
    With no project, team or model it watches the whole inventory. `revision` grows with each edit.
    """

    class Kind(models.TextChoices):
        METRIC = "metric", "A metric"
        DRIFT = "drift", "Drift"
        STALENESS = "staleness", "Staleness"
        METADATA = "metadata", "Missing metadata"

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        WARNING = "warning", "Warning"
        INFO = "info", "For information"

    class Op(models.TextChoices):
        BELOW = "below", "below"
        ABOVE = "above", "above"

    class Versions(models.TextChoices):
        LEADING = "leading", "The version that stands for the model"
        PRODUCTION = "production", "Versions in production"
        EVERY = "every", "Every version"

    class Row(models.TextChoices):
        VALUES = "values", "values"
        DAYS = "days", "measured days"

    name = models.CharField(max_length=120)
    note = models.TextField(blank=True, max_length=5000, help_text="What to do about it; Markdown")
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARNING)
    is_enabled = models.BooleanField(default=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_rules"
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_rules"
    )
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_rules"
    )

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    split = models.CharField(max_length=120, blank=True)
    slice = models.CharField(max_length=300, blank=True)
    measure = models.CharField(
        max_length=40, blank=True, help_text="Which age, which piece of metadata, which measure of drift"
    )
    feature = models.CharField(max_length=200, blank=True, help_text="For drift; empty for every feature")
    versions = models.CharField(max_length=10, choices=Versions.choices, default=Versions.LEADING)

    op = models.CharField(max_length=5, choices=Op.choices)
    threshold = models.FloatField()
    clear_at = models.FloatField(null=True, blank=True, help_text="Fires until the value is back here")
    in_a_row = models.PositiveSmallIntegerField(default=1)
    row_of = models.CharField(max_length=6, choices=Row.choices, default=Row.VALUES)

    tell_owners = models.BooleanField(default=True)
    by_app = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=False)
    endpoints = models.ManyToManyField(Endpoint, blank=True, related_name="rules")

    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each edit; the ETag")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="rule_has_a_name"),
            models.CheckConstraint(
                condition=Q(project=None, team=None) | Q(project=None, model=None) | Q(team=None, model=None),
                name="rule_has_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(kind="metric", metric__isnull=False)
                | Q(kind__in=["drift", "staleness", "metadata"], metric=None) & ~Q(measure=""),
                name="rule_names_its_quantity",
            ),
            models.CheckConstraint(condition=Q(op="below") | Q(op="above"), name="rule_op_known"),
            models.CheckConstraint(
                condition=Q(severity__in=["critical", "warning", "info"]), name="rule_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(clear_at=None)
                | Q(op="below", clear_at__gte=F("threshold"))
                | Q(op="above", clear_at__lte=F("threshold")),
                name="rule_clears_on_the_good_side",
            ),
            models.CheckConstraint(condition=Q(in_a_row__range=(1, 100)), name="rule_in_a_row_bounded"),
            models.CheckConstraint(
                condition=Q(threshold__gt=float("-inf"), threshold__lt=float("inf")),
                name="rule_threshold_finite",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("alerts:rule", args=[self.pk])


class Recipient(models.Model):
    """A person or a team that a rule tells, besides the owners."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, team__isnull=False) | Q(user__isnull=False, team__isnull=True),
                name="recipient_is_a_person_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["rule", "user", "team"], nulls_distinct=False, name="recipient_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.team)


class Silence(models.Model):
    """Nothing is delivered about a rule, a model or a project until a moment; history goes on.

    `settled_at` is set by a worker once it has ended, which has whatever still fires looked at again.
    """

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, null=True, blank=True, related_name="silences")
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_silences"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_silences"
    )
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When someone ended it early")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__isnull=False, model=None, project=None)
                | Q(rule=None, model__isnull=False, project=None)
                | Q(rule=None, model=None, project__isnull=False),
                name="silence_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="silence_has_a_reason"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(settled_at=None), name="silence_unsettled")]

    def __str__(self) -> str:
        return f"{self.rule or self.model or self.project} until {self.until:%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        return self.ended_at is None and self.until > timezone.now()
