"""The tables of the vocabulary belong to an app of their own. Only Django's idea of them moves: nothing in Postgres changes."""

import django.db.models.deletion
from django.db import migrations, models

from core.migrations import ChangeStateOnly


STATE = [
    migrations.CreateModel(
        name="Dataset",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(allow_unicode=True, max_length=160, unique=True)),
            ("name", models.CharField(max_length=300, unique=True)),
            ("description", models.TextField(blank=True)),
            ("url", models.URLField(blank=True, max_length=500)),
            (
                "default_split",
                models.CharField(
                    blank=True, help_text="The split meant where a source states none", max_length=120
                ),
            ),
        ],
        options={
            "db_table": "catalog_dataset",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="Source",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(max_length=80, unique=True)),
            ("name", models.CharField(max_length=200)),
            ("url", models.URLField(blank=True, max_length=500)),
            (
                "revision",
                models.CharField(blank=True, help_text="What was read: a commit, a date", max_length=120),
            ),
            (
                "license",
                models.CharField(blank=True, help_text="License of the metadata itself", max_length=120),
            ),
        ],
        options={
            "db_table": "catalog_source",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="Taxonomy",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(max_length=60, unique=True)),
            ("name", models.CharField(max_length=120, unique=True)),
            ("description", models.TextField(blank=True)),
            ("is_facet", models.BooleanField(default=True, help_text="Offered as a filter in search")),
            ("allows_many", models.BooleanField(default=True, help_text="One thing may carry several terms")),
            ("position", models.PositiveSmallIntegerField(default=100)),
        ],
        options={
            "verbose_name_plural": "taxonomies",
            "db_table": "catalog_taxonomy",
            "ordering": ["position", "name"],
        },
    ),
    migrations.CreateModel(
        name="DatasetAlias",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("words", models.CharField(max_length=300)),
            ("folded", models.CharField(max_length=300, unique=True)),
            (
                "dataset",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="aliases",
                    to="vocabulary.dataset",
                ),
            ),
        ],
        options={
            "verbose_name_plural": "data set aliases",
            "db_table": "catalog_datasetalias",
            "ordering": ["words"],
        },
    ),
    migrations.CreateModel(
        name="Metric",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(allow_unicode=True, max_length=120, unique=True)),
            ("name", models.CharField(max_length=200, unique=True)),
            ("description", models.TextField(blank=True)),
            ("unit", models.CharField(blank=True, max_length=40)),
            (
                "direction",
                models.CharField(
                    choices=[
                        ("higher", "Higher is better"),
                        ("lower", "Lower is better"),
                        ("none", "Neither is better"),
                    ],
                    default="none",
                    max_length=6,
                ),
            ),
            ("minimum", models.FloatField(blank=True, null=True)),
            ("maximum", models.FloatField(blank=True, null=True)),
            (
                "group",
                models.SlugField(default="quality", help_text="quality, speed, cost, size", max_length=40),
            ),
            (
                "precision",
                models.PositiveSmallIntegerField(default=2, help_text="Digits after the point to show"),
            ),
            (
                "importance",
                models.PositiveSmallIntegerField(
                    default=50, help_text="1 to 100: which number stands for a model"
                ),
            ),
        ],
        options={
            "db_table": "catalog_metric",
            "ordering": ["-importance", "name"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("direction__in", ["higher", "lower", "none"])),
                    name="metric_direction_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("minimum", None),
                        ("maximum", None),
                        ("maximum__gte", models.F("minimum")),
                        _connector="OR",
                    ),
                    name="metric_range_in_order",
                ),
                models.CheckConstraint(
                    condition=models.Q(("importance__range", (1, 100))), name="metric_importance_in_range"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Term",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("slug", models.SlugField(allow_unicode=True, max_length=120)),
            ("name", models.CharField(max_length=200)),
            ("description", models.TextField(blank=True)),
            ("url", models.URLField(blank=True, max_length=500)),
            (
                "parent",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="children",
                    to="vocabulary.term",
                ),
            ),
            (
                "taxonomy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="terms",
                    to="vocabulary.taxonomy",
                ),
            ),
        ],
        options={
            "db_table": "catalog_term",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="TermAlias",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("words", models.CharField(max_length=300)),
            ("folded", models.CharField(max_length=300)),
            (
                "taxonomy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="term_aliases",
                    to="vocabulary.taxonomy",
                ),
            ),
            (
                "term",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="aliases",
                    to="vocabulary.term",
                ),
            ),
        ],
        options={
            "verbose_name_plural": "term aliases",
            "db_table": "catalog_termalias",
            "ordering": ["words"],
        },
    ),
    migrations.CreateModel(
        name="MetricAlias",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("words", models.CharField(max_length=200)),
            ("folded", models.CharField(max_length=200)),
            (
                "unit",
                models.CharField(
                    blank=True, help_text="The source's unit these words come with", max_length=40
                ),
            ),
            ("factor", models.FloatField(default=1.0)),
            ("split", models.CharField(blank=True, max_length=120)),
            ("slice", models.CharField(blank=True, max_length=200)),
            (
                "parameter",
                models.CharField(
                    blank=True, help_text="Where no measurement: the parameter's name", max_length=200
                ),
            ),
            (
                "metric",
                models.ForeignKey(
                    blank=True,
                    help_text="Empty: these words are no measurement, and are kept as a parameter",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="aliases",
                    to="vocabulary.metric",
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="vocabulary.source",
                ),
            ),
        ],
        options={
            "verbose_name_plural": "metric aliases",
            "db_table": "catalog_metricalias",
            "ordering": ["words"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("folded", "source", "unit"),
                    name="metric_alias_means_one_metric",
                    nulls_distinct=False,
                ),
                models.CheckConstraint(
                    condition=models.Q(("factor__gt", 0)), name="metric_alias_factor_positive"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("metric__isnull", False), ("parameter", "")),
                        models.Q(("metric", None), models.Q(("parameter", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="metric_alias_is_metric_or_parameter",
                ),
            ],
        },
    ),
    migrations.AddConstraint(
        model_name="term",
        constraint=models.UniqueConstraint(fields=("taxonomy", "slug"), name="term_slug_unique_in_taxonomy"),
    ),
    migrations.AddConstraint(
        model_name="term",
        constraint=models.CheckConstraint(
            condition=models.Q(("parent", models.F("id")), _negated=True), name="term_not_its_own_parent"
        ),
    ),
    migrations.AddConstraint(
        model_name="termalias",
        constraint=models.UniqueConstraint(
            fields=("taxonomy", "folded", "term"), name="term_alias_once", nulls_distinct=False
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_statistics"),
    ]

    operations = [ChangeStateOnly(STATE)]
