"""Django's administration of the inventory. Big tables are reached by search, and refer to others by number."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from catalog import models
from catalog.admin_aliases import (
    AliasPage,
    DatasetAliasInline,
    MetricAliasInline,
    TermAliasInline,
    WithAliases,
)


class Plain(admin.ModelAdmin):
    """Base: pages of fixed size, no count of the whole table for a filtered list."""

    list_per_page = 50
    show_full_result_count = False


class ReadOnly(Plain):
    """What is written by the portal only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GrantInline(admin.TabularInline):
    model = models.ProjectGrant
    extra = 0
    autocomplete_fields: ClassVar[Any] = ["user", "team"]


class OwnershipInline(admin.TabularInline):
    model = models.Ownership
    extra = 0
    autocomplete_fields: ClassVar[Any] = ["user", "team"]


@admin.register(models.Source)
class SourceAdmin(Plain):
    list_display = ("name", "slug", "revision", "license", "url")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


@admin.register(models.Taxonomy)
class TaxonomyAdmin(Plain):
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
class TermAdmin(WithAliases, Plain):
    list_display = ("name", "slug", "taxonomy", "parent")
    list_filter = ("taxonomy",)
    list_select_related = ("taxonomy", "parent")
    search_fields = ("name", "slug", "aliases__words")
    autocomplete_fields = ("taxonomy", "parent")
    inlines = (TermAliasInline,)


@admin.register(models.TermAlias)
class TermAliasAdmin(AliasPage, Plain):
    list_display = ("words", "term", "taxonomy")
    list_filter = ("taxonomy",)
    list_select_related = ("term", "taxonomy")
    search_fields = ("words", "folded", "term__name")
    autocomplete_fields = ("taxonomy", "term")


@admin.register(models.Project)
class ProjectAdmin(Plain):
    list_display = ("name", "slug", "visibility", "team", "source", "model_count")
    list_filter = ("visibility", "source")
    list_select_related = ("team", "source")
    search_fields = ("name", "slug", "namespace")
    autocomplete_fields = ("team", "source", "domain")
    inlines = (GrantInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Project]:
        return super().get_queryset(request).annotate(models_counted=Count("models"))

    @admin.display(description="models", ordering="models_counted")
    def model_count(self, row: Any) -> int:
        return int(row.models_counted)


@admin.register(models.ProjectGrant)
class ProjectGrantAdmin(Plain):
    list_display = ("project", "user", "team", "role")
    list_filter = ("role",)
    list_select_related = ("project", "user", "team")
    search_fields = ("project__name", "project__slug", "user__username", "team__name")
    autocomplete_fields = ("project", "user", "team")


@admin.register(models.RegisteredModel)
class RegisteredModelAdmin(Plain):
    list_display = ("name", "project", "status", "source", "updated_at")
    list_filter = ("status", "source")
    list_select_related = ("project", "source")
    search_fields = ("name", "slug", "external_id", "project__slug")
    autocomplete_fields = ("project", "source")
    readonly_fields = ("revision", "created_at", "updated_at")
    date_hierarchy = "created_at"
    inlines = (OwnershipInline,)


@admin.register(models.ModelVersion)
class ModelVersionAdmin(Plain):
    list_display = ("label", "model", "stage", "position", "parameter_count", "updated_at")
    list_filter = ("stage", "source")
    list_select_related = ("model",)
    search_fields = ("label", "name", "model__name", "model__slug", "external_id")
    autocomplete_fields = ("model", "source")
    readonly_fields = ("created_at", "updated_at")


@admin.register(models.VersionAlias)
class VersionAliasAdmin(Plain):
    list_display = ("name", "model", "version", "updated_at")
    list_select_related = ("model", "version__model")
    search_fields = ("name", "model__name", "model__slug")
    raw_id_fields = ("model", "version")


@admin.register(models.Classification)
class ClassificationAdmin(Plain):
    list_display = ("model", "version", "term", "words")
    list_filter = ("term__taxonomy",)
    list_select_related = ("model", "version__model", "term")
    search_fields = ("model__name", "term__name", "words")
    raw_id_fields = ("model", "version")
    autocomplete_fields = ("term",)


@admin.register(models.Metric)
class MetricAdmin(WithAliases, Plain):
    list_display = ("name", "slug", "unit", "direction", "minimum", "maximum", "group", "importance")
    list_filter = ("direction", "group")
    search_fields = ("name", "slug", "aliases__words")
    inlines = (MetricAliasInline,)


@admin.register(models.MetricAlias)
class MetricAliasAdmin(AliasPage, Plain):
    list_display = ("words", "metric", "source", "unit", "factor", "split", "slice", "parameter")
    list_filter = ("source",)
    list_select_related = ("metric", "source")
    search_fields = ("words", "folded", "metric__name", "parameter")
    autocomplete_fields = ("metric", "source")


@admin.register(models.Dataset)
class DatasetAdmin(WithAliases, Plain):
    list_display = ("name", "slug", "default_split", "url")
    search_fields = ("name", "slug", "aliases__words")
    inlines = (DatasetAliasInline,)


@admin.register(models.DatasetAlias)
class DatasetAliasAdmin(AliasPage, Plain):
    list_display = ("words", "dataset")
    list_select_related = ("dataset",)
    search_fields = ("words", "folded", "dataset__name")
    autocomplete_fields = ("dataset",)


@admin.register(models.Evaluation)
class EvaluationAdmin(Plain):
    list_display = ("version", "dataset", "split", "slice", "evaluated_at", "source")
    list_filter = ("source", "split_is_assumed")
    list_select_related = ("version__model", "dataset", "source")
    search_fields = ("version__model__name", "dataset__name", "split", "slice")
    raw_id_fields = ("version",)
    autocomplete_fields = ("dataset", "source")


