"""Being told to stop: by Ctrl-C, by SIGTERM or SIGHUP, or by the end of the `make` that started us."""

import os
import re
import signal
import threading
import time
from pathlib import Path
from types import FrameType

from config.servers.processes import SIGNALS
from config.supervisor.errors import Stopped


def listen() -> None:
    """From now on these signals raise `Stopped` in the main thread, even if we inherited that they be ignored."""
    for number in SIGNALS:
        signal.signal(number, _raise)


def ignore() -> None:
    """While stopping, a second signal changes nothing: every stop has its own time limit."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


_asked: list[int] = []


def check() -> None:
    """Raise what a signal raised already, should it have been lost: an import or a callback may swallow it.

    Raises:
        Stopped: a signal came before.
    """
    if _asked:
        raise Stopped(_asked[0])


def _raise(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    ignore()
    raise Stopped(number)


def follow_parent() -> None:
    """Stop when the parent is gone, or has been interrupted alone.

    `make` passes SIGTERM on to us, but takes for granted that a terminal sends SIGINT to both. When only `make` gets it
    (`kill -INT`), it waits for us for ever; on Linux it shows, for it no longer catches the signal.
    """
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    caught_before = _catches_interrupt(parent)
    while os.getppid() == parent and not (caught_before and not _catches_interrupt(parent)):
        time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGTERM)


def _catches_interrupt(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    found = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.M)
    return bool(found and int(found[1], 16) >> (signal.SIGINT - 1) & 1)
