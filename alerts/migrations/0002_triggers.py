"""Have the database itself say what must be looked at, so that no change passes the rules by.

As search does it (`search/migrations/0002_triggers.py`): one function a table, called once a statement with all the
rows it changed, appending to `alerts_touched` in the transaction of the change.
"""

from django.db import migrations

# For each table: the (model, rule) pairs touched by the rows of `changed`.
TOUCHED = {
    "catalog_registeredmodel": "SELECT id, NULL::bigint FROM changed",
    "catalog_modelversion": "SELECT model_id, NULL::bigint FROM changed",
    "catalog_classification": "SELECT model_id, NULL::bigint FROM changed",
    "catalog_ownership": "SELECT model_id, NULL::bigint FROM changed",
    "catalog_trainingdata": (
        "SELECT v.model_id, NULL::bigint FROM changed JOIN catalog_modelversion v ON v.id = changed.version_id"
    ),
    "catalog_evaluation": (
        "SELECT v.model_id, NULL::bigint FROM changed JOIN catalog_modelversion v ON v.id = changed.version_id"
    ),
    "catalog_metricvalue": (
        "SELECT v.model_id, NULL::bigint FROM (SELECT DISTINCT evaluation_id FROM changed) c"
        " JOIN catalog_evaluation e ON e.id = c.evaluation_id JOIN catalog_modelversion v ON v.id = e.version_id"
    ),
    "catalog_driftpoint": (
        "SELECT v.model_id, NULL::bigint FROM (SELECT DISTINCT version_id FROM changed) c"
        " JOIN catalog_modelversion v ON v.id = c.version_id"
    ),
    "catalog_project": (
        "SELECT m.id, NULL::bigint FROM changed JOIN catalog_registeredmodel m ON m.project_id = changed.id"
    ),
    "alerts_rule": "SELECT NULL::bigint, id FROM changed",
    # Whatever lies in its reach, not only what has fired: an alert that is being written now is seen by nobody yet.
    "alerts_silence": (
        "SELECT NULL::bigint, rule_id FROM changed WHERE rule_id IS NOT NULL"
        " UNION SELECT model_id, NULL::bigint FROM changed WHERE model_id IS NOT NULL"
        " UNION SELECT m.id, NULL::bigint FROM changed"
        " JOIN catalog_registeredmodel m ON m.project_id = changed.project_id"
    ),
}

# Where most updates change nothing that a rule looks at: the columns that do.
COUNTS = {"catalog_project": ["team_id"]}

FUNCTION = """
CREATE FUNCTION alerts_touched_by_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO alerts_touched (model_id, rule_id) VALUES (NULL, NULL);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO alerts_touched (model_id, rule_id)
        SELECT DISTINCT m, r FROM (WITH changed AS (SELECT * FROM new_rows) {touched}) AS t (m, r);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO alerts_touched (model_id, rule_id)
        SELECT DISTINCT m, r FROM (WITH changed AS (SELECT * FROM old_rows) {touched}) AS t (m, r);
    ELSE
        INSERT INTO alerts_touched (model_id, rule_id)
        SELECT DISTINCT m, r FROM (WITH changed AS ({updated}) {touched}) AS t (m, r);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_on_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION alerts_touched_by_{table}();
CREATE TRIGGER alerts_on_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION alerts_touched_by_{table}();
CREATE TRIGGER alerts_on_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION alerts_touched_by_{table}();
CREATE TRIGGER alerts_on_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION alerts_touched_by_{table}();
"""

REMOVE = """
DROP TRIGGER alerts_on_insert ON {table};
DROP TRIGGER alerts_on_update ON {table};
DROP TRIGGER alerts_on_delete ON {table};
DROP TRIGGER alerts_on_truncate ON {table};
DROP FUNCTION alerts_touched_by_{table}();
"""


def updated(table: str) -> str:
    """Rows as they were and as they are: a row that moves touches the model it leaves, too."""
    if table not in COUNTS:
        return "SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows"
    new = ", ".join(f"n.{column}" for column in COUNTS[table])
    old = ", ".join(f"o.{column}" for column in COUNTS[table])
    return f"SELECT n.* FROM new_rows n JOIN old_rows o USING (id) WHERE ({new}) IS DISTINCT FROM ({old})"


def triggers(table: str, touched: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        FUNCTION.format(table=table, touched=touched, updated=updated(table)), REMOVE.format(table=table)
    )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_tables"), ("catalog", "0006_statistics")]

    operations = [triggers(table, touched) for table, touched in TOUCHED.items()]
