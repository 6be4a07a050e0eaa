"""Vitrine's own programs on servers that run already: web, worker and `manage.py`. For the bench, and for tests."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from config.servers import ServerError
from config.servers.ports import free_port
from config.servers.processes import Child, spawn

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = ("-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py")
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING")
WORKER_ALONE = ("--without-gossip", "--without-mingle")


class VitrineProcesses:
    """Web and worker in one environment, which names the servers; both may come and go."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.environment = {**environment, "PORT": str(self.port)}
        self.web: Child | None = None
        self.worker: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *words: str, **changes: str) -> str:
        """Run `manage.py`, perhaps with a changed environment; what it printed.

        Raises:
            ServerError: it ended with an error, whose last words are told.
        """
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**self.environment, **changes},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()[-1500:]
            raise ServerError(f"manage.py {words[0]} ended with {done.returncode}. Its last words:\n{said}")
        return done.stdout

    def start_web(self, *, seconds: float = 90) -> str:
        """Start gunicorn, wait until it is ready and return its address.

        Raises:
            ServerError: it ends, or is not ready in time.
        """
        self.web = spawn(
            [sys.executable, *WEB], log=self.folder / "web.log", folder=ROOT, env=self.environment
        )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.web.has_ended:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).is_success:
                    return self.url
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise ServerError(f"The site did not answer. Its last words:\n{self.web.last_words()}")

    def start_worker(self) -> None:
        """Start one Celery worker; it forks, so its threads keep a connection each instead of a pool."""
        self.worker = spawn(
            [sys.executable, *WORKER, *WORKER_ALONE],
            log=self.folder / "worker.log",
            folder=ROOT,
            env={**self.environment, "VITRINE_POOL": "0"},
        )

    def stop_worker(self) -> None:
        """Doing so twice is harmless."""
        if self.worker is not None:
            self.worker.stop()
            self.worker = None

    def stop(self) -> None:
        """Stop both. Doing so twice is harmless."""
        self.stop_worker()
        if self.web is not None:
            self.web.stop()
            self.web = None
