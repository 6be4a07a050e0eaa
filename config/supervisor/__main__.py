"""`python -m config.supervisor [--stack]`."""

import argparse
import sys

from config.servers import ServerError
from config.supervisor.errors import Stopped, UserError
from config.supervisor.run import Run


def main() -> int:
    """Run until told to stop; 0 when stopped by hand, 1 with one clear line when something is wrong."""
    parser = argparse.ArgumentParser(prog="config.supervisor", description=__doc__)
    parser.add_argument("--stack", action="store_true", help="on a real Redis and a real OpenSearch")
    run = Run(stack=parser.parse_args().stack)
    try:
        run.start()
        run.wait()
    except Stopped:
        run.say("Stopping.")
    except (UserError, ServerError) as error:
        print(f"Vitrine: {error}", file=sys.stderr)
        return 1
    finally:
        run.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
