"""Keeping the parts of a run alive: what ends is started again, and what keeps ending is reported."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from config.servers import ServerError
from config.servers.processes import Child
from config.supervisor.errors import UserError

Say = Callable[[str], None]
TOO_OFTEN, WITHIN = 5, 60.0
LONGEST_PAUSE = 30.0


@dataclass
class Part:
    """One process of a run. `start` begins it anew, on the same addresses as before."""

    name: str
    start: Callable[[], Child]
    child: Child
    is_vital: bool = True
    ends: list[float] = field(default_factory=list)
    not_before: float = 0.0

    @property
    def has_ended(self) -> bool:
        return self.child.has_ended

    def obituary(self) -> str:
        """What happened to it, with the end of its log."""
        code = self.child.process.returncode
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"{self.name} {how}. The end of its log ({self.child.log}):\n{self.child.last_words()}"


def look_after(parts: list[Part], say: Say) -> None:
    """Start again what has ended, slower each time.

    A run goes on without the parts that are not vital: without OpenSearch, Postgres answers searches.

    Raises:
        UserError: a vital part has ended too often.
    """
    now = time.monotonic()
    for part in parts:
        if not part.has_ended or now < part.not_before:
            continue
        part.ends = [end for end in part.ends if now - end < WITHIN] + [now]
        if part.is_vital and len(part.ends) >= TOO_OFTEN:
            raise UserError(f"It ended {TOO_OFTEN} times within a minute: {part.obituary()}")
        say(f"{part.obituary()}\nStarting {part.name} again.")
        part.child.stop(0)
        part.not_before = now + min(LONGEST_PAUSE, 2.0 ** (len(part.ends) - 1))
        try:
            part.child = part.start()
        except ServerError as error:
            say(str(error))
