"""Who is looking, and which projects and models exist for them."""

from django.db.models import QuerySet

from access.viewer import Role, Viewer
from catalog.models import Project, RegisteredModel
from core.errors import NotVisible


def visible_projects(viewer: Viewer) -> QuerySet[Project]:
    """Projects that exist for the viewer."""
    return Project.objects.filter(viewer.scopes.as_q())


def visible_models(viewer: Viewer) -> QuerySet[RegisteredModel]:
    """Models that exist for the viewer, with their project at hand."""
    return RegisteredModel.objects.filter(viewer.scopes.as_q("project__")).select_related("project")


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


def can_read_sensitive(viewer: Viewer, model: RegisteredModel) -> bool:
    """Whether the viewer reads the model's sensitive attributes: contributors of its project and holders of the model
    do, in whatever way they come; a token that may only read is no reason to hide what its owner may read.

    At most one query, for viewers without a role.
    """
    if not viewer.is_signed_in or not viewer.sees(model.scope_id, model.scope_visibility):
        return False
    role = viewer.role_in(model.scope_id)
    return (role is not None and role >= Role.CONTRIBUTOR) or model.held_by(viewer)
