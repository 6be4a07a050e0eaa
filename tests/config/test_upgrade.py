"""A database made before tables moved to apps of their own upgrades, keeps everything, and goes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from alerts.models import Rule
from evaluations.models import MetricValue

# Where the apps stood before vocabulary and evaluations had apps of their own.
BEFORE = [
    ("alerts", "0002_triggers"),
    ("catalog", "0006_statistics"),
    ("evaluations", None),
    ("vocabulary", None),
]
# Rows in every table that moved, and in some that refer to them.
ROWS = """
INSERT INTO catalog_source (id, slug, name, url, revision, license) VALUES (1, 's', 'S', '', '', '');
INSERT INTO catalog_taxonomy (id, slug, name, description, is_facet, allows_many, position)
    VALUES (1, 'task', 'Task', '', true, true, 1);
INSERT INTO catalog_term (id, taxonomy_id, parent_id, slug, name, description, url)
    VALUES (1, 1, NULL, 'vision', 'Vision', '', ''), (2, 1, 1, 'detection', 'Detection', '', '');
INSERT INTO catalog_termalias (id, taxonomy_id, term_id, words, folded) VALUES (1, 1, 1, 'Seeing', 'seeing');
INSERT INTO catalog_metric (id, slug, name, description, unit, direction, "group", precision, importance)
    VALUES (1, 'f1', 'F1', '', '', 'higher', 'quality', 2, 50);
INSERT INTO catalog_metricalias (id, metric_id, words, folded, unit, factor, split, slice, parameter)
    VALUES (1, 1, 'F-1', 'f1', '', 1, '', '', '');
INSERT INTO catalog_dataset (id, slug, name, description, url, default_split) VALUES (1, 'd', 'D', '', '', '');
INSERT INTO catalog_datasetalias (id, dataset_id, words, folded) VALUES (1, 1, 'Dee', 'dee');
INSERT INTO catalog_project (id, slug, name, description, purpose, business_goal, domain_id, region, visibility,
        source_id, namespace, url, created_at, updated_at)
    VALUES (1, 'p', 'P', '', '', '', 1, '', 'public', 1, 'p', '', now(), now());
INSERT INTO catalog_registeredmodel (id, project_id, slug, name, summary, description, purpose, business_goal,
        intended_use, unintended_use, status, source_id, external_id, created_at, updated_at, revision)
    VALUES (1, 1, 'm', 'M', '', '', '', '', '', '', 'active', 1, '', now(), now(), 1);
INSERT INTO catalog_modelversion (id, model_id, label, position, stage, name, notes, description, architecture,
        hardware, base_model, source_id, external_id, created_at, updated_at)
    VALUES (1, 1, '1', 1, '', '', '', '', '', '', '', 1, '', now(), now());
INSERT INTO catalog_classification (id, model_id, version_id, term_id, words) VALUES (1, 1, 1, 2, 'det');
INSERT INTO catalog_trainingdata (id, version_id, dataset_id, words) VALUES (1, 1, 1, 'Dee');
INSERT INTO catalog_evaluation (id, version_id, dataset_id, dataset_words, split, split_is_assumed, slice, source_id,
        created_at)
    VALUES (1, 1, 1, 'Dee', 'test', false, '', 1, now());
INSERT INTO catalog_metricvalue (id, evaluation_id, metric_id, value, words, raw_unit, occurrence)
    VALUES (1, 1, 1, 0.5, 'F-1', '', 1);
INSERT INTO catalog_statistic (id, evaluation_id, kind, name, body, digest, size, created_at)
    VALUES (1, 1, 'roc', '', '{}', '', 2, now());
INSERT INTO catalog_driftpoint (id, version_id, feature, measure, at, value) VALUES (1, 1, 'age', 'psi', now(), 0.1);
INSERT INTO catalog_series (id, version_id, name) VALUES (1, 1, 'loss');
INSERT INTO catalog_seriespoint (id, series_id, step, value) VALUES (1, 1, 0, 0.7);
INSERT INTO alerts_rule (id, name, note, severity, is_enabled, kind, metric_id, dataset_id, split, slice, measure,
        feature, versions, op, threshold, in_a_row, row_of, tell_owners, by_app, by_mail, created_at, updated_at,
        revision)
    VALUES (1, 'low', '', 'warning', true, 'metric', 1, 1, '', '', '', '', 'leading', 'below', 0.8, 1, 'values', true,
        true, false, now(), now(), 1);
"""
MOVED = ["catalog_source", "catalog_taxonomy", "catalog_term", "catalog_termalias", "catalog_metric"]
MOVED += ["catalog_metricalias", "catalog_dataset", "catalog_datasetalias", "catalog_evaluation"]
MOVED += [
    "catalog_metricvalue",
    "catalog_statistic",
    "catalog_driftpoint",
    "catalog_series",
    "catalog_seriespoint",
]


@pytest.fixture
def migrate(transactional_db) -> Iterator[Callable[..., None]]:
    """Migrates the tests' own database: `migrate(BEFORE)`, or `migrate()` to the newest."""

    def go(targets: list[tuple[str, str | None]] | None = None) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(targets or executor.loader.graph.leaf_nodes())

    yield go
    go()


def rows_of(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def checksums() -> dict[str, str]:
    """A checksum of the rows of each table of the catalog's own."""
    tables = rows_of(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        " AND table_name ~ '^(catalog|social|alerts|accounts|auth)_' ORDER BY 1"
    )
    sum_of = "SELECT md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), '')) FROM {} t"
    return {table: rows_of(sum_of.format(table))[0][0] for (table,) in tables}


def content_types() -> dict[str, list[int]]:
    """Ids of content types by app."""
    rows = rows_of("SELECT app_label, id FROM django_content_type ORDER BY id")
    by_app: dict[str, list[int]] = {}
    for app, pk in rows:
        by_app.setdefault(app, []).append(pk)
    return by_app


def test_a_database_of_before_keeps_everything_and_goes_back(migrate):
    types = content_types()
    migrate(BEFORE)
    moved = sorted([*types["catalog"], *types["vocabulary"], *types["evaluations"]])
    assert content_types()["catalog"] == moved
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
    before = checksums()
    assert set(MOVED) <= set(before)
    migrate()
    assert checksums() == before
    assert content_types() == types
    assert MetricValue.objects.get().evaluation.dataset.name == "D"
    assert Rule.objects.get().metric.name == "F1"
    migrate(BEFORE)
    assert checksums() == before
