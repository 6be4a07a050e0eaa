"""Reading one file into the catalog: the connector that knows it, then the writer, then what became of each record."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from access.viewer import Viewer
from ingestion.connectors.base import FileConnector, connector_for
from ingestion.records import Outcome, Refusal, VersionRecord
from ingestion.writer import Reading, upsert
from vocabulary.models import Source
from vocabulary.resolver import Resolver

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class FileReport:
    """What became of a file: an outcome for each record, and what was no record at all."""

    connector: str
    outcomes: list[Outcome] = field(default_factory=list)
    unread: list[Refusal] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """Records by status, `refused` with what could not be read."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        counts["refused"] += len(self.unread)
        return counts

    @property
    def refusals(self) -> list[tuple[str, Refusal]]:
        """Every refusal with the place of its record."""
        inside = [(outcome.place, refusal) for outcome in self.outcomes for refusal in outcome.refusals]
        return [*((refusal.path, refusal) for refusal in self.unread), *inside]


@transaction.atomic
def ingest_file(
    path: Path,
    *,
    viewer: Viewer | None,
    observed_at: dt.datetime,
    connector: FileConnector | None = None,
    visibility: str = "internal",
    progress: Progress = lambda done, of: None,
) -> FileReport:
    """Read a file and write its records. Sources that are unknown are created, named by their slug.

    `viewer` is who asks, with the rights they have; None is the operator of the site.

    Raises:
        Invalid: no connector knows the file, or it cannot be read as a whole. NotAllowed: see `upsert`.
    """
    connector = connector or connector_for(path)
    report = FileReport(connector.name)
    by_source: dict[str, list[VersionRecord]] = {}
    for item in connector.read(path):
        if isinstance(item, Refusal):
            report.unread.append(item)
        else:
            by_source.setdefault(item[0], []).append(item[1])
    total = sum(map(len, by_source.values()))
    sources = _sources(by_source)
    resolver = Resolver.load()
    for slug, records in by_source.items():
        reading = Reading(viewer, sources[slug], observed_at, visibility, resolver)
        done = len(report.outcomes)

        def tell(count: int, done: int = done) -> None:
            progress(done + count, total)

        report.outcomes += upsert(reading, records, tell)
    return report


def _sources(slugs: Iterable[str]) -> dict[str, Source]:
    sources = {source.slug: source for source in Source.objects.filter(slug__in=list(slugs))}
    for slug in slugs:
        if slug not in sources:
            sources[slug], _ = Source.objects.get_or_create(slug=slug, defaults={"name": slug})
    return sources
