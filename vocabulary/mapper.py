"""From a source's words to the catalog's: reads the vocabulary's tables once, then answers from memory.

The tables are the truth (edited in the admin site or by the API); the YAML files are where they start.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from core.text import free_slug
from vocabulary.folding import fold
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    MetricAlias,
    Source,
    Taxonomy,
    Term,
    TermAlias,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a source's word for a number means: a metric, with the factor onto its unit and the
    conditions the word implies; or, when `metric_id` is None, a parameter's name."""

    metric_id: int | None
    factor: float = 1.0
    split: str = ""
    slice: str = ""
    parameter: str = ""


@dataclass(slots=True)
class Mapper:
    """The vocabulary in memory. Unknown data sets, metrics and (where asked) terms are created, so nothing is lost."""

    taxonomies: dict[str, Taxonomy] = field(default_factory=dict)
    words: dict[tuple[str, str], list[Term]] = field(default_factory=dict)
    datasets: dict[str, Dataset | None] = field(default_factory=dict)
    meanings: dict[tuple[str, int | None, str], Meaning] = field(default_factory=dict)
    metrics: dict[int, Metric] = field(default_factory=dict)
    slugs: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Mapper":
        """Read the tables. Seven queries."""
        mapper = cls()
        mapper.taxonomies = {taxonomy.slug: taxonomy for taxonomy in Taxonomy.objects.all()}
        for term in Term.objects.select_related("taxonomy"):
            mapper.words[term.taxonomy.slug, fold(term.name)] = [term]
            mapper.words.setdefault((term.taxonomy.slug, fold(term.slug)), [term])
            mapper.slugs.setdefault(term.taxonomy.slug, set()).add(term.slug)
        aliases: dict[tuple[str, str], list[Term]] = defaultdict(list)
        for term_alias in TermAlias.objects.select_related("term__taxonomy", "taxonomy"):
            named = aliases[term_alias.taxonomy.slug, term_alias.folded]
            if term_alias.term is not None:
                named.append(term_alias.term)
        mapper.words.update(aliases)
        mapper.datasets = {fold(dataset.name): dataset for dataset in Dataset.objects.all()}
        mapper.slugs["dataset"] = {
            dataset.slug for dataset in mapper.datasets.values() if dataset is not None
        }
        for dataset_alias in DatasetAlias.objects.select_related("dataset"):
            mapper.datasets[dataset_alias.folded] = dataset_alias.dataset
        mapper.metrics = {metric.pk: metric for metric in Metric.objects.all()}
        mapper.slugs["metric"] = {metric.slug for metric in mapper.metrics.values()}
        for metric in mapper.metrics.values():
            mapper.meanings[fold(metric.name), None, fold(metric.unit)] = Meaning(metric.pk)
            mapper.meanings.setdefault((fold(metric.name), None, ""), Meaning(metric.pk))
        for alias in MetricAlias.objects.all():
            mapper.meanings[alias.folded, alias.source_id, fold(alias.unit)] = Meaning(
                alias.metric_id, alias.factor, alias.split, alias.slice, alias.parameter
            )
        return mapper

    def terms(self, taxonomy: str, words: str, *, create: bool = False) -> list[Term]:
        """The terms these words mean: one as a rule, several for words such as a pair of languages, none for words
        that the vocabulary ignores or does not know. With `create`, unknown words become a term of that name."""
        key = (taxonomy, fold(words))
        if key not in self.words and create and key[1]:
            slug = free_slug(words, self.slugs.setdefault(taxonomy, set()), longest=110)
            name = words.strip()[:200]
            self.words[key] = [Term.objects.create(taxonomy=self.taxonomies[taxonomy], slug=slug, name=name)]
        return self.words.get(key, [])

    def dataset(self, words: str) -> Dataset | None:
        """The data set these words mean; a new one when they are unknown. None for no words, and for words that the
        vocabulary says name none."""
        key = fold(words)
        if not key:
            return None
        if key not in self.datasets:
            slug = free_slug(words, self.slugs["dataset"], longest=150)
            try:
                with transaction.atomic():
                    self.datasets[key] = Dataset.objects.create(slug=slug, name=words.strip()[:300])
            except IntegrityError:  # written by someone else since the tables were read
                self.datasets[key] = Dataset.objects.get(name=words.strip()[:300])
        return self.datasets[key]

    def meaning(self, words: str, unit: str = "", source: Source | None = None) -> Meaning:
        """What a number called `words`, in `unit`, from `source` is. The closest entry wins: for this source
        and unit, for this source, for any source and this unit, for any. An unknown word becomes a new metric
        without a better direction, so that no number is lost."""
        folded, unit_key = fold(words), fold(unit)
        source_id = source.pk if source else None
        for key in ((folded, source_id, unit_key), (folded, source_id, ""), (folded, None, unit_key)):
            if key in self.meanings:
                return self.meanings[key]
        fallback = self.meanings.get((folded, None, ""))
        if fallback is not None and self._same_unit(fallback, unit_key):
            return fallback
        return self._new_metric(words, unit, folded, unit_key)

    def _same_unit(self, meaning: Meaning, unit_key: str) -> bool:
        """Whether an entry written without a unit may serve for a number that comes with one."""
        if not unit_key or meaning.metric_id is None:
            return True
        return fold(self.metrics[meaning.metric_id].unit) == unit_key

    def _new_metric(self, words: str, unit: str, folded: str, unit_key: str) -> Meaning:
        name = words.strip()[:150]
        if (folded, None, "") in self.meanings and unit:
            name = f"{name} ({unit})"
        slug = free_slug(name, self.slugs["metric"], longest=110)
        metric, _ = Metric.objects.get_or_create(
            name=name,
            defaults={"slug": slug, "unit": unit[:40], "direction": Metric.Direction.NONE, "importance": 20},
        )
        self.metrics[metric.pk] = metric
        meaning = Meaning(metric.pk)
        self.meanings[folded, None, unit_key] = meaning
        return meaning
