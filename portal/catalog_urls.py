"""Addresses of the inventory's pages, under the names `catalog:…` that the tables link to."""

from django.urls import path

from evaluations.views import compare, statistics
from portal.views import home, pages

app_name = "catalog"

urlpatterns = [
    path("p/", pages.project_list, name="projects"),
    path("p/<slug:project>", home.project, name="project"),
    path("p/<slug:project>/<slug:model>", home.model, name="model"),
    path("p/<slug:project>/<slug:model>/versions", pages.model_versions, name="versions"),
    path("p/<slug:project>/<slug:model>/evaluations", pages.model_evaluations, name="evaluations"),
    path("p/<slug:project>/<slug:model>/history", pages.model_history, name="history"),
    path("p/<slug:project>/<slug:model>/progress", pages.model_progress, name="progress"),
    path("p/<slug:project>/<slug:model>/dossier", pages.model_dossier, name="dossier"),
    path("p/<slug:project>/<slug:model>/card.md", pages.model_card, name="card"),
    path("p/<slug:project>/<slug:model>/v/<word:label>", pages.version_detail, name="version"),
    path(
        "p/<slug:project>/<slug:model>/v/<word:label>/statistics",
        statistics.version_statistics,
        name="statistics",
    ),
    path("compare", compare.comparison, name="compare"),
    path("compare/statistics", statistics.compared_statistics, name="compare_statistics"),
    path("tags/<word:slug>", home.tag, name="tag"),
    path("terms/<slug:taxonomy>/<word:slug>", home.term, name="term"),
]
