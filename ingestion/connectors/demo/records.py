"""The demo catalog's file: JSON lines of public repositories' models, in the repositories' own words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from catalog.services.structure import ArtifactIn, LinkIn, PaperIn, PortIn, Structure
from core.errors import Invalid
from core.text import slug_of
from evaluations.services.records import EvaluationIn, MetricIn
from ingestion.connectors.base import file_connector
from ingestion.connectors.demo.convert import read
from ingestion.records import Refusal, VersionRecord
from vocabulary.models import Source
from vocabulary.resolver import Resolver

# Field of a record → taxonomy, and whether one value is a list written with commas.
TERMS = (
    ("task", "task", False),
    ("modality", "modality", True),
    ("framework", "framework", False),
    ("library", "library", False),
    ("license", "license", False),
    ("languages", "language", False),
)
ARCHITECTURE = "architecture"
LONGEST_PARAMETER = 200
LONGEST_TAG = 80


@file_connector
class DemoConnector:
    """Reads `models.jsonl.gz`."""

    name = "vitrine-demo"
    label = "Vitrine's demo catalog (JSON lines, gzip)"

    def accepts(self, path: Path) -> bool:
        return path.name == "models.jsonl.gz"

    def read(self, path: Path) -> Iterator[tuple[str, VersionRecord] | Refusal]:
        """The records, model by model, the versions of a model oldest first."""
        try:
            lines = list(enumerate(read(path), 1))
        except ValueError as error:
            raise Invalid(str(error), field="path") from error
        by_model: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        places = {id(line): f"{path.name}, line {number}" for number, line in lines}
        for _, line in lines:
            by_model.setdefault((line["source"], line["namespace"], line["model"]), []).append(line)
        # Architectures are described in free text: words that are no term of the taxonomy stay text.
        resolver = Resolver.load_for(taxonomies=[ARCHITECTURE])
        urls = dict(Source.objects.values_list("slug", "url"))
        for (source, _, _), versions in by_model.items():
            for line in order_versions(versions):
                yield source, record_of(line, resolver, places[id(line)], urls.get(source, ""))


def order_versions(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions of one model, oldest first.

    By release date and operator set where the source states them; otherwise what the source lists first counts as
    the newest, since leaderboards list the version they recommend first.
    """
    listed = list(records)[::-1]
    return sorted(
        listed, key=lambda r: (r.get("released") or "", (r.get("hyperparameters") or {}).get("opset") or 0)
    )


def record_of(line: Mapping[str, Any], resolver: Resolver, place: str, project_url: str) -> VersionRecord:
    """One line of the file as a record."""
    return VersionRecord(
        namespace=line["namespace"],
        model=line["model"],
        label=line["version"],
        facts=_facts(line),
        structure=_structure(line, resolver),
        evaluations=_evaluations(line.get("metrics") or ()),
        tags=tuple(dict.fromkeys(tag.strip()[:LONGEST_TAG] for tag in line.get("tags") or ())),
        project_url=project_url if "/" in line["namespace"] else "",
        place=place,
    )


def _facts(line: Mapping[str, Any]) -> dict[str, Any]:
    def whole(name: str) -> int | None:
        return None if line.get(name) is None else round(line[name])

    return {
        "name": line.get("name", ""),
        "architecture": line.get("architecture", ""),
        "parameter_count": whole("parameters"),
        "flops": whole("flops"),
        "size_bytes": whole("size_bytes"),
        "hardware": line.get("hardware", ""),
        "base_model": line.get("base_model", ""),
        "released_on": date.fromisoformat(line["released"]) if line.get("released") else None,
    }


def _structure(line: Mapping[str, Any], resolver: Resolver) -> Structure:
    links = {kind: url for kind, url in (line.get("links") or {}).items() if url}
    weights = links.pop("weights", None)
    size = None if line.get("size_bytes") is None else round(line["size_bytes"])
    paper = line.get("paper") or {}
    title, address = (paper.get("title") or paper.get("url") or "")[:500], (paper.get("url") or "")[:500]
    return Structure(
        parameters={
            name[:LONGEST_PARAMETER]: value
            for name, value in (line.get("hyperparameters") or {}).items()
            if value is not None
        },
        artifacts=(ArtifactIn(weights, size_bytes=size),) if weights else (),
        inputs=_ports(line.get("inputs") or ()),
        outputs=_ports(line.get("outputs") or ()),
        training_data=tuple(dict.fromkeys(line.get("training_data") or ())),
        terms=_terms(line, resolver),
        links=tuple(LinkIn(url, slug_of(kind, longest=40)) for kind, url in links.items()),
        papers=(PaperIn(title, address),) if title else (),
    )


def _ports(ports: Iterable[Mapping[str, Any]]) -> tuple[PortIn, ...]:
    return tuple(
        PortIn(
            port.get("name") or "",
            port.get("type") or "",
            tuple(size if isinstance(size, int) else None for size in port.get("shape") or ()) or None,
        )
        for port in ports
    )


def _terms(line: Mapping[str, Any], resolver: Resolver) -> dict[str, tuple[str, ...]]:
    terms: dict[str, tuple[str, ...]] = {}
    for name, taxonomy, has_commas in TERMS:
        given = line.get(name) or ()
        words = given if isinstance(given, list) else given.split(",") if has_commas and given else [given]
        if words := tuple(dict.fromkeys(word for word in words if word)):
            terms[taxonomy] = words
    described = (line.get(ARCHITECTURE) or "").split(",")
    if known := tuple(word for word in dict.fromkeys(described) if resolver.find_terms(ARCHITECTURE, word)):
        terms[ARCHITECTURE] = known
    return terms


def _evaluations(metrics: Iterable[list[Any]]) -> tuple[EvaluationIn, ...]:
    """Rows of (metric, value, unit, dataset, split, slice), those measured alike together."""
    grouped: dict[tuple[str, str, str], list[MetricIn]] = {}
    for row in metrics:
        padded: list[Any] = [*row, *[None] * (6 - len(row))]
        name, value, unit, dataset, split, slice_ = padded
        key = (dataset or "", split or "", slice_ or "")
        grouped.setdefault(key, []).append(MetricIn(name, value, unit or ""))
    return tuple(EvaluationIn(tuple(numbers), *key) for key, numbers in grouped.items())
