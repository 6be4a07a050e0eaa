"""Django's registration of the catalog app."""

from django.apps import AppConfig
from django.urls import register_converter


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.views.parameters import Word

        register_converter(Word, "word")
