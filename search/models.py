"""What search keeps in Postgres: changes to carry, documents as carried, and what could not be carried.

Nothing here is truth: every row can be made again from the catalog (`manage.py search rebuild`).
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now


class Outbox(models.Model):
    """A model whose document may have changed. Written by triggers only, and never updated by them.

    An empty `model_id` means every model. A claimed row has a lease, and the number its document will carry.
    """

    model_id = models.BigIntegerField(null=True)
    enqueued_at = models.DateTimeField(db_default=Now())
    claim = models.BigIntegerField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "outbox"
        # Claiming takes every row of a model at once, so that a model changed often is built once.
        indexes = [models.Index(fields=["model_id"], name="outbox_of_model")]

    def __str__(self) -> str:
        return f"{self.model_id or 'every model'}"


class SearchDocument(models.Model):
    """The document of one model, and the columns the Postgres back end searches by.

    A deleted model keeps a row without words for a while, so that a late write cannot bring it back.
    """

    model_id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField(help_text="Number of the claim it was built under; never goes back")
    is_deleted = models.BooleanField(default=False)
    checksum = models.CharField(max_length=64, blank=True)
    built_at = models.DateTimeField(db_default=Now())
    body = models.JSONField(default=dict)

    visibility = models.CharField(max_length=12, blank=True)
    project_id = models.BigIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    name_length = models.FloatField(default=0)
    facets = ArrayField(models.CharField(max_length=400), default=list)
    own = ArrayField(
        models.CharField(max_length=400), default=list, help_text="Terms without those above them"
    )
    grams = ArrayField(models.CharField(max_length=3), default=list)
    words = SearchVectorField(null=True)
    parameters = models.FloatField(null=True)
    flops = models.FloatField(null=True)
    size = models.FloatField(null=True)
    released_on = models.DateField(null=True)
    rating = models.FloatField(null=True)
    followers = models.IntegerField(default=0)
    popularity = models.FloatField(default=0)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="document_words"),
            GinIndex(
                models.Func("words", models.Value("{a}"), function="ts_filter"), name="document_name_words"
            ),
            GinIndex(fields=["facets"], name="document_facets"),
            GinIndex(fields=["grams"], name="document_grams"),
            models.Index(fields=["project_id"], name="document_project"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.model_id} (deleted)"


class EngineQueue(models.Model):
    """A document the search engine does not have yet: at most one row for each model.

    Kept apart from the outbox, so that the Postgres documents never wait for an engine that is away.
    """

    model_id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField()
    enqueued_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "engine queue"
        indexes = [models.Index(fields=["enqueued_at"], name="engine_queue_oldest")]

    def __str__(self) -> str:
        return f"{self.model_id} at {self.version}"


class EngineIndex(models.Model):
    """An index of the search engine that writes go to: the live one, and one being built beside it."""

    class State(models.TextChoices):
        BUILDING = "building", "Being built"
        LIVE = "live", "Live"
        RETIRED = "retired", "Kept for roll-back"

    name = models.CharField(max_length=120, primary_key=True)
    state = models.CharField(max_length=8, choices=State.choices)
    mapping_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "engine indexes"
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="live"),
                name="engine_has_one_live_index",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class DeadLetter(models.Model):
    """A document that could not be built or was refused, and why. A later success removes it."""

    class Stage(models.TextChoices):
        BUILD = "build", "Building the document"
        ENGINE = "engine", "Writing it to the search engine"

    model_id = models.BigIntegerField()
    stage = models.CharField(max_length=6, choices=Stage.choices)
    reason = models.TextField()
    version = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=1)
    failed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-failed_at"]
        constraints = [
            models.UniqueConstraint(fields=["model_id", "stage"], name="dead_letter_once_for_stage")
        ]

    def __str__(self) -> str:
        return f"{self.model_id}: {self.reason[:80]}"


class Job(models.Model):
    """One run of a check, a repair or a rebuild: who began it, how far it is, and what came of it.

    At most one is open. Whoever has it in hand renews `alive_until`; once that moment has passed, nobody has.
    """

    class Kind(models.TextChoices):
        CHECK = "check", "Check"
        REPAIR = "repair", "Repair"
        REBUILD = "rebuild", "Rebuild"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"
        LOST = "lost", "Lost"

    OPEN = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Empty for the command line",
    )
    asked_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    alive_until = models.DateTimeField()
    step = models.CharField(max_length=60, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(default=0)
    differences = models.PositiveBigIntegerField(null=True, help_text="Left when a check or repair ended")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(state__in=["waiting", "running"]),
                name="search_job_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk} ({self.state})"


class Tally(models.Model):
    """How often something was done since the beginning, whichever process did it. For Prometheus."""

    name = models.CharField(max_length=40, primary_key=True)
    total = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"
