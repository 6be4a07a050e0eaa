"""Reads the vocabulary's YAML files, with errors that name the file and the entry."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from vocabulary.folding import fold

HERE = Path(__file__).parent / "entries"
DIRECTIONS = ("higher", "lower", "none")
GROUPS = ("quality", "speed", "cost", "size")
TAXONOMY_KEYS = {"slug", "name", "description", "position", "terms", "facet", "multiple"}
METRIC_KEYS = {
    "slug",
    "name",
    "description",
    "unit",
    "direction",
    "range",
    "group",
    "importance",
    "precision",
    "aliases",
}


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
    facet: bool = True
    multiple: bool = True


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
class NotMetricEntry:
    """Words that stand among the numbers but measure nothing, the parameter that keeps them, and why."""

    words: str
    parameter: str
    why: str


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
            things, a parent is unknown or not listed before its child (so there is no circle), a factor is not
            positive, a direction or a range makes no sense.
    """
    listed = _list(_file(folder, "taxonomies.yaml", {"taxonomies"}), "taxonomies.yaml", "taxonomies")
    taxonomies = tuple(_taxonomy(folder, entry) for entry in listed)
    _check_slugs("taxonomies.yaml", taxonomies)
    name = "metrics.yaml"
    content = _file(folder, name, {"metrics", "not_metrics"})
    metrics = tuple(_metric(entry) for entry in _list(content, name, "metrics"))
    _check_slugs(name, metrics)
    not_metrics = [
        _entry(NotMetricEntry, name, entry) for entry in _list(content, name, "not_metrics", needed=False)
    ]
    _check_metric_words(metrics, not_metrics)
    name = "datasets.yaml"
    content = _file(folder, name, {"datasets", "not_datasets"})
    datasets = tuple(_entry(DatasetEntry, name, entry) for entry in _list(content, name, "datasets"))
    _check_slugs(name, datasets)
    not_datasets = _words(name, "not_datasets", content.get("not_datasets") or [])
    meanings = [(d.slug, (d.name, *d.aliases)) for d in datasets]
    _check_unique(name, [*meanings, ("not_datasets", not_datasets)])
    return Vocabulary(
        taxonomies, metrics, {e.words: e.parameter for e in not_metrics}, datasets, not_datasets
    )


