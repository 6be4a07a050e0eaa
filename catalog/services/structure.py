"""What may be handed in with a new version, as plain values; the rows of it, and writing them down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Model

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
from core.bulk import insert_instances
from core.errors import Invalid, ValidationErrors, refuse
from core.text import clean
from core.validation import translate_db_errors, validate_row
from vocabulary.resolver import Resolver
from vocabulary.services.terms import hold_terms


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


Rows = dict[type[Model], list[Any]]


@dataclass(slots=True)
class StructureRows:
    """Rows of a version, not yet written. `refused` lists (field, message)."""

    rows: Rows = field(default_factory=lambda: defaultdict(list))
    papers: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def resolver_for(structure: Structure) -> Resolver:
    """A resolver that knows what a structure names; unknown datasets are created."""
    resolver = Resolver.load_for(datasets=structure.training_data, taxonomies=list(structure.terms))
    resolver.create_datasets(structure.training_data)
    return resolver


def write_structure(version: ModelVersion, structure: Structure) -> None:
    """Write all of it, or nothing. A query for each kind, whatever the number of rows.

    Raises:
        Invalid, ValidationErrors: rows are wrong or given twice; the field names the row.
    """
    resolver = resolver_for(structure)
    if structure.terms and hold_terms(resolver, structure.terms):
        resolver = resolver_for(structure)
        hold_terms(resolver, structure.terms)
    built = build_structure(version, structure, resolver)
    refuse(built.refused)
    with translate_db_errors():
        for table, rows in built.rows.items():
            insert_instances(table, rows)
        link_papers({version.pk: built.papers})


def build_structure(version: ModelVersion, structure: Structure, resolver: Resolver) -> StructureRows:
    """The rows of a version's structure. No query."""
    built = StructureRows()
    _parameters(built, version, structure.parameters)
    _packages(built, version, structure.packages)
    _artifacts(built, version, structure.artifacts)
    _ports(built, version, structure)
    _training(built, version, structure.training_data, resolver)
    _terms(built, version, structure.terms, resolver)
    _links(built, version, structure.links)
    _papers(built, structure.papers)
    return built


def _keep(
    built: StructureRows, field: str, rows: Iterable[tuple[str, object, str, Callable[[], Model]]]
) -> None:
    """Keep the rows (place, key, name, maker) that can be made; refuse the others, and what is given twice.

    Two names for the same thing (a term and its alias) are one row, under the first name.
    """
    seen: dict[object, int] = {}
    names: set[str] = set()
    for position, (place, key, name, make) in enumerate(rows):
        try:
            if key in seen and name not in names:
                continue  # another name for what was given already
            if key in seen:
                message = f"“{name[:100]}” is given twice, at places {seen[key]} and {position}."
                raise Invalid(message, field=f"{field}[{position}]")
            row = validate_row(make(), within=place)
        except ValidationErrors as error:
            built.refused += error.errors
        except Invalid as error:
            built.refused.append((error.field or place, error.message))
        else:
            seen[key] = position
            names.add(name)
            built.rows[type(row)].append(row)


def _parameters(built: StructureRows, version: ModelVersion, parameters: Mapping[str, Any]) -> None:
    rows = []
    for name, value in parameters.items():
        if value is None:
            message = "Leave a parameter out rather than giving it no value."
            built.refused.append((f"parameters.{name[:100]}", message))
            continue
        key = " ".join(clean(name).split())
        rows.append(
            (
                f"parameters.{name[:100]}.",
                key,
                name,
                partial(Parameter, version=version, name=name, value=value),
            )
        )
    _keep(built, "parameters", rows)


def _packages(built: StructureRows, version: ModelVersion, packages: Sequence[PackageIn]) -> None:
    _keep(
        built,
        "packages",
        (
            (
                f"packages[{n}].",
                row.name,
                row.name,
                partial(Package, version=version, name=row.name, specifier=row.specifier),
            )
            for n, row in enumerate(packages)
        ),
    )


def _artifacts(built: StructureRows, version: ModelVersion, artifacts: Sequence[ArtifactIn]) -> None:
    rows = []
    for position, row in enumerate(artifacts):
        make = partial(
            Artifact,
            version=version,
            kind=row.kind,
            uri=row.uri,
            format=row.format,
            size_bytes=row.size_bytes,
            digest=row.digest,
        )
        rows.append((f"artifacts[{position}].", (row.kind, row.uri), row.uri, make))
    _keep(built, "artifacts", rows)


