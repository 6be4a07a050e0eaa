"""What hangs on versions: structure, measurements and tags of a batch, written in a few statements for each table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from catalog.models import (
    Artifact,
    Classification,
    Link,
    ModelTag,
    ModelVersion,
    Package,
    Paper,
    Parameter,
    SignaturePort,
    Tag,
    TrainingData,
)
from catalog.services.structure import StructureRows, build_structure, link_papers
from catalog.services.tags import InvalidTag, check_tag
from core.bulk import insert_instances
from core.validation import validate_row
from evaluations.models import Evaluation, MetricValue
from evaluations.services.drafts import Conditions, Draft, Drafts, build_drafts
from evaluations.services.evaluations import insert_drafts, stored_evaluations
from ingestion.records import Outcome, Refusal, VersionRecord
from vocabulary.models import Source
from vocabulary.resolver import Resolver

# What tells one row of a table from the others of its version, and all that it says.
CONTENT: dict[type[Model], tuple[str, ...]] = {
    Parameter: ("name", "value"),
    Package: ("name", "specifier"),
    Artifact: ("kind", "uri", "format", "size_bytes", "digest"),
    SignaturePort: ("direction", "position", "name", "type", "shape"),
    TrainingData: ("dataset_id", "words"),
    Classification: ("term_id", "words"),
    Link: ("kind", "url", "title"),
}


@dataclass(slots=True)
class VersionParts:
    """A version whose row is written, and the record that says what hangs on it."""

    version: ModelVersion
    record: VersionRecord
    outcome: Outcome
    is_new: bool
    is_own: bool = True  # the source of the record speaks for the version

    def refuse(self, errors: Iterable[tuple[str, str]]) -> None:
        self.outcome.refusals += [Refusal(path, message) for path, message in errors]

    def mark_changed(self) -> None:
        if self.outcome.status == "unchanged":
            self.outcome.status = "changed"


def write_parts(parts: Sequence[VersionParts], resolver: Resolver, source: Source) -> None:
    """Write what hangs on the versions of a batch; of those read before, only what differs from the record.

    Parameters that a record no longer states stay: the measurements of others may have made them.
    """
    structures: list[StructureRows] = []
    drafts: list[Drafts] = []
    for part in parts:
        structure = build_structure(part.version, part.record.structure, resolver)
        names = {row.name for row in structure.rows.get(Parameter, ())}
        draft = build_drafts(part.record.evaluations, resolver, source=source, taken_parameters=names)
        structure.rows[Parameter] += [
            validate_row(Parameter(version=part.version, name=name, value=value))
            for name, value in draft.parameters.items()
        ]
        part.refuse([*structure.refused, *draft.refused])
        structures.append(structure)
        drafts.append(draft)
    _write_structures(parts, structures)
    _write_evaluations(parts, drafts, source)
    _write_tags(parts)


def _write_structures(parts: Sequence[VersionParts], structures: Sequence[StructureRows]) -> None:
    own = [(part, structure) for part, structure in zip(parts, structures, strict=True) if part.is_own]
    read_before = [part.version.pk for part, _ in own if not part.is_new]
    for table, columns in CONTENT.items():
        stored = _stored_rows(table, read_before)
        rows: list[Any] = []
        gone: list[Model] = []
        for part, structure in own:
            wanted = structure.rows.get(table, [])
            before = stored.get(part.version.pk, [])
            if table is Parameter:
                names = {row.name for row in wanted}
                before = [row for row in before if row.name in names]  # type: ignore[attr-defined]
            if not part.is_new and _contents(before, columns) == _contents(wanted, columns):
                continue
            part.mark_changed()
            gone += before
            rows += wanted
        if gone:
            table._default_manager.filter(pk__in=[row.pk for row in gone]).delete()
        insert_instances(table, rows)
    _write_papers(own, read_before)


def _write_papers(own: Sequence[tuple[VersionParts, StructureRows]], read_before: Sequence[int]) -> None:
    links = Paper.versions.through._default_manager.filter(modelversion__in=read_before)
    stored: dict[int, set[tuple[str, str]]] = {}
    for pk, title, url in links.values_list("modelversion_id", "paper__title", "paper__url"):
        stored.setdefault(pk, set()).add((title, url))
    changed = {}
    for part, structure in own:
        if set(structure.papers) == stored.get(part.version.pk, set()):
            continue
        part.mark_changed()
        changed[part.version.pk] = structure.papers
    links.filter(modelversion__in=[pk for pk in changed if pk in stored]).delete()
    link_papers(changed)


def _stored_rows(table: type[Model], version_ids: list[int]) -> dict[int, list[Model]]:
    """The rows of versions as they are stored. One query, none for no versions."""
    stored: dict[int, list[Model]] = {}
    if version_ids:
        for row in table._default_manager.filter(version__in=version_ids):
            stored.setdefault(row.version_id, []).append(row)  # type: ignore[attr-defined]
    return stored


def _contents(rows: Iterable[Model], columns: tuple[str, ...]) -> list[str]:
    """What rows say, in an order of its own, for telling whether others say the same."""
    return sorted(_content([getattr(row, column) for column in columns]) for row in rows)


def _content(values: Sequence[object]) -> str:
    """Values as text that is equal for equal content: JSON makes no difference between 5 and 5.0."""
    return repr([_canonical(value) for value in values])


def _canonical(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return sorted((key, repr(_canonical(item))) for key, item in value.items())
    return value


def _write_evaluations(parts: Sequence[VersionParts], drafts: Sequence[Drafts], source: Source) -> None:
    """Insert what is new; replace what this source said before and says otherwise or no more."""
    stored = stored_evaluations([part.version.pk for part in parts if not part.is_new])
    inserts: list[tuple[int, Conditions, Draft]] = []
    gone: list[int] = []
    for part, draft in zip(parts, drafts, strict=True):
        before = stored.get(part.version.pk, {})
        for conditions, wanted in draft.evaluations.items():
            there = before.get(conditions)
            if there is not None and there.content == sorted(number.content for number in wanted.numbers):
                continue
            if there is not None:
                gone.append(there.pk)
            part.mark_changed()
            inserts.append((part.version.pk, conditions, wanted))
        for conditions, there in before.items():
            if conditions.source_id == source.pk and conditions not in draft.evaluations and there.numbers:
                part.mark_changed()
                gone.append(there.pk)
    if gone:
        _remove_evaluations(gone)
        kept = _conditions_of(gone)
    else:
        kept = {}
    for version_id in {entry[0] for entry in inserts if (entry[0], entry[1]) in kept}:
        mine = [entry for entry in inserts if entry[0] == version_id]
        insert_drafts(
            mine, {entry[1]: kept[entry[0], entry[1]] for entry in mine if (entry[0], entry[1]) in kept}
        )
        inserts = [entry for entry in inserts if entry[0] != version_id]
    insert_drafts(inserts)


def _remove_evaluations(ids: Sequence[int]) -> None:
    """Remove numbers, and their evaluations where no statistics hang on them."""
    MetricValue.objects.filter(evaluation__in=ids).delete()
    Evaluation.objects.filter(pk__in=ids, statistics=None).delete()


def _conditions_of(ids: Sequence[int]) -> dict[tuple[int, Conditions], int]:
    """Evaluations that are still there, for their statistics, by version and conditions."""
    columns = ("pk", "version_id", "dataset_id", "split", "slice", "evaluated_at", "source_id")
    rows = Evaluation.objects.filter(pk__in=ids).values_list(*columns)
    return {(version_id, Conditions(*conditions)): pk for pk, version_id, *conditions in rows}


def _write_tags(parts: Sequence[VersionParts]) -> None:
    """Put tags on models. Tags that a source no longer gives stay: people may rely on them."""
    wanted: dict[tuple[int, str], str] = {}
    for part in parts:
        for word in part.record.tags:
            try:
                name, slug = check_tag(word)
            except InvalidTag as error:
                part.refuse([("tags", f"“{word[:80]}”: {error.message}")])
                continue
            wanted.setdefault((part.version.model_id, slug), name)
    if not wanted:
        return
    names: dict[str, str] = {}
    for (_, slug), name in wanted.items():
        names.setdefault(slug, name)
    Tag.objects.bulk_create(
        [Tag(slug=slug, name=name) for slug, name in names.items()], ignore_conflicts=True
    )
    ids = dict(Tag.objects.filter(slug__in=list(names)).values_list("slug", "pk"))
    ModelTag.objects.bulk_create(
        [ModelTag(model_id=model_id, tag_id=ids[slug]) for model_id, slug in wanted], ignore_conflicts=True
    )
