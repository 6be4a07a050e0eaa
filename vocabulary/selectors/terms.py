"""The place of a term in its tree. The vocabulary is open to everybody who may use the catalog."""

from vocabulary.models import Term


def ancestors_of(term: Term) -> list[Term]:
    """From the root down to the term's parent. One query: the whole taxonomy, which is small."""
    by_id = {
        other.pk: other for other in Term.objects.filter(taxonomy=term.taxonomy).select_related("taxonomy")
    }
    found: list[Term] = []
    parent = by_id.get(term.parent_id or 0)
    while parent is not None and parent not in found:
        found.append(parent)
        parent = by_id.get(parent.parent_id or 0)
    return found[::-1]


def children_of(term: Term) -> list[Term]:
    """The terms right below, by name. One query."""
    return list(Term.objects.filter(parent=term).select_related("taxonomy").order_by("name"))
