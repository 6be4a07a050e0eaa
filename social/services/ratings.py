"""Giving, changing and taking back a rating."""

from django.db import transaction

from access.viewer import Viewer
from accounts.text import clean_text
from catalog.models import Activity, RegisteredModel
from catalog.services import activity
from core.errors import DomainError
from social.models import Rating

from .access import for_writing

LONGEST_REVIEW = 5000
VERB = "rated"


class InvalidRating(DomainError):
    """Stars or review are not what a rating may hold."""


@transaction.atomic
def rate_model(*, viewer: Viewer, model: RegisteredModel, stars: int, review: str = "") -> Rating:
    """Set the viewer's rating of a model; a second call replaces the first.

    Raises:
        NotVisible, NotAllowed: the model is not visible to the viewer, or they are not signed in.
        InvalidRating: `stars` is not 1 to 5, or the review is too long.
    """
    held = for_writing(viewer, "model.rate", model)
    if isinstance(stars, bool) or not isinstance(stars, int) or not 1 <= stars <= 5:
        raise InvalidRating("Choose 1 to 5 stars.", field="stars")
    review = clean_text(review)
    if len(review) > LONGEST_REVIEW:
        raise InvalidRating(
            f"Use at most {LONGEST_REVIEW:,} characters; these are {len(review):,}.", field="review"
        )
    rating, _ = Rating.objects.update_or_create(
        model=held, author_id=viewer.user_id, defaults={"stars": stars, "review": review}
    )
    _forget(viewer, held)
    activity.record(viewer=viewer, verb=VERB, model=held, stars=stars)
    return rating


@transaction.atomic
def unrate(*, viewer: Viewer, model: RegisteredModel) -> bool:
    """Take the viewer's rating back; False when there was none.

    Raises:
        NotVisible, NotAllowed: as in `rate_model`.
    """
    held = for_writing(viewer, "model.rate", model)
    deleted, _ = Rating.objects.filter(model=held, author_id=viewer.user_id).delete()
    if deleted:
        _forget(viewer, held)
    return bool(deleted)


def _forget(viewer: Viewer, model: RegisteredModel) -> None:
    """Drop the feed's line of an earlier rating: a change is no second rating."""
    Activity.objects.filter(model=model, actor_id=viewer.user_id, verb=VERB).delete()
