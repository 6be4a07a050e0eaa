"""Where alerts are sent, and what waits to be sent: an outbox for each way, in the transaction of the alert."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from catalog.models import Project

USER = settings.AUTH_USER_MODEL


def nonce() -> str:
    """What an endpoint's secret is derived from."""
    return secrets.token_hex(24)


class Endpoint(models.Model):
    """An address that is told by webhook; of a project, or of the whole inventory.

    Its secret is not kept: it is derived from the site's secret key and `nonce` (`alerts.delivery.signing`), so a copy
    of the database signs nothing. After a rotation the secret before it signs, too, until `old_until`.
    The queue is the endpoint's own: one delivery after another, `failures` in a row make the pause longer.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="webhook_endpoints"
    )
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=1000)
    is_enabled = models.BooleanField(default=True)
    nonce = models.CharField(max_length=48, default=nonce, editable=False)
    old_nonce = models.CharField(max_length=48, blank=True, editable=False)
    old_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="endpoint_has_a_name"),
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                name="endpoint_speaks_http",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("alerts:webhook", args=[self.pk])


class Delivery(models.Model):
    """One message for one endpoint, kept until it arrived or was given up. `body` is what is signed, byte for byte."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(
        "alerts.Event", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    message_id = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=20)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(db_default=Now())
    waiting_since = models.DateTimeField(db_default=Now(), help_text="Given up a day after this")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed"]), name="delivery_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], condition=Q(state="waiting"), name="delivery_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.endpoint_id}: {self.state}"


class Attempt(models.Model):
    """One try to deliver: what the receiver answered, or why it could not be asked."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.status or self.error)


class MailItem(models.Model):
    """News for one person's next mail."""

    recipient = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="alert_mail")
    event = models.ForeignKey("alerts.Event", on_delete=models.CASCADE, related_name="mail")
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "event"], name="mail_once")]
        indexes = [models.Index(fields=["recipient"], condition=Q(done_at=None), name="mail_waiting")]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.recipient_id}"


class Mailbox(models.Model):
    """When someone was last written to, and when they may be again."""

    recipient = models.OneToOneField(USER, on_delete=models.CASCADE, related_name="alert_mailbox")
    next_at = models.DateTimeField(db_default=Now())
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return f"{self.recipient_id} from {self.next_at}"
