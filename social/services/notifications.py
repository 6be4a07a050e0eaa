"""Telling people: who named them, who answered them, what moved; and their marking it as read.

Only those who may see the model are told, and nobody is told of what they did themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from access.viewer import Viewer
from catalog.models import ModelVersion
from core.errors import NotAllowed
from social.audience import audience
from social.mentions import names_in
from social.models import Comment, Follow, Mention, Notification

KIND = Notification.Kind


def announce_comment(*, comment: Comment) -> None:
    """Tell those named, the one answered, and the followers of a new comment; each once, in that order."""
    named = set(_write_mentions(comment))
    answered = {comment.parent.author_id} if comment.parent else set()
    followers = Follow.objects.filter(model_id=comment.model_id).values("user_id")
    reached = (
        audience(comment.model)
        .filter(Q(pk__in=named) | Q(pk__in=[pk for pk in answered if pk]) | Q(pk__in=followers))
        .exclude(pk=comment.author_id or 0)
        .values_list("pk", flat=True)
    )

    def kind(user_id: int) -> str:
        if user_id in named:
            return KIND.MENTION
        return KIND.REPLY if user_id in answered else KIND.COMMENT

    _tell(comment, [(user_id, kind(user_id)) for user_id in reached])


def announce_edit(*, comment: Comment) -> None:
    """Tell those whom an edit names for the first time; forget the names it took out."""
    _tell(
        comment,
        [(user_id, KIND.MENTION) for user_id in _write_mentions(comment) if user_id != comment.author_id],
    )


def announce_version(*, version: ModelVersion, actor_id: int | None) -> None:
    """Tell the followers of a model that it has a new version. Two queries."""
    followers = Follow.objects.filter(model_id=version.model_id).values("user_id")
    reached = (
        audience(version.model)
        .filter(pk__in=followers)
        .exclude(pk=actor_id or 0)
        .values_list("pk", flat=True)
    )
    Notification.objects.bulk_create(
        [
            Notification(recipient_id=pk, actor_id=actor_id, kind=KIND.VERSION, model_id=version.model_id)
            for pk in reached
        ],
        batch_size=1000,
    )


@dataclass(frozen=True, slots=True)
class AlertNews:
    """What an alert has to say to one person, who has been found to see the model."""

    recipient_id: int
    model_id: int
    words: str
    url: str
    many_url: str
    group: str
    count: int = 1


# While one of a group stands unread, another one is counted there and takes its place.
TELL_OF_ALERT = """
INSERT INTO social_notification (recipient_id, kind, model_id, words, url, "group", count, created_at)
VALUES (%s, 'alert', %s, %s, %s, %s, %s, clock_timestamp())
ON CONFLICT (recipient_id, "group") WHERE read_at IS NULL AND NOT ("group" = '')
DO UPDATE SET model_id = excluded.model_id, words = excluded.words, url = %s,
    count = social_notification.count + excluded.count, created_at = excluded.created_at
"""


def announce_alerts(*, news: Sequence[AlertNews]) -> None:
    """Tell people of alerts; many of one group are one line while it is unread. One statement, sent for each."""
    if not news:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            TELL_OF_ALERT,
            [
                (one.recipient_id, one.model_id, one.words, one.url, one.group, one.count, one.many_url)
                for one in sorted(news, key=lambda one: (one.recipient_id, one.group))
            ],
        )


def mark_read(*, viewer: Viewer, notification_ids: Sequence[int] | None = None) -> int:
    """Mark some of the viewer's notifications as read, or all of them; how many were unread.

    Raises:
        NotAllowed: nobody is signed in, or only with a token that may read.
    """
    if not viewer.is_signed_in:
        raise NotAllowed("notification.read", "Sign in first.")
    if viewer.read_only:
        raise NotAllowed("notification.read", "This token may only read; use one with the write scope.")
    unread = Notification.objects.filter(recipient_id=viewer.user_id, read_at=None)
    if notification_ids is not None:
        unread = unread.filter(pk__in=list(notification_ids))
    return unread.update(read_at=timezone.now())


def _write_mentions(comment: Comment) -> list[int]:
    """Keep the mentions of a comment as its words name them: people who may see its model."""
    names = names_in(comment.body)
    named: list[int] = []
    if names:
        people = audience(comment.model).annotate(lower_name=Lower("username"))
        named = list(people.filter(lower_name__in=names).values_list("pk", flat=True))
    Mention.objects.filter(comment=comment).exclude(user_id__in=named).delete()
    Mention.objects.bulk_create([Mention(comment=comment, user_id=pk) for pk in named], ignore_conflicts=True)
    return named


def _tell(comment: Comment, people: Sequence[tuple[int, str]]) -> None:
    Notification.objects.bulk_create(
        [
            Notification(
                recipient_id=user_id,
                actor_id=comment.author_id,
                kind=kind,
                model_id=comment.model_id,
                comment=comment,
            )
            for user_id, kind in people
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
