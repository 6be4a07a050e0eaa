"""One run: its folder, servers and processes, from the first line to the last."""

import fcntl
import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO

from config.servers.ports import is_taken
from config.servers.postgres import PostgresServer
from config.supervisor.errors import Stopped, UserError
from config.supervisor.prepare import prepare
from config.supervisor.processes import Processes

ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN = 60.0


class Run:
    """Everything between `make run` and its end."""

    def __init__(self, *, stack: bool = False) -> None:
        self.stack = stack
        self.home = Path(os.environ.get("VITRINE_HOME") or ROOT / "var").resolve()
        self.processes = Processes(self.home / "log")
        self.servers: list[PostgresServer | object] = []
        self._lock: IO[str] | None = None

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
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)
        self._claim_home()
        if is_taken(self.port):
            raise UserError(f"Port {self.port} is in use. Choose another: make run PORT={self.port + 1}")
        self._set_environment()
        self._start_servers()
        import django

        django.setup()
        prepare(home=self.home, say=self.say, demo=os.environ["VITRINE_DEMO"] == "true")
        self._start_processes()
        self._await_ready()
        self._tell()

    def wait(self) -> None:
        """Until a signal comes, or a child dies.

        Raises:
            Stopped: the usual end. UserError: a child died; names its log.
        """
        while True:
            if name := self.processes.dead():
                raise UserError(f"The {name} process has ended; its log is {self.home / 'log' / name}.log.")
            time.sleep(0.5)

    def stop(self) -> None:
        """End everything this run started, last started first. A second signal changes nothing."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.processes.stop()
        for server in reversed(self.servers):
            server.stop()  # type: ignore[attr-defined]
        self.servers.clear()
        if self._lock is not None:
            self._lock.close()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        raise Stopped

    def _claim_home(self) -> None:
        """One run for each folder."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._lock = (self.home / "lock").open("a+")
        except OSError as error:
            raise UserError(f"The data folder {self.home} can't be written: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            raise UserError(
                f"Another Vitrine (process {holder}) uses {self.home}. Stop it, or set VITRINE_HOME to another folder."
            ) from error
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def _set_environment(self) -> None:
        key = self.home / "secret_key"
        if not os.environ.get("SECRET_KEY"):
            if not key.is_file():
                key.touch(mode=0o600)
                key.write_text(secrets.token_urlsafe(60))
            os.environ["SECRET_KEY"] = key.read_text()
        os.environ["VITRINE_HOME"] = str(self.home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("VITRINE_DEMO", "true")
        if not self.stack:
            # One command must be the same everywhere: real Redis and OpenSearch are for `make stack`.
            os.environ.setdefault("REDIS_URL", "")
            os.environ.setdefault("OPENSEARCH_URL", "")

    def _start_servers(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgres = PostgresServer(self.home / "postgres")
            self.servers.append(postgres)
            os.environ["DATABASE_URL"] = postgres.start()
            (self.home / "database_url").write_text(os.environ["DATABASE_URL"])
        if not self.stack:
            return
        from config.servers.opensearch import OpenSearchServer
        from config.servers.redis import RedisServer

        if not os.environ.get("REDIS_URL"):
            redis = RedisServer(self.home / "redis")
            self.servers.append(redis)
            os.environ["REDIS_URL"] = redis.start(install=True)
        if not os.environ.get("OPENSEARCH_URL"):
            self.say("Starting OpenSearch (the first time it is fetched: half a minute) …")
            engine = OpenSearchServer(self.home / "opensearch")
            self.servers.append(engine)
            os.environ["OPENSEARCH_URL"] = engine.start()

    def _start_processes(self) -> None:
        for folder in ("queue", "control"):
            (self.home / "broker" / folder).mkdir(parents=True, exist_ok=True)
        bind = os.environ.get("VITRINE_BIND", "127.0.0.1")
        web = ["-m", "gunicorn", "config.wsgi", "--bind", f"{bind}:{self.port}", "--worker-class", "gthread"]
        web += ["--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "5"]
        self.processes.start("web", web)
        worker = ["-m", "celery", "-A", "config", "worker", "--beat", "--concurrency", "1", "--loglevel", "WARNING"]
        worker += ["--schedule", str(self.home / "beat"), "--without-gossip", "--without-mingle"]
        self.processes.start("worker", worker)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if name := self.processes.dead():
                raise UserError(f"The {name} process did not start; its log is {self.home / 'log' / name}.log.")
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise UserError(f"The site did not answer within {READY_WITHIN:.0f} s; its logs are in {self.home / 'log'}.")

    def _tell(self) -> None:
        from django.conf import settings
        from django.db import connections

        from accounts.models import User

        people = list(User.objects.filter(is_demo=True).order_by("-is_superuser", "username"))
        connections.close_all()
        self.say(f"\nVitrine is ready: {self.address}")
        if people and settings.VITRINE_DEMO:
            self.say(f"Demo accounts (password {settings.VITRINE_DEMO_PASSWORD}):")
            for user in people:
                self.say(f"  {user.username:<8} {'administrator' if user.is_superuser else user.bio}")
        self.say("Ctrl-C stops it.")
        sys.stdout.flush()
