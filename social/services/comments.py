"""Writing, editing, deleting and restoring comments."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.policy import may
from access.viewer import Viewer
from accounts.text import clean_text, says_nothing
from catalog.models import ModelVersion, RegisteredModel
from catalog.services import activity
from core.errors import DomainError, EditConflict, NotAllowed, NotVisible
from social.models import Comment, CommentRevision

from . import notifications
from .access import for_writing

LONGEST_COMMENT = 20_000
UNDO_TIME = timedelta(minutes=10)


class InvalidComment(DomainError):
    """The words cannot be a comment, or it cannot be changed any more."""


class CommentConflict(EditConflict):
    """Someone, perhaps in another tab, edited the comment in between. Holds both texts."""

    def __init__(self, current: Comment, yours: str) -> None:
        self.current = current
        self.yours = yours
        super().__init__(
            "This comment was changed since you opened it. Nothing of yours is lost.",
            extra={"current": {"body": current.body, "revision": current.revision}},
        )


@transaction.atomic
def add_comment(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    body: str,
    parent_id: int | None = None,
    version: ModelVersion | None = None,
    request_key: UUID | None = None,
) -> Comment:
    """Add a comment, or an answer to one; the same words with the same `request_key` land once.

    Two equal forms at once wait for each other at the model's row, so the second finds the first.

    Raises:
        NotVisible, NotAllowed: the model (or the comment answered) does not exist for the viewer,
            or they are not signed in.
        InvalidComment: the body says nothing or is too long.
    """
    held = for_writing(viewer, "model.comment", model)
    parent = None
    if parent_id is not None:
        parent = Comment.objects.filter(pk=parent_id, model=held).first()
        if parent is None:
            raise NotVisible
    if version is not None and version.model_id != held.pk:
        raise NotVisible
    words = checked_body(body)
    if request_key is not None:
        sent = Comment.objects.filter(author_id=viewer.user_id, request_key=request_key).first()
        if sent is not None:
            if _is_same(sent, held, parent, words):
                return sent
            request_key = (
                None  # A form sent again with other words, after going back: those are a comment too.
            )
    comment = Comment.objects.create(
        model=held,
        parent=parent,
        version=version,
        author_id=viewer.user_id,
        body=words,
        request_key=request_key,
    )
    notifications.announce_comment(comment=comment)
    activity.record(viewer=viewer, verb="commented", model=held, comment=comment.pk)
    return comment


@transaction.atomic
def edit_comment(*, viewer: Viewer, comment: Comment, body: str, revision: int) -> Comment:
    """Replace the words of one's own comment; what it said before is kept as a revision.

    `revision` is the one the author saw. The same words again change nothing, whatever the revision.

    Raises:
        NotVisible: the comment does not exist for the viewer.
        NotAllowed: it is someone else's.
        InvalidComment: it was deleted, or the body says nothing or is too long.
        CommentConflict: it was changed since `revision`.
    """
    now = _held(viewer, comment)
    if now.author_id != viewer.user_id:
        raise NotAllowed("comment.edit", "Only its author may edit a comment.")
    words = checked_body(body)
    if now.deleted_at is not None:
        raise InvalidComment("This comment was deleted, so it can't be changed.", status=409)
    if now.body == words:
        return now
    if now.revision != revision:
        raise CommentConflict(now, words)
    _keep_words(now)
    now.body, now.edited_at, now.revision = words, timezone.now(), now.revision + 1
    now.save(update_fields=["body", "edited_at", "revision"])
    notifications.announce_edit(comment=now)
    return now


@transaction.atomic
def delete_comment(*, viewer: Viewer, comment: Comment, revision: int | None = None) -> Comment:
    """Take the words away and keep the place; answers stay. Again changes nothing.

    Raises:
        NotVisible: the comment does not exist for the viewer.
        NotAllowed: they are neither its author nor a moderator of the model.
        CommentConflict: a `revision` was given and the comment was changed since.
    """
    now = _held(viewer, comment)
    if now.author_id != viewer.user_id and not may(viewer, "model.moderate", now.model):
        raise NotAllowed("comment.delete", "Only its author or a moderator may delete a comment.")
    if now.deleted_at is not None:
        return now
    if revision is not None and now.revision != revision:
        raise CommentConflict(now, "")
    _keep_words(now)
    now.body, now.deleted_at, now.deleted_by_id = "", timezone.now(), viewer.user_id
    now.revision += 1
    now.save(update_fields=["body", "deleted_at", "deleted_by", "revision"])
    return now


@transaction.atomic
def restore_comment(*, viewer: Viewer, comment: Comment) -> Comment:
    """Undo a deletion, by the one who deleted, within `UNDO_TIME`. Again changes nothing.

    Raises:
        NotVisible: the comment does not exist for the viewer.
        NotAllowed: someone else deleted it.
        InvalidComment: it is too late.
    """
    now = _held(viewer, comment)
    if now.deleted_at is None:
        return now
    if now.deleted_by_id != viewer.user_id:
        raise NotAllowed("comment.restore", "Only who deleted a comment may bring it back.")
    kept = now.revisions.order_by("-replaced_at", "-pk").first()
    if kept is None or not may_undo(viewer, now):
        minutes = int(UNDO_TIME.total_seconds() // 60)
        raise InvalidComment(
            f"A deleted comment can be brought back for {minutes} minutes; they have passed.", status=409
        )
    now.body, now.deleted_at, now.deleted_by = kept.body, None, None
    now.revision += 1
    now.save(update_fields=["body", "deleted_at", "deleted_by", "revision"])
    kept.delete()
    return now


def may_undo(viewer: Viewer, comment: Comment) -> bool:
    """Whether the viewer deleted this comment a moment ago."""
    return (
        comment.deleted_at is not None
        and viewer.is_signed_in
        and comment.deleted_by_id == viewer.user_id
        and timezone.now() - comment.deleted_at <= UNDO_TIME
    )


def checked_body(body: str) -> str:
    """The words of a comment as they are kept.

    Raises:
        InvalidComment: they say nothing, or too much.
    """
    words = clean_text(body)
    if says_nothing(words):
        raise InvalidComment("Write something first.", field="body")
    if len(words) > LONGEST_COMMENT:
        raise InvalidComment(
            f"Use at most {LONGEST_COMMENT:,} characters; these are {len(words):,}.", field="body"
        )
    return words


def _is_same(sent: Comment, model: RegisteredModel, parent: Comment | None, words: str) -> bool:
    """Whether a comment that came with the same key is the same comment, perhaps edited or deleted since."""
    if sent.model_id != model.pk or sent.parent_id != (parent.pk if parent else None):
        return False
    return sent.body == words or sent.revisions.filter(body=words).exists()


def _held(viewer: Viewer, comment: Comment) -> Comment:
    """The comment as it is now, it and its model held until the transaction ends. Two queries."""
    model = for_writing(viewer, "model.comment", RegisteredModel(pk=comment.model_id))
    now = Comment.objects.select_for_update().filter(pk=comment.pk, model=model).first()
    if now is None:
        raise NotVisible
    now.model = model
    return now


def _keep_words(comment: Comment) -> None:
    CommentRevision.objects.create(
        comment=comment, body=comment.body, written_at=comment.edited_at or comment.created_at
    )
