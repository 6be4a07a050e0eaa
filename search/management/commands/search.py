"""`manage.py search rebuild|check|repair|status|drain`: the care of documents and index."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import health, sync, worker
from search.engine import index, ship
from search.engine.client import is_configured
from search.errors import EngineAway

SHOWN = 50


class Command(BaseCommand):
    """Rebuild, check, repair and watch what search finds by."""

    help = "Care for the search documents and index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        actions.add_parser(
            "rebuild",
            help="build every document anew, and a new index; searches go on meanwhile",
        )
        actions.add_parser(
            "check",
            help="compare everything with the catalog; exit code 1 when something differs",
        )
        actions.add_parser("repair", help="mend what a check finds")
        actions.add_parser("status", help="lag, depth, dead entries, counts, back end")
        drain = actions.add_parser("drain", help="carry what waits, now")
        drain.add_argument(
            "--follow",
            action="store_true",
            help="go on until stopped, like a worker does",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['action']}")(**options)
        except EngineAway as error:
            raise CommandError(f"The search engine does not answer: {error}") from error
        except index.RebuildRunning as error:
            raise CommandError("A rebuild is running already.") from error

    def do_rebuild(self, **options: Any) -> None:
        carried = sync.index_all(self._progress("Documents"))
        self.stdout.write(f"{carried:,} documents are built in Postgres.")
        if is_configured():
            name = index.rebuild(self._progress("Index"))
            self.stdout.write(f"Searches go to the new index {name}.")

    def do_check(self, **options: Any) -> None:
        report = health.check(self._progress("Checked"))
        self._tell(report)
        if not report.is_right:
            sys.exit(1)

    def do_repair(self, **options: Any) -> None:
        before = health.repair(self._progress("Checked"))
        self.stdout.write(
            f"{len(before.differences):,} differences were found, and their models carried again."
        )
        after = health.check()
        self._tell(after)
        if not after.is_right:
            sys.exit(1)

    def do_status(self, **options: Any) -> None:
        now = health.status()
        lines = [
            ("Answers now", now.backend),
            ("Search engine", now.engine),
            ("Models", f"{now.models:,}"),
            ("Documents in Postgres", f"{now.documents:,}"),
            (
                "Documents at the engine",
                "—" if now.engine_documents is None else f"{now.engine_documents:,}",
            ),
            ("Changes waiting", f"{now.waiting:,} (oldest {now.lag:g} s)"),
            (
                "Waiting for the engine",
                f"{now.engine_waiting:,} (oldest {now.engine_lag:g} s)",
            ),
            ("Dead entries", f"{now.dead:,}"),
            *(("Index", words) for words in now.indexes),
        ]
        for label, value in lines:
            self.stdout.write(f"{label:<24} {value}")

    def do_drain(self, *, follow: bool, **options: Any) -> None:
        if not follow:
            self.stdout.write(f"{sync.drain_all():,} models carried.")
            if is_configured():
                index.heal()
                self.stdout.write(f"{ship.drain_all():,} documents carried to the engine.")
            return
        sweepers = worker.start()
        try:
            for sweeper in sweepers:
                sweeper.join()
        except KeyboardInterrupt:
            for sweeper in sweepers:
                sweeper.stop()

    def _tell(self, report: health.Report) -> None:
        for difference in report.differences[:SHOWN]:
            self.stdout.write(str(difference))
        if len(report.differences) > SHOWN:
            self.stdout.write(f"… and {len(report.differences) - SHOWN:,} more")
        if report.engine_error:
            self.stdout.write(f"The search engine could not be checked: {report.engine_error}")
        engine = "" if report.engine_documents is None else f", {report.engine_documents:,} at the engine"
        self.stdout.write(
            f"{len(report.differences):,} differences: {report.models:,} models,"
            f" {report.documents:,} documents in Postgres{engine}, {report.dead:,} dead entries."
        )

    def _progress(self, label: str) -> health.Progress | None:
        if not self.stderr.isatty():
            return None

        def show(done: int, total: int) -> None:
            self.stderr.write(f"\r{label}: {done:,} of {total:,}", ending="" if done < total else "\n")

        return show
