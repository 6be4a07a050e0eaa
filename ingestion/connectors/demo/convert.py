"""Makes `models.jsonl.gz`, the demo catalog's file, from the collected records of public repositories.

The records keep the sources' own words: the vocabulary is applied when they are loaded, so that an
edited vocabulary changes what a fresh catalog looks like. Only facts are taken (names, numbers,
links); fields that are empty are left out, and a metric is a list instead of an object.
"""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FACTS = (
    "source",
    "namespace",
    "model",
    "version",
    "name",
    "task",
    "modality",
    "architecture",
    "framework",
    "library",
    "license",
    "parameters",
    "flops",
    "size_bytes",
    "hardware",
    "training_data",
    "hyperparameters",
    "paper",
    "links",
    "tags",
    "languages",
    "released",
    "base_model",
    "inputs",
    "outputs",
)
METRIC = ("metric", "value", "unit", "dataset", "split", "slice")


def compact(record: dict[str, Any]) -> dict[str, Any]:
    """One record with its empty fields gone and its metrics as lists in the order of `METRIC`."""
    kept = {field: record[field] for field in FACTS if record.get(field) not in (None, "", [], {})}
    kept["metrics"] = [_trim([row.get(field) for field in METRIC]) for row in record.get("metrics") or []]
    return kept


def _trim(values: list[Any]) -> list[Any]:
    while values and values[-1] is None:
        values.pop()
    return values


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a gzipped file of JSON lines.

    Raises:
        ValueError: a line is no JSON object; the message has its number.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
            if not isinstance(record, dict):
                raise ValueError(f"{path.name}, line {number}: expected an object")
            yield record


def convert(records: Path, target: Path) -> int:
    """Write the demo file from `records`, byte for byte the same each time; returns the number of versions."""
    count = 0
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as out,
    ):
        for record in read(records):
            out.write(json.dumps(compact(record), ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
