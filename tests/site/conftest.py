"""One site for all tests here: a database of its own with the demo catalog, web and worker processes, real servers."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from config.servers.ports import free_port
from tests.conftest import must_have

ROOT = Path(__file__).resolve().parent.parent.parent


class Site:
    """A running Vitrine: its address, its database, and its command line."""

    def __init__(self, folder: Path, database: str, redis: str, opensearch: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = database
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "OPENSEARCH_URL": opensearch,
            "VITRINE_HOME": str(folder),
            "VITRINE_DEMO": "true",
            "VITRINE_TESTING": "false",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def manage(self, *words: str) -> str:
        """Run `manage.py`; its output, or a failure of the test that shows it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (
            f"manage.py {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
        return done.stdout

    def start(self) -> None:
        web = [
            "-m",
            "gunicorn",
            "config.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--worker-class",
            "gthread",
        ]
        web += ["--workers", "1", "--threads", "6"]
        worker = ["-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING"]
        for name, command in (("web", web), ("worker", worker)):
            log = (self.folder / f"{name}.log").open("wb")
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
            self.processes.append(process)
        for _ in range(300):
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        pytest.fail(f"The site did not answer: {(self.folder / 'web.log').read_text()[-2000:]}")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", params=parameters or None, timeout=30)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Plain SQL, committed, as `psql` would do it."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def found_within(self, seconds: float, words: str, ref: str) -> bool:
        """Whether a search for `words` comes to hold the model within the time."""
        deadline = time.monotonic() + seconds
        while True:
            hits = self.get("/api/v1/search", q=words).json()["hits"]
            if any(hit["ref"] == ref for hit in hits):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, _redis: Callable[[], str], _opensearch: Callable[[], str]
) -> Iterator[Site]:
    """The demo catalog, loaded by the command a new user's start runs, and served by gunicorn and Celery."""
    redis = os.environ.get("VITRINE_TEST_REDIS_URL") or must_have(_redis)
    opensearch = os.environ.get("VITRINE_TEST_OPENSEARCH_URL") or must_have(_opensearch)
    base = os.environ["DATABASE_URL"]
    name = f"site_{os.getpid()}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(base)
    made = Site(
        tmp_path_factory.mktemp("site"), urlunsplit(parts._replace(path=f"/{name}")), redis, opensearch
    )
    try:
        made.manage("migrate", "--verbosity", "0")
        made.manage("collectstatic", "--noinput", "--verbosity", "0")
        made.loaded = made.manage("demo", "load")
        made.manage("search", "rebuild")
        made.start()
        yield made
    finally:
        made.stop()
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def live_site(site: Site) -> str:
    """What `page` visits: the whole site instead of Django's test server."""
    return site.url
