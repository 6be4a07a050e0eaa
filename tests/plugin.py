"""Starts a real Postgres before Django reads its settings, and sets the environment of the tests."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "test"


server = None


def prepare() -> None:
    """Called when pytest imports this plugin, before pytest-django sets Django up."""
    global server
    sys.path.insert(0, str(ROOT))
    os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
    os.environ["VITRINE_HOME"] = str(HOME)
    os.environ["VITRINE_TESTING"] = "true"
    for name in ("REDIS_URL", "OPENSEARCH_URL", "VITRINE_DEBUG", "VITRINE_DEMO", "VITRINE_SITE_OPEN"):
        os.environ.pop(name, None)
    if not os.environ.get("DATABASE_URL"):
        from config.servers.postgres import PostgresServer

        server = PostgresServer(HOME / "postgres")
        os.environ["DATABASE_URL"] = server.start()
        _make_fast(os.environ["DATABASE_URL"])


def pytest_unconfigure() -> None:
    """In CI nothing is left running; elsewhere the next run finds its Postgres warm."""
    if server is not None and os.environ.get("CI"):
        server.stop()


def _make_fast(url: str) -> None:
    """A test's data need not survive a power cut."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


prepare()
