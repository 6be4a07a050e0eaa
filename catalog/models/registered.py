"""The registered model and its versions: what people search for, and each immutable iteration."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from access.viewer import Viewer
from core.addresses import address
from vocabulary.models.taxonomy import Source, Term

from .project import Project


def ref_of(project: str, model: str) -> str:
    """A model's short name from the slugs of project and model."""
    return f"{project}/{model}"


def urn_of(project: str, model: str) -> str:
    """A model's name for machines from the slugs of project and model."""
    return f"urn:vitrine:model:{project}:{model}"


class RegisteredModel(models.Model):
    """A model of the catalog. Its structural facts stand on its versions."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DEPRECATED = "deprecated", "Deprecated"
        ARCHIVED = "archived", "Archived"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    slug = models.SlugField(max_length=160)
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True, help_text="One plain sentence")
    description = models.TextField(blank=True, help_text="Markdown")
    purpose = models.TextField(blank=True)
    business_goal = models.TextField(blank=True)
    intended_use = models.TextField(blank=True)
    unintended_use = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    retires_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="models"
    )
    external_id = models.CharField(
        max_length=400, blank=True, help_text="source/namespace/model of the record it was read from"
    )
    observed_at = models.DateTimeField(null=True, blank=True, help_text="When the source was read")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each edit; the ETag")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="model_slug_unique_in_project"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="model_external_id_unique"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="model_has_a_name"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "deprecated", "archived"]), name="model_status_known"
            ),
            models.CheckConstraint(
                condition=Q(retires_on=None) | Q(starts_on=None) | Q(retires_on__gte=F("starts_on")),
                name="model_retires_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="model_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("catalog:model", self.project.slug, self.slug)

    @property
    def ref(self) -> str:
        """`project/model`, as URLs and the API write it."""
        return ref_of(self.project.slug, self.slug)

    @property
    def urn(self) -> str:
        return urn_of(self.project.slug, self.slug)

    @property
    def scope_id(self) -> int:
        return self.project_id

    @property
    def scope_visibility(self) -> str:
        return self.project.visibility

    def held_by(self, viewer: Viewer) -> bool:
        """Whether the viewer owns or stewards this model, in person or through a team. One query."""
        if viewer.user_id is None:
            return False
        return (
            self.ownerships.filter(kind__in=["owner", "steward"])
            .filter(Q(user_id=viewer.user_id) | Q(team_id__in=list(viewer.team_ids)))
            .exists()
        )


class ModelVersion(models.Model):
    """One immutable iteration of a registered model. Only stage and notes change."""

    class Stage(models.TextChoices):
        NONE = "", "No stage"
        DEVELOPMENT = "development", "Development"
        STAGING = "staging", "Staging"
        PRODUCTION = "production", "Production"
        ARCHIVED = "archived", "Archived"

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="versions")
    label = models.CharField(max_length=128, help_text="What people call it: 3, 2.1.0, a1_in1k")
    position = models.PositiveIntegerField(help_text="Order within the model, newest highest")
    stage = models.CharField(max_length=12, choices=Stage.choices, blank=True, default=Stage.NONE)
    name = models.CharField(max_length=200, blank=True, help_text="Its full name at the source")
    notes = models.TextField(blank=True, help_text="What changed; Markdown")
    description = models.TextField(blank=True)
    architecture = models.CharField(max_length=500, blank=True, help_text="As the source describes it")
    parameter_count = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    flops = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    size_bytes = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    hardware = models.CharField(max_length=300, blank=True)
    base_model = models.CharField(max_length=300, blank=True, help_text="What it was trained from, as stated")
    released_on = models.DateField(null=True, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="versions"
    )
    external_id = models.CharField(max_length=500, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "label"], name="version_label_unique_in_model"),
            models.UniqueConstraint(fields=["model", "position"], name="version_position_unique_in_model"),
            models.UniqueConstraint(fields=["id", "model"], name="version_of_model"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="version_external_id_unique"
            ),
            models.CheckConstraint(condition=~Q(label=""), name="version_has_a_label"),
            models.CheckConstraint(
                condition=Q(stage__in=["", "development", "staging", "production", "archived"]),
                name="version_stage_known",
            ),
            models.CheckConstraint(
                condition=Q(parameter_count__gte=0), name="version_parameters_not_negative"
            ),
            models.CheckConstraint(condition=Q(flops__gte=0), name="version_flops_not_negative"),
            models.CheckConstraint(condition=Q(size_bytes__gte=0), name="version_size_not_negative"),
        ]
        indexes = [
            models.Index(
                F("created_at").desc(), F("released_on").desc(nulls_last=True), name="version_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.label}"

    def get_absolute_url(self) -> str:
        return address("catalog:version", self.model.project.slug, self.model.slug, self.label)

    @property
    def ref(self) -> str:
        return f"{self.model.ref}@{self.label}"

    @property
    def urn(self) -> str:
        return f"{self.model.urn}@{self.label}"


class VersionAlias(models.Model):
    """A movable name for a version: `champion`."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="version_aliases")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="aliases")
    name = models.SlugField(max_length=60)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "version aliases"
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="alias_points_to_one_version")]

    def __str__(self) -> str:
        return f"{self.name} → {self.version_id}"


class Classification(models.Model):
    """A term on a model, or on one version of it, with the source's own words.

    Terms on the model as a whole (no version) were chosen by people; for their taxonomy they
    win over those of the versions.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="classifications")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="classifications"
    )
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="classifications")
    words = models.CharField(max_length=500, blank=True, help_text="How the source wrote it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version", "term"], nulls_distinct=False, name="classification_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id}: {self.term_id}"