def _file(folder: Path, name: str, keys: set[str]) -> dict[str, Any]:
    """The content of a file whose top level may have these keys."""
    try:
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise VocabularyError(name, "file", "it is missing") from error
    except UnicodeDecodeError as error:
        raise VocabularyError(name, "file", f"it is not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        raise VocabularyError(name, "file", f"it is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise VocabularyError(name, "file", "it must be a mapping")
    _check_keys(name, "file", content, keys)
    return content


def _list(content: dict[str, Any], file: str, key: str, *, needed: bool = True) -> list[Any]:
    entries = content.get(key, None if needed else [])
    if not isinstance(entries, list):
        raise VocabularyError(file, key, "it must be a list")
    return entries


def _check_keys(file: str, entry: object, given: Mapping[Any, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise VocabularyError(file, entry, f"{key} is no known key (known: {', '.join(sorted(known))})")


def _words(file: str, entry: object, values: object) -> tuple[str, ...]:
    """A list of texts. YAML reads a bare `no`, `on` or `1.0` as something else: such words need quotes."""
    if not isinstance(values, list):
        raise VocabularyError(file, entry, "it must be a list of words")
    for value in values:
        if not isinstance(value, str):
            raise VocabularyError(file, entry, f"{value!r} is not text; put it in quotes")
        if not fold(value):
            raise VocabularyError(file, entry, f"{value!r} has no letter or digit")
    return tuple(values)


def _entry(kind: type, file: str, entry: object) -> Any:
    """`entry` as a dataclass of `kind`: every key known, none missing, lists as tuples, text where text is due."""
    if not isinstance(entry, dict):
        raise VocabularyError(file, repr(entry), "it must be a mapping")
    name = entry.get("slug") or entry.get("words") or entry
    known = {each.name: each.type for each in fields(kind)}
    _check_keys(file, name, entry, set(known))
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if value is None:
            continue  # a key without a value is a key left out
        if known[key] == tuple[str, ...]:
            value = _words(file, name, value)
        elif known[key] is str and not isinstance(value, str):
            raise VocabularyError(file, name, f"{key} must be text, not {value!r}; put it in quotes")
        values[key] = value
    try:
        return kind(**values)
    except TypeError as error:
        reason = str(error).replace("__init__()", "").replace(f"{kind.__name__}.", "").strip()
        raise VocabularyError(file, name, reason) from error


def _taxonomy(folder: Path, entry: object) -> TaxonomyEntry:
    where = "taxonomies.yaml"
    if not isinstance(entry, dict):
        raise VocabularyError(where, repr(entry), "it must be a mapping")
    slug = entry.get("slug", entry)
    _check_keys(where, slug, entry, TAXONOMY_KEYS)
    for key in ("slug", "name", "terms"):
        if not isinstance(entry.get(key), str):
            raise VocabularyError(where, slug, f"{key} is missing")
    for key in ("facet", "multiple"):
        if not isinstance(entry.get(key, True), bool):
            raise VocabularyError(where, slug, f"{key} must be true or false")
    position = _whole(where, slug, "position", entry.get("position", 100), 0, 32767)
    file = entry["terms"]
    content = _file(folder, file, {"terms", "ignore", "several"})
    terms = tuple(_entry(TermEntry, file, term) for term in _list(content, file, "terms"))
    _check_tree(file, terms)
    ignore = _words(file, "ignore", content.get("ignore") or [])
    several = _several(file, content.get("several") or {}, {term.slug for term in terms})
    meanings = [(term.slug, (term.name, *term.aliases)) for term in terms]
    _check_unique(file, [*meanings, ("several", tuple(several)), ("ignore", ignore)])
    return TaxonomyEntry(
        slug=entry["slug"],
        name=entry["name"],
        description=entry.get("description", ""),
        position=position,
        terms=terms,
        ignore=ignore,
        several=several,
        facet=entry.get("facet", True),
        multiple=entry.get("multiple", True),
    )


def _several(file: str, entries: object, slugs: set[str]) -> dict[str, tuple[str, ...]]:
    """Words that stand for several terms, with the slugs of those."""
    if not isinstance(entries, dict):
        raise VocabularyError(file, "several", "it must be a mapping")
    several = {words: _words(file, words, meant) for words, meant in entries.items()}
    for words, meant in several.items():
        for slug in meant:
            if slug not in slugs:
                raise VocabularyError(file, words, f"{slug} is no term")
    return several


def _check_tree(file: str, terms: tuple[TermEntry, ...]) -> None:
    """Parents stand before their children, so that no term can be its own ancestor."""
    slugs = {term.slug for term in terms}
    _check_slugs(file, terms)
    seen: set[str] = set()
    for term in terms:
        if term.parent and term.parent not in slugs:
            raise VocabularyError(file, term.slug, f"its parent {term.parent} is no term")
        if term.parent and term.parent not in seen:
            raise VocabularyError(file, term.slug, f"its parent {term.parent} is not listed before it")
        seen.add(term.slug)


def _check_slugs(file: str, entries: Iterable[Any]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.slug in seen:
            raise VocabularyError(file, entry.slug, "the slug stands twice")
        seen.add(entry.slug)


def _metric(entry: object) -> MetricEntry:
    file = "metrics.yaml"
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("slug"), str)
        or not isinstance(entry.get("name"), str)
    ):
        raise VocabularyError(file, entry, "slug and name are needed")
    slug = entry["slug"]
    _check_keys(file, slug, entry, METRIC_KEYS)
    if entry.get("direction") not in DIRECTIONS:
        raise VocabularyError(file, slug, f"direction must be one of {', '.join(DIRECTIONS)}")
    group = entry.get("group", "quality")
    if group not in GROUPS:
        raise VocabularyError(file, slug, f"group must be one of {', '.join(GROUPS)}")
    low, high = _range(file, slug, entry.get("range"))
    aliases = tuple(
        _entry(MetricAliasEntry, file, alias) for alias in _list(entry, file, "aliases", needed=False)
    )
    for alias in aliases:
        if not _is_number(alias.factor) or alias.factor <= 0:
            raise VocabularyError(file, f"{slug}, {alias.words}", "factor must be a number above 0")
    return MetricEntry(
        slug=slug,
        name=entry["name"],
        description=entry.get("description", ""),
        unit=entry.get("unit", ""),
        direction=entry["direction"],
        minimum=low,
        maximum=high,
        group=group,
        importance=_whole(file, slug, "importance", entry.get("importance", 50), 1, 100),
        precision=_whole(file, slug, "precision", entry.get("precision", 2), 0, 12),
        aliases=aliases,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(file: str, entry: object, key: str, value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise VocabularyError(file, entry, f"{key} must be a whole number from {low} to {high}")
    return value


def _range(file: str, slug: str, ends: object) -> tuple[float | None, float | None]:
    """Minimum and maximum, of which each may be open."""
    if ends is None:
        return None, None
    if (
        not isinstance(ends, list)
        or len(ends) != 2
        or not all(end is None or _is_number(end) for end in ends)
    ):
        raise VocabularyError(file, slug, "range must be [minimum, maximum], with null for an open end")
    low, high = ends
    if low is not None and high is not None and low > high:
        raise VocabularyError(file, slug, "the range's minimum is above its maximum")
    return low, high


def _check_metric_words(metrics: Iterable[MetricEntry], not_metrics: Iterable[NotMetricEntry]) -> None:
    """The same words, from the same source and in the same unit, mean one thing; and names are no other's words."""
    seen: dict[tuple[str, str, str], str] = {}
    for entry in not_metrics:
        if seen.setdefault((fold(entry.words), "", ""), entry.words) != entry.words:
            raise VocabularyError("metrics.yaml", f"not_metrics, {entry.words}", "these words stand twice")
    nothing = {words for words, _, _ in seen}
    names: dict[str, str] = {}
    for metric in metrics:
        for alias in metric.aliases:
            key = (fold(alias.words), alias.source, fold(alias.unit))
            other = seen.setdefault(key, metric.slug) if key[0] not in nothing else "not_metrics"
            if other != metric.slug or sum(_key(a) == key for a in metric.aliases) > 1:
                raise VocabularyError(
                    "metrics.yaml", f"{metric.slug}, {alias.words}", f"means {other} already"
                )
        other = names.setdefault(fold(metric.name), metric.slug)
        if other != metric.slug:
            raise VocabularyError(
                "metrics.yaml", metric.slug, f"{metric.name} is the name of {other} already"
            )
    for (words, source, unit), slug in seen.items():
        if not source and not unit and names.get(words, slug) != slug:
            raise VocabularyError("metrics.yaml", names[words], f"its name means {slug} already")


def _key(alias: MetricAliasEntry) -> tuple[str, str, str]:
    return fold(alias.words), alias.source, fold(alias.unit)


def _check_unique(file: str, meanings: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    """Every word means one entry; nothing says it twice."""
    seen: dict[str, str] = {}
    for slug, words in meanings:
        for folded, word in {fold(word): word for word in words}.items():
            other = seen.setdefault(folded, slug)
            if other != slug:
                raise VocabularyError(file, f"{slug}, {word}", f"these words mean {other} already")
