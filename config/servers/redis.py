"""Redis from the system's package."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from config.servers import ServerError
from config.servers.ports import free_port

MEND = "Install it with `apt-get install redis-server`, or set REDIS_URL to one that runs."


def find_redis(*, install: bool = False) -> str:
    """The path of `redis-server`; installed from Debian's package when asked and allowed.

    Raises:
        ServerError: it is not there.
    """
    found = shutil.which("redis-server")
    if found is None and install and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "redis-server"], check=False, capture_output=True)  # noqa: S607
        found = shutil.which("redis-server")
    if found is None:
        raise ServerError(f"redis-server is not installed. {MEND}")
    return found


class RedisServer:
    """A Redis in a folder of its own, on a free port of the loopback."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *, install: bool = False) -> str:
        """Start it, wait for its first answer and return its address.

        Raises:
            ServerError: it is missing, or does not answer within ten seconds.
        """
        import redis

        program = find_redis(install=install)
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "redis.log").open("ab")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self._process = subprocess.Popen(
            [program, *options, "--appendonly", "yes", "--save", ""],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for _ in range(100):
            try:
                redis.Redis.from_url(self.url, socket_timeout=1).ping()
                return self.url
            except redis.RedisError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise ServerError(f"Redis did not start; its log is {self.folder / 'redis.log'}.")

    def stop(self) -> None:
        """Stop it and wait until it has gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
