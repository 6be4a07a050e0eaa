"""A file connector is one class in one module; registry, writer and report do the rest."""

import datetime as dt
import json

import pytest

from catalog.models import ModelVersion
from core.errors import Invalid
from ingestion.connectors import base
from ingestion.connectors.base import connector_for, file_connector
from ingestion.files import ingest_file
from ingestion.records import Refusal, VersionRecord

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def sheets(monkeypatch):
    """A connector for files of JSON lines that end with `.sheet`."""
    monkeypatch.setattr(base, "FILE_CONNECTORS", dict(base.FILE_CONNECTORS))

    @file_connector
    class SheetConnector:
        name = "sheet"
        label = "Model sheet (JSON lines)"

        def accepts(self, path):
            return path.suffix == ".sheet"

        def read(self, path):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                place = f"{path.name}, line {number}"
                try:
                    row = json.loads(line)
                except ValueError as error:
                    yield Refusal(place, str(error))
                    continue
                facts = {"architecture": row.get("architecture", "")}
                yield "sheets", VersionRecord("lab", row["model"], row["version"], facts=facts, place=place)

    return SheetConnector


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "models.sheet"
    path.write_text(
        '{"model": "resnet", "version": "1", "architecture": "ResNet"}\n'
        "no json\n"
        '{"model": "resnet", "version": "no/label"}\n'
        '{"model": "vit", "version": "1"}\n'
    )
    return path


def test_a_file_is_read_by_the_connector_that_knows_it(sheets, file):
    assert isinstance(connector_for(file), sheets)
    report = ingest_file(file, viewer=None, observed_at=NOW)
    assert report.counts == {"created": 2, "refused": 2}
    assert [place for place, _ in report.refusals] == ["models.sheet, line 2", "models.sheet, line 3"]
    assert {version.ref for version in ModelVersion.objects.all()} == {"lab/resnet@1", "lab/vit@1"}
    assert ModelVersion.objects.first().source.slug == "sheets"


def test_the_file_read_again_changes_nothing(sheets, file):
    ingest_file(file, viewer=None, observed_at=NOW)
    assert ingest_file(file, viewer=None, observed_at=NOW).counts == {"unchanged": 2, "refused": 2}


def test_a_file_that_nobody_knows_is_refused_with_the_kinds_there_are(sheets, tmp_path):
    with pytest.raises(Invalid, match="Model sheet"):
        connector_for(tmp_path / "notes.docx")


def test_two_connectors_of_one_name_are_a_mistake(sheets):
    with pytest.raises(ValueError, match="sheet"):
        file_connector(sheets)
