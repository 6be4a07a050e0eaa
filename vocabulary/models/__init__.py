"""Tables of the vocabulary: sources, taxonomies with their terms, metrics, data sets. Import them from here."""

from .metrics import Dataset, DatasetAlias, Metric, MetricAlias
from .taxonomy import Source, Taxonomy, Term, TermAlias

__all__ = ["Dataset", "DatasetAlias", "Metric", "MetricAlias", "Source", "Taxonomy", "Term", "TermAlias"]
