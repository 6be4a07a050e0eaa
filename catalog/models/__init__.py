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
from .project import Project, ProjectGrant
from .registered import Classification, ModelVersion, RegisteredModel, VersionAlias
from .structure import Artifact, Link, Package, Paper, Parameter, SignaturePort, TrainingData

__all__ = [
    "Activity",
    "Artifact",
    "AttributeDefinition",
    "AttributeValue",
    "Classification",
    "FactOrigin",
    "Link",
    "ModelTag",
    "ModelVersion",
    "Ownership",
    "Package",
    "Paper",
    "Parameter",
    "Project",
    "ProjectGrant",
    "RegisteredModel",
    "SignaturePort",
    "Tag",
    "TrainingData",
    "VersionAlias",
]
