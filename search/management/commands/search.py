"""`manage.py search find|rebuild|check|repair|status|dead|drain`: searching, and the care of documents and index."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.viewer import Viewer
from access.viewers import load_viewer
from accounts.models import User
from core.formatting import short
from search import service
from search.engine.client import is_configured
from search.errors import EngineAway, InvalidQuery
from search.indexing import bulk, check, outbox, reindex, worker
from search.models import Job
from search.operations import dead, jobs, state
from search.selectors import card
from search.web import presentation

SHOWN = 50


class Command(BaseCommand):
    """Rebuild, check, repair and watch what search finds by."""

    help = "Care for the search documents and index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        finding = actions.add_parser("find", help="search as the site does: words, and the query language")
        finding.add_argument("words", nargs="*", help='such as: resnet "task:object-detection" "params<50M"')
        finding.add_argument("--as", dest="person", default="", help="whose models; a visitor's without it")
        finding.add_argument("--limit", type=int, default=20, help="1 to 100 models")
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
        listing = actions.add_parser("dead", help="what could not be carried, and why")
        listing.add_argument("--retry", action="store_true", help="have all of it tried again")
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
        except reindex.RebuildRunning as error:
            raise CommandError("A rebuild is running already.") from error
        except jobs.Stopped as error:
            raise CommandError("It was stopped.") from error
        except jobs.JobRunning as error:
            raise CommandError(error.message) from error

    def do_find(self, **options: Any) -> None:
        """One line a model: its reference, size and key number; first how many there are and what was understood."""
        user = User.objects.filter(username=options["person"]).first() if options["person"] else None
        if options["person"] and user is None:
            raise CommandError(f"There is no account “{options['person']}”.")
        viewer = load_viewer(user)
        try:
            given = {"q": [" ".join(options["words"])], "page_size": [str(options["limit"])]}
            result = service.search(viewer, service.read(viewer, given))
        except InvalidQuery as error:
            raise CommandError(error.message) from error
        for chip in presentation.chips(result):
            self.stdout.write(f"{chip['words']} → {chip['label']}" if chip.get("words") else chip["label"])
        self.stdout.write(f"{result.total:,} model{'s' if result.total != 1 else ''}, from {result.backend}.")
        for hit in result.hits:
            key = card(hit)["key"]
            size = short(hit.parameters) if hit.parameters is not None else ""
            self.stdout.write(
                f"{hit.ref:<70} {size:>8}  {key['value'] + ' ' + key['label'] if key else ''}".rstrip()
            )

    def do_rebuild(self, **options: Any) -> None:
        done = jobs.run_here(Job.Kind.REBUILD, self._progress)
        self.stdout.write(f"{done.carried or 0:,} documents are built in Postgres.")
        if done.index:
            self.stdout.write(f"Searches go to the new index {done.index}.")

    def do_check(self, **options: Any) -> None:
        self._tell(jobs.run_here(Job.Kind.CHECK, self._progress).before)

    def do_repair(self, **options: Any) -> None:
        done = jobs.run_here(Job.Kind.REPAIR, self._progress)
        assert done.before is not None  # nosec B101
        self.stdout.write(
            f"{len(done.before.differences):,} differences were found, and their models carried again."
        )
        self._tell(done.after)

    def do_status(self, **options: Any) -> None:
        now = state.status()
        found, held = now.numbers, now.engine
        lines = [
            ("All in all", state.sentence(now)),
            ("Answers now", now.backend),
            ("Search engine", str(held)),
            ("Models", f"{'about ' if found.models_estimated else ''}{found.models:,}"),
            ("Documents in Postgres", f"{'about ' if found.documents_estimated else ''}{found.documents:,}"),
            ("Documents at the engine", "—" if held.documents is None else f"{held.documents:,}"),
            ("Changes waiting", f"{found.waiting:,} (oldest {found.lag:g} s)"),
            ("Waiting for the engine", f"{found.engine_waiting:,} (oldest {found.engine_lag:g} s)"),
            ("Dead entries", f"{found.dead:,}"),
            *(("Index", str(reindex)) for reindex in now.indexes),
        ]
        for label, value in lines:
            self.stdout.write(f"{label:<24} {value}")

    def do_dead(self, *, retry: bool, **options: Any) -> None:
        operator = Viewer(is_administrator=True)
        for entry in dead.entries(operator, size=SHOWN):
            name = entry.model.ref if entry.model else f"{entry.letter.model_id} (no longer in the catalog)"
            self.stdout.write(
                f"{name}: {entry.letter.get_stage_display()}, {entry.letter.attempts} times,"
                f" last {entry.letter.failed_at:%Y-%m-%d %H:%M} UTC: {entry.letter.reason}"
            )
        entries = state.numbers().dead
        self.stdout.write(f"{entries:,} dead entries.")
        if retry:
            self.stdout.write(f"{dead.retry(operator):,} models wait to be carried again.")

    def do_drain(self, *, follow: bool, **options: Any) -> None:
        if not follow:
            self.stdout.write(f"{outbox.drain_all():,} models carried.")
            if is_configured():
                reindex.heal()
                self.stdout.write(f"{bulk.drain_all():,} documents carried to the engine.")
            return
        workers = worker.start()
        try:
            for worker_thread in workers:
                worker_thread.join()
        except KeyboardInterrupt:
            for worker_thread in workers:
                worker_thread.stop()

    def _tell(self, report: check.Report | None) -> None:
        """Differences, and the exit code 1 when there are any."""
        assert report is not None  # nosec B101
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
        if not report.is_right:
            sys.exit(1)

    def _progress(self, label: str) -> check.Progress | None:
        if not self.stderr.isatty():
            return None

        def show(done: int, total: int) -> None:
            self.stderr.write(f"\r{label}: {done:,} of {total:,}", ending="" if done < total else "\n")

        return show
