"""Administration of what was measured."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import PlainAdmin, ReadOnlyAdmin
from evaluations import models


@admin.register(models.Evaluation)
class EvaluationAdmin(PlainAdmin):
    list_display = ("version", "dataset", "split", "slice", "evaluated_at", "source")
    list_filter = ("source", "split_is_assumed")
    list_select_related = ("version__model", "dataset", "source")
    search_fields = ("version__model__name", "dataset__name", "split", "slice")
    raw_id_fields = ("version",)
    autocomplete_fields = ("dataset", "source")


@admin.register(models.MetricValue)
class MetricValueAdmin(PlainAdmin):
    list_display = ("evaluation_id", "metric", "value", "words", "raw_value", "raw_unit")
    list_select_related = ("metric",)
    search_fields = ("metric__name", "words", "evaluation__version__model__name")
    raw_id_fields = ("evaluation",)
    autocomplete_fields = ("metric",)


@admin.register(models.Statistic)
class StatisticAdmin(ReadOnlyAdmin):
    """Without bodies: one may hold a million numbers, which the site's own page draws."""

    list_display = ("kind", "name", "evaluation", "size", "value", "created_at")
    list_filter = ("kind",)
    list_select_related = ("evaluation",)
    search_fields = ("name", "evaluation__version__model__name", "evaluation__dataset__name")
    exclude: ClassVar[Any] = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Statistic]:
        return super().get_queryset(request).defer("body")


@admin.register(models.DriftPoint)
class DriftPointAdmin(ReadOnlyAdmin):
    list_display = ("feature", "measure", "at", "value", "version")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "feature")


@admin.register(models.Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("name", "version")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "name")


@admin.register(models.SeriesPoint)
class SeriesPointAdmin(ReadOnlyAdmin):
    list_display = ("series", "step", "value")
    list_select_related = ("series",)
    search_fields = ("series__version__model__name", "series__name")
