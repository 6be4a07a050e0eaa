"""Keep an answer in the discussion it answers, and a comment on a version with that version's model.

Django cannot express foreign keys of two columns, so they are written in SQL here.
"""

from django.db import migrations

KEYS = [
    ("comment_answers_in_its_model", "parent_id, model_id", "social_comment (id, model_id)"),
    ("comment_on_version_of_its_model", "version_id, model_id", "catalog_modelversion (id, model_id)"),
]


class Migration(migrations.Migration):
    dependencies = [("social", "0002_kept_words"), ("catalog", "0002_same_model")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE social_comment ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}"
            " DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE social_comment DROP CONSTRAINT {name}",
        )
        for name, columns, target in KEYS
    ]
