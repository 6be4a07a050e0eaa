"""Loads the demo catalog: records in the sources' own words, put in order by the vocabulary."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Model

from catalog.models import (
    Artifact,
    Classification,
    Link,
    ModelTag,
    ModelVersion,
    Paper,
    Parameter,
    Project,
    RegisteredModel,
    SignaturePort,
    Tag,
    TrainingData,
)
from core.text import free_slug, slug_of
from evaluations.models import Evaluation, MetricValue
from ingestion.demo.convert import read
from vocabulary.load import load_vocabulary
from vocabulary.mapper import Mapper
from vocabulary.models import Source

HERE = Path(__file__).parent
RECORDS = HERE / "models.jsonl.gz"
BATCH = 4000
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
Progress = Callable[[str, int, int], None]

# Field of a record → taxonomy; whether one value is a list written with commas; whether unknown words become terms.
TERMS = (
    ("task", "task", False, True),
    ("modality", "modality", True, True),
    ("architecture", "architecture", True, False),
    ("framework", "framework", False, True),
    ("library", "library", False, True),
    ("license", "license", False, True),
    ("languages", "language", False, True),
)


@dataclass(slots=True)
class Batch:
    """Rows waiting to be written, in the order the tables need."""

    evaluations: list[Evaluation] = field(default_factory=list)
    values: list[MetricValue] = field(default_factory=list)
    rows: dict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))


@transaction.atomic
def load_demo(path: Path = RECORDS, progress: Progress = lambda what, done, of: None) -> dict[str, int]:
    """Load the records of `path` into an empty catalog, in one transaction: all of it or nothing.

    `progress(what, done, of)` is called as it goes. Returns the number of models, versions and metric values.

    Raises:
        ValueError: a line is no JSON object, or there are models already.
    """
    if RegisteredModel.objects.exists():
        raise ValueError("The catalog already holds models; the demo is loaded into an empty one only.")
    load_vocabulary(sources=_sources())
    records = list(read(path))
    loader = _Loader(Mapper.load(), {source.slug: source for source in Source.objects.all()})
    loader.models(records)
    for done, record in enumerate(records, 1):
        loader.version(record)
        if done % 250 == 0 or done == len(records):
            loader.flush()
            progress("versions", done, len(records))
    return {"models": len(loader.model_of), "versions": len(records), "values": loader.value_count}


def _sources() -> list[dict[str, str]]:
    return list(yaml.safe_load((HERE / "sources.yaml").read_text(encoding="utf-8")))


def order_versions(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions of one model, oldest first.

    By release date and operator set where the source states them; otherwise what the source lists first counts as
    the newest, since leader boards list the version they recommend first.
    """
    listed = list(records)[::-1]
    return sorted(
        listed, key=lambda r: (r.get("released") or "", (r.get("hyperparameters") or {}).get("opset") or 0)
    )


