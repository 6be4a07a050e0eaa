"""Fields and the base of the bodies that the API takes."""

import math
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

BIGGEST = 2**63 - 1


class Body(serializers.Serializer[Any]):
    """A body in which every name must be known, so that a misspelt one is not lost silently."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(sorted(name for name, field in self.fields.items() if not field.read_only))
                raise serializers.ValidationError(
                    {name[:80]: [f"There is no such field here. Known: {known}."] for name in unknown}
                )
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text, and nothing that merely can be written as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Write text here.")
        return super().to_internal_value(data)


class Named(serializers.SlugRelatedField[Any]):
    """A row named by its slug or username."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise serializers.ValidationError("Write a name here.")
        return super().to_internal_value(data)


class Measure(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("Write a number.")
        if not math.isfinite(data):
            raise serializers.ValidationError("Write a finite number.")
        return float(data)


def optional(most: int, **more: Any) -> Words:
    return Words(required=False, allow_blank=True, max_length=most, **more)


def whole() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=BIGGEST)


def day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)
