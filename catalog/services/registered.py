"""Writing registered models: made, edited, classified, removed."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from access.policy import require
from access.viewer import Viewer
from catalog.models import Classification, Project, RegisteredModel
from catalog.services import activity
from catalog.services import once as submissions
from catalog.services.origins import stamp
from core.errors import Conflict, EditConflict, Invalid, NotVisible
from core.validation import slug_from, translate_db_errors, validate_row
from vocabulary.models import Taxonomy, Term
from vocabulary.services.terms import resolve_terms

log = logging.getLogger(__name__)

TEXTS = ("name", "summary", "description", "purpose", "business_goal", "intended_use", "unintended_use")
DATES = ("starts_on", "retires_on")
EDITABLE = (*TEXTS, *DATES, "status")
# Words that stand for pages of a project in its addresses.
RESERVED = frozenset({"edit", "new", "delete", "grants", "models"})
LONGEST_TEXT = 200_000


def create_model(
    *,
    viewer: Viewer,
    project: Project,
    name: str,
    slug: str = "",
    terms: Mapping[str, Sequence[str]] | None = None,
    once: str = "",
    **fields: Any,
) -> RegisteredModel:
    """Register a model, without a version yet. `terms` maps a taxonomy's slug to terms on the model as a whole.

    `once` marks one submission: a second call with the same mark returns the first one's model.

    Raises:
        NotAllowed: less than a contributor. Conflict: the slug is taken. Invalid: a field is wrong.
    """
    require(viewer, "model.create", project)
    _known(fields)
    slug = slug or slug_from(name, most=160, what="model")
    if slug in RESERVED:
        raise Invalid(f"“{slug}” is the name of a page. Choose another short name.", field="slug")
    model = validate_row(RegisteredModel(project=project, name=name, slug=slug, **fields))
    try:
        with transaction.atomic(), translate_db_errors():
            model.save(force_insert=True)
            stamp(
                viewer=viewer,
                model=model,
                fields=["name", *(field for field, value in fields.items() if value)],
            )
            for taxonomy, words in (terms or {}).items():
                _set_terms(viewer, model, taxonomy, words)
            activity.record(viewer=viewer, verb="created", model=model, **submissions.mark(once))
    except Conflict:
        made = submissions.made_before(viewer=viewer, verb="created", once=once)
        if made is not None and made.model is not None:
            return made.model
        raise
    return model


@transaction.atomic
def edit_model(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    changes: Mapping[str, Any],
    expected_revision: int | None = None,
) -> RegisteredModel:
    """Change some of the model's own fields; the viewer becomes their origin.

    Raises:
        EditConflict: someone changed it since `expected_revision`; `extra["current"]` holds the values now.
        NotAllowed: less than a contributor, and no owner. Invalid: a field is wrong.
    """
    require(viewer, "model.edit", model)
    _known(changes)
    model = lock_model(model, expected_revision)
    before = {name: getattr(model, name) for name in changes}
    for name, value in changes.items():
        setattr(model, name, value)
    validate_row(model)
    changed = [name for name, value in before.items() if getattr(model, name) != value]
    if not changed:
        return model
    with translate_db_errors():
        touch(model, *changed)
    stamp(viewer=viewer, model=model, fields=changed)
    activity.record(viewer=viewer, verb="edited", model=model, fields=changed)
    return model


@transaction.atomic
def classify_model(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    taxonomy: str,
    terms: Sequence[str],
    expected_revision: int | None = None,
) -> RegisteredModel:
    """Set the terms of one taxonomy on the model as a whole; they win over those of its versions.

    Without terms, the versions' own are shown again. Terms may be named by slug, name or alias.

    Raises:
        Invalid: no such taxonomy or term, or several where it allows one. EditConflict, NotAllowed: as `edit_model`.
    """
    require(viewer, "model.edit", model)
    model = lock_model(model, expected_revision)
    if _set_terms(viewer, model, taxonomy, terms):
        touch(model)
        activity.record(viewer=viewer, verb="edited", model=model, fields=[taxonomy])
    return model


@transaction.atomic
def delete_model(
    *, viewer: Viewer, model: RegisteredModel, confirmation: str, expected_revision: int | None = None
) -> None:
    """Remove a model with its versions, evaluations and discussion; `confirmation` repeats its slug.

    Raises:
        NotAllowed: less than a steward. Invalid: the confirmation is another word. EditConflict: as `edit_model`.
    """
    require(viewer, "model.delete", model)
    model = lock_model(model, expected_revision)
    if confirmation != model.slug:
        raise Invalid(f"Type “{model.slug}” to confirm.", field="confirmation")
    log.warning("model deleted: %s by user %s", model.ref, viewer.user_id)
    project, name = model.project, model.name
    model.delete()
    activity.record(viewer=viewer, verb="deleted", project=project, name=name)


def lock_model(model: RegisteredModel, expected_revision: int | None = None) -> RegisteredModel:
    """The model as it is now, its row held until the transaction ends; with its project and source as they were known.
    One query.

    Raises:
        NotVisible: it is gone. EditConflict: it was edited since `expected_revision`.
    """
    try:
        found = RegisteredModel.objects.select_for_update().get(pk=model.pk)
    except RegisteredModel.DoesNotExist:
        raise NotVisible from None
    for name in ("project", "source"):
        if getattr(found, f"{name}_id") == getattr(model, f"{name}_id") and name in model._state.fields_cache:
            setattr(found, name, getattr(model, name))
    if expected_revision is not None and found.revision != expected_revision:
        raise EditConflict(
            "The model was edited by someone else in the meantime.",
            extra={"revision": found.revision, "current": {name: getattr(found, name) for name in EDITABLE}},
        )
    return found


def touch(model: RegisteredModel, *fields: str) -> None:
    """Save the named fields of a model whose row is held, as its next revision. One query."""
    model.revision += 1
    model.save(update_fields=[*fields, "revision", "updated_at"])


def _set_terms(viewer: Viewer, model: RegisteredModel, slug: str, words: Sequence[str]) -> bool:
    """Make the terms of one taxonomy on the whole model these; whether anything changed."""
    taxonomy = Taxonomy.objects.filter(slug=slug).first()
    if taxonomy is None:
        raise Invalid(f"There is no taxonomy “{slug[:100]}”.", field="taxonomy")
    terms = list({term.pk: term for term, _ in resolve_terms(taxonomy, words)}.values())
    if len(terms) > 1 and not taxonomy.allows_many:
        raise Invalid(f"A model has one term of {taxonomy.name}; {len(terms)} were given.", field=slug)
    held = Classification.objects.filter(model=model, version=None, term__taxonomy=taxonomy)
    before = set(held.values_list("term_id", flat=True))
    wanted: dict[int, Term] = {term.pk: term for term in terms}
    if before == set(wanted):
        return False
    held.exclude(term__in=terms).delete()
    with translate_db_errors():
        Classification.objects.bulk_create(
            Classification(model=model, term=term, words=term.name)
            for pk, term in wanted.items()
            if pk not in before
        )
    stamp(viewer=viewer, model=model, fields=[slug])
    return True


def _known(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise Invalid(f"A model has no field “{name}” to edit.", field=name)
        if name in TEXTS and not isinstance(value, str):
            raise Invalid("Write text here.", field=name)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise Invalid(f"The text is longer than {LONGEST_TEXT:,} characters.", field=name)