class _Loader:
    """Keeps what was created, so that each record is mapped without a query."""

    def __init__(self, mapper: Mapper, sources: dict[str, Source]) -> None:
        self.mapper = mapper
        self.sources = sources
        self.model_of: dict[tuple[str, str, str], RegisteredModel] = {}
        self.version_of: dict[tuple[str, str, str, str], ModelVersion] = {}
        self.papers: dict[tuple[str, str], Paper] = {}
        self.tags: dict[str, Tag] = {}
        self.tagged: set[tuple[int, int]] = set()
        self.batch = Batch()
        self.value_count = 0

    def models(self, records: list[dict[str, Any]]) -> None:
        """Create projects, models and versions for all records."""
        by_model: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for record in records:
            by_model[record["source"], record["namespace"], record["model"]].append(record)
        projects: dict[tuple[str, str], Project] = {}
        slugs: set[str] = set()
        for source, namespace, _ in by_model:
            if (source, namespace) not in projects:
                projects[source, namespace] = Project(
                    slug=free_slug(namespace.replace("/", "-"), slugs),
                    name=namespace,
                    visibility=Project.VisibilityChoice.PUBLIC,
                    source=self.sources[source],
                    namespace=namespace,
                    url=self.sources[source].url if "/" in namespace else "",
                )
        Project.objects.bulk_create(projects.values())
        taken: dict[int, set[str]] = defaultdict(set)
        for key in by_model:
            source, namespace, name = key
            project = projects[source, namespace]
            self.model_of[key] = RegisteredModel(
                project=project,
                slug=free_slug(name, taken[project.pk], longest=150),
                name=name,
                source=self.sources[source],
                external_id="/".join(key),
                observed_at=READ_AT,
                created_at=READ_AT,
            )
        RegisteredModel.objects.bulk_create(self.model_of.values(), batch_size=BATCH)
        for key, versions in by_model.items():
            for position, record in enumerate(order_versions(versions), 1):
                self.version_of[(*key, record["version"])] = self._version_row(
                    record, self.model_of[key], position
                )
        ModelVersion.objects.bulk_create(self.version_of.values(), batch_size=BATCH)

    def _version_row(self, record: dict[str, Any], model: RegisteredModel, position: int) -> ModelVersion:
        def whole(name: str) -> int | None:
            return None if record.get(name) is None else round(record[name])

        return ModelVersion(
            model=model,
            label=record["version"],
            position=position,
            name=record.get("name", ""),
            architecture=record.get("architecture", ""),
            parameter_count=whole("parameters"),
            flops=whole("flops"),
            size_bytes=whole("size_bytes"),
            hardware=record.get("hardware", ""),
            base_model=record.get("base_model", ""),
            released_on=date.fromisoformat(record["released"]) if record.get("released") else None,
            source=model.source,
            external_id=f"{model.external_id}@{record['version']}",
            observed_at=READ_AT,
            created_at=READ_AT,
        )

    def version(self, record: dict[str, Any]) -> None:
        """Map one record's facts and numbers onto rows of the batch."""
        key = (record["source"], record["namespace"], record["model"], record["version"])
        version = self.version_of[key]
        self._classify(record, version)
        self._structure(record, version)
        self._tags(record, version)
        self._measure(record, version)

    def _classify(self, record: dict[str, Any], version: ModelVersion) -> None:
        found: dict[int, Classification] = {}
        for name, taxonomy, is_list, create in TERMS:
            raw = record.get(name) or []
            words = raw if isinstance(raw, list) else (raw.split(",") if is_list else [raw])
            for word in words:
                for term in self.mapper.terms(taxonomy, word, create=create):
                    row = Classification(
                        model=version.model, version=version, term=term, words=word.strip()[:500]
                    )
                    found.setdefault(term.pk, row)
        self.batch.rows[Classification] += found.values()

    def _structure(self, record: dict[str, Any], version: ModelVersion) -> None:
        rows = self.batch.rows
        for name, value in (record.get("hyperparameters") or {}).items():
            if value is not None:
                rows[Parameter].append(Parameter(version=version, name=name[:200], value=value))
        for kind, url in (record.get("links") or {}).items():
            if not url:
                continue
            if kind == "weights":
                rows[Artifact].append(Artifact(version=version, uri=url, size_bytes=version.size_bytes))
            else:
                rows[Link].append(
                    Link(model=version.model, version=version, kind=slug_of(kind, longest=40), url=url)
                )
        for direction, name in (("input", "inputs"), ("output", "outputs")):
            for position, port in enumerate(record.get(name) or []):
                shape = [size if isinstance(size, int) else None for size in port.get("shape") or []] or None
                rows[SignaturePort].append(
                    SignaturePort(
                        version=version,
                        direction=direction,
                        position=position,
                        name=port.get("name") or "",
                        type=port.get("type") or "",
                        shape=shape,
                    )
                )
        datasets: dict[int, TrainingData] = {}
        for words in record.get("training_data") or []:
            dataset = self.mapper.dataset(words)
            if dataset is not None:
                datasets.setdefault(
                    dataset.pk, TrainingData(version=version, dataset=dataset, words=words[:300])
                )
        rows[TrainingData] += datasets.values()
        if record.get("paper"):
            self._paper(record["paper"], version)

    def _paper(self, paper: dict[str, str], version: ModelVersion) -> None:
        key = ((paper.get("title") or paper.get("url") or "")[:500], (paper.get("url") or "")[:500])
        if key not in self.papers:
            self.papers[key] = Paper.objects.create(title=key[0], url=key[1])
        link = Paper.versions.through(paper=self.papers[key], modelversion=version)
        self.batch.rows[Paper.versions.through].append(link)

    def _tags(self, record: dict[str, Any], version: ModelVersion) -> None:
        for word in record.get("tags") or []:
            name = word.strip()[:80]
            slug = slug_of(name, longest=80)
            if not name or slug == "unnamed":
                continue
            if slug not in self.tags:
                self.tags[slug] = Tag.objects.create(slug=slug, name=name)
            tag = self.tags[slug]
            if (version.model_id, tag.pk) not in self.tagged:
                self.tagged.add((version.model_id, tag.pk))
                self.batch.rows[ModelTag].append(ModelTag(model=version.model, tag=tag))

    def _measure(self, record: dict[str, Any], version: ModelVersion) -> None:
        evaluations: dict[tuple[int | None, str, str], Evaluation] = {}
        occurrences: dict[tuple[int, int], int] = defaultdict(int)
        parameters: dict[str, list[float]] = defaultdict(list)
        for row in record["metrics"]:
            padded: list[Any] = [*row, *[None] * (6 - len(row))]
            words, value, unit, dataset_words, split, slice_ = padded
            meaning = self.mapper.meaning(words, unit or "", version.source)
            if meaning.metric_id is None:
                parameters[meaning.parameter].append(value)
                continue
            number = scaled(value, meaning.factor)
            metric = self.mapper.metrics[meaning.metric_id]
            if not metric.holds(number):
                parameters[f"{words} (out of range)"].append(value)
                continue
            dataset = self.mapper.dataset(dataset_words or "")
            stated = meaning.split or split or ""
            assumed = dataset is not None and not stated and bool(dataset.default_split)
            used_split = dataset.default_split if dataset is not None and assumed else stated
            condition = condition_of(words, meaning.slice, slice_ or "")
            key = (dataset.pk if dataset else None, used_split, condition)
            if key not in evaluations:
                evaluations[key] = Evaluation(
                    version=version,
                    dataset=dataset,
                    dataset_words=(dataset_words or "")[:300],
                    split=used_split,
                    split_is_assumed=assumed,
                    slice=condition[:300],
                    source=version.source,
                )
                self.batch.evaluations.append(evaluations[key])
            evaluation = evaluations[key]
            occurrences[id(evaluation), meaning.metric_id] += 1
            self.batch.values.append(
                MetricValue(
                    evaluation=evaluation,
                    metric_id=meaning.metric_id,
                    value=number,
                    words=words,
                    raw_value=value,
                    raw_unit=unit or "",
                    occurrence=occurrences[id(evaluation), meaning.metric_id],
                )
            )
        taken = record.get("hyperparameters") or {}
        for name, numbers in parameters.items():
            value = numbers[0] if len(set(numbers)) == 1 else sorted(set(numbers))
            label = name if name not in taken else f"{name} (evaluation)"
            self.batch.rows[Parameter].append(Parameter(version=version, name=label, value=value))

    def flush(self) -> None:
        """Write the batch, a few statements for each table."""
        self.value_count += len(self.batch.values)
        Evaluation.objects.bulk_create(self.batch.evaluations, batch_size=BATCH)
        for value in self.batch.values:
            value.evaluation_id = value.evaluation.pk
        MetricValue.objects.bulk_create(self.batch.values, batch_size=BATCH)
        for table, rows in self.batch.rows.items():
            table._default_manager.bulk_create(rows, batch_size=BATCH)
        self.batch = Batch()


def condition_of(words: str, implied: str, stated: str) -> str:
    """The slice of a number: what its words imply and what the source states, without the words said again."""
    parts = (implied, stated.removeprefix(words).strip())
    return "; ".join(part for part in parts if part)


def scaled(value: float, factor: float) -> float:
    """`value` times `factor` without the noise of binary fractions: 0.765 × 100 is 76.5."""
    return float(f"{value * factor:.12g}")
