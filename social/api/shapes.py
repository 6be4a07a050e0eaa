"""What the social endpoints take and give, described for the OpenAPI document."""

from typing import Any

from rest_framework import serializers as s

from catalog.api.shapes import Person
from catalog.models import RegisteredModel
from core.api.inputs import BIGGEST, Body, Words
from core.api.shapes import Shape
from social.models import Bookmark, Comment, Notification
from social.selectors import RatingSummary, TagOnModel
from social.services.comments import LONGEST_COMMENT
from social.services.keeping import LONGEST_NOTE
from social.services.ratings import LONGEST_REVIEW

Plain = dict[str, Any]


class RatingBody(Body):
    stars = s.IntegerField(min_value=1, max_value=5)
    review = Words(required=False, allow_blank=True, max_length=LONGEST_REVIEW)


class CommentBody(Body):
    body = Words(max_length=LONGEST_COMMENT, help_text="Markdown")


class NewComment(CommentBody):
    parent = s.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, min_value=1, max_value=BIGGEST
    )
    version = Words(required=False, allow_null=True, max_length=128, help_text="Label of a version")


class TagBody(Body):
    name = Words(max_length=200)


class BookmarkBody(Body):
    note = Words(required=False, allow_blank=True, max_length=LONGEST_NOTE)


class Stars(Shape):
    stars = s.IntegerField()
    count = s.IntegerField()


class OwnRating(Shape):
    stars = s.IntegerField()
    review = s.CharField(allow_blank=True)


class Ratings(Shape):
    average = s.FloatField(allow_null=True)
    count = s.IntegerField()
    distribution = Stars(many=True)
    mine = OwnRating(allow_null=True)


class CommentShape(Shape):
    id = s.IntegerField()
    model = s.CharField()
    parent = s.IntegerField(allow_null=True)  # type: ignore[assignment]
    author = Person(allow_null=True)
    version = s.CharField(allow_null=True)
    body = s.CharField(allow_blank=True)
    is_deleted = s.BooleanField()
    revision = s.IntegerField()
    created_at = s.DateTimeField()
    edited_at = s.DateTimeField(allow_null=True)


class TagShape(Shape):
    slug = s.CharField()
    name = s.CharField()
    added_by = s.CharField(allow_null=True)
    added_at = s.DateTimeField()


class BookmarkState(Shape):
    bookmarked = s.BooleanField()
    note = s.CharField(allow_blank=True)


class FollowState(Shape):
    following = s.BooleanField()
    followers = s.IntegerField()


class ModelName(Shape):
    ref = s.CharField()
    name = s.CharField()
    url = s.CharField()


class BookmarkShape(Shape):
    model = ModelName()
    note = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()


class NotificationShape(Shape):
    id = s.IntegerField()
    kind = s.CharField()
    actor = Person(allow_null=True)
    model = ModelName()
    comment = s.IntegerField(allow_null=True)
    words = s.CharField(allow_blank=True, help_text="What an alert says")
    url = s.CharField(allow_blank=True, help_text="Where an alert is")
    count = s.IntegerField(help_text="How many of its kind it stands for")
    created_at = s.DateTimeField()
    read_at = s.DateTimeField(allow_null=True)


def rating_data(summary: RatingSummary) -> Plain:
    own = summary.own
    return {
        "average": summary.average,
        "count": summary.count,
        "distribution": [{"stars": row.stars, "count": row.count} for row in summary.distribution],
        "mine": {"stars": own.stars, "review": own.review} if own else None,
    }


def comment_data(rows: list[Comment], model: RegisteredModel | None = None) -> list[Plain]:
    """Comments as plain data; those of a deleted one are gone. No query."""
    return [
        {
            "id": row.pk,
            "model": (model or row.model).ref,
            "parent": row.parent_id,
            "author": {"username": row.author.username, "name": row.author.name} if row.author else None,
            "version": row.version.label if row.version else None,
            "body": "" if row.deleted_at else row.body,
            "is_deleted": row.deleted_at is not None,
            "revision": row.revision,
            "created_at": row.created_at,
            "edited_at": row.edited_at,
        }
        for row in rows
    ]


def tag_data(rows: tuple[TagOnModel, ...]) -> list[Plain]:
    return [
        {
            "slug": row.tag.slug,
            "name": row.tag.name,
            "added_by": row.added_by.username if row.added_by else None,
            "added_at": row.added_at,
        }
        for row in rows
    ]


def model_name(model: RegisteredModel) -> Plain:
    return {"ref": model.ref, "name": model.name, "url": model.get_absolute_url()}


def bookmark_data(rows: list[Bookmark]) -> list[Plain]:
    return [{"model": model_name(row.model), "note": row.note, "created_at": row.created_at} for row in rows]


def notification_data(rows: list[Notification]) -> list[Plain]:
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "actor": {"username": row.actor.username, "name": row.actor.name} if row.actor else None,
            "model": model_name(row.model),
            "comment": row.comment_id,
            "words": row.words,
            "url": row.url,
            "count": row.count,
            "created_at": row.created_at,
            "read_at": row.read_at,
        }
        for row in rows
    ]
