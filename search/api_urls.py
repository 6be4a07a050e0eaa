"""Addresses of search's API, below /api/v1/."""

from django.urls import path

from search.operations import api as operations
from search.similar.api import SimilarView
from search.web.api import SearchView, SuggestView

app_name = "search_api"

urlpatterns = [
    path("search", SearchView.as_view(), name="search"),
    path("suggest", SuggestView.as_view(), name="suggest"),
    path("models/<slug:project>/<slug:model>/similar", SimilarView.as_view(), name="similar"),
    path("operations/search", operations.OperationsView.as_view(), name="operations"),
    path("operations/search/jobs/<int:job>", operations.JobView.as_view(), name="operations_job"),
    path("operations/search/check", operations.CheckView.as_view(), name="operations_check"),
    path("operations/search/repair", operations.RepairView.as_view(), name="operations_repair"),
    path("operations/search/rebuild", operations.RebuildView.as_view(), name="operations_rebuild"),
    path("operations/search/retry", operations.RetryView.as_view(), name="operations_retry"),
]