def _ports(built: StructureRows, version: ModelVersion, structure: Structure) -> None:
    for direction, ports in (("input", structure.inputs), ("output", structure.outputs)):
        rows = []
        for position, port in enumerate(ports):
            make = partial(
                SignaturePort,
                version=version,
                direction=direction,
                position=position,
                name=port.name,
                type=port.type,
                shape=None if port.shape is None else list(port.shape),
            )
            rows.append((f"{direction}s[{position}].", position, port.name, make))
        _keep(built, f"{direction}s", rows)


def _training(built: StructureRows, version: ModelVersion, names: Sequence[str], resolver: Resolver) -> None:
    rows = []
    for position, name in enumerate(names):
        try:
            dataset = resolver.resolve_dataset(name, field=f"training_data[{position}]")
        except Invalid as error:
            built.refused.append((error.field or "training_data", error.message))
            continue
        if dataset is not None:
            make = partial(TrainingData, version=version, dataset=dataset, words=name[:300])
            rows.append((f"training_data[{position}].", dataset.pk, name, make))
    _keep(built, "training_data", rows)


def _terms(
    built: StructureRows, version: ModelVersion, terms: Mapping[str, Sequence[str]], resolver: Resolver
) -> None:
    for slug, names in terms.items():
        field = f"terms.{slug[:60]}"
        taxonomy = resolver.taxonomies.get(slug)
        if taxonomy is None:
            built.refused.append((field, f"There is no taxonomy “{slug[:100]}”."))
            continue
        resolved = [(name, resolver.find_terms(slug, name)) for name in names]
        if unknown := [name for name, stands_for in resolved if stands_for is None]:
            listed = ", ".join(f"“{name[:80]}”" for name in unknown[:5])
            built.refused.append((field, f"{taxonomy.name} has no term {listed}."))
        rows = []
        for name, stands_for in resolved:
            for term in stands_for or ():
                make = partial(
                    Classification, model=version.model, version=version, term=term, words=name.strip()[:500]
                )
                rows.append((f"{field}.", term.pk, name, make))
        if len({key for _, key, _, _ in rows}) > 1 and not taxonomy.allows_many:
            built.refused.append((field, f"A version has one term of {taxonomy.name}."))
            continue
        _keep(built, field, rows)


def _links(built: StructureRows, version: ModelVersion, links: Sequence[LinkIn]) -> None:
    rows = []
    for position, link in enumerate(links):
        place = f"links[{position}]."
        try:
            url = safe_address(link.url)
        except Invalid as error:
            built.refused.append((f"{place}url", error.message))
            continue
        make = partial(Link, model=version.model, version=version, kind=link.kind, url=url, title=link.title)
        rows.append((place, (link.kind, url), url, make))
    _keep(built, "links", rows)


def _papers(built: StructureRows, papers: Sequence[PaperIn]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for position, paper in enumerate(papers):
        try:
            row = validate_row(
                Paper(title=paper.title, url=safe_address(paper.url)), within=f"papers[{position}]."
            )
        except ValidationErrors as error:
            built.refused += error.errors
            continue
        except Invalid as error:
            built.refused.append((f"papers[{position}].url", error.message))
            continue
        if (key := (row.title, row.url)) in seen:
            message = f"“{row.title[:100]}” is given twice, at places {seen[key]} and {position}."
            built.refused.append((f"papers[{position}]", message))
            continue
        seen[key] = position
        built.papers.append(key)


def link_papers(papers: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    """Link versions (by id) to papers (title, address), which are created where unknown. Three queries."""
    wanted = list(dict.fromkeys(key for keys in papers.values() for key in keys))
    if not wanted:
        return
    Paper.objects.bulk_create([Paper(title=title, url=url) for title, url in wanted], ignore_conflicts=True)
    rows = Paper.objects.filter(title__in={title for title, _ in wanted}).values_list("title", "url", "pk")
    by_key = {(title, url): pk for title, url, pk in rows}
    through = Paper.versions.through
    through._default_manager.bulk_create(
        [
            through(paper_id=by_key[key], modelversion_id=version_id)
            for version_id, keys in papers.items()
            for key in keys
        ],
        ignore_conflicts=True,
    )


def safe_address(url: str) -> str:
    """The address, when a reader may be led to it: http, https or a path.

    Raises:
        Invalid: it has another scheme, such as one that runs script.
    """
    scheme, colon, _ = url.strip().partition(":")
    if colon and "/" not in scheme and scheme.strip().casefold() not in {"http", "https", "doi", "arxiv"}:
        raise Invalid("Write an address that begins with https:// or http://.", field="url")
    return url.strip()
