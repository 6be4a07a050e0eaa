"""Addresses of search's API, below /api/v1/."""

from django.urls import path

from search.api import SearchView, SuggestView

app_name = "search_api"

urlpatterns = [
    path("search", SearchView.as_view(), name="search"),
    path("suggest", SuggestView.as_view(), name="suggest"),
]
