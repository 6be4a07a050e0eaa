"""`manage.py demo load|accounts|convert`: the demo catalog."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from ingestion.connectors.demo.convert import convert
from ingestion.connectors.demo.load import RECORDS, load_demo, summarize_refusals
from portal.demo.people import load_people
from search.indexing.backfill import index_all

WIDTH = 32


class Command(BaseCommand):
    """The demo catalog: real models, read from public repositories."""

    help = "Load the demo catalog, list its accounts, or make its file anew from collected records."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        loading = actions.add_parser("load", help="load it into an empty catalog, with a progress bar")
        loading.add_argument("--without-people", action="store_true", help="models only, no demo accounts")
        actions.add_parser("accounts", help="list the demo accounts")
        converting = actions.add_parser("convert", help="make the demo file from collected records")
        converting.add_argument("records", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["action"])(options)

    def load(self, options: dict[str, Any]) -> None:
        """Load models, people and the search documents."""
        started = time.monotonic()
        try:
            counts = load_demo(progress=self.progress)
        except ValueError as error:
            raise CommandError(str(error)) from error
        people = 0 if options["without_people"] else load_people()
        index_all(lambda done, of: self.progress("documents", done, of))
        seconds = time.monotonic() - started
        self.stdout.write(
            f"Loaded {counts['models']:,} models, {counts['versions']:,} versions, {counts['values']:,} metric values"
            f" and {people} demo accounts in {seconds:.0f} s."
        )
        for line in summarize_refusals(counts["report"]):
            self.stdout.write(f"  refused: {line}")

    def accounts(self, options: dict[str, Any]) -> None:
        """One line an account: name, password, what it may do."""
        for user in User.objects.filter(is_demo=True).order_by("-is_superuser", "username"):
            what = "administrator" if user.is_superuser else user.bio
            self.stdout.write(f"{user.username:<8} {settings.VITRINE_DEMO_PASSWORD:<14} {what}")

    def convert(self, options: dict[str, Any]) -> None:
        """Write the demo's file."""
        if not options["records"].is_file():
            raise CommandError(f"{options['records']} is not there. Give the path of models.jsonl.gz.")
        self.stdout.write(f"{convert(options['records'], RECORDS):,} versions written to {RECORDS.name}.")

    def progress(self, what: str, done: int, of: int) -> None:
        """Draw the bar anew, on a terminal; elsewhere one line when done."""
        if sys.stderr.isatty():
            filled = WIDTH * done // max(of, 1)
            end = "\n" if done == of else ""
            self.stderr.write(
                f"\r{what:<10} {'█' * filled}{'·' * (WIDTH - filled)} {done:,}/{of:,}", ending=end
            )
            self.stderr.flush()
        elif done == of:
            self.stderr.write(f"{what}: {of:,}")
