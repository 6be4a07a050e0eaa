"""Rules, alerts with their history, silences, and what waits to be delivered. Import the tables from here."""

from .delivery import Attempt, Delivery, Endpoint, Mailbox, MailItem
from .rules import Recipient, Rule, Silence
from .states import Alert, Event, Touched

__all__ = [
    "Alert",
    "Attempt",
    "Delivery",
    "Endpoint",
    "Event",
    "MailItem",
    "Mailbox",
    "Recipient",
    "Rule",
    "Silence",
    "Touched",
]
