"""Reading ratings: their average and distribution, one's own, and the reviews."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Avg, Case, Count, When

from access.policy import require
from access.viewer import Viewer
from catalog.models import RegisteredModel
from social.models import Rating

REVIEWS_PAGE = 20


@dataclass(frozen=True, slots=True)
class StarCount:
    """How many gave this number of stars; `share` is in percent of all ratings."""

    stars: int
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """The ratings of a model. `distribution` goes from five stars to one; no ratings, no average."""

    average: float | None
    count: int
    distribution: tuple[StarCount, ...]
    own: Rating | None


def rating_summary(viewer: Viewer, model: RegisteredModel) -> RatingSummary:
    """What people think of a model, and what the viewer does. Two queries; one for those not signed in.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    counts = dict(
        Rating.objects.filter(model=model).order_by().values_list("stars").annotate(number=Count("pk"))
    )
    total = sum(counts.values())
    own = None
    if viewer.is_signed_in:
        own = Rating.objects.filter(model=model, author_id=viewer.user_id).first()
    return RatingSummary(
        average=sum(stars * number for stars, number in counts.items()) / total if total else None,
        count=total,
        distribution=tuple(
            StarCount(stars, counts.get(stars, 0), 100 * counts.get(stars, 0) / total if total else 0.0)
            for stars in (5, 4, 3, 2, 1)
        ),
        own=own,
    )


def rating_summaries(viewer: Viewer, models: Iterable[RegisteredModel]) -> dict[int, tuple[float, int]]:
    """Average and number of ratings by model id, of those rated that the viewer sees. One query."""
    ids = [model.pk for model in models if viewer.sees(model.scope_id, model.scope_visibility)]
    rows = (
        Rating.objects.filter(model_id__in=ids)
        .order_by()
        .values_list("model_id")
        .annotate(average=Avg("stars"), number=Count("pk"))
    )
    return {model_id: (float(average), number) for model_id, average, number in rows}


def reviews_of(viewer: Viewer, model: RegisteredModel, number: int | str = 1) -> Page[Rating]:
    """A page of the ratings, those with words first, then newest first, with their authors. Two queries.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    silent = Case(When(review="", then=1), default=0)
    ratings = (
        Rating.objects.filter(model=model).select_related("author").order_by(silent, "-updated_at", "-pk")
    )
    return Paginator(ratings, REVIEWS_PAGE).get_page(number)
