"""What the organisation adds: attributes, tags, ownership; what happened; where an edited fact came from."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Team
from core.addresses import address
from vocabulary.models.taxonomy import Source

from .project import Project
from .registered import ModelVersion, RegisteredModel


class AttributeDefinition(models.Model):
    """A custom field of the organisation, with its type."""

    class Type(models.TextChoices):
        TEXT = "text", "Text"
        KEYWORD = "keyword", "Keyword"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        BOOLEAN = "boolean", "Yes or no"
        CHOICE = "choice", "Choice"
        URL = "url", "URL"
        USER = "user", "Person"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    type = models.CharField(max_length=10, choices=Type.choices)
    choices = models.JSONField(default=list, blank=True, help_text="For the type choice: a list of words")
    unit = models.CharField(max_length=40, blank=True)
    is_required = models.BooleanField(default=False)
    is_sensitive = models.BooleanField(default=False, help_text="Shown to contributors only; never indexed")
    is_facet = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["id", "type"], name="attribute_of_type"),
            models.CheckConstraint(
                condition=Q(
                    type__in=["text", "keyword", "number", "date", "boolean", "choice", "url", "user"]
                ),
                name="attribute_type_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """A custom field's value on a model or one version; exactly one column, that of its type."""

    definition = models.ForeignKey(AttributeDefinition, on_delete=models.CASCADE, related_name="values")
    type = models.CharField(max_length=10, editable=False)
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="attribute_values")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="attribute_values"
    )
    text = models.TextField(null=True, blank=True)  # noqa: DJ001 - null means another column holds the value
    number = models.FloatField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "model", "version"], nulls_distinct=False, name="attribute_value_once"
            ),
            models.CheckConstraint(
                condition=(
                    Q(type__in=["text", "keyword", "choice", "url"], text__isnull=False, number=None)
                    & Q(date=None, boolean=None, user=None)
                )
                | Q(type="number", number__isnull=False, text=None, date=None, boolean=None, user=None)
                | Q(type="date", date__isnull=False, text=None, number=None, boolean=None, user=None)
                | Q(type="boolean", boolean__isnull=False, text=None, number=None, date=None, user=None)
                | Q(type="user", user__isnull=False, text=None, number=None, date=None, boolean=None),
                name="attribute_value_has_its_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id}: {self.value}"

    @property
    def value(self) -> object:
        """The value in its own type."""
        column = {"number": "number", "date": "date", "boolean": "boolean", "user": "user"}.get(
            self.type, "text"
        )
        return getattr(self, column)


class Tag(models.Model):
    """A free word."""

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("catalog:tag", self.slug)


class ModelTag(models.Model):
    """A tag on a model: put there by a person, or read from a source (then `added_by` is empty)."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="model_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="model_tags")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "tag"], name="model_tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.model_id}"


class Ownership(models.Model):
    """Who answers for a model, and how: a person or a team."""

    class Kind(models.TextChoices):
        OWNER = "owner", "Owner"
        STEWARD = "steward", "Steward"
        CONTACT = "contact", "Contact"

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="ownerships")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="ownerships"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="ownerships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["owner", "steward", "contact"]), name="ownership_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, team__isnull=False) | Q(user__isnull=False, team__isnull=True),
                name="ownership_by_a_person_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["model", "kind", "user", "team"], nulls_distinct=False, name="ownership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.model_id}"


class Activity(models.Model):
    """Something a person did, in the words the feed shows."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    verb = models.SlugField(max_length=40)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="activities")
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, null=True, blank=True, related_name="activities"
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["model", "-at"], name="activity_of_model"),
            models.Index(fields=["project", "-at"], name="activity_of_project"),
            models.Index(fields=["-at"], name="activity_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.verb} {self.model_id}"


class FactOrigin(models.Model):
    """Where one field of a model or version comes from, when not from its row's own source.

    Fields without a row here come from the row's `source`, read at its `observed_at`.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="origins")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="origins"
    )
    field = models.CharField(max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    words = models.TextField(blank=True, help_text="What was said, before the vocabulary")
    observed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version", "field"], nulls_distinct=False, name="fact_origin_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.model_id}"
