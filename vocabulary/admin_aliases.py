"""Aliases in Django's administration: the folded form follows from the words, and a word means one thing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from vocabulary import models
from vocabulary.folding import fold


class AliasForm(forms.ModelForm):
    """Folds the words, and says so when they stand for something already."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("words"):
            return data
        term, taxonomy = data.get("term"), data.get("taxonomy")
        if term and taxonomy and term.taxonomy_id != taxonomy.pk:
            self.add_error("term", f"This term belongs to {term.taxonomy}.")
        self.instance.folded = fold(data["words"])
        if not self.instance.folded:
            self.add_error("words", "Write at least one letter or digit.")
        elif other := self._other(data):
            self.add_error("words", f"These words stand for {other} already.")
        return data

    def _other(self, data: dict[str, Any]) -> Any:
        """What the words stand for already, or nothing."""
        same = type(self.instance).objects.filter(folded=self.instance.folded).exclude(pk=self.instance.pk)
        if isinstance(self.instance, models.DatasetAlias):
            found = same.select_related("dataset").first()
            return found and (found.dataset or "nothing")
        if isinstance(self.instance, models.TermAlias):
            term = data.get("term")
            # Words may stand for several terms, but only once for each.
            found = same.filter(term=term, taxonomy=term.taxonomy if term else data.get("taxonomy"))
            return (term or "nothing") if found.exists() else None
        found = (
            same.filter(source=data.get("source"), unit=data.get("unit") or "")
            .select_related("metric")
            .first()
        )
        return found and (found.metric or found.parameter)


class AliasInline(admin.TabularInline):
    """Aliases beside what they stand for."""

    form = AliasForm
    extra = 0
    readonly_fields = ("folded",)


class TermAliasInline(AliasInline):
    model = models.TermAlias
    fields = ("words", "folded")


class MetricAliasInline(AliasInline):
    model = models.MetricAlias
    fields = ("words", "folded", "source", "unit", "factor", "split", "slice")
    autocomplete_fields = ("source",)


class DatasetAliasInline(AliasInline):
    model = models.DatasetAlias
    fields = ("words", "folded")


def in_its_taxonomy(row: Any) -> Any:
    """A term's alias belongs to the term's taxonomy."""
    if isinstance(row, models.TermAlias) and row.term is not None:
        row.taxonomy_id = row.term.taxonomy_id
    return row


class WithAliases:
    """For the page of something with aliases beside it."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            in_its_taxonomy(row).save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


class AliasPage:
    """For the page of one alias."""

    form = AliasForm
    readonly_fields = ("folded",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        in_its_taxonomy(obj).save()
