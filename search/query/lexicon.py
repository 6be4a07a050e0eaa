"""The catalog's words as search reads them: facets, their values under all their names, metrics, data sets.

Read from the vocabulary's tables and kept for some seconds in each process. It says nothing of any model: whether a
viewer may know that a word stands on one is for the back ends to tell.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.text import slugify

from catalog.models import AttributeDefinition
from search.names import parts
from search.query import DATE_RANGE, FIXED_FACETS, NUMBER_RANGES, MetricKey
from vocabulary.folding import fold
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    MetricAlias,
    Taxonomy,
    Term,
    TermAlias,
)

SLUG = re.compile(r"^[a-z0-9][a-z0-9_.:-]*$")
SHORT = re.compile(r"^[A-Za-z]{3,12}$")  # a word that may stand in names of models
LONGEST_SPAN = 6
STAGES = {
    "none": "No stage",
    "development": "Development",
    "staging": "Staging",
    "production": "Production",
    "archived": "Archived",
}
STATUSES = {"active": "Active", "deprecated": "Deprecated", "archived": "Archived"}


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a condition on a metric needs to know of it."""

    slug: str
    name: str
    unit: str = ""
    direction: str = "higher"
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What words may stand for: values of one facet, and what to call them."""

    facet: str
    values: tuple[str, ...]
    label: str
    short: tuple[str, ...] = ()  # single words it goes by in names of models


@dataclass(slots=True)
class Lexicon:
    """The vocabulary, looked up by folded words."""

    taxonomies: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    metrics: dict[str, MetricInfo] = field(default_factory=dict)
    meanings: dict[str, list[Meaning]] = field(default_factory=lambda: defaultdict(list))
    values: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    metric_words: dict[str, str] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    parents: dict[tuple[str, str], str] = field(default_factory=dict)
    dataset_words: dict[str, str] = field(default_factory=dict)
    dataset_names: dict[str, str] = field(default_factory=dict)
    families: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unseen: frozenset[tuple[str, str]] = (
        frozenset()
    )  # what the viewer must not know of, see `search.backends.unseen`

    def without(self, unseen: frozenset[tuple[str, str]]) -> "Lexicon":
        """The same vocabulary for a viewer for whom these words do not exist. Copies nothing."""
        return replace(self, unseen=self.unseen | unseen)

    @property
    def facets(self) -> Mapping[str, str]:
        """Every facet with its label: the organisation's taxonomies, then what every model has."""
        own = {slug: name for slug, name in self.taxonomies.items() if slug not in FIXED_FACETS}
        return {**own, **FIXED_FACETS}

    def value(self, facet: str, words: str) -> str:
        """The value of a facet that the words name; unknown words as a value would be written."""
        typed = words.strip()
        if facet == "owner":
            return typed.lstrip("@") or typed
        slug = typed if SLUG.match(typed) else slugify(typed) or typed
        if self.has(_kind(facet), typed):
            return typed
        known = self._seen(
            facet, (*self.values.get((facet, fold(typed)), ()), *self.values.get((facet, fold(slug)), ()))
        )
        return known[0] if known else slug

    def metric(self, words: str, dataset: str) -> MetricKey:
        """The metric and data set of these names; unknown ones as they are. A name may hold an @: `recall@1`."""
        whole = f"{words}@{dataset}" if dataset else words
        if self.metric_named(fold(whole)):
            words, dataset = whole, ""
        elif not dataset and "@" in words:
            words, _, dataset = words.rpartition("@")
        slug = words if self.has("metric", words) else self.metric_named(fold(words)) or words
        on = dataset if self.has("dataset", dataset) else self.dataset_named(fold(dataset)) or dataset
        return MetricKey(slug, on)

    def has(self, kind: str, slug: str) -> bool:
        """Whether there is such a term, data set or metric."""
        kinds: dict[str, Mapping[str, object]] = {"dataset": self.dataset_names, "metric": self.metrics}
        known = kinds.get(kind)
        is_there = (
            slug in known if known is not None else kind in self.taxonomies and (kind, slug) in self.labels
        )
        return is_there and (kind, slug) not in self.unseen

    def label(self, facet: str, value: str) -> str:
        """What a value is called; as it is written when the vocabulary has no such value."""
        kind = _kind(facet)
        known = self.dataset_names.get(value) if kind == "dataset" else self.labels.get((facet, value))
        return known if known and (kind, value) not in self.unseen else value.removeprefix("team:")

    def metric_info(self, slug: str) -> MetricInfo | None:
        return self.metrics[slug] if self.has("metric", slug) else None

    def metric_named(self, folded: str) -> str | None:
        """The slug of the metric that folded words name."""
        slug = self.metric_words.get(folded, "")
        return slug if self.has("metric", slug) else None

    def dataset_named(self, folded: str) -> str | None:
        slug = self.dataset_words.get(folded, "")
        return slug if self.has("dataset", slug) else None

    def family(self, folded: str) -> tuple[str, ...]:
        """The data sets named after these words."""
        return self._seen("dataset", self.families.get(folded, ()))

    def meant(self, folded: str) -> list[Meaning]:
        """What folded words may stand for."""
        found = self.meanings.get(folded, [])
        if not self.unseen:
            return found
        seen = ((meaning, self._seen(meaning.facet, meaning.values)) for meaning in found)
        return [replace(meaning, values=values) for meaning, values in seen if values]

    def _seen(self, facet: str, values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in values if (_kind(facet), value) not in self.unseen)

    def in_unit(self, key: MetricKey, value: float, unit: str) -> float | None:
        """The number in the metric's own unit: shares may be said as 0.85, 85 or 85%."""
        found = self.metric_info(key.metric)
        if found is None:
            return value
        if found.unit == "%" and not unit and 0 < abs(value) <= 1:
            return float(f"{value * 100:.12g}")
        if found.unit in ("", "ratio") and found.maximum == 1 and (unit == "%" or 1 < value <= 100):
            return float(f"{value / 100:.12g}")
        return value

    def add(
        self, facet: str, values: tuple[str, ...], label: str, words: Iterable[str], short: Iterable[str] = ()
    ) -> None:
        """Let words stand for values of a facet."""
        if len(values) == 1:
            self.labels.setdefault((facet, values[0]), label)
        for one in words:
            folded = fold(one)
            if not folded:
                continue
            self.values.setdefault((facet, folded), values)
            if all(known.facet != facet or known.values != values for known in self.meanings[folded]):
                self.meanings[folded].append(Meaning(facet, values, label, tuple(short)))


