"""Addresses of the inventory's API, below /api/v1/."""

from django.urls import path

from catalog.api import (
    index,
    projects,
    registered,
    versions,
)
from evaluations.api import compare, evaluations, statistics, vocabulary
from ingestion.api import versions as version_list

app_name = "catalog_api"

MODEL = "models/<slug:project>/<slug:model>"
VERSION = f"{MODEL}/versions/<str:label>"

urlpatterns = [
    path("", index.Index.as_view(), name="index"),
    path("projects", projects.ProjectList.as_view(), name="projects"),
    path("projects/<slug:project>", projects.ProjectDetail.as_view(), name="project"),
    path("projects/<slug:project>/grants", projects.Grants.as_view(), name="grants"),
    path("projects/<slug:project>/models", registered.ProjectModels.as_view(), name="project_models"),
    path("models", registered.ModelList.as_view(), name="models"),
    path(MODEL, registered.ModelDetail.as_view(), name="model"),
    path(f"{MODEL}/owners", registered.Owners.as_view(), name="owners"),
    path(f"{MODEL}/owners/<int:owner>", registered.Owner.as_view(), name="owner"),
    path(f"{MODEL}/attributes", registered.Attributes.as_view(), name="attributes"),
    path(f"{MODEL}/attributes/<slug:attribute>", registered.Attribute.as_view(), name="attribute"),
    path(f"{MODEL}/classifications", registered.Classifications.as_view(), name="classifications"),
    path(
        f"{MODEL}/classifications/<slug:taxonomy>",
        registered.ClassificationsOf.as_view(),
        name="classifications_of",
    ),
    path(f"{MODEL}/activity", registered.Activities.as_view(), name="activity"),
    path(f"{MODEL}/aliases/<str:name>", versions.Alias.as_view(), name="alias"),
    path(f"{MODEL}/versions", version_list.VersionList.as_view(), name="versions"),
    path(VERSION, versions.VersionDetail.as_view(), name="version"),
    path(f"{VERSION}/stage", versions.Stage.as_view(), name="stage"),
    path(f"{VERSION}/evaluations", evaluations.Evaluations.as_view(), name="evaluations"),
    path(f"{VERSION}/statistics", statistics.Statistics.as_view(), name="statistics"),
    path(f"{VERSION}/statistics/<int:statistic>", statistics.Statistic.as_view(), name="statistic"),
    path(f"{VERSION}/statistics/drift", statistics.Drift.as_view(), name="drift"),
    path(f"{VERSION}/statistics/series", statistics.SeriesList.as_view(), name="series"),
    path(f"{VERSION}/statistics/series/points", statistics.SeriesPoints.as_view(), name="series_points"),
    path("compare", compare.Compare.as_view(), name="compare"),
    path("taxonomies", vocabulary.TaxonomyList.as_view(), name="taxonomies"),
    path("taxonomies/<slug:taxonomy>/terms", vocabulary.TermList.as_view(), name="terms"),
    path("taxonomies/<slug:taxonomy>/terms/<str:term>", vocabulary.TermDetail.as_view(), name="term"),
    path("taxonomies/<slug:taxonomy>/terms/<str:term>/merge", vocabulary.TermMerge.as_view(), name="merge"),
    path("metrics", vocabulary.MetricList.as_view(), name="metrics"),
    path("datasets", vocabulary.DatasetList.as_view(), name="datasets"),
    path("tags", vocabulary.TagList.as_view(), name="tags"),
    path("sources", vocabulary.SourceList.as_view(), name="sources"),
    path("attribute-definitions", vocabulary.AttributeDefinitionList.as_view(), name="attribute_definitions"),
]
