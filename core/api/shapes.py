"""What every answer of the API shares: its base, and problem documents."""

from typing import Any

from rest_framework import serializers as s


class Shape(s.Serializer[Any]):
    """Describes an answer; never reads a request."""


class ProblemError(Shape):
    field = s.CharField(help_text="The place, such as `packages[2].name`")
    message = s.CharField()


class Problem(Shape):
    """RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
    instance = s.CharField()
    request_id = s.CharField(required=False)
    errors = ProblemError(many=True, required=False)