def _kind(facet: str) -> str:
    """A facet, or what its values are."""
    return "dataset" if facet == "trained" else facet


def read_lexicon() -> Lexicon:
    """The vocabulary as it is now. Eight queries."""
    taxonomies = Taxonomy.objects.filter(is_facet=True).values_list("slug", "name")
    numbers = (*NUMBER_RANGES, DATE_RANGE)
    found = Lexicon(
        taxonomies={
            slug: name for slug, name in taxonomies if slug not in FIXED_FACETS and slug not in numbers
        },
        attributes=dict(AttributeDefinition.objects.filter(is_sensitive=False).values_list("slug", "type")),
    )
    _add_terms(found)
    _add_datasets(found)
    for metric in Metric.objects.only("slug", "name", "unit", "direction", "maximum"):
        found.metrics[metric.slug] = MetricInfo(
            metric.slug, metric.name, metric.unit, metric.direction, metric.maximum
        )
        found.metric_words[fold(metric.name)] = found.metric_words[fold(metric.slug)] = metric.slug
    aliases = MetricAlias.objects.filter(metric__isnull=False).order_by("-source", "id")
    for folded, slug in aliases.values_list("folded", "metric__slug"):
        found.metric_words.setdefault(folded, slug)
    for value, label in STAGES.items():
        found.add("stage", (value,), label, (value, label))
    for value, label in STATUSES.items():
        found.add("status", (value,), label, (value, label))
    return found


def _add_terms(found: Lexicon) -> None:
    terms = Term.objects.filter(taxonomy__slug__in=list(found.taxonomies)).order_by(
        "taxonomy__position", "id"
    )
    names: dict[int, tuple[str, str, str]] = {}
    short: dict[int, list[str]] = defaultdict(list)
    several: dict[tuple[str, str], list[int]] = defaultdict(list)
    rows = list(terms.values_list("pk", "taxonomy__slug", "slug", "name", "parent__slug"))
    for pk, facet, slug, name, parent in rows:
        names[pk] = (facet, slug, name)
        if parent:
            found.parents[facet, slug] = parent
        short[pk] += [name] if SHORT.match(name) else []
    for words, folded, pk in TermAlias.objects.order_by("id").values_list("words", "folded", "term_id"):
        if pk in names:
            several[names[pk][0], folded].append(pk)
            short[pk] += [words] if SHORT.match(words) else []
    for pk, facet, slug, name, _ in rows:
        found.add(facet, (slug,), name, (name, slug), short[pk])
    for (facet, folded), pks in several.items():
        values = tuple(dict.fromkeys(names[pk][1] for pk in pks))
        called = [word for pk in dict.fromkeys(pks) for word in short[pk]]
        found.add(facet, values, ", ".join(names[pk][2] for pk in dict.fromkeys(pks)), (folded,), called)


def _add_datasets(found: Lexicon) -> None:
    names: dict[int, tuple[str, str]] = {}
    for pk, slug, name in Dataset.objects.order_by("id").values_list("pk", "slug", "name"):
        names[pk] = (slug, name)
        found.dataset_names[slug] = name
        for words in (name, slug):
            found.dataset_words.setdefault(fold(words), slug)
    for folded, pk in DatasetAlias.objects.values_list("folded", "dataset_id"):
        if pk in names:
            found.dataset_words[folded] = names[pk][0]
    families: dict[str, set[str]] = defaultdict(set)
    for slug, name in found.dataset_names.items():
        for piece in {*parts(name), fold(name)}:
            families[piece].add(slug)
    found.families = {piece: tuple(sorted(slugs)) for piece, slugs in families.items() if len(slugs) <= 60}
    for folded, slug in found.dataset_words.items():
        found.values["dataset", folded] = found.values["trained", folded] = (slug,)


_kept: tuple[float, Lexicon] | None = None
_lock = threading.Lock()


def lexicon() -> Lexicon:
    """The vocabulary, at most `VITRINE_VOCABULARY_SECONDS` old. No query while it is fresh."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > settings.VITRINE_VOCABULARY_SECONDS:
            _kept = (time.monotonic(), read_lexicon())
        return _kept[1]


def forget() -> None:
    """Read the vocabulary anew at the next question."""
    global _kept
    _kept = None
