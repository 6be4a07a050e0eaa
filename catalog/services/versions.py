"""Writing versions: added once, then only their stage and aliases move."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max

from access.policy import require
from access.viewer import Viewer
from catalog.facts import version_facts
from catalog.models import ModelVersion, RegisteredModel, VersionAlias
from catalog.services import activity
from catalog.services import once as submissions
from catalog.services.registered import lock_model
from catalog.services.structure import Structure, safe_address, write_structure
from core.errors import Conflict, Invalid, NotVisible
from core.validation import translate_db_errors, validate_row

# Columns of a version beside its facts that may be handed in.
TEXTS = ("name", "notes", "description", "external_id")
# A label stands in addresses and behind the @ of a reference.
LABEL = re.compile(r"[^\s/\\@?#%\x00-\x1f\x7f\ud800-\udfff]+")
ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")

__all__ = ["add_version", "remove_alias", "safe_address", "set_alias", "set_stage"]


def add_version(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    label: str,
    stage: str = "",
    structure: Structure | None = None,
    once: str = "",
    complete: Callable[[ModelVersion], object] | None = None,
    **fields: Any,
) -> ModelVersion:
    """Add a version with all it is made of; all of it lands, or nothing.

    It takes the next position, whoever else adds one at the same moment. `once` marks one submission: a second
    call with the same mark returns the first one's version. `complete` is called with the new version in the same
    transaction: what it raises takes the version back.

    Raises:
        NotAllowed: less than a contributor, and no owner. Conflict: the label is taken.
        Invalid: something handed in is wrong; the field names its place.
    """
    require(viewer, "version.create", model)
    check_field_names(fields)
    check_label(label)
    try:
        with transaction.atomic():
            return _added(viewer, model, label, stage, structure or Structure(), once, complete, fields)
    except Conflict:
        made = submissions.made_before(viewer=viewer, verb="added-version", once=once)
        if made is not None and made.version is not None:
            return made.version
        raise


def field_names() -> tuple[str, ...]:
    """The columns of a version that may be handed in with it."""
    return (*TEXTS, *(fact.column for fact in version_facts()))


def check_field_names(names: Iterable[str]) -> None:
    """Check that a version has these fields.

    Raises:
        Invalid: it has not; the field names the first.
    """
    known = field_names()
    for name in names:
        if name not in known:
            raise Invalid(f"A version has no field “{name}”.", field=name)


def check_label(label: str) -> None:
    """Check that a label can stand in addresses.

    Raises:
        Invalid: it cannot.
    """
    if not LABEL.fullmatch(label) or label in {".", ".."}:
        raise Invalid("Write a label without spaces and without / \\ @ ? # %, such as 2.1.0.", field="label")


def _added(
    viewer: Viewer,
    model: RegisteredModel,
    label: str,
    stage: str,
    structure: Structure,
    once: str,
    complete: Callable[[ModelVersion], object] | None,
    fields: dict[str, Any],
) -> ModelVersion:
    model = lock_model(model)
    if VersionAlias.objects.filter(model=model, name=label).exists():
        raise Conflict("An alias of the model has this name.", field="label")
    highest = model.versions.aggregate(highest=Max("position"))["highest"] or 0
    version = validate_row(
        ModelVersion(model=model, label=label, stage=stage, position=highest + 1, **fields)
    )
    with translate_db_errors():
        version.save(force_insert=True)
    write_structure(version, structure)
    if complete is not None:
        complete(version)
    mark = submissions.mark(once)
    activity.record(viewer=viewer, verb="added-version", model=model, version=version, label=label, **mark)
    return version


@transaction.atomic
def set_stage(*, viewer: Viewer, version: ModelVersion, stage: str, notes: str | None = None) -> ModelVersion:
    """Say where a version is in its life; with `notes`, also what changed.

    Raises:
        NotAllowed: less than a contributor, and no owner. Invalid: there is no such stage.
    """
    require(viewer, "version.stage", version.model)
    model = lock_model(version.model)
    found = ModelVersion.objects.select_for_update().filter(pk=version.pk).first()
    if found is None:
        raise NotVisible
    found.model = model
    before = found.stage
    if stage not in ModelVersion.Stage.values:
        raise Invalid("Choose development, staging, production, archived, or nothing.", field="stage")
    found.stage = stage
    if notes is not None:
        found.notes = notes
    validate_row(found)
    found.save(update_fields=["stage", "notes", "updated_at"])
    if before != stage:
        activity.record(
            viewer=viewer,
            verb="set-stage",
            model=model,
            version=found,
            label=found.label,
            before=before,
            stage=stage,
        )
    return found


@transaction.atomic
def set_alias(*, viewer: Viewer, version: ModelVersion, name: str) -> VersionAlias:
    """Let a name stand for this version from now on; it moves when it stood for another.

    Raises:
        NotAllowed: less than a contributor, and no owner. Invalid: not a word. Conflict: a version has that label.
    """
    require(viewer, "version.stage", version.model)
    if not ALIAS.fullmatch(name):
        raise Invalid("Write a word of letters, digits, - and _ that begins with a letter.", field="name")
    model = lock_model(version.model)
    if model.versions.filter(label=name).exists():
        raise Conflict("A version of the model has this label.", field="name")
    before = VersionAlias.objects.filter(model=model, name=name).select_related("version").first()
    if before is not None and before.version_id == version.pk:
        return before
    with translate_db_errors():
        alias, _ = VersionAlias.objects.update_or_create(
            model=model, name=name, defaults={"version": version}
        )
    moved: dict[str, Any] = {"before": before.version.label} if before else {}
    activity.record(
        viewer=viewer,
        verb="set-alias",
        model=model,
        version=version,
        label=version.label,
        alias=name,
        **moved,
    )
    return alias


@transaction.atomic
def remove_alias(*, viewer: Viewer, model: RegisteredModel, name: str) -> None:
    """Remove a movable name.

    Raises:
        NotAllowed: less than a contributor, and no owner. NotVisible: there is no such alias.
    """
    require(viewer, "version.stage", model)
    model = lock_model(model)
    alias = VersionAlias.objects.filter(model=model, name=name).select_related("version").first()
    if alias is None:
        raise NotVisible
    activity.record(
        viewer=viewer,
        verb="removed-alias",
        model=model,
        version=alias.version,
        label=alias.version.label,
        alias=name,
    )
    alias.delete()
