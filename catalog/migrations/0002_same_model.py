"""Keep rows that name both a model and a version (or a term and its taxonomy) from contradicting themselves.

Django cannot express foreign keys of two columns, so they are written in SQL here.
"""

from django.db import migrations

OF_VERSION = [
    "catalog_versionalias",
    "catalog_classification",
    "catalog_link",
    "catalog_attributevalue",
    "catalog_factorigin",
]

KEYS = [
    (table, f"{table}_version_of_its_model", "version_id, model_id", "catalog_modelversion (id, model_id)")
    for table in OF_VERSION
] + [
    ("catalog_term", "term_parent_in_its_taxonomy", "parent_id, taxonomy_id", "catalog_term (id, taxonomy_id)"),
    ("catalog_termalias", "term_alias_in_its_taxonomy", "term_id, taxonomy_id", "catalog_term (id, taxonomy_id)"),
    (
        "catalog_attributevalue",
        "attribute_value_of_defined_type",
        "definition_id, type",
        "catalog_attributedefinition (id, type)",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_tables")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE catalog_term ADD CONSTRAINT term_of_taxonomy UNIQUE (id, taxonomy_id)",
            "ALTER TABLE catalog_term DROP CONSTRAINT term_of_taxonomy",
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}"
            " DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for table, name, columns, target in KEYS
        ],
    ]