@admin.register(models.MetricValue)
class MetricValueAdmin(Plain):
    list_display = ("evaluation_id", "metric", "value", "words", "raw_value", "raw_unit")
    list_select_related = ("metric",)
    search_fields = ("metric__name", "words", "evaluation__version__model__name")
    raw_id_fields = ("evaluation",)
    autocomplete_fields = ("metric",)


@admin.register(models.Statistic)
class StatisticAdmin(ReadOnly):
    """Without bodies: one may hold a million numbers, which the site's own page draws."""

    list_display = ("kind", "name", "evaluation", "size", "value", "created_at")
    list_filter = ("kind",)
    list_select_related = ("evaluation",)
    search_fields = ("name", "evaluation__version__model__name", "evaluation__dataset__name")
    exclude: ClassVar[Any] = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Statistic]:
        return super().get_queryset(request).defer("body")


@admin.register(models.DriftPoint)
class DriftPointAdmin(ReadOnly):
    list_display = ("feature", "measure", "at", "value", "version")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "feature")


@admin.register(models.Series)
class SeriesAdmin(ReadOnly):
    list_display = ("name", "version")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "name")


@admin.register(models.SeriesPoint)
class SeriesPointAdmin(ReadOnly):
    list_display = ("series", "step", "value")
    list_select_related = ("series",)
    search_fields = ("series__version__model__name", "series__name")


class OfVersion(Plain):
    """Base of the rows that a version is made of."""

    list_select_related = ("version__model",)
    raw_id_fields: ClassVar[Any] = ("version",)


@admin.register(models.Parameter)
class ParameterAdmin(OfVersion):
    list_display = ("name", "value", "version")
    search_fields = ("name", "version__model__name")


@admin.register(models.Package)
class PackageAdmin(OfVersion):
    list_display = ("name", "specifier", "version")
    search_fields = ("name", "version__model__name")


@admin.register(models.Artifact)
class ArtifactAdmin(OfVersion):
    list_display = ("uri", "kind", "format", "size_bytes", "version")
    list_filter = ("kind",)
    search_fields = ("uri", "version__model__name")


@admin.register(models.SignaturePort)
class SignaturePortAdmin(OfVersion):
    list_display = ("name", "direction", "position", "type", "version")
    list_filter = ("direction",)
    search_fields = ("name", "version__model__name")


@admin.register(models.TrainingData)
class TrainingDataAdmin(OfVersion):
    list_display = ("dataset", "words", "version")
    list_select_related = ("version__model", "dataset")
    search_fields = ("dataset__name", "words", "version__model__name")
    autocomplete_fields = ("dataset",)


@admin.register(models.Link)
class LinkAdmin(Plain):
    list_display = ("url", "kind", "title", "model")
    list_filter = ("kind",)
    list_select_related = ("model",)
    search_fields = ("url", "title", "model__name")
    raw_id_fields = ("model", "version")


@admin.register(models.Paper)
class PaperAdmin(Plain):
    list_display = ("title", "url")
    search_fields = ("title", "url")
    raw_id_fields = ("versions",)


@admin.register(models.AttributeDefinition)
class AttributeDefinitionAdmin(Plain):
    list_display = ("name", "slug", "type", "unit", "is_required", "is_sensitive", "is_facet", "position")
    list_filter = ("type", "is_sensitive", "is_facet")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # The values lie in the column of the type: a definition keeps it once it is there.
        return ("type",) if obj is not None else ()


@admin.register(models.AttributeValue)
class AttributeValueAdmin(ReadOnly):
    list_display = ("definition", "model", "version", "shown")
    list_filter = ("definition",)
    list_select_related = ("definition", "model", "version__model", "user")
    search_fields = ("definition__name", "model__name", "text")

    @admin.display(description="value")
    def shown(self, row: Any) -> str:
        return str(row.value)


@admin.register(models.Tag)
class TagAdmin(Plain):
    list_display = ("name", "slug", "model_count")
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Tag]:
        return super().get_queryset(request).annotate(models_counted=Count("model_tags"))

    @admin.display(description="models", ordering="models_counted")
    def model_count(self, row: Any) -> int:
        return int(row.models_counted)


@admin.register(models.ModelTag)
class ModelTagAdmin(Plain):
    list_display = ("tag", "model", "added_by", "created_at")
    list_select_related = ("tag", "model", "added_by")
    search_fields = ("tag__name", "model__name")
    raw_id_fields = ("model", "added_by")
    autocomplete_fields = ("tag",)


@admin.register(models.Ownership)
class OwnershipAdmin(Plain):
    list_display = ("model", "kind", "user", "team")
    list_filter = ("kind",)
    list_select_related = ("model", "user", "team")
    search_fields = ("model__name", "user__username", "team__name")
    raw_id_fields = ("model",)
    autocomplete_fields = ("user", "team")


@admin.register(models.Activity)
class ActivityAdmin(ReadOnly):
    list_display = ("at", "actor", "verb", "model", "project")
    list_filter = ("verb",)
    list_select_related = ("actor", "model", "project")
    search_fields = ("verb", "model__name", "project__name", "actor__username")


@admin.register(models.FactOrigin)
class FactOriginAdmin(ReadOnly):
    list_display = ("field", "model", "version", "user", "source", "observed_at")
    list_select_related = ("model", "version__model", "user", "source")
    search_fields = ("field", "model__name", "words")
