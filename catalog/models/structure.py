"""What a version is made of: parameters, packages, artifacts, signature, training data, links, papers."""

from django.db import models
from django.db.models import Q

from vocabulary.models import Dataset

from .registered import ModelVersion, RegisteredModel


class Parameter(models.Model):
    """A setting the version was trained or runs with. `value` is JSON: number, text, flag or list."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="parameters")
    name = models.CharField(max_length=200)
    value = models.JSONField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="parameter_once")]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class Package(models.Model):
    """A software package the version needs."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="packages")
    name = models.CharField(max_length=200)
    specifier = models.CharField(max_length=200, blank=True, help_text="==2.1.0, >=3")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="package_once")]

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}"


class Artifact(models.Model):
    """Where the weights or other files are. Vitrine never opens the address."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="artifacts")
    kind = models.SlugField(max_length=40, default="weights")
    uri = models.CharField(max_length=1000)
    format = models.CharField(max_length=80, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    digest = models.CharField(max_length=160, blank=True, help_text="sha256:…")

    class Meta:
        ordering = ["kind", "uri"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "uri"], name="artifact_once"),
            models.CheckConstraint(condition=~Q(uri=""), name="artifact_has_an_address"),
            models.CheckConstraint(condition=Q(size_bytes__gte=0), name="artifact_size_not_negative"),
        ]

    def __str__(self) -> str:
        return self.uri


class SignaturePort(models.Model):
    """One input or output of the version: name, type and shape (null for a free dimension)."""

    class Direction(models.TextChoices):
        INPUT = "input", "Input"
        OUTPUT = "output", "Output"

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="ports")
    direction = models.CharField(max_length=6, choices=Direction.choices)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=120, blank=True)
    shape = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["direction", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "direction", "position"], name="port_once"),
            models.CheckConstraint(
                condition=Q(direction__in=["input", "output"]), name="port_direction_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.direction} {self.position}"


class TrainingData(models.Model):
    """A data set the version was trained on, with the source's own words."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="training_data")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="training_uses")
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "dataset"], name="training_data_once")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.dataset_id}"


class Link(models.Model):
    """An address to read on: repository, card, configuration, log."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="links")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    kind = models.SlugField(max_length=40)
    url = models.CharField(max_length=1000, help_text="An address, or a path within the repository")
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["kind", "url"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version", "kind", "url"], nulls_distinct=False, name="link_once"
            ),
            models.CheckConstraint(condition=~Q(url=""), name="link_has_an_address"),
        ]

    def __str__(self) -> str:
        return self.title or self.url

    @property
    def is_web(self) -> bool:
        """Whether a reader can follow it; other addresses are shown as text."""
        return self.url.startswith(("https://", "http://"))


class Paper(models.Model):
    """A publication that describes models."""

    title = models.CharField(max_length=500)
    url = models.CharField(max_length=500, blank=True)
    versions = models.ManyToManyField(ModelVersion, related_name="papers", blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["title", "url"], name="paper_once")]

    def __str__(self) -> str:
        return self.title or self.url
