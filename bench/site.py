"""The site that is measured: real servers in a temporary folder, the demo catalog, web and worker processes.

Nothing of it is shared with a `make run` on the same machine, and nothing outlives it.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, LiteralString, TypeAlias, cast
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from config.servers.opensearch import OpenSearchServer, fetch
from config.servers.postgres import PostgresServer
from config.servers.processes import stop_all
from config.servers.redis import RedisServer
from config.servers.vitrine import VitrineProcesses

# Settings of someone's shell that would change what is measured.
NOT_OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "OPENSEARCH_URL",
    "OPENSEARCH_ALIAS",
    "PORT",
    "SECRET_KEY",
    "PROMETHEUS_MULTIPROC_DIR",
)
MAIN, EMPTY = "bench", "bench_empty"
TIMEOUT = 60

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"


class Site:
    """Everything between the first server's start and the last one's end."""

    def __init__(self, say: Callable[[str], None] = print, heap: str = "1g") -> None:
        self.say = say
        self.folder = Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
        self.folder.chmod(0o755)
        # Postgres as it comes, with every commit written to disk: rates of writing would lie otherwise.
        self.postgres = PostgresServer(self.folder / "postgres", settings={"max_connections": "200"})
        self.redis = RedisServer(self.folder / "redis")
        self.opensearch = OpenSearchServer(self.folder / "opensearch", heap=heap)
        self.vitrine: VitrineProcesses
        self.on_postgres: VitrineProcesses
        self.is_filled = False

    def start(self) -> None:
        """Start servers, migrate, and keep an empty database aside for the parts that fill one.

        Raises:
            ServerError: something can't be had or does not start.
        """
        self.say("Starting Postgres, Redis and OpenSearch …")
        base = self.postgres.start()
        redis = self.redis.start(install=True)
        fetch(self.say)
        engine = self.opensearch.start()
        home = self.folder / "home"
        home.mkdir()
        environment = {name: value for name, value in os.environ.items() if not _is_a_setting(name)} | {
            "DATABASE_URL": with_database(base, MAIN),
            "REDIS_URL": redis,
            "OPENSEARCH_URL": engine,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "VITRINE_HOME": str(home),
            "VITRINE_DEMO": "true",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        for folder in ("with-opensearch", "on-postgres"):
            (self.folder / folder).mkdir()
        self.vitrine = VitrineProcesses(self.folder / "with-opensearch", environment)
        self.on_postgres = VitrineProcesses(
            self.folder / "on-postgres", {**environment, "OPENSEARCH_URL": ""}
        )
        self.server_sql(f"CREATE DATABASE {MAIN}")
        self.say("Making the database …")
        self.vitrine.manage("migrate", "--verbosity", "0")
        self.vitrine.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.copy_database(MAIN, EMPTY)
        self._open_django()

    def fill(self) -> None:
        """Load the demo catalog, build the index and start to serve."""
        self.say("Loading the demo catalog …")
        self.say(self.vitrine.manage("demo", "load").strip().splitlines()[-1])
        self.say("Building the index …")
        self.vitrine.manage("search", "rebuild")
        self.say("Starting web …")
        self.server_sql("VACUUM ANALYZE", MAIN)
        self.vitrine.start_web()
        self.on_postgres.start_web()
        self.is_filled = True

    def _open_django(self) -> None:
        """Let this process use the site's code on the same servers: to count statements and to time commands."""
        for name in [name for name in os.environ if _is_a_setting(name)]:
            del os.environ[name]
        os.environ.update(self.vitrine.environment | {"VITRINE_POOL": "0"})
        import logging

        import django

        django.setup()
        logging.getLogger().setLevel(logging.ERROR)

    def stop(self) -> None:
        """Stop and remove everything. Doing so twice is harmless."""
        for processes in (getattr(self, name, None) for name in ("vitrine", "on_postgres")):
            if processes is not None:
                processes.stop()
        for server in (self.opensearch, self.redis, self.postgres):
            server.stop()
        stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ── Asking ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def http(self) -> httpx.Client:
        """A client that keeps its connections, for the site and for OpenSearch alike."""
        # gunicorn closes a connection after two idle seconds; one given up earlier is never found closed.
        limits = httpx.Limits(max_connections=128, max_keepalive_connections=128, keepalive_expiry=1)
        return httpx.Client(timeout=TIMEOUT, limits=limits)

    def get(self, path: str, *, on_postgres: bool = False, **parameters: Any) -> httpx.Response:
        """A page or an answer of the API, with OpenSearch or on Postgres alone.

        Raises:
            HTTPStatusError: it is no success.
        """
        base = self.on_postgres.url if on_postgres else self.vitrine.url
        return self.http.get(f"{base}{path}", params=parameters or None).raise_for_status()

    def engine(self, method: str, path: str, **more: Any) -> httpx.Response:
        """An answer of OpenSearch, without us.

        Raises:
            HTTPStatusError: it is no success.
        """
        return self.http.request(method, f"{self.opensearch.url}/{path}", **more).raise_for_status()

    def connect(self, database: str = MAIN) -> Connection:
        """A connection of psycopg's own, without us, that commits each statement."""
        return psycopg.connect(with_database(self.postgres.url, database), autocommit=True)

    def server_sql(self, statement: str, database: str = "postgres") -> None:
        """One statement on its own connection."""
        with self.connect(database) as connection:
            connection.execute(cast(LiteralString, statement))

    def copy_database(self, source: str, target: str) -> None:
        """A copy of a database that nobody is connected to."""
        self.server_sql(f"CREATE DATABASE {target} TEMPLATE {source}")

    @cached_property
    def raw(self) -> Connection:
        """One connection to the filled database, kept."""
        return self.connect()

    def sql(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows by plain SQL, over one connection that is kept."""
        return self.raw.execute(cast(LiteralString, statement), values or None).fetchall()

    def versions(self) -> dict[str, str]:
        """What runs here: the versions of Postgres and OpenSearch."""
        with self.connect("postgres") as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return {
            "Postgres": str(row[0]) if row else "",
            "OpenSearch": str(self.engine("GET", "").json()["version"]["number"]),
        }


def _is_a_setting(name: str) -> bool:
    return name in NOT_OURS or (name.startswith("VITRINE_") and name != "VITRINE_CACHE")


def with_database(url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
