"""Addresses of the search pages."""

from django.urls import path

from search.models import Job
from search.operations import views as operations
from search.web import boards, views

app_name = "search"

urlpatterns = [
    path("search", views.results, name="results"),
    path("search/suggest", views.suggestions, name="suggest"),
    path("search/plot", boards.plot, name="plot"),
    path("boards", boards.board, name="board"),
    path("boards/embed", boards.board_embed, name="board_embed"),
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
