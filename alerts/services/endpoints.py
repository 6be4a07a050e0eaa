"""Webhook endpoints: making, changing, rotating their secret; sending a test, and again what did not arrive."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from access.viewer import Viewer
from alerts.access import get_endpoint, require_manage
from alerts.delivery import messages
from alerts.delivery.signing import secret_of
from alerts.models import Delivery, Endpoint
from alerts.models.delivery import nonce
from catalog.models import Project
from core import safe_http
from core.errors import Conflict, EditConflict, Invalid, NotVisible
from core.validation import translate_db_errors, validate_row

FIELDS = ("name", "url", "is_enabled")
GRACE = timedelta(hours=24)
MOST_WAITING = 20  # tests of one endpoint at a time


@transaction.atomic
def make_endpoint(
    *, viewer: Viewer, name: str, url: str, project: Project | None = None, is_enabled: bool = True
) -> tuple[Endpoint, str]:
    """Make an endpoint; it comes with its secret, which is not shown again.

    Raises:
        NotVisible, NotAllowed: less than a steward of the project; for the inventory less than an administrator.
        Invalid: the address is none, or leads into a private network.
    """
    require_manage(viewer, project=project, team=None, model=None)
    made = _checked(
        Endpoint(
            name=name, url=url.strip(), project=project, is_enabled=is_enabled, created_by_id=viewer.user_id
        )
    )
    with translate_db_errors():
        made.save()
    return made, secret_of(made.nonce)


@transaction.atomic
def edit_endpoint(
    *, viewer: Viewer, endpoint: Endpoint, fields: Mapping[str, Any], expected: int | None = None
) -> Endpoint:
    """Change name, address, or whether it is told. Turned on again, it is tried at once.

    Raises:
        NotAllowed, Invalid: as in `make_endpoint`. EditConflict: someone changed it since the `expected` revision.
    """
    endpoint = _held(viewer, endpoint)
    if expected is not None and expected != endpoint.revision:
        raise EditConflict("The webhook was changed by someone else in the meantime.")
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid(f"A webhook has no field “{name}” to set.", field=name)
        setattr(endpoint, name, value.strip() if isinstance(value, str) else value)
    _checked(endpoint)
    endpoint.failures, endpoint.next_at = 0, None
    endpoint.revision += 1
    with translate_db_errors():
        endpoint.save(update_fields=[*FIELDS, "failures", "next_at", "revision"])
    return endpoint


@transaction.atomic
def rotate_secret(*, viewer: Viewer, endpoint: Endpoint) -> str:
    """A new secret, shown this once. For a day the old one signs beside it."""
    endpoint = _held(viewer, endpoint)
    endpoint.old_nonce, endpoint.old_until = endpoint.nonce, timezone.now() + GRACE
    endpoint.nonce = nonce()
    endpoint.revision += 1
    endpoint.save(update_fields=["old_nonce", "old_until", "nonce", "revision"])
    return secret_of(endpoint.nonce)


@transaction.atomic
def remove_endpoint(*, viewer: Viewer, endpoint: Endpoint) -> None:
    """Remove an endpoint with what waits for it."""
    _held(viewer, endpoint).delete()


@transaction.atomic
def send_test(*, viewer: Viewer, endpoint: Endpoint) -> Delivery:
    """Queue a test; it is sent within a second, and its attempts are shown.

    Raises:
        Conflict: the endpoint is turned off, or many tests wait already.
    """
    endpoint = _held(viewer, endpoint)
    if not endpoint.is_enabled:
        raise Conflict("The webhook is turned off. Turn it on first.")
    waiting = endpoint.deliveries.filter(state=Delivery.State.WAITING, event=None).count()
    if waiting >= MOST_WAITING:
        raise Conflict("Many tests wait for this webhook already.")
    made = Delivery.objects.create(
        endpoint=endpoint,
        message_id=messages.message_id(),
        type="alert.test",
        body=messages.trial_body(endpoint, timezone.now()),
    )
    Endpoint.objects.filter(pk=endpoint.pk).update(next_at=None)
    return made


@transaction.atomic
def send_again(*, viewer: Viewer, delivery_id: int) -> Delivery:
    """Queue a message again, under the same id, so that its receiver can tell.

    Raises:
        NotVisible: there is none of an endpoint that the viewer manages.
    """
    found = Delivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    if found is None:
        raise NotVisible
    endpoint = _held(viewer, found.endpoint)
    found.state, found.done_at, found.waiting_since = Delivery.State.WAITING, None, timezone.now()
    found.save(update_fields=["state", "done_at", "waiting_since"])
    Endpoint.objects.filter(pk=endpoint.pk).update(next_at=None)
    return found


def _held(viewer: Viewer, endpoint: Endpoint) -> Endpoint:
    """The endpoint as it is now, locked; the right to change it checked first."""
    found = get_endpoint(viewer, endpoint.pk)
    require_manage(viewer, project=found.project, team=None, model=None)
    held = Endpoint.objects.select_for_update(of=("self",), no_key=True).filter(pk=endpoint.pk).first()
    if held is None:
        raise NotVisible
    return held


def _checked(endpoint: Endpoint) -> Endpoint:
    try:
        safe_http.check_url(endpoint.url)
    except safe_http.Refused as refusal:
        raise Invalid(str(refusal), field="url") from None
    return validate_row(endpoint)
