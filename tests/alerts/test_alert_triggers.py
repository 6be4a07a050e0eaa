"""Whatever a rule looks at is watched by triggers, whoever changes it and however."""

import importlib
import re

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import evaluation, touched
from alerts.models import Touched
from catalog.models import Ownership
from catalog.selectors.completeness import STEPS
from tests.alerts.conftest import sql
from tests.filling import fill
from tests.makers import make_model, make_person

pytestmark = pytest.mark.django_db

TABLES = importlib.import_module("alerts.migrations.0002_triggers").TOUCHED
# Words and sources of what is looked at; and what this app keeps itself.
NOT_WATCHED = {
    "catalog_metric", "catalog_dataset", "catalog_source", "catalog_taxonomy", "catalog_term",
    "catalog_signatureport", "catalog_factorigin", "accounts_user",
}  # fmt: skip


@pytest.fixture
def full(db):
    model = make_model()
    fill(model)
    Ownership.objects.create(model=model, kind="owner", user=make_person())
    make_model()  # a bystander
    touched.drain_all()
    return model


STATEMENTS = [
    "UPDATE catalog_registeredmodel SET summary = '' WHERE id = {pk}",
    "UPDATE catalog_modelversion SET stage = 'production' WHERE model_id = {pk}",
    "UPDATE catalog_classification SET words = 'x' WHERE model_id = {pk}",
    "UPDATE catalog_ownership SET kind = 'contact' WHERE kind = 'owner'",
    "UPDATE catalog_trainingdata SET words = 'x'",
    "UPDATE catalog_evaluation SET evaluated_at = now()",
    "UPDATE catalog_metricvalue SET value = value + 1",
    "DELETE FROM catalog_metricvalue",
    "DELETE FROM catalog_ownership",
    "DELETE FROM catalog_classification",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_plain_sql_touches_the_model_and_no_other(full, statement):
    sql(statement.format(pk=full.pk))
    assert set(Touched.objects.values_list("model_id", "rule_id")) == {(full.pk, None)}


def test_truncate_touches_everything(full):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE catalog_metricvalue CASCADE")
    assert list(Touched.objects.values_list("model_id", "rule_id")) == [(None, None)]
    assert touched.drain_all() == 2


def test_a_rule_touches_itself(rule):
    made = rule()
    assert list(Touched.objects.values_list("model_id", "rule_id")) == [(None, made.pk)]


def test_every_table_has_all_four_triggers(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'alerts_on_%' GROUP BY c.relname"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(TABLES, 4)


def test_every_table_that_rules_are_judged_by_has_triggers(full, rule):
    """Whatever is read is watched, so that a new quantity cannot forget its table."""
    rule()
    for measure in ("version", "evaluation", "production"):
        rule(kind="staleness", measure=measure, op="above", threshold=1)
    rule(kind="drift", measure="psi", op="above", threshold=0.2)
    for step in STEPS:
        rule(kind="metadata", measure=step.field, op="above", threshold=0.5)
    with CaptureQueriesContext(connection) as queries:
        evaluation.look_at({full.pk: None})
    read = {
        name
        for query in queries
        if query["sql"].lstrip().startswith(("SELECT", "WITH"))
        for name in re.findall(r"\b((?:catalog|accounts)_[a-z_]+)\b", query["sql"])
    }
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert (read & models) - set(TABLES) == NOT_WATCHED & read
    assert {"catalog_metricvalue", "catalog_ownership", "catalog_evaluation", "catalog_driftpoint"} <= read
