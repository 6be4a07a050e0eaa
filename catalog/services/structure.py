"""What may be handed in with a new version, as plain values, and writing it down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.models import (
    Artifact,
    Classification,
    Link,
    ModelVersion,
    Package,
    Paper,
    Parameter,
    SignaturePort,
    TrainingData,
)
from core.errors import Invalid
from core.validation import refuse_repeats, translate_db_errors, validate_row
from vocabulary.models import Taxonomy
from vocabulary.services.resolving import datasets_named
from vocabulary.services.terms import terms_named


@dataclass(frozen=True, slots=True)
class PackageIn:
    name: str
    specifier: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactIn:
    uri: str
    kind: str = "weights"
    format: str = ""
    size_bytes: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PortIn:
    """One input or output; `shape` lists sizes, None where free."""

    name: str = ""
    type: str = ""
    shape: tuple[int | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class LinkIn:
    url: str
    kind: str = "page"
    title: str = ""


@dataclass(frozen=True, slots=True)
class PaperIn:
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """Everything a version is made of, beside its own columns. `terms` maps a taxonomy's slug to words."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[PackageIn, ...] = ()
    artifacts: tuple[ArtifactIn, ...] = ()
    inputs: tuple[PortIn, ...] = ()
    outputs: tuple[PortIn, ...] = ()
    training_data: tuple[str, ...] = ()
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: tuple[LinkIn, ...] = ()
    papers: tuple[PaperIn, ...] = ()


def write_structure(version: ModelVersion, structure: Structure) -> None:
    """Write all of it. A query for each kind, whatever the number of rows (two for each taxonomy).

    Raises:
        Invalid: a row is wrong or given twice; the field names the row.
    """
    with translate_db_errors():
        _parameters(version, structure.parameters)
        _packages(version, structure.packages)
        _artifacts(version, structure.artifacts)
        _ports(version, structure)
        _training(version, structure.training_data)
        _terms(version, structure.terms)
        _links(version, structure.links)
        _papers(version, structure.papers)


def _parameters(version: ModelVersion, parameters: Mapping[str, Any]) -> None:
    rows = []
    for name, value in parameters.items():
        if value is None:
            raise Invalid(
                "Leave a parameter out rather than giving it no value.", field=f"parameters.{name[:100]}"
            )
        rows.append(
            validate_row(
                Parameter(version=version, name=name, value=value), within=f"parameters.{name[:100]}."
            )
        )
    refuse_repeats(((row.name, row.name) for row in rows), field="parameters")
    Parameter.objects.bulk_create(rows, batch_size=2000)


def _packages(version: ModelVersion, packages: tuple[PackageIn, ...]) -> None:
    rows = [
        validate_row(
            Package(version=version, name=p.name, specifier=p.specifier), within=f"packages[{position}]."
        )
        for position, p in enumerate(packages)
    ]
    refuse_repeats(((row.name, row.name) for row in rows), field="packages")
    Package.objects.bulk_create(rows, batch_size=2000)


def _artifacts(version: ModelVersion, artifacts: tuple[ArtifactIn, ...]) -> None:
    rows = [
        validate_row(
            Artifact(
                version=version,
                kind=a.kind,
                uri=a.uri,
                format=a.format,
                size_bytes=a.size_bytes,
                digest=a.digest,
            ),
            within=f"artifacts[{position}].",
        )
        for position, a in enumerate(artifacts)
    ]
    refuse_repeats((((row.kind, row.uri), row.uri) for row in rows), field="artifacts")
    Artifact.objects.bulk_create(rows, batch_size=2000)


def _ports(version: ModelVersion, structure: Structure) -> None:
    rows = [
        validate_row(
            SignaturePort(
                version=version,
                direction=direction,
                position=position,
                name=port.name,
                type=port.type,
                shape=None if port.shape is None else list(port.shape),
            ),
            within=f"{direction}s[{position}].",
        )
        for direction, ports in (("input", structure.inputs), ("output", structure.outputs))
        for position, port in enumerate(ports)
    ]
    SignaturePort.objects.bulk_create(rows, batch_size=2000)


def _training(version: ModelVersion, names: tuple[str, ...]) -> None:
    datasets = datasets_named(names, field="training_data")
    found = [(dataset, name) for name in names if (dataset := datasets[name]) is not None]
    refuse_repeats(((dataset.pk, name) for dataset, name in found), field="training_data")
    TrainingData.objects.bulk_create(
        TrainingData(version=version, dataset=dataset, words=name[:300]) for dataset, name in found
    )


def _terms(version: ModelVersion, terms: Mapping[str, tuple[str, ...]]) -> None:
    taxonomies = {taxonomy.slug: taxonomy for taxonomy in Taxonomy.objects.filter(slug__in=list(terms))}
    rows = []
    for slug, words in terms.items():
        taxonomy = taxonomies.get(slug)
        if taxonomy is None:
            raise Invalid(f"There is no taxonomy “{slug[:100]}”.", field=f"terms.{slug[:60]}")
        found = terms_named(taxonomy, words, field=f"terms.{slug}")
        refuse_repeats(((term.pk, said) for term, said in found), field=f"terms.{slug}")
        if len(found) > 1 and not taxonomy.allows_many:
            raise Invalid(f"A version has one term of {taxonomy.name}.", field=f"terms.{slug}")
        rows += [
            Classification(model=version.model, version=version, term=term, words=said[:500])
            for term, said in found
        ]
    Classification.objects.bulk_create(rows)


def _links(version: ModelVersion, links: tuple[LinkIn, ...]) -> None:
    rows = [
        validate_row(
            Link(
                model=version.model,
                version=version,
                kind=link.kind,
                url=safe_address(link.url),
                title=link.title,
            ),
            within=f"links[{position}].",
        )
        for position, link in enumerate(links)
    ]
    refuse_repeats((((row.kind, row.url), row.url) for row in rows), field="links")
    Link.objects.bulk_create(rows, batch_size=2000)


def _papers(version: ModelVersion, papers: tuple[PaperIn, ...]) -> None:
    rows = [
        validate_row(Paper(title=paper.title, url=safe_address(paper.url)), within=f"papers[{position}].")
        for position, paper in enumerate(papers)
    ]
    refuse_repeats((((row.title, row.url), row.title) for row in rows), field="papers")
    if not rows:
        return
    Paper.objects.bulk_create(rows, ignore_conflicts=True)
    known = {(p.title, p.url): p for p in Paper.objects.filter(title__in=[row.title for row in rows])}
    version.papers.add(*(known[row.title, row.url] for row in rows))


def safe_address(url: str) -> str:
    """The address, when a reader may be led to it: http, https or a path.

    Raises:
        Invalid: it has another scheme, such as one that runs script.
    """
    scheme, colon, _ = url.strip().partition(":")
    if colon and "/" not in scheme and scheme.strip().casefold() not in {"http", "https", "doi", "arxiv"}:
        raise Invalid("Write an address that begins with https:// or http://.", field="url")
    return url.strip()
