"""The tables of what was measured belong to an app of their own. Only Django's idea of them moves: nothing in Postgres changes."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from core.migrations import ChangeStateOnly


STATE = [
    migrations.CreateModel(
        name="Evaluation",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("dataset_words", models.CharField(blank=True, max_length=300)),
            ("split", models.CharField(blank=True, max_length=120)),
            (
                "split_is_assumed",
                models.BooleanField(default=False, help_text="Not stated; the data set's default"),
            ),
            ("slice", models.CharField(blank=True, max_length=300)),
            ("evaluated_at", models.DateTimeField(blank=True, null=True)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "dataset",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="evaluations",
                    to="vocabulary.dataset",
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="evaluations",
                    to="vocabulary.source",
                ),
            ),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="evaluations",
                    to="catalog.modelversion",
                ),
            ),
        ],
        options={
            "db_table": "catalog_evaluation",
        },
    ),
    migrations.CreateModel(
        name="MetricValue",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("value", models.FloatField()),
            ("words", models.CharField(blank=True, max_length=200)),
            ("raw_value", models.FloatField(blank=True, null=True)),
            ("raw_unit", models.CharField(blank=True, max_length=40)),
            ("occurrence", models.PositiveSmallIntegerField(default=1)),
            (
                "low",
                models.FloatField(
                    blank=True, help_text="Lower end of the interval it is known within", null=True
                ),
            ),
            ("high", models.FloatField(blank=True, help_text="Upper end of that interval", null=True)),
            (
                "interval",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    help_text="What the interval is: 95 % confidence, standard deviation",
                    max_length=60,
                ),
            ),
            (
                "evaluation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="values",
                    to="evaluations.evaluation",
                ),
            ),
            (
                "metric",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="values", to="vocabulary.metric"
                ),
            ),
        ],
        options={
            "db_table": "catalog_metricvalue",
        },
    ),
    migrations.CreateModel(
        name="Series",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("name", models.CharField(max_length=200)),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="series",
                    to="catalog.modelversion",
                ),
            ),
        ],
        options={
            "verbose_name_plural": "series",
            "db_table": "catalog_series",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="SeriesPoint",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("step", models.BigIntegerField(validators=[django.core.validators.MinValueValidator(0)])),
            ("value", models.FloatField()),
            (
                "series",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="points",
                    to="evaluations.series",
                ),
            ),
        ],
        options={
            "db_table": "catalog_seriespoint",
            "ordering": ["series_id", "step"],
        },
    ),
    migrations.CreateModel(
        name="Statistic",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("confusion_matrix", "Confusion matrix"),
                        ("roc", "ROC curve"),
                        ("precision_recall", "Precision-recall curve"),
                        ("calibration", "Calibration curve"),
                        ("importance", "Feature importance"),
                        ("fairness", "Fairness by group"),
                    ],
                    max_length=20,
                ),
            ),
            (
                "name",
                models.CharField(
                    blank=True,
                    help_text="Tells several of a kind apart: a class, a method, an attribute",
                    max_length=120,
                ),
            ),
            ("body", models.JSONField()),
            (
                "digest",
                models.CharField(
                    help_text="SHA-256 of the body: tells whether the same is sent again", max_length=64
                ),
            ),
            (
                "size",
                models.PositiveIntegerField(
                    help_text="How many classes, points, features or groups",
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(10000),
                    ],
                ),
            ),
            (
                "value",
                models.FloatField(
                    blank=True,
                    help_text="Accuracy; area; average precision; calibration error; demographic parity difference",
                    null=True,
                ),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "evaluation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="statistics",
                    to="evaluations.evaluation",
                ),
            ),
        ],
        options={
            "db_table": "catalog_statistic",
            "ordering": ["evaluation_id", "kind", "name"],
        },
    ),
    migrations.CreateModel(
        name="DriftPoint",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("feature", models.CharField(max_length=200)),
            (
                "measure",
                models.CharField(
                    choices=[("psi", "PSI"), ("ks", "KS statistic"), ("js", "Jensen-Shannon distance")],
                    max_length=3,
                ),
            ),
            ("at", models.DateTimeField(help_text="End of the period that was compared with the reference")),
            ("value", models.FloatField(validators=[django.core.validators.MinValueValidator(0.0)])),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="drift",
                    to="catalog.modelversion",
                ),
            ),
        ],
        options={
            "db_table": "catalog_driftpoint",
            "ordering": ["version_id", "measure", "feature", "at"],
            "indexes": [models.Index(fields=["version", "measure", "at"], name="drift_by_moment")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("version", "measure", "feature", "at"), name="drift_once_at_a_moment"
                ),
                models.CheckConstraint(
                    condition=models.Q(("measure__in", ["psi", "ks", "js"])), name="drift_measure_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(("feature", ""), _negated=True), name="drift_names_a_feature"
                ),
                models.CheckConstraint(
                    condition=models.Q(("value__gte", 0), ("value__lt", float("inf"))), name="drift_in_range"
                ),
                models.CheckConstraint(
                    condition=models.Q(("measure", "psi"), ("value__lte", 1), _connector="OR"),
                    name="drift_share_at_most_one",
                ),
            ],
        },
    ),
    migrations.AddIndex(
        model_name="evaluation",
        index=models.Index(fields=["dataset", "split"], name="evaluation_by_dataset"),
    ),
    migrations.AddConstraint(
        model_name="evaluation",
        constraint=models.UniqueConstraint(
            fields=("version", "dataset", "split", "slice", "evaluated_at", "source"),
            name="evaluation_once_under_its_conditions",
            nulls_distinct=False,
        ),
    ),
    migrations.AddIndex(
        model_name="metricvalue",
        index=models.Index(fields=["metric", "value"], name="metric_value_ranked"),
    ),
    migrations.AddConstraint(
        model_name="metricvalue",
        constraint=models.UniqueConstraint(
            fields=("evaluation", "metric", "occurrence"), name="metric_value_once"
        ),
    ),
    migrations.AddConstraint(
        model_name="metricvalue",
        constraint=models.CheckConstraint(
            condition=models.Q(
                models.Q(("high", None), ("low", None)),
                models.Q(
                    ("high__gte", models.F("value")),
                    ("high__isnull", False),
                    ("low__isnull", False),
                    ("low__lte", models.F("value")),
                ),
                _connector="OR",
            ),
            name="metric_value_within_its_interval",
        ),
    ),
    migrations.AddConstraint(
        model_name="metricvalue",
        constraint=models.CheckConstraint(
            condition=models.Q(("value__gt", float("-inf")), ("value__lt", float("inf"))),
            name="metric_value_is_finite",
        ),
    ),
    migrations.AddConstraint(
        model_name="series",
        constraint=models.UniqueConstraint(fields=("version", "name"), name="series_name_unique_in_version"),
    ),
    migrations.AddConstraint(
        model_name="series",
        constraint=models.CheckConstraint(
            condition=models.Q(("name", ""), _negated=True), name="series_has_a_name"
        ),
    ),
    migrations.AddConstraint(
        model_name="seriespoint",
        constraint=models.UniqueConstraint(fields=("series", "step"), name="series_point_once"),
    ),
    migrations.AddConstraint(
        model_name="seriespoint",
        constraint=models.CheckConstraint(
            condition=models.Q(("step__gte", 0)), name="series_step_not_negative"
        ),
    ),
    migrations.AddConstraint(
        model_name="seriespoint",
        constraint=models.CheckConstraint(
            condition=models.Q(("value__gt", float("-inf")), ("value__lt", float("inf"))),
            name="series_value_finite",
        ),
    ),
    migrations.AddConstraint(
        model_name="statistic",
        constraint=models.UniqueConstraint(fields=("evaluation", "kind", "name"), name="statistic_once"),
    ),
    migrations.AddConstraint(
        model_name="statistic",
        constraint=models.CheckConstraint(
            condition=models.Q(
                (
                    "kind__in",
                    ["confusion_matrix", "roc", "precision_recall", "calibration", "importance", "fairness"],
                )
            ),
            name="statistic_kind_known",
        ),
    ),
    migrations.AddConstraint(
        model_name="statistic",
        constraint=models.CheckConstraint(
            condition=models.Q(("size__range", (1, 10000))), name="statistic_size_bounded"
        ),
    ),
    migrations.AddConstraint(
        model_name="statistic",
        constraint=models.CheckConstraint(
            condition=django.db.models.expressions.RawSQL(
                "jsonb_typeof(body) = 'object'", (), output_field=models.BooleanField()
            ),
            name="statistic_body_is_an_object",
        ),
    ),
    migrations.AddConstraint(
        model_name="statistic",
        constraint=models.CheckConstraint(
            condition=models.Q(
                ("value", None),
                models.Q(("value__gt", float("-inf")), ("value__lt", float("inf"))),
                _connector="OR",
            ),
            name="statistic_value_finite",
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_statistics"),
        ("vocabulary", "0001_from_catalog"),
    ]

    operations = [ChangeStateOnly(STATE)]
