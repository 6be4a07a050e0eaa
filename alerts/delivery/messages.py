"""What a webhook says: one JSON object, documented in docs/users.md."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from alerts.models import Endpoint, Event
from alerts.quantities import QUANTITIES


def message_id() -> str:
    """Names a message, and stays the same however often it is sent."""
    return f"msg_{uuid.uuid4().hex}"


def address(path: str) -> str:
    """A path of the site as a whole address."""
    return f"{settings.VITRINE_SITE_URL}{path}"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body_of(event: Event) -> str:
    """The message of an event, with its rule, alert and model at hand. No query."""
    rule, model = event.rule, event.model
    assert rule is not None and event.alert is not None  # nosec B101: just written, or read with them
    quantity = QUANTITIES.get(rule.kind)
    return _written(
        f"alert.{event.kind}",
        event.at,
        {
            "alert": {"id": event.alert_id, "url": address(event.alert.get_absolute_url())},
            "rule": {
                "id": rule.pk,
                "name": rule.name,
                "kind": rule.kind,
                "severity": rule.severity,
                "op": rule.op,
                "threshold": rule.threshold,
                "url": address(rule.get_absolute_url()),
            },
            "model": {
                "ref": model.ref,
                "urn": model.urn,
                "name": model.name,
                "url": address(model.get_absolute_url()),
            },
            "version": event.version.label if event.version else None,
            "episode": event.episode,
            "value": event.value,
            "unit": quantity.unit(rule) if quantity else "",
            "words": event.words,
        },
    )


def trial_body(endpoint: Endpoint, at: datetime) -> str:
    return _written(
        "alert.test", at, {"endpoint": {"id": endpoint.pk, "name": endpoint.name}, "words": "This is a test."}
    )


def _written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    return json.dumps(
        {"type": kind, "timestamp": stamp(at), "data": data}, ensure_ascii=False, separators=(",", ":")
    )
