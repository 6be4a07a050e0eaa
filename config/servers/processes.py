"""Starting and stopping one process: with a log, as another user, and not outliving the process that started it."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def _tie_to_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child calls between fork and exec, so that the kernel ends it when its parent dies without a word."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    number = int(stop_signal)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)

    return tie


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that a Ctrl-C reaches it only through us.

    Its output goes to the end of `log`, or where ours goes when that is None. To be called from the main thread.
    """
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=_tie_to_parent(stop_signal),
        )
    finally:
        if output:
            output.close()


def stop(
    process: subprocess.Popen[bytes], *, seconds: float = 15, stop_signal: signal.Signals = signal.SIGTERM
) -> None:
    """Ask it to stop, wait, and end it if it does not. Harmless when it has gone already."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log, for a message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(file.read().decode("utf-8", "replace").strip().splitlines()[-lines:])
    except OSError:
        return ""
