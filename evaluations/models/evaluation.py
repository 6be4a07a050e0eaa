"""Statistical metadata: definitions of metrics and data sets, and what was measured on what."""

from django.db import models
from django.db.models import F, Q

from catalog.models.registered import ModelVersion
from vocabulary.models import Dataset, Metric
from vocabulary.models.taxonomy import Source


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
        db_table = "catalog_evaluation"
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
        default="",
        db_default="",
        help_text="What the interval is: 95 % confidence, standard deviation",
    )

    class Meta:
        db_table = "catalog_metricvalue"
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
