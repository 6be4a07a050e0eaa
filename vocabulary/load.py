"""Puts the vocabulary's files into the tables, without touching what people have edited."""

from collections.abc import Iterable

from django.db import transaction

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
from vocabulary.reader import (
    DatasetEntry,
    MetricEntry,
    TaxonomyEntry,
    Vocabulary,
    read_vocabulary,
)


@transaction.atomic
def load_vocabulary(vocabulary: Vocabulary | None = None, *, sources: Iterable[dict[str, str]] = ()) -> None:
    """Add what the tables lack: entries are matched by slug (aliases by their folded words) and left alone if there.

    Raises:
        VocabularyError: the files are wrong; nothing is written then.
    """
    vocabulary = vocabulary or read_vocabulary()
    for source in sources:
        Source.objects.get_or_create(
            slug=source["slug"], defaults={k: v for k, v in source.items() if k != "slug"}
        )
    for entry in vocabulary.taxonomies:
        _taxonomy(entry)
    _metrics(vocabulary.metrics)
    _not_metrics(vocabulary)
    _datasets(vocabulary.datasets)
    for words in vocabulary.not_datasets:
        DatasetAlias.objects.get_or_create(folded=fold(words), defaults={"words": words, "dataset": None})


def _taxonomy(entry: TaxonomyEntry) -> None:
    taxonomy, _ = Taxonomy.objects.get_or_create(
        slug=entry.slug,
        defaults={
            "name": entry.name,
            "description": entry.description,
            "position": entry.position,
            "is_facet": entry.facet,
            "allows_many": entry.multiple,
        },
    )
    terms = {term.slug: term for term in taxonomy.terms.all()}
    for row in entry.terms:
        if row.slug not in terms:
            terms[row.slug] = Term.objects.create(
                taxonomy=taxonomy,
                slug=row.slug,
                name=row.name,
                parent=terms.get(row.parent),
                description=row.description,
                url=row.url,
            )
    wanted: dict[tuple[str, int | None], str] = {}
    for row in entry.terms:
        for words in (row.name, *row.aliases):
            wanted.setdefault((fold(words), terms[row.slug].pk), words)
    for words, slugs in entry.several.items():
        for slug in slugs:
            wanted.setdefault((fold(words), terms[slug].pk), words)
    for words in entry.ignore:
        wanted.setdefault((fold(words), None), words)
    known = set(taxonomy.term_aliases.values_list("folded", flat=True))
    TermAlias.objects.bulk_create(
        TermAlias(taxonomy=taxonomy, term_id=term_id, words=words, folded=folded)
        for (folded, term_id), words in wanted.items()
        if folded not in known
    )


def _metrics(entries: Iterable[MetricEntry]) -> None:
    sources = {source.slug: source for source in Source.objects.all()}
    known = {(a.folded, a.source_id, a.unit) for a in MetricAlias.objects.all()}
    for entry in entries:
        metric, _ = Metric.objects.get_or_create(
            slug=entry.slug,
            defaults={
                "name": entry.name,
                "description": entry.description,
                "unit": entry.unit,
                "direction": entry.direction,
                "minimum": entry.minimum,
                "maximum": entry.maximum,
                "group": entry.group,
                "importance": entry.importance,
                "precision": entry.precision,
            },
        )
        for alias in entry.aliases:
            source = sources.get(alias.source)
            if alias.source and source is None:
                continue  # words of a source that this catalog does not know
            key = (fold(alias.words), source.pk if source else None, alias.unit)
            if key not in known:
                known.add(key)
                MetricAlias.objects.create(
                    metric=metric,
                    words=alias.words,
                    folded=key[0],
                    source=source,
                    unit=alias.unit,
                    factor=alias.factor,
                    split=alias.split,
                    slice=alias.slice,
                )


def _not_metrics(vocabulary: Vocabulary) -> None:
    for words, parameter in vocabulary.not_metrics.items():
        MetricAlias.objects.get_or_create(
            folded=fold(words), source=None, unit="", defaults={"words": words, "parameter": parameter}
        )


def _datasets(entries: Iterable[DatasetEntry]) -> None:
    for entry in entries:
        dataset, _ = Dataset.objects.get_or_create(
            slug=entry.slug,
            defaults={
                "name": entry.name,
                "description": entry.description,
                "url": entry.url,
                "default_split": entry.default_split,
            },
        )
        for words in entry.aliases:
            DatasetAlias.objects.get_or_create(
                folded=fold(words), defaults={"dataset": dataset, "words": words}
            )
