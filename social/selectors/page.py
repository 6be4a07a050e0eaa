"""All that the social blocks of a model's page show, read at once."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from access.policy import may, require
from access.viewer import Viewer
from accounts.models import User
from catalog.models import ModelTag, RegisteredModel, Tag
from social.models import Bookmark, Follow

from .discussion import Discussion, discussion_of
from .ratings import RatingSummary, rating_summary


@dataclass(frozen=True, slots=True)
class Rights:
    """What the viewer may do here, asked once."""

    rate: bool
    comment: bool
    tag: bool
    keep: bool
    edit: bool


@dataclass(frozen=True, slots=True)
class TagOnModel:
    """A tag, who put it there (nobody: read from the source), and whether the viewer may take it off."""

    tag: Tag
    added_by: User | None
    added_at: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class ModelSocial:
    """What people say and keep of a model, as the viewer may see it; the context of the social partials."""

    model: RegisteredModel
    rights: Rights
    rating: RatingSummary
    discussion: Discussion
    bookmark: Bookmark | None
    followers: int
    is_following: bool
    tags: tuple[TagOnModel, ...]


def model_social(viewer: Viewer, model: RegisteredModel, page: int | str = 1) -> ModelSocial:
    """Everything the social blocks need. At most sixteen queries, whatever the number of rows.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    rights = rights_on(viewer, model)
    bookmark, followers, is_following = keep_state(viewer, model)
    return ModelSocial(
        model=model,
        rights=rights,
        rating=rating_summary(viewer, model),
        discussion=discussion_of(viewer, model, page),
        bookmark=bookmark,
        followers=followers,
        is_following=is_following,
        tags=tags_of(viewer, model, rights),
    )


def rights_on(viewer: Viewer, model: RegisteredModel) -> Rights:
    """What the viewer may do to the model. At most one query.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    actions = ("model.rate", "model.comment", "model.tag", "model.bookmark", "model.edit")
    return Rights(*(may(viewer, action, model) for action in actions))


def keep_state(viewer: Viewer, model: RegisteredModel) -> tuple[Bookmark | None, int, bool]:
    """The viewer's bookmark of the model, how many follow it, and whether the viewer does. Two queries.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    bookmark = None
    if viewer.is_signed_in:
        bookmark = Bookmark.objects.filter(model=model, user_id=viewer.user_id or 0).first()
    counted = Follow.objects.filter(model=model).aggregate(
        all=Count("pk"), mine=Count("pk", filter=Q(user_id=viewer.user_id or 0))
    )
    return bookmark, counted["all"], bool(counted["mine"])


def tags_of(viewer: Viewer, model: RegisteredModel, rights: Rights | None = None) -> tuple[TagOnModel, ...]:
    """The model's tags by name. One query; one more when the rights are not given.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    rights = rights or rights_on(viewer, model)
    rows = ModelTag.objects.filter(model=model).select_related("tag", "added_by").order_by("tag__name", "pk")
    return tuple(
        TagOnModel(
            tag=row.tag,
            added_by=row.added_by,
            added_at=row.created_at,
            may_remove=rights.tag
            and (rights.edit or (row.added_by_id is not None and row.added_by_id == viewer.user_id)),
        )
        for row in rows
    )
