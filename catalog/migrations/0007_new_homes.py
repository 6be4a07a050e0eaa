"""Tables of the vocabulary and of evaluations have left for apps of their own; nothing in Postgres changes but the names of content types."""

import django.db.models.deletion
from django.db import migrations, models

from core.migrations import ChangeStateOnly


STATE = [
    migrations.RemoveField(
        model_name="evaluation",
        name="dataset",
    ),
    migrations.AlterField(
        model_name="trainingdata",
        name="dataset",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="training_uses", to="vocabulary.dataset"
        ),
    ),
    migrations.RemoveField(
        model_name="datasetalias",
        name="dataset",
    ),
    migrations.RemoveField(
        model_name="driftpoint",
        name="version",
    ),
    migrations.RemoveField(
        model_name="evaluation",
        name="source",
    ),
    migrations.RemoveField(
        model_name="evaluation",
        name="version",
    ),
    migrations.RemoveField(
        model_name="statistic",
        name="evaluation",
    ),
    migrations.RemoveField(
        model_name="metricvalue",
        name="evaluation",
    ),
    migrations.RemoveField(
        model_name="metricvalue",
        name="metric",
    ),
    migrations.RemoveField(
        model_name="metricalias",
        name="metric",
    ),
    migrations.RemoveField(
        model_name="metricalias",
        name="source",
    ),
    migrations.RemoveField(
        model_name="series",
        name="version",
    ),
    migrations.RemoveField(
        model_name="seriespoint",
        name="series",
    ),
    migrations.AlterField(
        model_name="modelversion",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="versions",
            to="vocabulary.source",
        ),
    ),
    migrations.AlterField(
        model_name="registeredmodel",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="models",
            to="vocabulary.source",
        ),
    ),
    migrations.AlterField(
        model_name="attributevalue",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="vocabulary.source",
        ),
    ),
    migrations.AlterField(
        model_name="factorigin",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="vocabulary.source",
        ),
    ),
    migrations.AlterField(
        model_name="project",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="projects",
            to="vocabulary.source",
        ),
    ),
    migrations.RemoveField(
        model_name="term",
        name="taxonomy",
    ),
    migrations.RemoveField(
        model_name="termalias",
        name="taxonomy",
    ),
    migrations.RemoveField(
        model_name="term",
        name="parent",
    ),
    migrations.AlterField(
        model_name="project",
        name="domain",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="vocabulary.term",
        ),
    ),
    migrations.RemoveField(
        model_name="termalias",
        name="term",
    ),
    migrations.AlterField(
        model_name="classification",
        name="term",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="classifications", to="vocabulary.term"
        ),
    ),
    migrations.DeleteModel(
        name="Dataset",
    ),
    migrations.DeleteModel(
        name="DatasetAlias",
    ),
    migrations.DeleteModel(
        name="DriftPoint",
    ),
    migrations.DeleteModel(
        name="Statistic",
    ),
    migrations.DeleteModel(
        name="Evaluation",
    ),
    migrations.DeleteModel(
        name="MetricValue",
    ),
    migrations.DeleteModel(
        name="Metric",
    ),
    migrations.DeleteModel(
        name="MetricAlias",
    ),
    migrations.DeleteModel(
        name="Series",
    ),
    migrations.DeleteModel(
        name="SeriesPoint",
    ),
    migrations.DeleteModel(
        name="Source",
    ),
    migrations.DeleteModel(
        name="Taxonomy",
    ),
    migrations.DeleteModel(
        name="TermAlias",
    ),
    migrations.DeleteModel(
        name="Term",
    ),
]


NEW_APP = {
    "vocabulary": ["source", "taxonomy", "term", "termalias", "metric", "metricalias", "dataset", "datasetalias"],
    "evaluations": ["evaluation", "metricvalue", "statistic", "driftpoint", "series", "seriespoint"],
}
# Permissions and the log of the administration refer to content types, which so keep their ids. Plain SQL, since a
# function of Python would have Django render all models for it.
MOVE = """
UPDATE django_content_type c SET app_label = '{new}' WHERE app_label = '{old}' AND model IN ({models})
    AND NOT EXISTS (SELECT FROM django_content_type o WHERE o.app_label = '{new}' AND o.model = c.model)
"""


def move_content_types(new, models_of_app):
    names = ", ".join(f"'{model}'" for model in models_of_app)
    forwards = MOVE.format(old="catalog", new=new, models=names)
    return migrations.RunSQL(forwards, MOVE.format(old=new, new="catalog", models=names))


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0003_vocabulary"),
        ("catalog", "0006_statistics"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("evaluations", "0001_from_catalog"),
        ("vocabulary", "0001_from_catalog"),
    ]

    operations = [
        ChangeStateOnly(STATE),
        *(move_content_types(app, names) for app, names in NEW_APP.items()),
    ]
