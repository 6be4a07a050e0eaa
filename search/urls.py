"""Addresses of the search pages."""

from django.urls import path

from search import board_views, views
from search.models import Job
from search.operations import views as operations

app_name = "search"

urlpatterns = [
    path("search", views.results, name="results"),
    path("search/suggest", views.suggestions, name="suggest"),
    path("search/plot", board_views.plot, name="plot"),
    path("boards", board_views.board, name="board"),
    path("boards/embed", board_views.board_embed, name="board_embed"),
    path("operations/search", operations.page, name="operations"),
    path("operations/search/runs/<int:job>", operations.run, name="operations_run"),
    *(
        path(f"operations/search/{kind}", operations.start, {"kind": kind}, name=f"operations_{kind}")
        for kind in Job.Kind.values
    ),
    path("operations/search/stop", operations.stop, name="operations_stop"),
    path("operations/search/retry", operations.retry, name="operations_retry"),
    path("operations/search/forget", operations.forget, name="operations_forget"),
]
