"""Finding what people name when they write a rule, as far as they may know of it."""

from collections.abc import Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from access.viewer import Viewer
from accounts.models import Team, User
from catalog.access import visible_models
from catalog.models import RegisteredModel
from core.errors import Invalid, NotVisible
from evaluations.selectors import vocabulary_use
from vocabulary.folding import fold
from vocabulary.models import Dataset, Metric


def metric_named(viewer: Viewer, words: str, *, field: str = "metric") -> Metric:
    """The metric of a slug, name or alias. One query.

    Raises:
        Invalid: there is none, or none that the viewer knows of.
    """
    found = vocabulary_use.metrics(viewer).filter(
        Q(slug=words) | Q(name__iexact=words) | Q(aliases__folded=fold(words))
    )
    exact = sorted(
        found.distinct(),
        key=lambda row: (row.slug != words, row.name.lower() != words.lower(), -row.importance),
    )
    if not exact:
        raise Invalid(f"There is no metric “{words}”.", field=field)
    return exact[0]


def dataset_named(viewer: Viewer, words: str, *, field: str = "dataset") -> Dataset:
    """The data set of a slug, name or alias. One query.

    Raises:
        Invalid: there is none, or none that the viewer knows of.
    """
    named = Q(slug=words) | Q(name__iexact=words) | Q(aliases__folded=fold(words))
    found = sorted(
        vocabulary_use.datasets(viewer).filter(named).distinct(),
        key=lambda row: (row.slug != words, row.name.lower() != words.lower()),
    )
    if not found:
        raise Invalid(f"There is no data set “{words}”.", field=field)
    return found[0]


def model_named(viewer: Viewer, ref: str) -> RegisteredModel:
    """The model of `project/model`. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    project, _, slug = ref.partition("/")
    found = visible_models(viewer).filter(project__slug=project, slug=slug).first()
    if found is None:
        raise NotVisible
    return found


def people_named(names: Sequence[str], *, field: str = "people") -> list[User]:
    """Active people by user name, in any case. One query.

    Raises:
        Invalid: the names that nobody has.
    """
    wanted = {name.lstrip("@").lower() for name in names}
    people = User.objects.filter(is_active=True).annotate(lower_name=Lower("username"))
    found: list[User] = list(people.filter(lower_name__in=wanted)) if wanted else []
    missing = wanted - {user.username.lower() for user in found}
    if missing:
        raise Invalid(f"Nobody has the user name {', '.join(sorted(missing))}.", field=field)
    return found


def teams_named(slugs: Sequence[str], *, field: str = "teams") -> list[Team]:
    """Teams by slug. One query.

    Raises:
        Invalid: there is no such team.
    """
    found = list(Team.objects.filter(slug__in=slugs)) if slugs else []
    if missing := set(slugs) - {team.slug for team in found}:
        raise Invalid(f"There is no team {', '.join(sorted(missing))}.", field=field)
    return found
