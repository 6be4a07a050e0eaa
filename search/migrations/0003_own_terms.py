"""Documents tell which terms are their model's own, apart from those above them in the tree."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0002_triggers")]
    operations = [
        migrations.AddField(
            model_name="searchdocument",
            name="own",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=400), default=list, size=None
            ),
        ),
    ]
