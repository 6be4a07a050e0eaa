"""Statistical metadata: definitions of metrics and data sets, and what was measured on what."""

from django.db import models
from django.db.models import F, Q

from .registered import ModelVersion
from .taxonomy import Source


class Metric(models.Model):
    """What is measured: its unit, range, and which way is better."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"
        NONE = "none", "Neither is better"

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.NONE)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    group = models.SlugField(max_length=40, default="quality", help_text="quality, speed, cost, size")
    precision = models.PositiveSmallIntegerField(default=2, help_text="Digits after the point to show")
    importance = models.PositiveSmallIntegerField(
        default=50, help_text="1 to 100: which number stands for a model"
    )

    class Meta:
        ordering = ["-importance", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=["higher", "lower", "none"]), name="metric_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(maximum__gte=F("minimum")),
                name="metric_range_in_order",
            ),
            models.CheckConstraint(
                condition=Q(importance__range=(1, 100)), name="metric_importance_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds(self, value: float) -> bool:
        """Whether `value` (in this metric's unit) lies in the valid range."""
        return not (self.minimum is not None and value < self.minimum) and not (
            self.maximum is not None and value > self.maximum
        )


class MetricAlias(models.Model):
    """A source's word for a metric, with the factor onto our unit and the condition it implies."""

    metric = models.ForeignKey(
        Metric,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="aliases",
        help_text="Empty: these words are no measurement, and are kept as a parameter",
    )
    words = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=40, blank=True, help_text="The source's unit these words come with")
    factor = models.FloatField(default=1.0)
    split = models.CharField(max_length=120, blank=True)
    slice = models.CharField(max_length=200, blank=True)
    parameter = models.CharField(
        max_length=200, blank=True, help_text="Where no measurement: the parameter's name"
    )

    class Meta:
        ordering = ["words"]
        verbose_name_plural = "metric aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["folded", "source", "unit"],
                nulls_distinct=False,
                name="metric_alias_means_one_metric",
            ),
            models.CheckConstraint(condition=Q(factor__gt=0), name="metric_alias_factor_positive"),
            models.CheckConstraint(
                condition=Q(metric__isnull=False, parameter="") | (Q(metric=None) & ~Q(parameter="")),
                name="metric_alias_is_metric_or_parameter",
            ),
        ]

    def __str__(self) -> str:
        return self.words


class Dataset(models.Model):
    """A data set models are trained or measured on."""

    slug = models.SlugField(max_length=160, unique=True, allow_unicode=True)
    name = models.CharField(max_length=300, unique=True)
    description = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    default_split = models.CharField(
        max_length=120, blank=True, help_text="The split meant where a source states none"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DatasetAlias(models.Model):
    """Another way to write a data set's name; with no data set, words that name none."""

    dataset = models.ForeignKey(
        Dataset, on_delete=models.CASCADE, null=True, blank=True, related_name="aliases"
    )
    words = models.CharField(max_length=300)
    folded = models.CharField(max_length=300, unique=True)

    class Meta:
        ordering = ["words"]
        verbose_name_plural = "data set aliases"

    def __str__(self) -> str:
        return self.words


class Evaluation(models.Model):
    """Measurements of a version under one set of stated conditions."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evaluations")
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, null=True, blank=True, related_name="evaluations"
    )
    dataset_words = models.CharField(max_length=300, blank=True)
    split = models.CharField(max_length=120, blank=True)
    split_is_assumed = models.BooleanField(default=False, help_text="Not stated; the data set's default")
    slice = models.CharField(max_length=300, blank=True)
    evaluated_at = models.DateTimeField(null=True, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="evaluations"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "dataset", "split", "slice", "evaluated_at", "source"],
                nulls_distinct=False,
                name="evaluation_once_under_its_conditions",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "split"], name="evaluation_by_dataset")]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.dataset_id or 'no data set'}"


class MetricValue(models.Model):
    """One number, in the metric's own unit, beside what the source wrote.

    A source may state several numbers under the same conditions; each has its `occurrence`,
    and none silently wins.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="values")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="values")
    value = models.FloatField()
    words = models.CharField(max_length=200, blank=True)
    raw_value = models.FloatField(null=True, blank=True)
    raw_unit = models.CharField(max_length=40, blank=True)
    occurrence = models.PositiveSmallIntegerField(default=1)
    low = models.FloatField(null=True, blank=True, help_text="Lower end of the interval it is known within")
    high = models.FloatField(null=True, blank=True, help_text="Upper end of that interval")
    interval = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        help_text="What the interval is: 95 % confidence, standard deviation",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "metric", "occurrence"], name="metric_value_once"),
            models.CheckConstraint(
                condition=Q(low=None, high=None)
                | Q(low__isnull=False, high__isnull=False, low__lte=F("value"), high__gte=F("value")),
                name="metric_value_within_its_interval",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=float("-inf")) & Q(value__lt=float("inf")),
                name="metric_value_is_finite",
            ),
        ]
        indexes = [models.Index(fields=["metric", "value"], name="metric_value_ranked")]

    def __str__(self) -> str:
        return f"{self.metric_id}={self.value}"
