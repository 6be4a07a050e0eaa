"""Django's commands and Postgres's own on the data of `make run`, whether it runs just now or not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.servers.postgres import PostgresServer, programs
from config.servers.processes import find_program
from config.supervisor.home import ROOT, Home, folder, join_running


@contextmanager
def data() -> Iterator[None]:
    """The environment of the run that is on; where none is, Postgres is started for the time being."""
    if os.environ.get("SECRET_KEY") or join_running():
        yield
        return
    home = Home(folder())
    home.claim()
    server = None
    try:
        os.environ["SECRET_KEY"] = home.secret_key()
        os.environ.setdefault("VITRINE_DEMO", "true")
        if not os.environ.get("DATABASE_URL"):
            server = PostgresServer(home.path / "postgres")
            os.environ["DATABASE_URL"] = server.start()
        yield
    finally:
        if server:
            server.stop()
        home.release()


def manage(arguments: list[str]) -> int:
    """`manage.py ARGUMENTS`; its exit code."""
    with data():
        return _run([sys.executable, str(ROOT / "manage.py"), *arguments])


def client(name: str, arguments: list[str]) -> int:
    """psql, pg_dump or pg_restore of the wheel, or the system's own where it is missing; its exit code."""
    with data():
        bundled = programs() / name
        program = str(bundled) if bundled.is_file() else find_program(name) or name
        return _run([program, "--dbname", os.environ["DATABASE_URL"], *arguments])


def _run(command: list[str]) -> int:
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the program has its own way with Ctrl-C
            continue
