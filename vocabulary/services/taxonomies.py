"""Keeping the vocabulary's trees: terms made, edited, moved and merged while they are in use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from access.policy import require_administrator
from access.viewer import Viewer
from core.errors import Conflict, Invalid, NotVisible
from core.validation import slug_from, translate_db_errors, validate_row
from vocabulary.folding import fold
from vocabulary.models import Taxonomy, Term, TermAlias

# Each app whose rows carry terms adds a function that makes the rows of `gone` rows of `keep` (keep, gone).
TERM_USES: list[Callable[[Term, Term], None]] = []

DEEPEST = 12
EDITABLE = ("name", "slug", "description", "url", "parent")


@transaction.atomic
def create_taxonomy(*, viewer: Viewer, name: str, slug: str = "", **fields: Any) -> Taxonomy:
    """Add a vocabulary of the organisation's own.

    Raises:
        NotAllowed: not an administrator of the site. Conflict: the name is taken.
    """
    require_administrator(viewer, "taxonomy.edit")
    taxonomy = validate_row(
        Taxonomy(name=name, slug=slug or slug_from(name, most=60, what="taxonomy"), **fields)
    )
    with translate_db_errors():
        taxonomy.save(force_insert=True)
    return taxonomy


@transaction.atomic
def create_term(
    *,
    viewer: Viewer,
    taxonomy: Taxonomy,
    name: str,
    slug: str = "",
    parent: Term | None = None,
    description: str = "",
    url: str = "",
    aliases: Sequence[str] = (),
) -> Term:
    """Add a term, with other ways to write it.

    Raises:
        NotAllowed: not an administrator of the site. Conflict: the slug or an alias stands for another term.
    """
    require_administrator(viewer, "taxonomy.edit")
    _lock(taxonomy)
    _fits(taxonomy, parent, None)
    slug = slug or slug_from(name, most=120, what="term")
    term = validate_row(
        Term(taxonomy=taxonomy, name=name, slug=slug, parent=parent, description=description, url=url)
    )
    with translate_db_errors():
        term.save(force_insert=True)
        _add_aliases(term, [name, *aliases])
    return term


@transaction.atomic
def edit_term(
    *, viewer: Viewer, term: Term, changes: Mapping[str, Any], aliases: Sequence[str] | None = None
) -> Term:
    """Change a term or its place in the tree; `aliases` adds ways to write it.

    Raises:
        NotAllowed: not an administrator of the site. Invalid: it would hang below itself.
        Conflict: the slug or an alias stands for another term.
    """
    require_administrator(viewer, "taxonomy.edit")
    _lock(term.taxonomy)
    found = Term.objects.select_for_update(of=("self",)).select_related("taxonomy").filter(pk=term.pk).first()
    if found is None:
        raise NotVisible
    for name, value in changes.items():
        if name not in EDITABLE:
            raise Invalid(f"A term has no field “{name}” to edit.", field=name)
        setattr(found, name, value)
    if "parent" in changes:
        _fits(found.taxonomy, changes["parent"], found)
    validate_row(found)
    with translate_db_errors():
        found.save()
        _add_aliases(found, [found.name, *(aliases or ())])
    return found


@transaction.atomic
def merge_terms(*, viewer: Viewer, keep: Term, gone: Term) -> Term:
    """Make two terms one: what carried `gone` carries `keep`, and its words stand for `keep` from now on.

    Safe while models are classified: whoever sets `gone` at the same moment waits, and then finds `keep`.

    Raises:
        NotAllowed: not an administrator of the site. Invalid: the same term, or of two taxonomies.
        NotVisible: one of them is gone.
    """
    require_administrator(viewer, "taxonomy.edit")
    if keep.pk == gone.pk:
        raise Invalid("A term can't be merged into itself.", field="into")
    if keep.taxonomy_id != gone.taxonomy_id:
        raise Invalid("Both terms must be of one taxonomy.", field="into")
    _lock(keep.taxonomy)
    held = Term.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([keep.pk, gone.pk])
    if len(held) < 2:
        raise NotVisible
    keep, gone = held[keep.pk], held[gone.pk]
    if _is_below(keep, gone):
        keep.parent_id = gone.parent_id
        keep.save(update_fields=["parent"])
    gone.children.exclude(pk=keep.pk).update(parent=keep)
    for move_uses in TERM_USES:
        move_uses(keep, gone)
    words = [gone.name, gone.slug]
    TermAlias.objects.filter(
        term=gone, folded__in=TermAlias.objects.filter(term=keep).values("folded")
    ).delete()
    TermAlias.objects.filter(term=gone).update(term=keep)
    gone.delete()
    _add_aliases(keep, words, strict=False)
    return keep


def _lock(taxonomy: Taxonomy) -> None:
    """Hold the taxonomy, so that two moves at once can't close a circle between them."""
    if not Taxonomy.objects.select_for_update().filter(pk=taxonomy.pk).exists():
        raise NotVisible


def _fits(taxonomy: Taxonomy, parent: Term | None, term: Term | None) -> None:
    """Check a place in the tree. One query a level."""
    if parent is None:
        return
    if parent.taxonomy_id != taxonomy.pk:
        raise Invalid("The parent is a term of another taxonomy.", field="parent")
    depth, above = 1, Term.objects.filter(pk=parent.pk).first()
    while above is not None:
        if term is not None and above.pk == term.pk:
            raise Invalid("A term can't hang below itself.", field="parent")
        depth += 1
        if depth > DEEPEST:
            raise Invalid(f"The tree is at most {DEEPEST} levels deep.", field="parent")
        above = Term.objects.filter(pk=above.parent_id).first() if above.parent_id else None


def _is_below(term: Term, above: Term) -> bool:
    parent_id = term.parent_id
    while parent_id is not None:
        if parent_id == above.pk:
            return True
        parent_id = Term.objects.values_list("parent_id", flat=True).get(pk=parent_id)
    return False


def _add_aliases(term: Term, words: Sequence[str], *, strict: bool = True) -> None:
    """Let words stand for the term. Two queries.

    Raises:
        Conflict: some of them stand for another term (only when `strict`).
    """
    wanted = {fold(said): said.strip() for said in words if fold(said)}
    others = TermAlias.objects.filter(taxonomy_id=term.taxonomy_id, folded__in=list(wanted)).select_related(
        "term"
    )
    for alias in others:
        if alias.term is None:
            alias.delete()  # these words named nothing until now
        elif alias.term_id != term.pk and strict:
            raise Conflict(f"“{alias.words}” stands for the term {alias.term.name} already.", field="aliases")
    rows = [
        validate_row(TermAlias(term=term, taxonomy_id=term.taxonomy_id, words=said, folded=folded))
        for folded, said in wanted.items()
    ]
    TermAlias.objects.bulk_create(rows, ignore_conflicts=True)
