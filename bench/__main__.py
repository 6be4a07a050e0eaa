"""`python -m bench`: starts a site of its own, measures part after part, writes what it found, stops everything."""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from bench import compare, giants, load, mlflow, pages, rebuild, relevance, report, scale, search, sync
from bench.measure import Context, Figure, Group, Skipped
from bench.questions import QUERIES, questions_of
from bench.site import Site
from config.servers import ServerError
from config.supervisor import signals
from config.supervisor.errors import Stopped

# In the order they run: what only reads comes first. A new part is a module with a GROUP, named here.
GROUPS: Sequence[Group] = (
    relevance.GROUP,
    search.GROUP,
    compare.GROUP,
    pages.GROUP,
    giants.GROUP,
    sync.GROUP,
    rebuild.GROUP,
    load.GROUP,
    mlflow.GROUP,
    scale.GROUP,
    scale.LARGE_GROUP,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all that was asked for was measured, 1 when a part could not be, 130 when stopped by hand."""
    given = parsed(arguments)
    chosen = [group for group in GROUPS if (group.name in given.only if given.only else not group.is_large)]
    busy = os.getloadavg()[0]
    signals.listen()
    site = Site(said_with_time, heap="4g" if any(group.is_large for group in chosen) else "1g")
    try:
        site.start()
        if any(group.needs_catalog for group in chosen):
            site.fill()
        context = Context(site, questions_of(given.queries), str(given.queries), given.quick, say)
        measured, skipped, failed = measure_all(context, chosen)
        caption = report.caption_of(site.versions(), is_quick=given.quick, load=busy)
    except Stopped:
        say("Stopped.")
        return 130
    except ServerError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        signals.ignore()
        site.stop()
    if given.write or not (given.only or given.quick):
        report.write_results(report.RESULTS, [figure for _, figures in measured for figure in figures])
        report.write_page(report.PAGE, report.table_of(measured, caption, [*skipped, *failed]))
        say("Written: bench/results.json and docs/performance.md.")
    say(f"{sum(len(figures) for _, figures in measured)} figures in {time.monotonic() - BEGAN:.0f} s.")
    for words in skipped:
        print(f"bench: NOT MEASURED, SKIPPED: {words}", file=sys.stderr)
    for words in failed:
        print(f"bench: could not be measured: {words}", file=sys.stderr)
    return 1 if failed else 0


def measure_all(
    context: Context, groups: Sequence[Group]
) -> tuple[list[tuple[Group, list[Figure]]], list[str], list[str]]:
    """The figures of each part, why parts were skipped, and what went wrong; one part's fault stops no other."""
    measured, skipped, failed = [], [], []
    for group in groups:
        began = time.monotonic()
        say(f"\n{group.name}: {group.about}")
        figures: list[Figure] = []
        try:
            for figure in group.measure(context):
                figures.append(figure)
                say(report.shown(figure))
        except Skipped as error:
            skipped.append(f"{group.name}: {error}")
            say(f"  SKIPPED: {error}")
        except Exception as error:
            traceback.print_exc()
            failed.append(f"{group.name}: {type(error).__name__}: {str(error)[:200]}")
        measured.append((group, figures))
        say(f"  {time.monotonic() - began:.0f} s")
    return measured, skipped, failed


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parts = "\n".join(f"  {group.name:<10} {group.about}" for group in GROUPS)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure Vitrine beside the plain thing without it: Postgres, Redis and OpenSearch of its own in a"
        " temporary folder,\nthe demo catalog, web and worker. Each figure is ours, the other's, and their ratio.",
        epilog=f"parts:\n{parts}\n\nA full run writes bench/results.json and the table in docs/performance.md;"
        " a part or a quick run only with --write.",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[group.name for group in GROUPS],
        metavar="NAME",
        help="measure this part only; may be repeated",
    )
    parser.add_argument("--quick", action="store_true", help="fewer samples: to see that it works")
    parser.add_argument(
        "--write", action="store_true", help="write the files after a part or a quick run, too"
    )
    parser.add_argument(
        "--queries",
        type=Path,
        default=QUERIES,
        metavar="FILE",
        help="graded queries, gzipped JSON (default: shared/relevance/queries.json.gz beside the checkout)",
    )
    return parser.parse_args(arguments)


def say(words: str) -> None:
    print(words, flush=True)


BEGAN = time.monotonic()


def said_with_time(words: str) -> None:
    """What goes on while the site is made, with the seconds since the start."""
    say(f"{time.monotonic() - BEGAN:4.0f} s  {words}")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # no thread of a library may hold us back now that everything has been stopped
