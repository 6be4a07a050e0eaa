"""The inventory's tables. One module a family; import them from here."""

from .belonging import (
    Activity,
    AttributeDefinition,
    AttributeValue,
    FactOrigin,
    ModelTag,
    Ownership,
    Tag,
)
from .evaluation import Dataset, DatasetAlias, Evaluation, Metric, MetricAlias, MetricValue
from .project import Project, ProjectGrant
from .registered import Classification, ModelVersion, RegisteredModel, VersionAlias
from .statistics import DriftPoint, Series, SeriesPoint, Statistic
from .structure import Artifact, Link, Package, Paper, Parameter, SignaturePort, TrainingData
from .taxonomy import Source, Taxonomy, Term, TermAlias

__all__ = [
    "Activity",
    "Artifact",
    "AttributeDefinition",
    "AttributeValue",
    "Classification",
    "Dataset",
    "DatasetAlias",
    "DriftPoint",
    "Evaluation",
    "FactOrigin",
    "Link",
    "Metric",
    "MetricAlias",
    "MetricValue",
    "ModelTag",
    "ModelVersion",
    "Ownership",
    "Package",
    "Paper",
    "Parameter",
    "Project",
    "ProjectGrant",
    "RegisteredModel",
    "Series",
    "SeriesPoint",
    "SignaturePort",
    "Source",
    "Statistic",
    "Tag",
    "Taxonomy",
    "Term",
    "TermAlias",
    "TrainingData",
    "VersionAlias",
]
