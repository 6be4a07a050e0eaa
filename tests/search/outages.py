"""A whole Vitrine on servers of its own, which tests stop, freeze, flush and kill while people write."""

import logging
import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from config.servers.opensearch import OpenSearchServer
from config.servers.postgres import PostgresServer
from config.servers.processes import Child
from config.servers.redis import RedisServer
from config.servers.vitrine import VitrineProcesses

logging.getLogger("httpx").setLevel(logging.WARNING)

OUTAGE = float(os.environ.get("VITRINE_OUTAGE", "5"))
PATIENCE = 150.0
# So many that writers come back to a model late: a later change of the same one would hide that an earlier was lost.
MODELS = 400
SOME = 60  # models changed by one statement
# What is acknowledged must survive a killed server. The disk itself does not fail here, so it need not be waited for.
DURABLE_BUT_FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "100"}
CLOCKS = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")

FILL = f"""
from django.test import Client
from accounts.tokens import create_token
from tests.makers import make_model, make_person, make_project
from catalog.models import Project, RegisteredModel
root = make_person("root", is_superuser=True, is_staff=True)
project = make_project("public", administrator=root)
Project.objects.filter(pk=project.pk).update(slug="outage")
for number in range({MODELS}):
    made = make_model(project, name=f"model {{number}}")
    RegisteredModel.objects.filter(pk=made.pk).update(slug=f"m{{number}}")
browser = Client()
browser.force_login(root)
print(browser.cookies["sessionid"].value, create_token(user=root, name="tests", scope="write")[1])
"""


