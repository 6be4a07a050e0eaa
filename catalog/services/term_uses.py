"""What of the catalog carries terms, for the vocabulary to move when two terms become one."""

from catalog.models import Classification, Project
from vocabulary.models import Term


def move_terms(keep: Term, gone: Term) -> None:
    """Make models, versions and projects that carry `gone` carry `keep`, once each. Five queries."""
    there = set(Classification.objects.filter(term=keep).values_list("model_id", "version_id"))
    doubled = [
        pk
        for pk, model_id, version_id in Classification.objects.filter(term=gone).values_list(
            "pk", "model_id", "version_id"
        )
        if (model_id, version_id) in there
    ]
    Classification.objects.filter(pk__in=doubled).delete()
    Classification.objects.filter(term=gone).update(term=keep)
    Project.objects.filter(domain=gone).update(domain=keep)
