"""Child processes that never outlive us, and the system user that servers run as when we are root."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config.servers import ServerError

USER = "vitrine"
PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5_000_000

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


children: list["Child"] = []
"""All that were started and not yet stopped; nobody is forgotten when a signal comes at the wrong moment."""


def die_with_parent(number: int) -> Callable[[], None]:
    """What a child calls before its program: to be sent this signal when the process that started it is gone.

    Only Linux can. Elsewhere a parent that is killed outright leaves its children to the next start.
    """
    parent = os.getpid()

    def ask() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), number)

    return ask


class Child:
    """A program in a session of its own, so that Ctrl-C reaches it through us and in our order."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, stop_with: int) -> None:
        self.process = process
        self.log = log
        self.stop_with = stop_with

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ask_to_stop(self) -> None:
        if not self.has_ended:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.stop_with)

    def stop(self, seconds: float = 15) -> None:
        """Ask, wait, and at last kill it with everything it started."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        if self in children:
            children.remove(self)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        with suppress(OSError):
            text = self.log.read_bytes()[-8000:].decode("utf-8", "replace")
            return "\n".join(text.splitlines()[-lines:])
        return ""


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
    stop_with: int = signal.SIGTERM,
) -> Child:
    """Start a program whose output goes to `log`; a log grown large is first put aside.

    To be called from the main thread: on Linux the child ends with the thread that started it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
    # A signal that arrives while a child is born waits until the child is written down.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=dict(os.environ if env is None else env),
                user=user,
                group=user,
                extra_groups=[] if user else None,
                start_new_session=True,
                preexec_fn=die_with_parent(stop_with),
            )
        child = Child(process, log, stop_with)
        children.append(child)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child


def stop_all(seconds: float = 15) -> None:
    """Stop every child that is left, the youngest first."""
    for child in reversed(children.copy()):
        child.stop(seconds)


def system_user() -> str | None:
    """Whom servers run as that refuse root: None where we are not root ourselves; made when missing.

    Raises:
        ServerError: it is missing and can't be made.
    """
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            USER,
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise ServerError(
                f"There is no useradd to make the system user {USER}; make that user."
            ) from error
        if done.returncode not in (0, 9):  # 9: somebody else was faster
            raise ServerError(f"The system user {USER} can't be made: {done.stderr.strip()}") from None
    return USER


def hand_over(folder: Path, user: str | None) -> None:
    """Make the folder the user's, with everything in it, and let them pass through the folders above it."""
    if user is None:
        return
    import pwd

    owner = pwd.getpwnam(user)
    if folder.stat().st_uid != owner.pw_uid or any(
        path.lstat().st_uid != owner.pw_uid for path in folder.iterdir()
    ):
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    let_through(folder)


def let_through(folder: Path) -> None:
    """Let other users pass (not look) through the folders above this one."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def find_program(name: str) -> str | None:
    """Where a program is, also in the system's own folders that a user's PATH may leave out."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
