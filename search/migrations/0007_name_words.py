"""An index of the words of names alone, for suggestions and `name:` among many models (seconds for 100,000).

Documents are built anew, for their text is plain words now.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0006_rows_of_numbers")]
    operations = [
        migrations.AddIndex(
            "searchdocument",
            GinIndex(
                models.Func("words", models.Value("{a}"), function="ts_filter"), name="document_name_words"
            ),
        ),
        migrations.RunSQL("INSERT INTO search_outbox (model_id) VALUES (NULL)", migrations.RunSQL.noop),
    ]
