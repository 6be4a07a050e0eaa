"""Reading what someone keeps, follows and was told, never more than they may still see."""

from collections.abc import Iterable

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from access.viewer import Viewer
from catalog.access import visible_models
from catalog.models import RegisteredModel
from social.models import Bookmark, Follow, Notification

BOOKMARKS_PAGE = 50
NOTIFICATIONS_PAGE = 50


def bookmark_rows(viewer: Viewer) -> QuerySet[Bookmark]:
    """What the viewer keeps of what they still may see, with models and projects."""
    mine = Bookmark.objects.filter(viewer.scopes.as_q("model__project__"), user_id=viewer.user_id or 0)
    return (mine if viewer.is_signed_in else mine.none()).select_related("model__project")


def bookmarks_of(viewer: Viewer, number: int | str = 1) -> Page[Bookmark]:
    """A page of what the viewer keeps, newest first, with models and projects. Two queries."""
    rows = bookmark_rows(viewer).order_by("-created_at", "-pk")
    return Paginator(rows, BOOKMARKS_PAGE).get_page(number)


def my_followed(viewer: Viewer, limit: int = 20) -> list[RegisteredModel]:
    """Models the viewer follows, last followed first. One query; none for those not signed in."""
    if not viewer.is_signed_in:
        return []
    rows = Follow.objects.filter(viewer.scopes.as_q("model__project__"), user_id=viewer.user_id or 0)
    return [row.model for row in rows.select_related("model__project").order_by("-created_at", "-pk")[:limit]]


def most_followed(viewer: Viewer, limit: int = 10) -> list[RegisteredModel]:
    """Visible models that have followers, most first; each with `followers`. One query."""
    counted = visible_models(viewer).filter(follows__isnull=False).annotate(followers=Count("follows"))
    return list(counted.order_by("-followers", "name", "pk")[:limit])


def follower_counts(viewer: Viewer, models: Iterable[RegisteredModel]) -> dict[int, int]:
    """Followers by model id, for models that have any and that the viewer sees. One query."""
    ids = [model.pk for model in models if viewer.sees(model.scope_id, model.scope_visibility)]
    rows = (
        Follow.objects.filter(model_id__in=ids)
        .order_by()
        .values_list("model_id")
        .annotate(number=Count("pk"))
    )
    return dict(rows)


def notifications_of(viewer: Viewer, number: int | str = 1) -> Page[Notification]:
    """A page of the viewer's news, newest first, with actors, models and comments. Two queries."""
    rows = notification_rows(viewer)
    return Paginator(rows.order_by("-created_at", "-pk"), NOTIFICATIONS_PAGE).get_page(number)


def notification_rows(viewer: Viewer) -> QuerySet[Notification]:
    """What the viewer was told and still may see, with actors, models and comments."""
    return _told(viewer).select_related("actor", "model__project", "comment")


def unread_count(viewer: Viewer) -> int:
    """How much the viewer was told and has not read. One query; none for those not signed in."""
    return _told(viewer).filter(read_at=None).count() if viewer.is_signed_in else 0


def _told(viewer: Viewer) -> QuerySet[Notification]:
    """The viewer's notifications of what they still may see; a deleted comment is no news."""
    if not viewer.is_signed_in:
        return Notification.objects.none()
    return Notification.objects.filter(
        viewer.scopes.as_q("model__project__"),
        Q(comment=None) | Q(comment__deleted_at=None),
        recipient_id=viewer.user_id,
    )
