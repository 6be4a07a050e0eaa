"""Django's registration of the search app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save

WORDS = (
    "vocabulary.Taxonomy",
    "vocabulary.Term",
    "vocabulary.TermAlias",
    "vocabulary.Dataset",
    "vocabulary.DatasetAlias",
    "vocabulary.Metric",
    "vocabulary.MetricAlias",
    "catalog.AttributeDefinition",
)


class SearchConfig(AppConfig):
    name = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """See to it that a process which changes the vocabulary reads it anew; others do so after some seconds."""
        from search.query import lexicon

        def forget(**_: Any) -> None:
            lexicon.forget()

        for name in WORDS:
            for signal in (post_save, post_delete):
                signal.connect(forget, sender=name, weak=False, dispatch_uid=f"lexicon-{name}")
