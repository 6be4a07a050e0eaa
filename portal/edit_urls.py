"""Addresses of the forms for those who may write. Included before `portal.catalog_urls`, whose `/p/…/…` would match."""

from django.urls import path

from catalog.views import (
    edit,
    edit_people,
    edit_project,
    edit_version,
)
from evaluations.views import edit_statistics
from ingestion.views import versions

app_name = "catalog_edit"

MODEL = "p/<slug:project>/<slug:model>"

urlpatterns = [
    path("models/new", edit.model_new, name="model_new"),
    path("projects/new", edit_project.project_new, name="project_new"),
    path("p/<slug:project>/edit", edit_project.project_edit, name="project"),
    path("p/<slug:project>/delete", edit_project.project_delete, name="project_delete"),
    path("p/<slug:project>/grants", edit_people.grants, name="grants"),
    path(f"{MODEL}/edit", edit.model_edit, name="model"),
    path(f"{MODEL}/edit/field", edit.model_field, name="model_field"),
    path(f"{MODEL}/edit/terms", edit.model_terms, name="terms"),
    path(f"{MODEL}/edit/attributes", edit.model_attributes, name="attributes"),
    path(f"{MODEL}/delete", edit.model_delete, name="model_delete"),
    path(f"{MODEL}/owners", edit_people.owners, name="owners"),
    path(f"{MODEL}/versions/new", versions.version_new, name="version_new"),
    path(f"{MODEL}/v/<word:label>/edit", edit_version.version_edit, name="version"),
    path(
        f"{MODEL}/v/<word:label>/edit/statistics",
        edit_statistics.version_statistics_edit,
        name="statistics",
    ),
]
