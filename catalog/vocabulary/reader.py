"""Reads the vocabulary's YAML files, with errors that name the file and the entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from catalog.vocabulary.words import fold

HERE = Path(__file__).parent
DIRECTIONS = ("higher", "lower", "none")


class VocabularyError(ValueError):
    """An entry is wrong; the message says in which file, which entry, and why."""

    def __init__(self, file: str, entry: object, reason: str) -> None:
        super().__init__(f"{file}, {entry}: {reason}")


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A term, its parent's slug (or empty), and the words that mean it."""

    slug: str
    name: str
    parent: str = ""
    description: str = ""
    url: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxonomyEntry:
    """A taxonomy: its terms (parents first), words that name no term, words that stand for several."""

    slug: str
    name: str
    description: str
    position: int
    terms: tuple[TermEntry, ...]
    ignore: tuple[str, ...] = ()
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricAliasEntry:
    """A source's words for a metric; `factor` times the source's value is in the metric's unit."""

    words: str
    source: str = ""
    unit: str = ""
    factor: float = 1.0
    split: str = ""
    slice: str = ""


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """A metric's definition."""

    slug: str
    name: str
    description: str
    unit: str
    direction: str
    minimum: float | None
    maximum: float | None
    group: str
    importance: int
    precision: int
    aliases: tuple[MetricAliasEntry, ...]


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set with its other names."""

    slug: str
    name: str
    description: str = ""
    url: str = ""
    default_split: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All files together. `not_metrics` maps words to the parameter that keeps their value."""

    taxonomies: tuple[TaxonomyEntry, ...]
    metrics: tuple[MetricEntry, ...]
    not_metrics: Mapping[str, str]
    datasets: tuple[DatasetEntry, ...]
    not_datasets: tuple[str, ...]


def read_vocabulary(folder: Path = HERE) -> Vocabulary:
    """Read and check every file of `folder`.

    Raises:
        VocabularyError: a file is missing or no YAML, an entry lacks or has unknown keys, words mean two
            things, a parent is not listed before its child, a factor is not positive.
    """
    taxonomies = tuple(_taxonomy(folder, entry) for entry in _list(folder, "taxonomies.yaml", "taxonomies"))
    metrics_file = _file(folder, "metrics.yaml")
    metrics = tuple(_metric(entry) for entry in metrics_file.get("metrics") or [])
    not_metrics = {entry["words"]: entry["parameter"] for entry in metrics_file.get("not_metrics") or []}
    _check_metric_words(metrics, not_metrics)
    datasets_file = _file(folder, "datasets.yaml")
    datasets = tuple(_entry(DatasetEntry, "datasets.yaml", e) for e in datasets_file.get("datasets") or [])
    _check_unique("datasets.yaml", ((d.slug, (d.name, *d.aliases)) for d in datasets))
    ignored = tuple(str(words) for words in datasets_file.get("not_datasets") or [])
    return Vocabulary(taxonomies, metrics, not_metrics, datasets, ignored)


def _file(folder: Path, name: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise VocabularyError(name, "file", "it is missing") from error
    except yaml.YAMLError as error:
        raise VocabularyError(name, "file", f"it is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise VocabularyError(name, "file", "it must be a mapping")
    return content


def _list(folder: Path, name: str, key: str) -> list[dict[str, Any]]:
    entries = _file(folder, name).get(key)
    if not isinstance(entries, list):
        raise VocabularyError(name, key, "it must be a list")
    return entries


def _entry(kind: type, file: str, entry: object) -> Any:
    """`entry` as a dataclass of `kind`: every key known, none missing, lists as tuples."""
    if not isinstance(entry, dict):
        raise VocabularyError(file, repr(entry), "it must be a mapping")
    name = entry.get("slug") or entry.get("words") or entry
    values = {key: tuple(map(str, v)) if isinstance(v, list) else v for key, v in entry.items() if v is not None}
    try:
        return kind(**values)
    except TypeError as error:
        reason = str(error).replace("__init__()", "").replace(f"{kind.__name__}.", "").strip()
        raise VocabularyError(file, name, reason) from error


def _taxonomy(folder: Path, entry: dict[str, Any]) -> TaxonomyEntry:
    where = "taxonomies.yaml"
    for key in ("slug", "name", "terms"):
        if key not in entry:
            raise VocabularyError(where, entry.get("slug", entry), f"{key} is missing")
    file = str(entry["terms"])
    content = _file(folder, file)
    terms = tuple(_entry(TermEntry, file, term) for term in content.get("terms") or [])
    seen: set[str] = set()
    for term in terms:
        if term.slug in seen:
            raise VocabularyError(file, term.slug, "the slug stands twice")
        if term.parent and term.parent not in seen:
            raise VocabularyError(file, term.slug, f"its parent {term.parent} is not listed before it")
        seen.add(term.slug)
    several = {str(words): tuple(slugs) for words, slugs in (content.get("several") or {}).items()}
    for words, slugs in several.items():
        for slug in slugs:
            if slug not in seen:
                raise VocabularyError(file, words, f"{slug} is no term")
    ignore = tuple(str(words) for words in content.get("ignore") or [])
    meanings = [(term.slug, (term.name, *term.aliases)) for term in terms]
    meanings += [("(several)", tuple(several)), ("(ignored)", ignore)]
    _check_unique(file, meanings)
    return TaxonomyEntry(
        slug=entry["slug"],
        name=entry["name"],
        description=entry.get("description", ""),
        position=int(entry.get("position", 100)),
        terms=terms,
        ignore=ignore,
        several=several,
    )


def _metric(entry: object) -> MetricEntry:
    file = "metrics.yaml"
    if not isinstance(entry, dict) or "slug" not in entry or "name" not in entry:
        raise VocabularyError(file, entry, "slug and name are needed")
    slug = entry["slug"]
    if entry.get("direction") not in DIRECTIONS:
        raise VocabularyError(file, slug, f"direction must be one of {', '.join(DIRECTIONS)}")
    low, high = (entry.get("range") or [None, None])[:2]
    aliases = tuple(_entry(MetricAliasEntry, file, alias) for alias in entry.get("aliases") or [])
    for alias in aliases:
        if not isinstance(alias.factor, int | float) or alias.factor <= 0:
            raise VocabularyError(file, f"{slug}, {alias.words}", "factor must be a number above 0")
    return MetricEntry(
        slug=slug,
        name=entry["name"],
        description=entry.get("description", ""),
        unit=entry.get("unit", ""),
        direction=entry["direction"],
        minimum=low,
        maximum=high,
        group=entry.get("group", "quality"),
        importance=int(entry.get("importance", 50)),
        precision=int(entry.get("precision", 2)),
        aliases=aliases,
    )


def _check_metric_words(metrics: Iterable[MetricEntry], not_metrics: Mapping[str, str]) -> None:
    seen: dict[tuple[str, str, str], str] = {(fold(words), "", ""): "not_metrics" for words in not_metrics}
    for metric in metrics:
        for alias in metric.aliases:
            key = (fold(alias.words), alias.source, alias.unit)
            if key in seen:
                raise VocabularyError("metrics.yaml", f"{metric.slug}, {alias.words}", f"means {seen[key]} already")
            seen[key] = metric.slug


def _check_unique(file: str, meanings: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    seen: dict[str, str] = {}
    for slug, words in meanings:
        for word in words:
            other = seen.setdefault(fold(word), slug)
            if other != slug:
                raise VocabularyError(file, f"{slug}, {word}", f"these words mean {other} already")
