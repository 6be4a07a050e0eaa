"""`python -m config.supervisor run | stack | manage COMMAND … | psql … | pg_dump … | pg_restore …`."""

import argparse
import os
import sys

from config.servers import ServerError
from config.supervisor import commands, signals
from config.supervisor.errors import Stopped, UserError
from config.supervisor.run import Run

CLIENTS = ("psql", "pg_dump", "pg_restore")


def main() -> int:
    """0 when stopped by hand, 1 with one clear message when something is wrong."""
    parser = argparse.ArgumentParser(prog="config.supervisor", description=__doc__)
    parser.add_argument(
        "--follow-parent", action="store_true", help="stop when the program that started this one ends"
    )
    parser.add_argument("what", choices=("run", "stack", "manage", *CLIENTS))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the command, handed on")
    given = parser.parse_args()
    try:
        if given.what == "manage":
            return commands.manage(given.arguments)
        if given.what in CLIENTS:
            return commands.client(given.what, given.arguments)
        if given.arguments:
            parser.error(f"{given.what} takes no arguments")
        return serve(stack=given.what == "stack", follow_parent=given.follow_parent)
    except (UserError, ServerError) as error:
        print(f"Vitrine: {error}", file=sys.stderr)
        return 1


def serve(*, stack: bool, follow_parent: bool) -> int:
    run = Run(stack=stack)
    try:
        signals.listen()
        if follow_parent:
            signals.follow_parent()
        run.start()
        run.wait()
    except Stopped:
        run.say("\nStopping.")
    finally:
        run.stop()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # no thread of a library may hold us back now that everything has been stopped
