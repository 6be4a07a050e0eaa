"""Finding the terms that words stand for, held against a merge at the same moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.errors import Invalid
from vocabulary.folding import fold
from vocabulary.models import Taxonomy, Term, TermAlias


def terms_named(taxonomy: Taxonomy, words: Sequence[str], *, field: str = "") -> list[tuple[Term, str]]:
    """The terms of `taxonomy` that the words stand for, each with its word, in the order of `words`.

    Words are slugs, names or aliases; some stand for several terms (a pair of languages). Three queries, or six.
    The terms' rows are held until the transaction ends, so that a merge waits, or is seen here.

    Raises:
        Invalid: some word stands for no term; the message lists them.
    """
    if not words:
        return []
    folds = {word: fold(word) for word in words}
    found = _held(taxonomy, folds)
    if any(not found[word] for word in words):
        # A merge that we waited for may have moved the words to another term: look again.
        found = _held(taxonomy, folds)
    if missing := [word for word in words if not found[word]]:
        listed = ", ".join(f"“{word[:80]}”" for word in missing[:5])
        raise Invalid(f"{taxonomy.name} has no term {listed}.", field=field or taxonomy.slug)
    return [(term, word) for word in words for term in found[word]]


def _held(taxonomy: Taxonomy, folds: Mapping[str, str]) -> dict[str, list[Term]]:
    """The terms that each word stands for, their rows held: by slug, else by alias, else by name."""
    by_alias: dict[str, list[int]] = defaultdict(list)
    aliases = TermAlias.objects.filter(taxonomy=taxonomy, folded__in=set(folds.values())).order_by("id")
    for folded, term_id in aliases.values_list("folded", "term_id"):
        if term_id is not None:
            by_alias[folded].append(term_id)
    by_slug: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for pk, slug, name in Term.objects.filter(taxonomy=taxonomy).values_list("pk", "slug", "name"):
        by_slug[slug] = pk
        by_name.setdefault(fold(slug), pk)
        by_name[fold(name)] = pk
    named: dict[str, list[int]] = {}
    for word, folded in folds.items():
        one = by_slug.get(word)
        alone = [one] if one is not None else []
        named[word] = alone or by_alias.get(folded) or ([by_name[folded]] if folded in by_name else [])
    wanted = {pk for pks in named.values() for pk in pks}
    rows = Term.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    held = {term.pk: term for term in rows}
    return {word: [held[pk] for pk in pks if pk in held] for word, pks in named.items()}
