"""Starts a real Postgres before Django reads its settings, and sets the environment of the tests."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "test"


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Runs first of all: `-p tests.plugin`."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789" * 5)
    os.environ.setdefault("VITRINE_HOME", str(HOME))
    for name in ("REDIS_URL", "OPENSEARCH_URL"):
        given = os.environ.pop(name, "")
        if given:
            os.environ[f"VITRINE_TEST_{name}"] = given
    os.environ["VITRINE_TESTING"] = "true"
    if not os.environ.get("DATABASE_URL"):
        from config.servers.postgres import PostgresServer

        server = PostgresServer(HOME / "postgres")
        os.environ["DATABASE_URL"] = server.start()
        _make_fast(os.environ["DATABASE_URL"])
        if os.environ.get("CI"):
            early_config.add_cleanup(server.stop)


def _make_fast(url: str) -> None:
    """A test's data need not survive a power cut."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
