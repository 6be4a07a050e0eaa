"""The environment of the tests: a Postgres of their own, started before Django reads its settings.

Loaded by pytest itself (`-p tests.plugin`), so it runs before any other plugin sets Django up.
"""

import os
import shutil
import tempfile
from pathlib import Path

from config.servers.postgres import UNSAFE_BUT_FAST, PostgresServer

OURS = (
    "REDIS_URL",
    "OPENSEARCH_URL",
    "VITRINE_DEBUG",
    "VITRINE_DEMO",
    "VITRINE_SITE_OPEN",
    "VITRINE_HTTPS",
    "PORT",
)

given = {name: os.environ.pop(name) for name in OURS if name in os.environ}
home = Path(tempfile.mkdtemp(prefix="vitrine-test-"))
server: PostgresServer | None = None


def prepare() -> None:
    """Called when pytest imports this plugin. A DATABASE_URL of yours is used; else Postgres comes from the wheel."""
    global server
    os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
    os.environ["VITRINE_HOME"] = str(home)
    os.environ["VITRINE_TESTING"] = "true"
    if not os.environ.get("DATABASE_URL"):
        server = PostgresServer(home / "postgres", settings={**UNSAFE_BUT_FAST, "max_connections": "200"})
        try:
            os.environ["DATABASE_URL"] = server.start()
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise


def pytest_unconfigure() -> None:
    """Nothing is left running, and nothing lying about."""
    if server is not None:
        server.stop()
    shutil.rmtree(home, ignore_errors=True)


prepare()
