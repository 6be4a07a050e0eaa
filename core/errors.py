"""What the domain refuses, in words for people. Views show them as messages, the API as problem documents."""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A write that can't be done as asked; `message` says what to change, `field` where.

    `extra` is plain data that the page or the API may show beside the message.
    """

    status = 400

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        status: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = message
        self.field = field
        if status is not None:
            self.status = status
        self.extra: dict[str, Any] = dict(extra or {})
        super().__init__(message)


class Invalid(DomainError):
    """A value is not one that the field takes."""


class ValidationErrors(Invalid):
    """Several values were refused at once: `errors` lists (field, message)."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = errors
        super().__init__(
            "; ".join(f"{field}: {message}" for field, message in errors[:5]), field=errors[0][0]
        )


class Conflict(DomainError):
    """The request fits no more with what is there: a name is taken, something is in use."""

    status = 409


class EditConflict(DomainError):
    """Someone else changed it in the meantime; `extra["current"]` holds what stands there now."""

    status = 412


class NotVisible(Exception):
    """The object does not exist for this viewer; shown as 404."""


class NotAllowed(Exception):
    """The viewer sees the object but may not do this; shown as 403."""

    def __init__(self, action: str, reason: str = "") -> None:
        self.action = action
        self.reason = reason or "You do not have the right to do this here."
        super().__init__(self.reason)


def refuse(errors: list[tuple[str, str]]) -> None:
    """Raise when there are errors (field, message): one as itself, several together.

    Raises:
        Invalid: there is one. ValidationErrors: there are several.
    """
    if len(errors) == 1:
        raise Invalid(errors[0][1], field=errors[0][0])
    if errors:
        raise ValidationErrors(errors)
