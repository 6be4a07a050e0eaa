"""What monitoring asks: alive, ready, numbers."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import health


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)


def test_alive_asks_nothing_of_anybody(client):
    """Without the `db` fixture a query would fail."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_ready_when_postgres_answers_and_is_migrated(client, db, settings):
    settings.REDIS_URL = settings.OPENSEARCH_URL = ""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


def test_not_ready_while_a_migration_is_pending(client, db):
    newest = max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "search")
    MigrationRecorder(connection).record_unapplied("search", newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "migrations are pending" in answer.json()["checks"]["postgres"]


def test_degraded_but_ready_without_redis_and_opensearch(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.OPENSEARCH_URL = "http://127.0.0.1:1"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert "Postgres answers searches" in answer.json()["checks"]["opensearch"]


def test_numbers_are_for_this_machine_only(client, db):
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert (
        client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "10.0.0.7"}).status_code
        == 404
    )


def test_numbers_are_for_whoever_has_the_token(client, db, settings):
    settings.VITRINE_METRICS_TOKEN = "one-token"
    assert (
        client.get(
            "/metrics", headers={"Authorization": "Bearer one-token"}, REMOTE_ADDR="10.0.0.7"
        ).status_code
        == 200
    )
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
    assert client.get("/metrics").status_code == 404


def test_only_reading(client):
    assert client.post("/healthz").status_code == 405
