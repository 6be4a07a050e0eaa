"""What a source says, as typed records: what every connector makes, and the one thing that the writer takes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.services.structure import Structure
from core.errors import Invalid
from evaluations.services.records import EvaluationIn

Fact = str | int | dt.date | None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """All that a source says of one version, in the source's own words.

    `namespace` and `model` name the project and the model at the source; `facts` are columns of the version (see
    `catalog.services.versions.field_names`). `place` says where in the source the record stands: a line, a file.
    """

    namespace: str
    model: str
    label: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    structure: Structure = field(default_factory=Structure)
    evaluations: tuple[EvaluationIn, ...] = ()
    tags: tuple[str, ...] = ()
    project_url: str = ""
    place: str = ""

    @property
    def model_key(self) -> tuple[str, str]:
        return (self.namespace, self.model)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not written: where in the record, and why."""

    path: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of one record: `created`, `changed`, `unchanged` or `refused`; parts may be refused in each."""

    place: str
    status: str
    ref: str = ""
    refusals: list[Refusal] = field(default_factory=list)


class RefusedRecord(Invalid):
    """A record that cannot be written at all."""
