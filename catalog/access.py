"""Who is looking, and which projects and models exist for them."""

from django.db.models import QuerySet

from access.viewer import Viewer
from access.visibility import sees_project
from catalog.models import Project, RegisteredModel
from core.errors import NotVisible


def visible_projects(viewer: Viewer) -> QuerySet[Project]:
    """Projects that exist for the viewer."""
    return Project.objects.filter(sees_project(viewer))


def visible_models(viewer: Viewer) -> QuerySet[RegisteredModel]:
    """Models that exist for the viewer, with their project at hand."""
    return RegisteredModel.objects.filter(sees_project(viewer, "project__")).select_related("project")


def get_project(viewer: Viewer, slug: str) -> Project:
    """The project of that slug. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    project = visible_projects(viewer).select_related("team", "source", "domain").filter(slug=slug).first()
    if project is None:
        raise NotVisible
    return project


def get_model(viewer: Viewer, project: str, model: str) -> RegisteredModel:
    """The model by its two slugs. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    found = visible_models(viewer).select_related("source").filter(project__slug=project, slug=model).first()
    if found is None:
        raise NotVisible
    return found
