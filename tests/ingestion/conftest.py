"""A small vocabulary to read records by."""

import datetime as dt

import pytest

from ingestion.writer import Reading
from vocabulary.folding import fold
from vocabulary.models import Dataset, DatasetAlias, Metric, MetricAlias, Source, Taxonomy, Term, TermAlias

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def vocabulary(db):
    """One metric with two units, something that is no measurement, one dataset, two taxonomies."""
    accuracy = Metric.objects.create(
        slug="top-1", name="Top-1 accuracy", unit="%", direction="higher", minimum=0, maximum=100
    )
    for words, unit, factor in (("top1", "", 1), ("top1", "fraction", 100), ("Top 1 Acc", "%", 1)):
        MetricAlias.objects.create(metric=accuracy, words=words, folded=fold(words), unit=unit, factor=factor)
    MetricAlias.objects.create(metric=None, words="Iter", folded=fold("Iter"), parameter="Iterations")
    imagenet = Dataset.objects.create(slug="imagenet-1k", name="ImageNet-1k", default_split="val")
    DatasetAlias.objects.create(dataset=imagenet, words="in1k", folded="in1k")
    DatasetAlias.objects.create(dataset=None, words="n/a", folded=fold("n/a"))
    for slug, terms in {
        "license": ("MIT", "Apache 2.0"),
        "language": ("English", "Deutsch", "日本語"),
    }.items():
        taxonomy = Taxonomy.objects.create(slug=slug, name=slug.title(), allows_many=slug == "language")
        for number, name in enumerate(terms):
            term = Term.objects.create(taxonomy=taxonomy, slug=f"{slug}-{number}", name=name)
            TermAlias.objects.create(taxonomy=taxonomy, term=term, words=name, folded=fold(name))
        TermAlias.objects.create(taxonomy=taxonomy, term=None, words="none", folded="none")


@pytest.fixture
def source(db):
    return Source.objects.create(slug="board", name="Board")


@pytest.fixture
def reading(vocabulary, source):
    """Begins a reading of the source as the operator: `reading()`."""
    return lambda viewer=None: Reading(viewer, source, NOW)
