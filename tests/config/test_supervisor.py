"""`make run` from the outside: it starts, says so, stops whatever happens, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from config.servers.ports import free_port
from config.supervisor import environment

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = (
    "DATABASE_URL",
    "SECRET_KEY",
    "REDIS_URL",
    "OPENSEARCH_URL",
    "VITRINE_TESTING",
    "DJANGO_SETTINGS_MODULE",
)


class Started:
    """One supervisor with a data folder of its own."""

    def __init__(self, home: Path, port: int | None = None, *words: str, **more: str) -> None:
        self.home = home
        self.port = port or free_port()
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor", *(words or ("run",))],
            cwd=ROOT,
            env={
                **environment,
                "VITRINE_HOME": str(home),
                "PORT": str(self.port),
                "VITRINE_DEMO": "false",
                **more,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until(self, words: str) -> str:
        """Read what it says up to the line with these words, or to its end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if words in line:
                break
        return self.said

    def ready(self) -> "Started":
        assert f"Vitrine is ready: http://127.0.0.1:{self.port}\n" in self.until("is ready"), self.said
        return self

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process:
        return next(p for p in psutil.Process(self.process.pid).children() if name in " ".join(p.cmdline()))

    def ends(self) -> int:
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        return self.process.wait(60)


@pytest.fixture(scope="module")
def home(server_folder: Path) -> Path:
    """A data folder that has been through one whole run, so that each test starts fast."""
    path = server_folder / "home"
    run = Started(path).ready()
    run.process.send_signal(signal.SIGTERM)
    assert run.ends() == 0
    return path


@pytest.fixture
def run(home: Path) -> Iterator[Started]:
    started = Started(home)
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.ends()


def all_gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    """Whether none of them runs. One that has ended may wait a while for the system to take note of it."""
    return not any(is_running(process) for process in psutil.wait_procs(processes, timeout=seconds)[1])


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_of_it(run, number):
    run.ready()
    family = run.family()
    assert len(family) >= 5  # Postgres, web with its workers, worker with its child
    run.process.send_signal(number)
    assert run.ends() == 0
    assert all_gone(family, 0.5)
    assert not (run.home / "postgres" / "postmaster.pid").exists()
    assert not (run.home / "instance.json").exists()


def test_the_next_start_is_up_within_ten_seconds_and_says_the_site_is_well(run):
    before = time.monotonic()
    run.ready()
    assert time.monotonic() - before < 10
    address = f"http://127.0.0.1:{run.port}"
    assert httpx.get(f"{address}/readyz").json()["status"] == "ready"
    assert httpx.get(address, timeout=30).status_code == 200
    style = httpx.get(address).text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = httpx.get(address + style)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("after", [0.05, 0.4, 1.0, 2.0])
def test_a_signal_while_it_starts_leaves_nothing(home, after):
    run = Started(home)
    time.sleep(after)
    try:
        family = run.family()
    except psutil.NoSuchProcess:
        family = []
    run.process.send_signal(signal.SIGTERM)
    run.ends()
    assert all_gone(family, 5)
    assert not (home / "postgres" / "postmaster.pid").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_even_killed_outright_it_leaves_nothing(run):
    run.ready()
    family = run.family()
    run.process.kill()
    run.ends()
    assert all_gone(family, 20)


def test_a_part_that_dies_is_named_and_started_again(run):
    run.ready()
    run.child("celery").kill()
    said = run.until("Starting worker again")
    assert "worker was ended by signal 9" in said
    assert str(run.home / "logs" / "worker.log") in said
    assert httpx.get(f"http://127.0.0.1:{run.port}/readyz").status_code == 200


def test_a_part_that_keeps_dying_ends_the_run(home):
    """Something else took the port after the check: web can't have it."""
    run = Started(home, None, "run", VITRINE_BIND="203.0.113.1")
    assert run.ends() == 1
    assert "Vitrine: web ended with exit code" in run.said
    assert "Traceback" not in run.said


def test_a_taken_port_is_said_in_one_line_with_the_way_out(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = Started(home, port)
        assert run.ends() == 1
    assert run.said == f"Vitrine: Port {port} is in use. Choose another: make run PORT={port + 1}\n"


def test_a_port_that_is_none_is_said_in_one_line(home):
    run = Started(home, None, "run", PORT="eighty")
    assert run.ends() == 1
    assert run.said == "Vitrine: PORT must be a number from 1 to 65535, not 'eighty'.\n"


def test_a_folder_belongs_to_one_run(run):
    run.ready()
    second = Started(run.home)
    assert second.ends() == 1
    assert second.said.startswith(f"Vitrine: Another Vitrine (process {run.process.pid}) uses {run.home}.")
    assert second.said.count("\n") == 1


def test_a_command_beside_it_works_on_the_same_data(run):
    run.ready()
    command = Started(run.home, None, "psql", "-Atc", "select count(*) from django_migrations")
    assert command.ends() == 0
    assert int(command.said) > 10


def test_a_command_works_while_it_does_not_run(home):
    command = Started(home, None, "manage", "search", "check")
    assert command.ends() == 0, command.said
    assert "0 differences" in command.said
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_the_secret_key_is_kept_and_for_its_owner_alone(home):
    file = home / "secret-key"
    assert len(file.read_text()) >= 60
    assert file.stat().st_mode & 0o077 == 0


def test_a_python_that_is_too_old_is_told_so_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 1))
    assert environment.main([]) == 1
    said = capsys.readouterr().err
    assert said == "Vitrine: Python 3.11 or newer is needed; this is 3.9. Try: make PYTHON=python3.11 …\n"


def test_a_signal_that_a_library_swallowed_is_not_lost():
    code = (
        "import os, signal\n"
        "from config.supervisor import signals\n"
        "signals.listen()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\n"
        "except BaseException:\n    pass\n"
        "try:\n    signals.check()\n"
        "except BaseException as error:\n    print(type(error).__name__)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "Stopped\n"
