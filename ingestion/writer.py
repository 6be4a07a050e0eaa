"""The one writer of records: whatever reads a source, this decides what it becomes in the catalog.

`upsert` may be called again with the same records: what is there already is left alone. What a source said before and
says otherwise now is replaced; what people edited, and what other sources said, stays. Of a version that people or
another source made, only the numbers of this source are written.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from access.policy import require, require_administrator
from access.viewer import Viewer
from catalog.models import FactOrigin, ModelVersion, Project, RegisteredModel, VersionAlias
from catalog.services.versions import check_field_names, check_label, field_names
from core.errors import Conflict, DomainError, Invalid, ValidationErrors
from core.text import free_slug
from core.validation import translate_db_errors, validate_row
from evaluations.services.drafts import datasets_needed
from ingestion.parts import VersionParts, write_parts
from ingestion.records import Outcome, Refusal, VersionRecord
from vocabulary.models import Source
from vocabulary.resolver import Resolver

BATCH = 500
Progress = Callable[[int], None]


@dataclass(slots=True)
class Target:
    """Where a record goes."""

    record: VersionRecord
    outcome: Outcome
    model: RegisteredModel | None = None
    version: ModelVersion | None = None
    is_new: bool = False
    is_own: bool = True  # the source of this reading speaks for the version


@dataclass(slots=True)
class Reading:
    """One reading of a source: who reads what, when, and what is known so far."""

    viewer: Viewer | None  # None is the operator of the site, who may write everywhere
    source: Source
    observed_at: dt.datetime
    visibility: str = Project.VisibilityChoice.INTERNAL
    resolver: Resolver = field(default_factory=Resolver.load)
    projects: dict[str, Project] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)  # places of the versions read so far


def upsert(
    reading: Reading, records: Iterable[VersionRecord], progress: Progress = lambda done: None
) -> list[Outcome]:
    """Write records of one source, a batch in a transaction; their outcomes, in the same order.

    Versions that are new to a model take the next positions in the order of the records, oldest first. A record that
    cannot be written is refused alone, a part that cannot be written is left out; both are told in its outcome.

    Raises:
        NotAllowed: the viewer may not write where a record goes; nothing of its batch is written.
    """
    outcomes: list[Outcome] = []
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH)):
        with transaction.atomic(), translate_db_errors():
            outcomes += _write_batch(reading, batch)
        progress(len(outcomes))
    return outcomes


def _write_batch(reading: Reading, records: Sequence[VersionRecord]) -> list[Outcome]:
    targets = [Target(record, Outcome(record.place, "refused")) for record in records]
    reading.resolver.create_datasets(_dataset_names(reading, records))
    distinct = [target for target in targets if _is_first(reading, target)]
    _find_projects(reading, distinct)
    _find_models(reading, distinct)
    _find_versions(reading, distinct)
    written = [target for target in targets if target.version is not None]
    parts = [
        VersionParts(target.version, target.record, target.outcome, target.is_new, target.is_own)
        for target in written
        if target.version is not None
    ]
    write_parts(parts, reading.resolver, reading.source)
    return [target.outcome for target in targets]


def _is_first(reading: Reading, target: Target) -> bool:
    """Whether no record before said what this version is; a second one is refused."""
    key = (*target.record.model_key, target.record.label)
    if key in reading.seen:
        place = reading.seen[key] or "a record before"
        refuse_target(target, Invalid(f"This version is given twice: {place} has it already.", field="label"))
        return False
    reading.seen[key] = target.record.place
    return True


def _dataset_names(reading: Reading, records: Sequence[VersionRecord]) -> Iterator[str]:
    for record in records:
        yield from record.structure.training_data
        yield from datasets_needed(record.evaluations, reading.resolver, reading.source)


def refuse_target(target: Target, error: DomainError) -> None:
    """Note that a record cannot be written, with every reason."""
    errors = error.errors if isinstance(error, ValidationErrors) else [(error.field or "", error.message)]
    target.outcome.status = "refused"
    target.outcome.refusals += [Refusal(path, message) for path, message in errors]


def _find_projects(reading: Reading, targets: Sequence[Target]) -> None:
    """Find the projects of the source's namespaces, and create those that are missing."""
    wanted = {target.record.namespace: target.record for target in targets}
    missing = [name for name in wanted if name not in reading.projects]
    rows = Project.objects.filter(source=reading.source, namespace__in=missing)
    reading.projects |= {project.namespace: project for project in rows}
    taken: set[str] | None = None
    for name in missing:
        if name in reading.projects:
            if reading.viewer is not None:
                require(reading.viewer, "model.create", reading.projects[name])
            continue
        if reading.viewer is not None:
            require_administrator(reading.viewer, "project.create")
        if taken is None:
            taken = set(Project.objects.values_list("slug", flat=True))
        project = Project(
            slug=free_slug(name.replace("/", "-"), taken),
            name=name,
            visibility=reading.visibility,
            source=reading.source,
            namespace=name,
            url=wanted[name].project_url,
        )
        try:
            validate_row(project)
        except Invalid as error:
            for target in targets:
                if target.record.namespace == name:
                    refuse_target(target, error)
            continue
        reading.projects[name] = project
    Project.objects.bulk_create([project for project in reading.projects.values() if project.pk is None])