class Stack:
    """Postgres, Redis, OpenSearch, web and worker, each of which a test may end and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = PostgresServer(folder / "postgres", settings=DURABLE_BUT_FAST)
        self.redis = RedisServer(folder / "redis")
        self.opensearch = OpenSearchServer(folder / "opensearch", heap="512m")
        self.vitrine: VitrineProcesses
        self.session = self.token = ""

    def start(self) -> None:
        (self.folder / "home").mkdir()
        server = self.postgres.start()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE outages")
        self.database = urlunsplit(urlsplit(server)._replace(path="/outages"))
        environment = {
            **os.environ,
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis.start(install=True),
            "OPENSEARCH_URL": self.opensearch.start(),
            "VITRINE_HOME": str(self.folder / "home"),
            "VITRINE_TESTING": "false",
            "VITRINE_WEB_WORKERS": "1",
            "VITRINE_WEB_THREADS": "6",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.vitrine = VitrineProcesses(self.folder, environment)
        self.vitrine.manage("migrate", "--verbosity", "0")
        self.vitrine.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.session, self.token = self.vitrine.manage("shell", "-c", FILL).split()[-2:]
        self.vitrine.start_web()
        self.vitrine.start_worker()

    def stop(self) -> None:
        if hasattr(self, "vitrine"):
            self.vitrine.stop()
        for server in (self.opensearch, self.redis, self.postgres):
            server.stop()

    def restart_vitrine(self, **changes: str) -> None:
        """Web and worker anew, perhaps in another environment."""
        self.vitrine.stop()
        self.vitrine.environment = {**self.vitrine.environment, **changes}
        self.vitrine.start_web()
        self.vitrine.start_worker()

    # ── Asking ────────────────────────────────────────────────────────────────────────────────────────

    def client(self) -> httpx.Client:
        """Calls the API as an administrator."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.vitrine.url, headers=headers, timeout=60)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Plain SQL, committed."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def found(self, words: str) -> dict[str, Any]:
        """What the site's search answers."""
        answer = httpx.get(f"{self.vitrine.url}/api/v1/search", params={"q": words}, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def finds(self, word: str, backend: str = "opensearch") -> bool:
        answer = self.found(word)
        return answer["total"] >= 1 and answer["backend"] == backend

    def waiting(self) -> tuple[int, int]:
        """Changes without a document, documents the engine lacks."""
        tables = ("search_outbox", "search_enginequeue")
        return tuple(self.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables)  # type: ignore[return-value]

    def is_right(self) -> None:
        """Wait until nothing waits any more, then compare everything with the catalog."""
        until(lambda: self.waiting() == (0, 0), lambda: f"still waiting: {self.waiting()}")
        told = self.vitrine.manage("search", "check")
        assert "0 differences" in told, told
        assert self.sql("SELECT count(*) FROM search_deadletter") == [(0,)]

    def says(self, word: str) -> None:
        """One statement that changes some models."""
        some = "SELECT id FROM catalog_registeredmodel ORDER BY id LIMIT %s"
        self.sql(f"UPDATE catalog_registeredmodel SET summary = %s WHERE id IN ({some})", word, SOME)

    def leased(self, table: str) -> int:
        return int(self.sql(f"SELECT count(*) FROM {table} WHERE leased_until IS NOT NULL")[0][0])

    def engine(self, method: str, path: str, body: Any = None) -> Any:
        """What the engine itself answers."""
        answer = httpx.request(method, f"{self.opensearch.url}{path}", json=body, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()

    def checks(self, client: httpx.Client) -> None:
        """A check that is asked for over the broker is carried out, and finds nothing."""
        asked = client.post("/api/v1/operations/search/check")
        assert asked.status_code == 202, asked.text
        told: dict[str, Any] = {}

        def has_ended() -> bool:
            told.update(client.get(asked.headers["Location"]).json())
            return told["state"] not in ("waiting", "running")

        until(has_ended, lambda: str(told))
        assert (told["state"], told["differences"]) == ("done", 0), told

    # ── Harming ───────────────────────────────────────────────────────────────────────────────────────

    def kill_worker(self) -> None:
        """The worker and its pool, with -9."""
        assert self.vitrine.worker is not None
        kill(self.vitrine.worker, signal.SIGKILL)
        self.vitrine.stop_worker()

    def kill_pool(self) -> None:
        """The worker's process that does the work, with -9, as the kernel does when memory runs out."""
        assert self.vitrine.worker is not None
        pid = self.vitrine.worker.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    @contextmanager
    def held_documents(self) -> Iterator[None]:
        """Nobody can write a document: a worker that has claimed and built some stands still before it."""
        with psycopg.connect(self.database) as holder:
            holder.execute("LOCK TABLE search_searchdocument IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def moved_clock(self, days: int) -> Iterator[None]:
        """Postgres's clock, as every statement of ours reads it, is wrong by so many days.

        Functions of the names that SQL knows go before the built-in ones in whatever connects from now on.
        """
        self.vitrine.stop()
        for name in CLOCKS:
            self.sql(
                f"CREATE OR REPLACE FUNCTION public.{name}() RETURNS timestamptz STABLE LANGUAGE sql"
                f" AS $$ SELECT pg_catalog.clock_timestamp() + interval '{days} days' $$"
            )
        self.sql("ALTER DATABASE outages SET search_path = public, pg_catalog")
        assert self.sql("SELECT round(extract(epoch FROM now() - pg_catalog.now()) / 86400)") == [(days,)]
        try:
            yield
        finally:
            self.vitrine.stop()
            self.sql("ALTER DATABASE outages RESET search_path")

    @contextmanager
    def frozen_engine(self) -> Iterator[None]:
        """The engine takes connections, and answers none."""
        assert self.opensearch.child is not None
        kill(self.opensearch.child, signal.SIGSTOP)
        try:
            yield
        finally:
            kill(self.opensearch.child, signal.SIGCONT)

    @contextmanager
    def killed_engine(self) -> Iterator[None]:
        assert self.opensearch.child is not None
        kill(self.opensearch.child, signal.SIGKILL)
        self.opensearch.stop()
        try:
            yield
        finally:
            self.opensearch.start()

    @contextmanager
    def lost_postgres(self, number: int) -> Iterator[None]:
        """It ends at once: SIGINT cuts every connection, SIGQUIT leaves what a crash would leave, too."""
        assert self.postgres.child is not None
        self.postgres.child.process.send_signal(number)
        self.postgres.child.process.wait(30)
        self.postgres.stop()
        try:
            yield
        finally:
            self.postgres.start()

    @contextmanager
    def lost_redis(self) -> Iterator[None]:
        assert self.redis.child is not None
        kill(self.redis.child, signal.SIGKILL)
        self.redis.stop()
        try:
            yield
        finally:
            self.redis.start()

    def end_leases(self) -> None:
        """As a minute later, when whoever held them has not come back."""
        for table in ("search_outbox", "search_enginequeue"):
            self.sql(f"UPDATE {table} SET leased_until = leased_until - interval '1 minute'")


class Writers:
    """People who add versions, each with some rows in one transaction, and remember what was acknowledged."""

    def __init__(self, stack: Stack, count: int = 3) -> None:
        self.stack = stack
        self.ended = threading.Event()
        self.said: list[str] = []
        self.answers: list[tuple[int, str, str]] = []
        self.threads = [threading.Thread(target=self._write, args=(number,)) for number in range(count)]

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    @property
    def statuses(self) -> Counter[int]:
        return Counter(status for status, *_ in self.answers)

    def _write(self, number: int) -> None:
        turn = number * MODELS // len(self.threads)
        with self.stack.client() as client:
            while not self.ended.wait(0.3):
                turn += 1
                word = f"w{uuid.uuid4().hex[:12]}"
                body = {
                    "label": word,
                    "parameters": {"a": 1, "b": 2},
                    "packages": [{"name": "p"}, {"name": "q"}],
                }
                answer = client.post(f"/api/v1/models/outage/m{turn % MODELS}/versions", json=body)
                self.answers.append((answer.status_code, answer.headers["content-type"], answer.text))
                if answer.status_code == 201:
                    self.said.append(word)

    def all_are_found(self) -> None:
        """All that was acknowledged is in the catalog, whole, and the engine finds it."""
        assert self.said
        until(lambda: self.stack.finds(self.said[-1]), lambda: f"{self.said[-1]} is not found")
        self.stack.is_right()
        written = {label for (label,) in self.stack.sql("SELECT label FROM catalog_modelversion")}
        assert set(self.said) <= written
        assert [word for word in self.said if not self.stack.finds(word)] == []
        assert self.halves() == []

    def halves(self) -> list[tuple[Any, ...]]:
        """Versions that were written without some of their rows."""
        return self.stack.sql(
            "SELECT label FROM catalog_modelversion v WHERE label LIKE 'w%%' AND NOT ("
            " (SELECT count(*) FROM catalog_parameter WHERE version_id = v.id) = 2"
            " AND (SELECT count(*) FROM catalog_package WHERE version_id = v.id) = 2)"
        )


class Readers:
    """A visitor and someone signed in who look at pages and the API all the time."""

    PATHS = ("/", "/search?q=model", "/p/outage/m1", "/api/v1/models", "/api/v1/search?q=model", "/api/v1/me")

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ended = threading.Event()
        self.answers: list[tuple[str, httpx.Response]] = []
        cookies: list[dict[str, str]] = [{}, {"sessionid": stack.session}]
        self.threads = [threading.Thread(target=self._read, args=(one,)) for one in cookies]

    def __enter__(self) -> "Readers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _read(self, cookies: dict[str, str]) -> None:
        with httpx.Client(base_url=self.stack.vitrine.url, cookies=cookies, timeout=60) as client:
            while not self.ended.wait(0.05):
                for path in self.PATHS:
                    self.answers.append((path, client.get(path)))


def kill(child: Child, number: int) -> None:
    """Send a signal to a program that we started and all that it started."""
    os.killpg(child.pid, number)


def until(truth: Callable[[], bool], told: Callable[[], str] = lambda: "", seconds: float = PATIENCE) -> None:
    """Wait until it is so; generous, for it says nothing about speed."""
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, f"It did not come to that: {told()}"
        time.sleep(0.1)
