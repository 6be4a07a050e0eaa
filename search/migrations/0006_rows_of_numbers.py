"""Keep the numbers of documents as rows of plain values, without the names of their metrics and data sets.

What stands there is written in the new way at once, so that nothing has to read both, and is built anew after that.
"""

from django.db import migrations

ROWS = """
UPDATE search_searchdocument SET body = jsonb_set(body, '{metrics}', coalesce(
    (SELECT jsonb_agg(jsonb_build_array(
        m -> 'metric', m -> 'dataset', m -> 'split', m -> 'slice', m -> 'best', m -> 'latest', m -> 'version'
    ) ORDER BY place) FROM jsonb_array_elements(body -> 'metrics') WITH ORDINALITY AS t (m, place)), '[]'
)) WHERE body ? 'metrics'
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0005_changed_by_hand")]

    operations = [
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
        migrations.RunSQL("INSERT INTO search_outbox (model_id) VALUES (NULL)", migrations.RunSQL.noop),
    ]
