"""Administration of the vocabulary."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.admin import PlainAdmin
from vocabulary import models
from vocabulary.admin_aliases import (
    AliasPage,
    DatasetAliasInline,
    MetricAliasInline,
    TermAliasInline,
    WithAliases,
)


@admin.register(models.Source)
class SourceAdmin(PlainAdmin):
    list_display = ("name", "slug", "revision", "license", "url")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


@admin.register(models.Taxonomy)
class TaxonomyAdmin(PlainAdmin):
    list_display = ("name", "slug", "is_facet", "allows_many", "position", "term_count")
    list_editable = ("position",)
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Taxonomy]:
        return super().get_queryset(request).annotate(terms_counted=Count("terms"))

    @admin.display(description="terms", ordering="terms_counted")
    def term_count(self, row: Any) -> int:
        return int(row.terms_counted)


@admin.register(models.Term)
class TermAdmin(WithAliases, PlainAdmin):
    list_display = ("name", "slug", "taxonomy", "parent")
    list_filter = ("taxonomy",)
    list_select_related = ("taxonomy", "parent")
    search_fields = ("name", "slug", "aliases__words")
    autocomplete_fields = ("taxonomy", "parent")
    inlines = (TermAliasInline,)


@admin.register(models.TermAlias)
class TermAliasAdmin(AliasPage, PlainAdmin):
    list_display = ("words", "term", "taxonomy")
    list_filter = ("taxonomy",)
    list_select_related = ("term", "taxonomy")
    search_fields = ("words", "folded", "term__name")
    autocomplete_fields = ("taxonomy", "term")


@admin.register(models.Metric)
class MetricAdmin(WithAliases, PlainAdmin):
    list_display = ("name", "slug", "unit", "direction", "minimum", "maximum", "group", "importance")
    list_filter = ("direction", "group")
    search_fields = ("name", "slug", "aliases__words")
    inlines = (MetricAliasInline,)


@admin.register(models.MetricAlias)
class MetricAliasAdmin(AliasPage, PlainAdmin):
    list_display = ("words", "metric", "source", "unit", "factor", "split", "slice", "parameter")
    list_filter = ("source",)
    list_select_related = ("metric", "source")
    search_fields = ("words", "folded", "metric__name", "parameter")
    autocomplete_fields = ("metric", "source")


@admin.register(models.Dataset)
class DatasetAdmin(WithAliases, PlainAdmin):
    list_display = ("name", "slug", "default_split", "url")
    search_fields = ("name", "slug", "aliases__words")
    inlines = (DatasetAliasInline,)


@admin.register(models.DatasetAlias)
class DatasetAliasAdmin(AliasPage, PlainAdmin):
    list_display = ("words", "dataset")
    list_select_related = ("dataset",)
    search_fields = ("words", "folded", "dataset__name")
    autocomplete_fields = ("dataset",)
