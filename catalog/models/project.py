"""Projects, and the roles people and teams hold in them."""

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from access.visibility import Visibility
from accounts.models import Team
from core.addresses import address
from vocabulary.models.taxonomy import Source, Term


class Project(models.Model):
    """A group of models with a purpose, a visibility and an owning team."""

    class VisibilityChoice(models.TextChoices):
        PUBLIC = Visibility.PUBLIC.value, "Public"
        INTERNAL = Visibility.INTERNAL.value, "Internal"
        RESTRICTED = Visibility.RESTRICTED.value, "Restricted"

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200, validators=[MinLengthValidator(1)])
    description = models.TextField(blank=True)
    purpose = models.TextField(blank=True)
    business_goal = models.TextField(blank=True)
    domain = models.ForeignKey(Term, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    region = models.CharField(max_length=80, blank=True)
    visibility = models.CharField(
        max_length=12, choices=VisibilityChoice.choices, default=VisibilityChoice.INTERNAL
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="projects")
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="projects"
    )
    namespace = models.CharField(max_length=200, blank=True, help_text="Its name at the source")
    url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=[v.value for v in Visibility]), name="project_visibility_known"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="project_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["source", "namespace"],
                condition=Q(source__isnull=False),
                name="project_once_for_source_namespace",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("catalog:project", self.slug)

    @property
    def scope_id(self) -> int:
        return self.pk

    @property
    def scope_visibility(self) -> str:
        return self.visibility

    def held_by(self, viewer: object) -> bool:
        """Nobody holds a project but through a role in it."""
        return False


class ProjectGrant(models.Model):
    """A role in a project, given to one person or one team."""

    class RoleChoice(models.IntegerChoices):
        VIEWER = 1, "Viewer"
        CONTRIBUTOR = 2, "Contributor"
        STEWARD = 3, "Steward"
        ADMINISTRATOR = 4, "Administrator"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    role = models.PositiveSmallIntegerField(choices=RoleChoice.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__range=(1, 4)), name="grant_role_known"),
            models.CheckConstraint(
                condition=Q(user__isnull=True, team__isnull=False) | Q(user__isnull=False, team__isnull=True),
                name="grant_to_a_person_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["project", "user"], condition=Q(user__isnull=False), name="grant_once_for_user"
            ),
            models.UniqueConstraint(
                fields=["project", "team"], condition=Q(team__isnull=False), name="grant_once_for_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team}: {self.get_role_display()} of {self.project}"
