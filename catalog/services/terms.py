"""Finding the terms that words stand for, held against a merge at the same moment."""

from collections.abc import Sequence

from django.db.models import Q

from catalog.models import Taxonomy, Term
from catalog.vocabulary.words import fold
from governance.errors import Invalid


def terms_named(taxonomy: Taxonomy, words: Sequence[str], *, field: str = "") -> list[Term]:
    """The terms of `taxonomy` named by slug or by any of their aliases, in the order of `words`. Two queries.

    Their rows are held until the transaction ends, so that a merge waits, or is seen here.

    Raises:
        Invalid: some word stands for no term; the message lists them.
    """
    if not words:
        return []
    folds = [fold(word) for word in words]
    named = Term.objects.filter(taxonomy=taxonomy).filter(
        Q(slug__in=list(words)) | Q(pk__in=taxonomy.terms.filter(aliases__folded__in=folds).values("pk"))
    )
    held = list(named.order_by("pk").select_for_update(no_key=True, of=("self",)).prefetch_related("aliases"))
    found: dict[str, Term] = {}
    for term in held:
        for alias in term.aliases.all():
            found[alias.folded] = term
    for term in held:
        found.setdefault(fold(term.name), term)
        found[term.slug] = term
    missing = [
        word for word, folded in zip(words, folds, strict=True) if word not in found and folded not in found
    ]
    if missing:
        listed = ", ".join(f"“{word[:80]}”" for word in missing[:5])
        raise Invalid(f"{taxonomy.name} has no term {listed}.", field=field or taxonomy.slug)
    return [found.get(word) or found[folded] for word, folded in zip(words, folds, strict=True)]
