"""Django's registration of the social app."""

from importlib import import_module

from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "social"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("social.signals")
