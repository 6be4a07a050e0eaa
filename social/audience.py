"""Who may see a model: the rule of `access.visibility`, asked from the other side."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.visibility import everyone_signed_in_sees
from accounts.models import Membership, User
from catalog.models import ProjectGrant, RegisteredModel


def audience(model: RegisteredModel) -> QuerySet[User]:
    """Active people for whom the model exists. For telling people news, never for showing a list."""
    people = User.objects.filter(is_active=True)
    project = model.project
    if everyone_signed_in_sees(project.visibility):
        return people
    grants = ProjectGrant.objects.filter(project_id=project.pk)
    team = Membership.objects.filter(user_id=OuterRef("pk")).filter(
        Q(team_id=project.team_id) | Q(team_id__in=grants.filter(team__isnull=False).values("team_id"))
    )
    return people.filter(
        Q(is_superuser=True) | Q(Exists(grants.filter(user_id=OuterRef("pk")))) | Q(Exists(team))
    )