def _find_models(reading: Reading, targets: Sequence[Target]) -> None:
    """Find models by their identity at the source, and create those that are missing."""
    projects = [reading.projects.get(target.record.namespace) for target in targets]
    ids = {target.record.model_key: _model_id(reading, target.record) for target in targets}
    rows = RegisteredModel.objects.select_for_update().filter(external_id__in=list(ids.values()))
    by_id = {model.external_id: model for model in rows.order_by("pk")}
    taken: dict[int, set[str]] = defaultdict(set)
    fresh: dict[str, RegisteredModel] = {}
    absent = {project.pk for project in projects if project is not None}
    if len(by_id) < len(ids):
        slugs = RegisteredModel.objects.filter(project__in=absent).values_list("project_id", "slug")
        for project_id, slug in slugs:
            taken[project_id].add(slug)
    for target, project in zip(targets, projects, strict=True):
        external_id = ids[target.record.model_key]
        if project is None:
            continue
        model = by_id.get(external_id)
        if model is None:
            model = RegisteredModel(
                project=project,
                slug=free_slug(target.record.model, taken[project.pk], longest=150),
                name=target.record.model,
                source=reading.source,
                external_id=external_id,
                observed_at=reading.observed_at,
                created_at=reading.observed_at,
            )
            try:
                by_id[external_id] = fresh[external_id] = validate_row(model)
            except Invalid as error:
                refuse_target(target, error)
                continue
        model.project = project
        model.source = reading.source
        target.model = model
    RegisteredModel.objects.bulk_create(fresh.values())


def _model_id(reading: Reading, record: VersionRecord) -> str:
    return "/".join((reading.source.slug, record.namespace, record.model))


def _find_versions(reading: Reading, targets: Sequence[Target]) -> None:
    """Find versions by identity at the source or label, update their facts, and create those that are missing."""
    models = {target.model.pk: target.model for target in targets if target.model is not None}
    existing = {
        (version.model_id, version.label): version
        for version in ModelVersion.objects.filter(model__in=list(models))
    }
    highest: dict[int, int] = defaultdict(int)
    for version in existing.values():
        highest[version.model_id] = max(highest[version.model_id], version.position)
    edited = _edited_fields([version.pk for version in existing.values()])
    aliases = set(VersionAlias.objects.filter(model__in=list(models)).values_list("model_id", "name"))
    fresh: list[ModelVersion] = []
    changed: list[ModelVersion] = []
    for target in targets:
        model = target.model
        if model is None:
            continue
        stored = existing.get((model.pk, target.record.label))
        try:
            if stored is None:
                if (model.pk, target.record.label) in aliases:
                    raise Conflict("An alias of the model has this name.", field="label")
                version = _new_version(reading, target.record, model, highest[model.pk] + 1)
                highest[model.pk] += 1
                existing[model.pk, version.label] = version
                target.is_new = True
                fresh.append(version)
                target.outcome.status = "created"
            else:
                version = stored
                target.outcome.status = "unchanged"
                target.is_own = stored.source_id == reading.source.pk
                if target.is_own and _update_facts(reading, version, target.record, edited):
                    changed.append(version)
                    target.outcome.status = "changed"
        except (Conflict, Invalid) as error:
            refuse_target(target, error)
            continue
        version.model = model
        target.version = version
        target.outcome.ref = f"{model.ref}@{version.label}"
    ModelVersion.objects.bulk_create(fresh)
    ModelVersion.objects.bulk_update(changed, [*field_names(), "observed_at", "updated_at"], batch_size=200)


def _new_version(
    reading: Reading, record: VersionRecord, model: RegisteredModel, position: int
) -> ModelVersion:
    check_label(record.label)
    facts = {name: value for name, value in record.facts.items() if value is not None}
    facts.setdefault("external_id", f"{model.external_id}@{record.label}")
    check_field_names(facts)
    return validate_row(
        ModelVersion(
            model=model,
            label=record.label,
            position=position,
            source=reading.source,
            observed_at=reading.observed_at,
            created_at=reading.observed_at,
            **facts,
        )
    )


def _update_facts(
    reading: Reading, version: ModelVersion, record: VersionRecord, edited: set[tuple[int, str]]
) -> bool:
    """Bring the facts that this source says, and nobody edited, to what it says now; whether any changed."""
    check_field_names(record.facts)
    before = {name: getattr(version, name) for name in field_names()}
    for name in field_names():
        if (version.pk, name) in edited or name in ("notes", "external_id"):
            continue
        field: Any = ModelVersion._meta.get_field(name)
        setattr(version, name, record.facts.get(name, field.get_default()))
        if getattr(version, name) is None and not field.null:
            setattr(version, name, field.get_default())
    validate_row(version)
    if before == {name: getattr(version, name) for name in field_names()}:
        return False
    version.observed_at = reading.observed_at
    return True


def _edited_fields(version_ids: Sequence[int]) -> set[tuple[int, str]]:
    """The facts of versions that people stated."""
    rows = FactOrigin.objects.filter(version__in=version_ids, user__isnull=False)
    return set(rows.values_list("version_id", "field"))
