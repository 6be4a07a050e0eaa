"""Bases of the pages of administration."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class PlainAdmin(admin.ModelAdmin):
    """Base: pages of fixed size, no count of the whole table for a filtered list."""

    list_per_page = 50
    show_full_result_count = False


class ReadOnlyAdmin(PlainAdmin):
    """What is written by the portal only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
