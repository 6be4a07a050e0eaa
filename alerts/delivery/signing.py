"""Signatures in the manner of Standard Webhooks (https://www.standardwebhooks.com), with HMAC-SHA256."""

import base64
import hashlib
import hmac
from datetime import datetime

from django.utils.crypto import salted_hmac

from alerts.models import Endpoint

PREFIX = "whsec_"


def secret_of(nonce: str) -> str:
    """The secret that an endpoint's nonce stands for, as its receiver keeps it."""
    key = salted_hmac("alerts.webhook", nonce, algorithm="sha256").digest()
    return PREFIX + base64.b64encode(key).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature over the id, the moment and the body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(endpoint: Endpoint, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers of a message; signed by the old secret, too, for a while after a rotation."""
    timestamp = int(at.timestamp())
    nonces = [endpoint.nonce]
    if endpoint.old_nonce and endpoint.old_until and endpoint.old_until > at:
        nonces.append(endpoint.old_nonce)
    signed = (signature(secret_of(nonce), message_id, timestamp, body) for nonce in nonces)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
    }
