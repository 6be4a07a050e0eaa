"""Rules refer to metrics and data sets of the app `vocabulary`, in the same tables as before."""

import django.db.models.deletion
from django.db import migrations, models

from core.migrations import ChangeStateOnly

STATE = [
    migrations.AlterField(
        model_name="rule",
        name="dataset",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="+",
            to="vocabulary.dataset",
        ),
    ),
    migrations.AlterField(
        model_name="rule",
        name="metric",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="+",
            to="vocabulary.metric",
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0002_triggers"),
        ("vocabulary", "0001_from_catalog"),
    ]

    operations = [ChangeStateOnly(STATE)]
