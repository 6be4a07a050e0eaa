"""Write the outbox from the database itself, so that no change to the catalog can pass search by.

One function for each table that feeds a document, called once a statement with all the rows it changed:
an ORM bulk update, the admin site, COPY and plain SQL are all seen, in the transaction they happen in.
"""

from django.db import migrations

# For each table: the models touched by the rows of `changed`.
TOUCHED = {
    "catalog_registeredmodel": "SELECT id FROM changed",
    "catalog_modelversion": "SELECT model_id FROM changed",
    "catalog_versionalias": "SELECT model_id FROM changed",
    "catalog_classification": "SELECT model_id FROM changed",
    "catalog_modeltag": "SELECT model_id FROM changed",
    "catalog_ownership": "SELECT model_id FROM changed",
    "catalog_attributevalue": "SELECT model_id FROM changed",
    "social_rating": "SELECT model_id FROM changed",
    "social_comment": "SELECT model_id FROM changed",
    "social_follow": "SELECT model_id FROM changed",
    "catalog_trainingdata": (
        "SELECT v.model_id FROM changed JOIN catalog_modelversion v ON v.id = changed.version_id"
    ),
    "catalog_paper_versions": (
        "SELECT v.model_id FROM changed JOIN catalog_modelversion v ON v.id = changed.modelversion_id"
    ),
    "catalog_evaluation": (
        "SELECT v.model_id FROM changed JOIN catalog_modelversion v ON v.id = changed.version_id"
    ),
    "catalog_metricvalue": (
        "SELECT v.model_id FROM (SELECT DISTINCT evaluation_id FROM changed) c"
        " JOIN catalog_evaluation e ON e.id = c.evaluation_id JOIN catalog_modelversion v ON v.id = e.version_id"
    ),
    "catalog_paper": (
        "SELECT v.model_id FROM changed JOIN catalog_paper_versions p ON p.paper_id = changed.id"
        " JOIN catalog_modelversion v ON v.id = p.modelversion_id"
    ),
    "catalog_tag": "SELECT t.model_id FROM changed JOIN catalog_modeltag t ON t.tag_id = changed.id",
    # A term also stands in the documents of everything below it.
    "catalog_term": (
        "WITH RECURSIVE below AS (SELECT id FROM changed UNION"
        " SELECT t.id FROM catalog_term t JOIN below ON t.parent_id = below.id)"
        " SELECT c.model_id FROM below JOIN catalog_classification c ON c.term_id = below.id"
    ),
    "catalog_termalias": (
        "SELECT c.model_id FROM changed JOIN catalog_classification c ON c.term_id = changed.term_id"
    ),
    "catalog_taxonomy": (
        "SELECT c.model_id FROM changed JOIN catalog_term t ON t.taxonomy_id = changed.id"
        " JOIN catalog_classification c ON c.term_id = t.id"
    ),
    "catalog_metric": (
        "SELECT v.model_id FROM changed JOIN catalog_metricvalue m ON m.metric_id = changed.id"
        " JOIN catalog_evaluation e ON e.id = m.evaluation_id JOIN catalog_modelversion v ON v.id = e.version_id"
    ),
    "catalog_dataset": (
        "SELECT v.model_id FROM changed JOIN catalog_evaluation e ON e.dataset_id = changed.id"
        " JOIN catalog_modelversion v ON v.id = e.version_id"
        " UNION SELECT v.model_id FROM changed JOIN catalog_trainingdata t ON t.dataset_id = changed.id"
        " JOIN catalog_modelversion v ON v.id = t.version_id"
    ),
    "catalog_attributedefinition": (
        "SELECT a.model_id FROM changed JOIN catalog_attributevalue a ON a.definition_id = changed.id"
    ),
    "catalog_project": "SELECT m.id FROM changed JOIN catalog_registeredmodel m ON m.project_id = changed.id",
    "catalog_source": "SELECT m.id FROM changed JOIN catalog_registeredmodel m ON m.source_id = changed.id",
    "accounts_user": (
        "SELECT o.model_id FROM changed JOIN catalog_ownership o ON o.user_id = changed.id"
        " UNION SELECT a.model_id FROM changed JOIN catalog_attributevalue a ON a.user_id = changed.id"
    ),
    "accounts_team": "SELECT o.model_id FROM changed JOIN catalog_ownership o ON o.team_id = changed.id",
}

# Where most updates say nothing that is searched (a sign-in writes the user's row): the columns that do.
COUNTS = {
    "accounts_user": ["username", "name"],
    "accounts_team": ["slug", "name"],
}

FUNCTION = """
CREATE FUNCTION search_touched_by_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO search_outbox (model_id) VALUES (NULL);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO search_outbox (model_id)
        SELECT DISTINCT touched FROM (WITH changed AS (SELECT * FROM new_rows) {touched}) AS t (touched);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO search_outbox (model_id)
        SELECT DISTINCT touched FROM (WITH changed AS (SELECT * FROM old_rows) {touched}) AS t (touched);
    ELSE
        INSERT INTO search_outbox (model_id)
        SELECT DISTINCT touched FROM (WITH changed AS ({updated}) {touched}) AS t (touched);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_on_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_touched_by_{table}();
CREATE TRIGGER search_on_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_touched_by_{table}();
CREATE TRIGGER search_on_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_touched_by_{table}();
CREATE TRIGGER search_on_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION search_touched_by_{table}();
"""

REMOVE = """
DROP TRIGGER search_on_insert ON {table};
DROP TRIGGER search_on_update ON {table};
DROP TRIGGER search_on_delete ON {table};
DROP TRIGGER search_on_truncate ON {table};
DROP FUNCTION search_touched_by_{table}();
"""


def updated(table: str) -> str:
    """Rows as they were and as they are: a row that moves touches the model it leaves, too."""
    if table not in COUNTS:
        return "SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows"
    new = ", ".join(f"n.{column}" for column in COUNTS[table])
    old = ", ".join(f"o.{column}" for column in COUNTS[table])
    return f"SELECT n.* FROM new_rows n JOIN old_rows o USING (id) WHERE ({new}) IS DISTINCT FROM ({old})"


def triggers(table: str, touched: str) -> migrations.RunSQL:
    # The nested WITH of a recursive query stands inside the one that names `changed`.
    inner = (
        f"SELECT * FROM ({touched}) AS inner_touched"
        if touched.startswith("WITH")
        else touched
    )
    return migrations.RunSQL(
        FUNCTION.format(table=table, touched=inner, updated=updated(table)),
        REMOVE.format(table=table),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_tables"),
        ("catalog", "0002_same_model"),
        ("social", "0001_tables"),
        ("accounts", "0001_tables"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE search_claim_number", "DROP SEQUENCE search_claim_number"
        ),
        *[triggers(table, touched) for table, touched in TOUCHED.items()],
        # Models that were there before the triggers.
        migrations.RunSQL(
            "INSERT INTO search_outbox (model_id) VALUES (NULL)", migrations.RunSQL.noop
        ),
    ]
