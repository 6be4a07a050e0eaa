"""The fields of forms and of the API that facts of versions make."""

from collections.abc import Callable
from typing import Any

from django import forms
from rest_framework import serializers

from catalog.facts.base import Kind, VersionFact, version_facts
from core.api.inputs import BIGGEST, day, optional, whole


def form_field(fact: VersionFact, calendar: Callable[[], forms.Widget]) -> forms.Field:
    """The field of the form for a new version."""
    shown: dict[str, Any] = {
        "required": False,
        "help_text": fact.help,
        "label": fact.form_label or fact.label,
    }
    if fact.kind.is_number:
        return forms.IntegerField(min_value=0, max_value=BIGGEST, **shown)
    if fact.kind is Kind.DATE:
        return forms.DateField(widget=calendar(), **shown)
    return forms.CharField(max_length=fact.longest, **shown)


def input_fields() -> dict[str, serializers.Field]:
    """What the API takes, by the names of the columns."""
    return {fact.column: _input(fact) for fact in version_facts()}


def _input(fact: VersionFact) -> Any:
    if fact.kind.is_number:
        return whole()
    return day() if fact.kind is Kind.DATE else optional(fact.longest)


def answer_fields(*, in_lists: bool) -> dict[str, serializers.Field]:
    """What the API answers: facts that stand in lists, or those that only one version shows."""
    return {fact.column: _answer(fact) for fact in version_facts() if fact.in_lists is in_lists}


def _answer(fact: VersionFact) -> Any:
    if fact.kind.is_number:
        return serializers.IntegerField(allow_null=True)
    if fact.kind is Kind.DATE:
        return serializers.DateField(allow_null=True)
    return serializers.CharField(allow_blank=True)
