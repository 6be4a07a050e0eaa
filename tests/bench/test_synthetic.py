"""Synthetic models: the same for the same seed, marked, plausible, and as sound as any."""

import random
import time
import urllib.parse

import psycopg
import pytest
from django.db import connection

from bench import synthetic
from bench.synthetic import Maker, read_patterns, varied_name, within
from evaluations.models import MetricValue
from tests.search.conftest import measure
from tests.search.conftest import model as model_fixture

model = model_fixture


@pytest.fixture
def patterns(model):
    for name in ("resnet50", "bert-base", "yolov8"):
        made = model(name, task=f"task-of-{name}", tags=["x", name], parameters=1_000_000)
        measure(made, "accuracy", 0.9, dataset="imagenet")
    connection.ensure_connection()
    return read_patterns(connection.connection)


def rows_of(patterns, numbers, seed=1):
    maker = Maker(patterns, source_id=77, seed=seed)
    for number in numbers:
        maker.model(number)
    return maker.rows


def test_the_same_seed_gives_the_same_models_and_another_others(patterns):
    assert rows_of(patterns, range(100)) == rows_of(patterns, range(100))
    assert rows_of(patterns, range(100)) != rows_of(patterns, range(100), seed=2)


def test_more_models_begin_with_the_same_ones(patterns):
    few, many = rows_of(patterns, range(20)), rows_of(patterns, range(90))
    assert all(many[table][: len(rows)] == rows for table, rows in few.items())


def test_every_model_is_marked_as_synthetic(patterns):
    rows = rows_of(patterns, range(100))
    assert len(rows["catalog_registeredmodel"]) == 100
    assert {row["source_id"] for row in rows["catalog_registeredmodel"]} == {77}
    assert all(row["external_id"].startswith("synthetic/") for row in rows["catalog_registeredmodel"])
    assert all(row["name"].startswith("Synthetic ") for row in rows["catalog_project"])


def test_rows_hang_together_and_have_names_of_their_own(patterns):
    rows = rows_of(patterns, range(100))
    ids = {table: {row["id"] for row in found} for table, found in rows.items()}
    assert {row["version_id"] for row in rows["catalog_evaluation"]} <= ids["catalog_modelversion"]
    assert {row["evaluation_id"] for row in rows["catalog_metricvalue"]} == ids["catalog_evaluation"]
    assert len({row["slug"] for row in rows["catalog_registeredmodel"]}) == 100
    assert len({row["name"] for row in rows["catalog_registeredmodel"]}) > 10
    assert len({row["parameter_count"] for row in rows["catalog_modelversion"]}) > 50


def test_a_name_varies_in_its_numbers_and_its_end():
    found = {varied_name("resnet50", random.Random(n)) for n in range(50)}
    assert len(found) > 15
    assert all(name.startswith("resnet") for name in found)


def test_a_number_stays_what_its_metric_can_be():
    assert within(1.02, (0, 1)) == 1
    assert within(-0.1, (0, None)) == 0
    assert within(12.3456789, (None, None)) == 12.3457


def test_without_models_there_is_nothing_to_make_others_from(db):
    connection.ensure_connection()
    with pytest.raises(ValueError, match="load the demo first"):
        read_patterns(connection.connection)


@pytest.mark.django_db(transaction=True)
def test_the_command_fills_a_database_of_its_own(patterns, monkeypatch, capsys):
    settings = connection.settings_dict
    host = urllib.parse.quote(str(settings["HOST"]), safe="")
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={host}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("VITRINE_POOL", "0")
    name = f"bench_test_{time.time_ns()}"
    before = MetricValue.objects.count()
    try:
        assert synthetic.main(["--models", "50", "--database", name]) == 0
        assert "50 synthetic models" in capsys.readouterr().out
        with psycopg.connect(url.replace(f"/{settings['NAME']}?", f"/{name}?")) as made:
            count = (
                "SELECT count(*) FROM catalog_registeredmodel m JOIN catalog_source s ON s.id = m.source_id"
            )
            assert made.execute(f"{count} WHERE s.slug = 'synthetic'").fetchone() == (50,)
            documents = made.execute(
                "SELECT count(*), count(DISTINCT body #>> '{hit,ref}'), bool_and(words IS NOT NULL)"
                " FROM search_searchdocument WHERE NOT is_deleted"
            )
            assert documents.fetchone() == (50, 50, True)
            assert made.execute("SELECT count(*) FROM search_outbox").fetchone() == (0,)
        assert synthetic.main(["--models", "50", "--database", name]) == 1
        assert MetricValue.objects.count() == before
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_database_that_is_not_the_bench_s_own_is_refused(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql:///vitrine")
    with pytest.raises(SystemExit):
        synthetic.main(["--models", "5", "--database", "vitrine"])
