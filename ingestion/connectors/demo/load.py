"""Loads the demo catalog into an empty one, by the way every file goes."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from catalog.models import RegisteredModel
from evaluations.models import MetricValue
from ingestion.connectors.demo.records import DemoConnector
from ingestion.files import FileReport, ingest_file
from vocabulary.load import load_vocabulary

HERE = Path(__file__).parent
RECORDS = HERE / "models.jsonl.gz"
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
Progress = Callable[[str, int, int], None]


@transaction.atomic
def load_demo(path: Path = RECORDS, progress: Progress = lambda what, done, of: None) -> dict[str, Any]:
    """Load the records of `path` into an empty catalog, in one transaction: all of it or nothing.

    `progress(what, done, of)` is called as it goes. Returns the number of models, versions and metric values, and
    under `report` what became of each record.

    Raises:
        Invalid: a line is no JSON object. ValueError: there are models already.
    """
    if RegisteredModel.objects.exists():
        raise ValueError("The catalog already holds models; the demo is loaded into an empty one only.")
    load_vocabulary(sources=_sources())
    report = ingest_file(
        path,
        viewer=None,
        observed_at=READ_AT,
        connector=DemoConnector(),
        visibility="public",
        progress=lambda done, of: progress("versions", done, of),
    )
    return {
        "models": RegisteredModel.objects.count(),
        "versions": len(report.outcomes),
        "values": MetricValue.objects.count(),
        "report": report,
    }


def summarize_refusals(report: FileReport) -> list[str]:
    """What was refused, alike refusals in one line with their number, the most frequent first."""
    counts = Counter(refusal.message.partition(";")[0] for _, refusal in report.refusals)
    return [f"{count} × {message}" for message, count in counts.most_common()]


def _sources() -> list[dict[str, str]]:
    return list(yaml.safe_load((HERE / "sources.yaml").read_text(encoding="utf-8")))
