"""Statistics as data: matrices, curves, importances and fairness of an evaluation; drift and series of a version."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from catalog.models.registered import ModelVersion
from evaluations.models.evaluation import Evaluation

INFINITE = float("inf")


def finite(field: str) -> Q:
    """The condition that a column holds a finite number (Postgres sorts NaN above infinity)."""
    return Q(**{f"{field}__gt": -INFINITE, f"{field}__lt": INFINITE})


class Statistic(models.Model):
    """A matrix, curve, list of importances or of groups, measured under the conditions of its evaluation.

    `body` is checked and shaped by `evaluations.statistics.kinds`; what the formulas make of it is computed when shown,
    but for `value`, the one number that lists show.
    """

    class Kind(models.TextChoices):
        CONFUSION_MATRIX = "confusion_matrix", "Confusion matrix"
        ROC = "roc", "ROC curve"
        PRECISION_RECALL = "precision_recall", "Precision-recall curve"
        CALIBRATION = "calibration", "Calibration curve"
        IMPORTANCE = "importance", "Feature importance"
        FAIRNESS = "fairness", "Fairness by group"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="statistics")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(
        max_length=120, blank=True, help_text="Tells several of a kind apart: a class, a method, an attribute"
    )
    body = models.JSONField()
    digest = models.CharField(
        max_length=64, help_text="SHA-256 of the body: tells whether the same is sent again"
    )
    size = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="How many classes, points, features or groups",
    )
    value = models.FloatField(
        null=True,
        blank=True,
        help_text="Accuracy; area; average precision; calibration error; demographic parity difference",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "catalog_statistic"
        ordering = ["evaluation_id", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "kind", "name"], name="statistic_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "confusion_matrix",
                        "roc",
                        "precision_recall",
                        "calibration",
                        "importance",
                        "fairness",
                    ]
                ),
                name="statistic_kind_known",
            ),
            models.CheckConstraint(condition=Q(size__range=(1, 10_000)), name="statistic_size_bounded"),
            models.CheckConstraint(
                condition=RawSQL("jsonb_typeof(body) = 'object'", (), output_field=BooleanField()),
                name="statistic_body_is_an_object",
            ),
            models.CheckConstraint(condition=Q(value=None) | finite("value"), name="statistic_value_finite"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()


class DriftPoint(models.Model):
    """How far one feature's values had moved from the reference, by one measure at one moment."""

    class Measure(models.TextChoices):
        PSI = "psi", "PSI"
        KS = "ks", "KS statistic"
        JS = "js", "Jensen-Shannon distance"

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="drift")
    feature = models.CharField(max_length=200)
    measure = models.CharField(max_length=3, choices=Measure.choices)
    at = models.DateTimeField(help_text="End of the period that was compared with the reference")
    value = models.FloatField(validators=[MinValueValidator(0.0)])

    class Meta:
        db_table = "catalog_driftpoint"
        ordering = ["version_id", "measure", "feature", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "measure", "feature", "at"], name="drift_once_at_a_moment"
            ),
            models.CheckConstraint(condition=Q(measure__in=["psi", "ks", "js"]), name="drift_measure_known"),
            models.CheckConstraint(condition=~Q(feature=""), name="drift_names_a_feature"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lt=INFINITE), name="drift_in_range"),
            models.CheckConstraint(
                condition=Q(measure="psi") | Q(value__lte=1), name="drift_share_at_most_one"
            ),
        ]
        # The page asks for all features of a version at its latest moments.
        indexes = [models.Index(fields=["version", "measure", "at"], name="drift_by_moment")]

    def __str__(self) -> str:
        return f"{self.measure} of {self.feature}: {self.value}"


class Series(models.Model):
    """A number followed over the steps of a training or an evaluation: `train/loss`."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="series")
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "catalog_series"
        ordering = ["name"]
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="series_name_unique_in_version"),
            models.CheckConstraint(condition=~Q(name=""), name="series_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SeriesPoint(models.Model):
    """The value of a series at one step."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="points")
    step = models.BigIntegerField(validators=[MinValueValidator(0)])
    value = models.FloatField()

    class Meta:
        db_table = "catalog_seriespoint"
        ordering = ["series_id", "step"]
        constraints = [
            models.UniqueConstraint(fields=["series", "step"], name="series_point_once"),
            models.CheckConstraint(condition=Q(step__gte=0), name="series_step_not_negative"),
            models.CheckConstraint(condition=finite("value"), name="series_value_finite"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.value}"
