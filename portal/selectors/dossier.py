"""Everything that is known of a model and the version that stands for it, to be printed, kept and taken along."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import Q

from access.viewer import Viewer
from catalog.access import can_read_sensitive, get_model
from catalog.models import (
    AttributeValue,
    ModelTag,
    ModelVersion,
    Ownership,
    RegisteredModel,
)
from catalog.selectors.completeness import Completeness, completeness_of
from catalog.selectors.facts import Fact, facts_of
from catalog.selectors.leading import in_leading_order
from core.errors import NotVisible
from evaluations.models import MetricValue
from evaluations.selectors.measurements import (
    Conditions,
    Interval,
    Measurement,
    measured,
)
from vocabulary.models import Metric

MOST_NUMBERS = 300  # on paper; the API and the files have all


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the version, with what it was measured on. No value where a source states several."""

    metric: Metric
    dataset: str
    conditions: Conditions
    value: float | None
    stated: tuple[float, ...]
    interval: Interval | None
    source: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A model's papers."""

    model: RegisteredModel
    version: ModelVersion | None
    facts: dict[str, Fact]
    contextual: tuple[tuple[str, str], ...]
    owners: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    attributes: tuple[AttributeValue, ...]
    parameters: tuple[tuple[str, object], ...]
    packages: tuple[tuple[str, str], ...]
    artifacts: tuple[tuple[str, str, str], ...]
    papers: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    completeness: Completeness

    @property
    def shown_numbers(self) -> Sequence[Number]:
        return self.numbers[:MOST_NUMBERS]

    @property
    def more_numbers(self) -> int:
        """How many are not printed."""
        return max(0, len(self.numbers) - MOST_NUMBERS)


def dossier_of(viewer: Viewer, project: str, slug: str, label: str = "") -> Dossier:
    """The dossier of a version, else of the one that stands for the model. About eighteen queries.

    Raises:
        NotVisible: there is no such model or version for this viewer.
    """
    model = get_model(viewer, project, slug)
    versions = in_leading_order(model.versions.filter(label=label) if label else model.versions.all())
    version = versions.first()
    if version is None and label:
        raise NotVisible
    if version is not None:
        version.model = model
    facts = facts_of([(model, version)])[0]
    owners = tuple(Ownership.objects.filter(model=model).select_related("user", "team").order_by("id"))
    numbers = _numbers(version) if version else ()
    trusted = can_read_sensitive(viewer, model)
    rows = AttributeValue.objects.filter(Q(version=None) | Q(version=version), model=model)
    attributes = rows.select_related("definition", "user").order_by(
        "definition__position", "definition__name"
    )
    return Dossier(
        model=model,
        version=version,
        facts=facts,
        contextual=(
            ("Purpose", model.purpose),
            ("Business goal", model.business_goal),
            ("Intended use", model.intended_use),
            ("Not for", model.unintended_use),
        ),
        owners=tuple((str(own.get_kind_display()), str(own.user or own.team)) for own in owners),
        tags=tuple(
            ModelTag.objects.filter(model=model).order_by("tag__slug").values_list("tag__name", flat=True)
        ),
        attributes=tuple(row for row in attributes if trusted or not row.definition.is_sensitive),
        parameters=tuple(version.parameters.order_by("name").values_list("name", "value")) if version else (),
        packages=tuple(version.packages.order_by("name").values_list("name", "specifier")) if version else (),
        artifacts=tuple(version.artifacts.values_list("kind", "uri", "digest")) if version else (),
        papers=tuple(version.papers.order_by("title").values_list("title", "url")) if version else (),
        numbers=numbers,
        completeness=completeness_of(model, facts, owners, numbers),
    )


def _numbers(version: ModelVersion) -> tuple[Number, ...]:
    """Everything measured for the version, the most important first. Four queries."""
    numbers = measured([version])
    column = numbers.by_version[version.pk]
    values = MetricValue.objects.filter(evaluation__version=version)
    sources = dict(values.values_list("pk", "evaluation__source__name"))
    found = []
    for conditions in chain.from_iterable(numbers.groups(column)):
        number = Measurement(*column[conditions])
        found.append(
            Number(
                numbers.metrics[conditions.metric],
                numbers.datasets[conditions.dataset],
                conditions,
                number.value,
                number.stated,
                number.interval,
                sources.get(number.pk) or "",
            )
        )
    return tuple(found)
