"""Redis from the system's package."""

import os
import subprocess
import time
from pathlib import Path

from config.servers import ServerError
from config.servers.ports import free_port
from config.servers.processes import Child, find_program, hand_over, spawn, system_user

MEND = "Install it with `apt-get install redis-server`, or set REDIS_URL to one that runs."


def find_redis(*, install: bool = False) -> str:
    """The path of `redis-server`; installed from Debian's package when asked and allowed.

    Raises:
        ServerError: it is not there.
    """
    found = find_program("redis-server")
    if found is None and install and os.geteuid() == 0 and find_program("apt-get"):
        quiet = {
            "capture_output": True,
            "check": False,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-q"], **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "redis-server"], **quiet)  # type: ignore[call-overload]
        found = find_program("redis-server")
    if found is None:
        raise ServerError(f"redis-server is not installed. {MEND}")
    return found


class RedisServer:
    """A Redis in a folder of its own, on a port of the loopback."""

    name = "Redis"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *, install: bool = False, seconds: float = 20) -> str:
        """Start it, wait for its first answer and return its address.

        Raises:
            ServerError: it is missing, or does not answer in time.
        """
        import redis

        program, user = find_redis(install=install), system_user()
        self.folder.mkdir(parents=True, exist_ok=True)
        hand_over(self.folder, user)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.child = spawn(
            [program, *options, "--appendonly", "yes", "--save", ""],
            log=self.folder.with_name(f"{self.folder.name}.log"),
            folder=self.folder,
            user=user,
        )
        deadline = time.monotonic() + seconds
        while not self.child.has_ended and time.monotonic() < deadline:
            try:
                redis.Redis.from_url(self.url, socket_timeout=1).ping()
                return self.url
            except redis.RedisError:
                time.sleep(0.05)
        words = self.child.last_words()
        self.stop()
        raise ServerError(f"Redis did not start. Its last words:\n{words}")

    def stop(self) -> None:
        """Stop it and wait until it has gone. Doing so twice is harmless."""
        if self.child is not None:
            self.child.stop(10)
            self.child = None
