"""Metrics and data sets, with the words that sources use for them."""

from django.db import models
from django.db.models import F, Q

from vocabulary.models.taxonomy import Source


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
        db_table = "catalog_metric"
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
        db_table = "catalog_metricalias"
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
        db_table = "catalog_dataset"
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
        db_table = "catalog_datasetalias"
        ordering = ["words"]
        verbose_name_plural = "data set aliases"

    def __str__(self) -> str:
        return self.words
