"""Ratings, comments, bookmarks, follows and notifications."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import ModelVersion, RegisteredModel

USER = settings.AUTH_USER_MODEL


class Rating(models.Model):
    """One person's stars for a model, with an optional review. Stays, nameless, when the account goes."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="ratings")
    author = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="ratings")
    stars = models.PositiveSmallIntegerField()
    review = models.TextField(blank=True, max_length=5000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["model", "author"], name="rating_once"),
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="rating_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars for {self.model_id}"


class Comment(models.Model):
    """A word in a model's discussion; `parent` makes threads. Deleting keeps the place, not the words.

    When an account is removed its words stay and the name is withdrawn (`author` becomes empty).
    The words of a deleted comment are its last revision, which moderators alone may read.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="comments")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    author = models.ForeignKey(
        USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    body = models.TextField(max_length=20000)
    request_key = models.UUIDField(null=True, blank=True, help_text="Of the form; a double submit lands once")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each edit; the ETag")
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(body="") | Q(deleted_at__isnull=False), name="comment_says_something"
            ),
            models.UniqueConstraint(fields=["author", "request_key"], name="comment_sent_once"),
            models.UniqueConstraint(fields=["id", "model"], name="comment_of_one_model"),
        ]
        indexes = [models.Index(fields=["model", "created_at"], name="comment_of_model")]

    def __str__(self) -> str:
        return self.body[:60]


class CommentRevision(models.Model):
    """What a comment said before an edit."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["replaced_at"]

    def __str__(self) -> str:
        return self.body[:60]


class Mention(models.Model):
    """A person named in a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]

    def __str__(self) -> str:
        return f"@{self.user_id} in {self.comment_id}"


class Bookmark(models.Model):
    """A model someone keeps for themselves."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="bookmarks")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="bookmarks")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["model", "user"], name="bookmark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} keeps {self.model_id}"


class Follow(models.Model):
    """A model someone wants news of."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["model", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.model_id}"


class Notification(models.Model):
    """News for one person: someone named them, answered them, a followed model moved, or an alert concerns them.

    News of an alert bring their own `words` and `url`. While unread, one row stands for all of a `group`, and counts.
    """

    class Kind(models.TextChoices):
        MENTION = "mention", "named you"
        REPLY = "reply", "answered you"
        COMMENT = "comment", "commented on a model you follow"
        VERSION = "version", "added a version of a model you follow"
        ALERT = "alert", "an alert"

    recipient = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    words = models.CharField(max_length=400, blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="Where the news is, when not at the model")
    group = models.CharField(
        max_length=60, blank=True, help_text="News of a kind, of which one stands unread"
    )
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["mention", "reply", "comment", "version", "alert"]),
                name="notification_kind_known",
            ),
            models.UniqueConstraint(fields=["recipient", "comment"], name="notification_once_for_comment"),
            models.UniqueConstraint(
                fields=["recipient", "group"],
                condition=Q(read_at=None) & ~Q(group=""),
                name="notification_one_unread_of_group",
            ),
        ]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notification_unread")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"
