"""Django's registration of the catalog app."""

from django.apps import AppConfig
from django.urls import register_converter


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.services.term_uses import move_terms
        from core.parameters import Word
        from vocabulary.services.taxonomies import TERM_USES

        register_converter(Word, "word")
        TERM_USES.append(move_terms)
