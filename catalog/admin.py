"""Django's administration of the inventory. Big tables are reached by search, and refer to others by number."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from catalog import models
from core.admin import PlainAdmin, ReadOnlyAdmin


class GrantInline(admin.TabularInline):
    model = models.ProjectGrant
    extra = 0
    autocomplete_fields: ClassVar[Any] = ["user", "team"]


class OwnershipInline(admin.TabularInline):
    model = models.Ownership
    extra = 0
    autocomplete_fields: ClassVar[Any] = ["user", "team"]


@admin.register(models.Project)
class ProjectAdmin(PlainAdmin):
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
class ProjectGrantAdmin(PlainAdmin):
    list_display = ("project", "user", "team", "role")
    list_filter = ("role",)
    list_select_related = ("project", "user", "team")
    search_fields = ("project__name", "project__slug", "user__username", "team__name")
    autocomplete_fields = ("project", "user", "team")


@admin.register(models.RegisteredModel)
class RegisteredModelAdmin(PlainAdmin):
    list_display = ("name", "project", "status", "source", "updated_at")
    list_filter = ("status", "source")
    list_select_related = ("project", "source")
    search_fields = ("name", "slug", "external_id", "project__slug")
    autocomplete_fields = ("project", "source")
    readonly_fields = ("revision", "created_at", "updated_at")
    date_hierarchy = "created_at"
    inlines = (OwnershipInline,)


@admin.register(models.ModelVersion)
class ModelVersionAdmin(PlainAdmin):
    list_display = ("label", "model", "stage", "position", "parameter_count", "updated_at")
    list_filter = ("stage", "source")
    list_select_related = ("model",)
    search_fields = ("label", "name", "model__name", "model__slug", "external_id")
    autocomplete_fields = ("model", "source")
    readonly_fields = ("created_at", "updated_at")


@admin.register(models.VersionAlias)
class VersionAliasAdmin(PlainAdmin):
    list_display = ("name", "model", "version", "updated_at")
    list_select_related = ("model", "version__model")
    search_fields = ("name", "model__name", "model__slug")
    raw_id_fields = ("model", "version")


@admin.register(models.Classification)
class ClassificationAdmin(PlainAdmin):
    list_display = ("model", "version", "term", "words")
    list_filter = ("term__taxonomy",)
    list_select_related = ("model", "version__model", "term")
    search_fields = ("model__name", "term__name", "words")
    raw_id_fields = ("model", "version")
    autocomplete_fields = ("term",)


class OfVersion(PlainAdmin):
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
class LinkAdmin(PlainAdmin):
    list_display = ("url", "kind", "title", "model")
    list_filter = ("kind",)
    list_select_related = ("model",)
    search_fields = ("url", "title", "model__name")
    raw_id_fields = ("model", "version")


@admin.register(models.Paper)
class PaperAdmin(PlainAdmin):
    list_display = ("title", "url")
    search_fields = ("title", "url")
    raw_id_fields = ("versions",)


@admin.register(models.AttributeDefinition)
class AttributeDefinitionAdmin(PlainAdmin):
    list_display = ("name", "slug", "type", "unit", "is_required", "is_sensitive", "is_facet", "position")
    list_filter = ("type", "is_sensitive", "is_facet")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # The values lie in the column of the type: a definition keeps it once it is there.
        return ("type",) if obj is not None else ()


@admin.register(models.AttributeValue)
class AttributeValueAdmin(ReadOnlyAdmin):
    list_display = ("definition", "model", "version", "shown")
    list_filter = ("definition",)
    list_select_related = ("definition", "model", "version__model", "user")
    search_fields = ("definition__name", "model__name", "text")

    @admin.display(description="value")
    def shown(self, row: Any) -> str:
        return str(row.value)


@admin.register(models.Tag)
class TagAdmin(PlainAdmin):
    list_display = ("name", "slug", "model_count")
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Tag]:
        return super().get_queryset(request).annotate(models_counted=Count("model_tags"))

    @admin.display(description="models", ordering="models_counted")
    def model_count(self, row: Any) -> int:
        return int(row.models_counted)


@admin.register(models.ModelTag)
class ModelTagAdmin(PlainAdmin):
    list_display = ("tag", "model", "added_by", "created_at")
    list_select_related = ("tag", "model", "added_by")
    search_fields = ("tag__name", "model__name")
    raw_id_fields = ("model", "added_by")
    autocomplete_fields = ("tag",)


@admin.register(models.Ownership)
class OwnershipAdmin(PlainAdmin):
    list_display = ("model", "kind", "user", "team")
    list_filter = ("kind",)
    list_select_related = ("model", "user", "team")
    search_fields = ("model__name", "user__username", "team__name")
    raw_id_fields = ("model",)
    autocomplete_fields = ("user", "team")


@admin.register(models.Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "model", "project")
    list_filter = ("verb",)
    list_select_related = ("actor", "model", "project")
    search_fields = ("verb", "model__name", "project__name", "actor__username")


@admin.register(models.FactOrigin)
class FactOriginAdmin(ReadOnlyAdmin):
    list_display = ("field", "model", "version", "user", "source", "observed_at")
    list_select_related = ("model", "version__model", "user", "source")
    search_fields = ("field", "model__name", "words")
