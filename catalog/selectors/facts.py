"""The facts of versions, in one shape for the model page, the version page, the comparison and the API."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q

from catalog.facts import VersionFact, version_facts
from catalog.models import (
    Classification,
    FactOrigin,
    ModelVersion,
    RegisteredModel,
    SignaturePort,
    TrainingData,
)
from vocabulary.models import Taxonomy, Term


class FactValue(NamedTuple):
    """One value as read, where it leads, and the source's own words when they differ."""

    text: str
    url: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said it, and when: a source (`name`), or a person (`by`)."""

    name: str = ""
    url: str = ""
    read_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts. `number` is set for counts and sizes; `kind` tells how to write it.

    Kinds: terms, text, count (things), flops (operations), bytes, date.
    """

    key: str
    label: str
    kind: str = "text"
    values: tuple[FactValue, ...] = ()
    number: float | None = None
    origin: Origin = field(default_factory=Origin)

    @property
    def is_recorded(self) -> bool:
        return bool(self.values) or self.number is not None

    @property
    def words(self) -> str:
        """The source's own words, where they differ from ours."""
        return ", ".join(value.words for value in self.values if value.words)

    @property
    def text(self) -> str:
        """The whole line as plain text; empty when not recorded."""
        if self.number is not None and not self.values:
            return f"{self.number:.0f}"
        return ", ".join(value.text for value in self.values)


Pairs = Sequence[tuple[RegisteredModel, ModelVersion | None]]
TermValues = dict[tuple[int, int | None], dict[int, list[FactValue]]]
Origins = dict[tuple[int, int | None, str], Origin]


def facts_of(pairs: Pairs) -> list[dict[str, Fact]]:
    """The facts of each (model, version), by key, in a fixed order; absent ones are there and not recorded.

    Terms people set on a model win over those of the version. Sources must be at hand on versions and models.
    Five queries, whatever the number of pairs. Callers have checked that the viewer may see the models.
    """
    versions = [version for _, version in pairs if version is not None]
    taxonomies = list(Taxonomy.objects.all())
    material = _Material(
        taxonomies=taxonomies,
        terms=_terms(pairs, versions, taxonomies),
        training=_training(versions),
        ports=_ports(versions),
        origins=_origins(pairs),
    )
    return [_facts(model, version, material) for model, version in pairs]


def _terms(pairs: Pairs, versions: Sequence[ModelVersion], taxonomies: Sequence[Taxonomy]) -> TermValues:
    found: TermValues = defaultdict(lambda: defaultdict(list))
    rows = (
        Classification.objects.filter(model__in=[model for model, _ in pairs])
        .filter(Q(version=None) | Q(version__in=versions))
        .order_by("id")
        .values_list(
            "model_id", "version_id", "words", "term_id", "term__taxonomy_id", "term__name", "term__slug"
        )
    )
    by_id = {taxonomy.pk: taxonomy for taxonomy in taxonomies}
    # An address is made once for each term: a language may stand at every version.
    urls: dict[int, str] = {}
    for model_id, version_id, words, term_id, taxonomy_id, name, slug in rows:
        if term_id not in urls:
            urls[term_id] = Term(taxonomy=by_id[taxonomy_id], slug=slug).get_absolute_url()
        value = FactValue(name, urls[term_id], words if words != name else "")
        found[model_id, version_id][taxonomy_id].append(value)
    return found


def _training(versions: Sequence[ModelVersion]) -> dict[int, tuple[FactValue, ...]]:
    found: dict[int, list[FactValue]] = defaultdict(list)
    rows = (
        TrainingData.objects.filter(version__in=versions).select_related("dataset").order_by("dataset__name")
    )
    for row in rows:
        words = row.words if row.words != row.dataset.name else ""
        found[row.version_id].append(
            FactValue(row.dataset.name, f"/search?dataset={row.dataset.slug}", words)
        )
    return {key: tuple(values) for key, values in found.items()}


def _ports(versions: Sequence[ModelVersion]) -> dict[tuple[int, str], tuple[FactValue, ...]]:
    found: dict[tuple[int, str], list[FactValue]] = defaultdict(list)
    for port in SignaturePort.objects.filter(version__in=versions):
        found[port.version_id, port.direction].append(FactValue(describe_port(port)))
    return {key: tuple(values) for key, values in found.items()}


def describe_port(port: SignaturePort) -> str:
    """`images: float32 1 × 3 × 224 × 224`, with ? for a free dimension."""
    shape = " × ".join("?" if size is None else str(size) for size in port.shape or [])
    return " ".join(part for part in (f"{port.name}:" if port.name else "", port.type, shape) if part)


def _origins(pairs: Pairs) -> Origins:
    rows = FactOrigin.objects.filter(model__in=[model for model, _ in pairs]).select_related("user", "source")
    return {
        (row.model_id, row.version_id, row.field): Origin(
            name=str(row.source or ""),
            url=row.source.url if row.source else "",
            read_at=row.observed_at,
            by=str(row.user or "") or ("" if row.source else "someone"),
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class _Material:
    """All that was read for the pairs, to be told apart by version."""

    taxonomies: list[Taxonomy]
    terms: TermValues
    training: dict[int, tuple[FactValue, ...]]
    ports: dict[tuple[int, str], tuple[FactValue, ...]]
    origins: Origins


def _facts(model: RegisteredModel, version: ModelVersion | None, material: _Material) -> dict[str, Fact]:
    whose = version if version is not None and version.source_id else model
    source = whose.source or model.source
    default = (
        Origin(source.name, source.url, whose.observed_at)
        if source
        else Origin(name="this catalog", read_at=(version or model).created_at)
    )
    version_id = version.pk if version else 0

    def origin_of(*names: str) -> Origin:
        places = ((model.pk, place, name) for name in names for place in (version_id, None))
        return next((material.origins[place] for place in places if place in material.origins), default)

    def origin(fact: VersionFact) -> Origin:
        return origin_of(fact.column, fact.key)

    whole, own = material.terms[model.pk, None], material.terms[model.pk, version_id]
    facts = [
        Fact(
            taxonomy.slug,
            taxonomy.name,
            "terms",
            tuple(whole.get(taxonomy.pk) or own.get(taxonomy.pk) or ()),
            origin=origin_of(taxonomy.slug),
        )
        for taxonomy in material.taxonomies
    ]
    lines = [_column_fact(fact, version, origin(fact)) for fact in version_facts()]
    lines += [
        (position, Fact(key, label, kind, values, origin=origin_of(key)))
        for position, key, label, kind, values in (
            (40, "training_data", "Trained on", "terms", material.training.get(version_id, ())),
            (80, "inputs", "Inputs", "text", material.ports.get((version_id, "input"), ())),
            (90, "outputs", "Outputs", "text", material.ports.get((version_id, "output"), ())),
        )
    ]
    facts += [fact for _, fact in sorted(lines, key=lambda line: line[0])]
    return {fact.key: fact for fact in facts}


def _column_fact(fact: VersionFact, version: ModelVersion | None, origin: Origin) -> tuple[int, Fact]:
    """A fact that a column of the version states, with its position."""
    value = getattr(version, fact.column, None)
    if fact.kind.is_number:
        return fact.position, Fact(fact.key, fact.label, fact.kind, number=value, origin=origin)
    text = value.isoformat() if isinstance(value, date) else value or ""
    values = (FactValue(text),) if text else ()
    return fact.position, Fact(fact.key, fact.label, fact.kind, values, origin=origin)
