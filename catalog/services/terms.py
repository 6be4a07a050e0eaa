"""Finding the terms that words stand for, held against a merge at the same moment."""

from collections.abc import Mapping, Sequence

from django.db.models import Q

from catalog.models import Taxonomy, Term
from catalog.vocabulary.words import fold
from governance.errors import Invalid


def terms_named(taxonomy: Taxonomy, words: Sequence[str], *, field: str = "") -> list[Term]:
    """The terms of `taxonomy` named by slug or by any of their aliases, in the order of `words`. Two queries, or four.

    Their rows are held until the transaction ends, so that a merge waits, or is seen here.

    Raises:
        Invalid: some word stands for no term; the message lists them.
    """
    if not words:
        return []
    folds = {word: fold(word) for word in words}
    found = _held(taxonomy, folds)
    if any(word not in found for word in words):
        # A merge that we waited for may have moved the words to another term: look again.
        found = _held(taxonomy, folds)
    if missing := [word for word in words if word not in found]:
        listed = ", ".join(f"“{word[:80]}”" for word in missing[:5])
        raise Invalid(f"{taxonomy.name} has no term {listed}.", field=field or taxonomy.slug)
    return [found[word] for word in words]


def _held(taxonomy: Taxonomy, folds: Mapping[str, str]) -> dict[str, Term]:
    """The terms that the words stand for, by word, their rows held. Two queries."""
    aliased = taxonomy.terms.filter(aliases__folded__in=list(folds.values())).values("pk")
    named = Term.objects.filter(taxonomy=taxonomy).filter(Q(slug__in=list(folds)) | Q(pk__in=aliased))
    held = list(named.order_by("pk").select_for_update(no_key=True, of=("self",)).prefetch_related("aliases"))
    by_fold = {alias.folded: term for term in held for alias in term.aliases.all()}
    by_slug = {term.slug: term for term in held}
    found = {}
    for word, folded in folds.items():
        if term := by_slug.get(word) or by_fold.get(folded):
            found[word] = term
    return found
