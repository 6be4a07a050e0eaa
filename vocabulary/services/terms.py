"""Resolving terms for a write, held against a merge at the same moment."""

from collections.abc import Mapping, Sequence

from core.errors import Invalid
from vocabulary.models import Taxonomy, Term
from vocabulary.resolver import Resolver


def hold_terms(resolver: Resolver, names: Mapping[str, Sequence[str]]) -> bool:
    """Hold the rows of the terms that names stand for (by taxonomy) until the transaction ends. One query.

    A merge at the same moment waits, or has just ended: then some of the terms are gone, which is what the answer
    tells, and the names must be resolved once more.
    """
    wanted = {
        term.pk
        for slug, listed in names.items()
        for name in listed
        for term in resolver.find_terms(slug, name) or ()
    }
    unknown = any(
        resolver.find_terms(slug, name) is None for slug, listed in names.items() for name in listed
    )
    rows = Term.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    held = set(rows.values_list("pk", flat=True))
    return unknown or held != wanted


def resolve_terms(taxonomy: Taxonomy, names: Sequence[str], *, field: str = "") -> list[tuple[Term, str]]:
    """The terms of `taxonomy` that the names stand for, each with its name, in the order of `names`; rows held.

    Names are slugs, names or aliases; some stand for several terms (a pair of languages), some for none. Four
    queries, or eight.

    Raises:
        Invalid: some name stands for no term; the message lists them.
    """
    if not names:
        return []
    by_taxonomy = {taxonomy.slug: names}
    resolver = Resolver.load_for(taxonomies=[taxonomy.slug])
    if hold_terms(resolver, by_taxonomy):
        # A merge that we waited for may have moved the names to another term: look again.
        resolver = Resolver.load_for(taxonomies=[taxonomy.slug])
        hold_terms(resolver, by_taxonomy)
    resolved = [(name, resolver.find_terms(taxonomy.slug, name)) for name in names]
    if unknown := [name for name, terms in resolved if terms is None]:
        listed = ", ".join(f"“{name[:80]}”" for name in unknown[:5])
        raise Invalid(f"{taxonomy.name} has no term {listed}.", field=field or taxonomy.slug)
    return [(term, name) for name, terms in resolved for term in terms or ()]
