"""One run: its servers and processes, from the first line to the last."""

import logging
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Protocol, cast

from config.servers.ports import is_taken
from config.servers.processes import Child, spawn, stop_all
from config.supervisor import signals
from config.supervisor.errors import UserError
from config.supervisor.home import ROOT, Home, folder
from config.supervisor.watch import Part, look_after

READY_WITHIN = 90.0
PATIENCE = 15.0


class Server(Protocol):
    name: str
    child: Child | None

    def start(self) -> str: ...
    def stop(self) -> None: ...


class Run:
    """Everything between `make run` and its end."""

    def __init__(self, *, stack: bool = False) -> None:
        self.stack = stack
        self.home = Home(folder())
        self.logs = self.home.path / "logs"
        self.parts: list[Part] = []
        self.servers: list[Server] = []

    def say(self, words: str) -> None:
        print(words, flush=True)

    @property
    def port(self) -> int:
        words = os.environ.get("PORT") or "8000"
        if not words.isdigit() or not 0 < int(words) < 65536:
            raise UserError(f"PORT must be a number from 1 to 65535, not {words!r}.")
        return int(words)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Bring everything up and say so.

        Raises:
            Stopped: a signal came meanwhile. UserError, ServerError: something the user can mend.
        """
        port = self.port
        self.home.claim()
        if is_taken(port):
            raise UserError(f"Port {port} is in use. Choose another: make run PORT={port + 1}")
        self._set_environment()
        self._start_servers()
        self.home.publish()
        import django

        from config.supervisor.prepare import prepare

        django.setup()
        signals.check()
        logging.getLogger().setLevel(logging.WARNING)  # this terminal is for people
        people = prepare(home=self.home.path, say=self.say)
        signals.check()
        self._start_processes()
        self._await_ready()
        self._tell(people)

    def wait(self) -> None:
        """Until a signal comes, or something vital keeps ending.

        Raises:
            Stopped: the usual end. UserError: says what keeps ending, with its last words.
        """
        while True:
            signals.check()
            look_after(self.parts, self.say)
            time.sleep(0.3)

    def stop(self) -> None:
        """End everything this run started: first what uses the servers, then the servers."""
        signals.ignore()
        programs = [part for part in self.parts if part.name in ("web", "worker")]
        for part in programs:
            part.child.ask_to_stop()
        for part in programs:
            part.child.stop(PATIENCE)
        for server in reversed(self.servers):
            server.stop()
        stop_all()
        self.home.release()

    def _set_environment(self) -> None:
        os.environ["VITRINE_HOME"] = str(self.home.path)
        os.environ["PORT"] = str(self.port)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("VITRINE_DEMO", "true")
        if not os.environ.get("SECRET_KEY"):
            os.environ["SECRET_KEY"] = self.home.secret_key()
        metrics = self.home.path / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)

    def _start_servers(self) -> None:
        from config.servers.postgres import PostgresServer

        if not os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = self._serve(PostgresServer(self.home.path / "postgres"))
        if not self.stack:
            return
        from config.servers.opensearch import OpenSearchServer, fetch
        from config.servers.redis import RedisServer, find_redis

        if not os.environ.get("REDIS_URL"):
            find_redis(install=True)
            os.environ["REDIS_URL"] = self._serve(RedisServer(self.home.path / "redis"), is_vital=False)
        if not os.environ.get("OPENSEARCH_URL"):
            self.say("Starting OpenSearch …")
            fetch(self.say)
            engine = OpenSearchServer(self.home.path / "opensearch")
            os.environ["OPENSEARCH_URL"] = self._serve(engine, is_vital=False)

    def _serve(self, server: Server, *, is_vital: bool = True) -> str:
        self.servers.append(server)
        url = server.start()

        def again() -> Child:
            server.start()
            return cast(Child, server.child)

        self.parts.append(Part(server.name, again, cast(Child, server.child), is_vital))
        return url

    def _start_processes(self) -> None:
        web = ["-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
        worker = [
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "--beat",
            "--concurrency",
            "1",
            "--loglevel",
            "INFO",
        ]
        worker += ["--schedule", str(self.home.path / "beat"), "--without-gossip", "--without-mingle"]
        for name, command, pool in (("web", web, {}), ("worker", worker, {"VITRINE_POOL": "0"})):
            # A worker forks, and a pool does not survive that; its few threads keep a connection each.
            log, env = self.logs / f"{name}.log", {**os.environ, **pool}
            start = partial(spawn, [sys.executable, *command], log=log, folder=ROOT, env=env)
            self.parts.append(Part(name, start, start()))

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            signals.check()
            if ended := next((part for part in self.parts if part.has_ended), None):
                raise UserError(ended.obituary())
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:  # nosec B310
                    if answer.status == 200:
                        return
            except OSError:  # URLError and HTTPError are kinds of it
                time.sleep(0.1)
        raise UserError(f"The site did not answer within {READY_WITHIN:.0f} s; its logs are in {self.logs}.")

    def _tell(self, people: str) -> None:
        self.say(f"\nVitrine is ready: {self.address}\n")
        if people:
            self.say(people)
        self.say(f"Logs are in {_short(self.logs)}. Ctrl-C stops everything.")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
