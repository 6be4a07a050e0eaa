"""The data folder: who holds it, its secret key, and where the programs of a run find each other."""

import fcntl
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from config.supervisor.errors import UserError

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = ("DATABASE_URL", "REDIS_URL", "OPENSEARCH_URL", "SECRET_KEY", "VITRINE_DEMO", "VITRINE_HOME")


def folder() -> Path:
    """VITRINE_HOME, or `var` in the checkout."""
    return Path(os.environ.get("VITRINE_HOME") or ROOT / "var").resolve()


class Home:
    """One run's hold on a data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def claim(self) -> None:
        """Hold the folder for this process; the kernel lets go of it when we end, however that happens.

        Raises:
            UserError: another run holds it, or it can't be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise UserError(f"The data folder {self.path} can't be written: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            self._lock.close()
            self._lock = None
            raise UserError(
                f"Another Vitrine (process {holder}) uses {self.path}. Stop it, or set VITRINE_HOME to another folder."
            ) from error
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def release(self) -> None:
        if self._lock is not None:
            self.instance.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def secret_key(self) -> str:
        """A random key of this folder, made at the first start and readable by its owner alone."""
        file = self.path / "secret-key"
        with suppress(FileNotFoundError):
            if key := file.read_text(encoding="utf-8").strip():
                return key
        key = secrets.token_urlsafe(60)
        _write_private(file, key)
        return key

    @property
    def instance(self) -> Path:
        return self.path / "instance.json"

    def publish(self) -> None:
        """Let `manage.py` find the servers of this run for as long as it lasts."""
        _write_private(self.instance, json.dumps({name: os.environ.get(name, "") for name in SHARED}))


def join_running() -> bool:
    """Take over the environment of the run that holds the data folder, where nothing else is set; whether there is one.

    So `manage.py search check` beside a `make run` or `make stack` needs no variables.
    """
    if os.environ.get("SECRET_KEY"):
        return False
    try:
        shared = json.loads((folder() / "instance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    for name, value in shared.items():
        os.environ.setdefault(name, value)
    return True


def _write_private(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(
        os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as out:
        out.write(text)
    beside.replace(file)
