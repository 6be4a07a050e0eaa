"""Setting the organisation's own fields, each in its type."""

import datetime as dt
import math
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from access.policy import require
from access.viewer import Viewer
from accounts.models import User
from catalog.models import AttributeDefinition, AttributeValue, ModelVersion, RegisteredModel
from catalog.services import activity
from catalog.services.origins import stamp
from catalog.services.registered import lock_model
from core.errors import Invalid, NotVisible
from core.validation import translate_db_errors, validate_row

LONGEST_KEYWORD = 200
LONGEST_TEXT = 20_000
COLUMNS = ("text", "number", "date", "boolean", "user")
_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def set_attribute(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    definition: AttributeDefinition,
    value: object,
    version: ModelVersion | None = None,
) -> AttributeValue:
    """Set a custom field of a model, or of one of its versions. A person is given by username.

    Raises:
        NotAllowed: less than a contributor, and no owner. Invalid: not a value of the field's type.
    """
    require(viewer, "model.edit", model)
    column, typed = typed_value(definition, value)
    model = lock_model(model)
    cells: dict[str, Any] = dict.fromkeys(COLUMNS)
    cells[column] = typed
    row = AttributeValue.objects.filter(model=model, definition=definition, version=version).first()
    if row is not None and row.value == typed:
        return row
    row = row or AttributeValue(model=model, definition=definition, version=version)
    row.type, row.source = definition.type, None
    for name, cell in cells.items():
        setattr(row, name, cell)
    validate_row(row)
    with translate_db_errors():
        row.save()
    stamp(viewer=viewer, model=model, version=version, fields=[f"attribute:{definition.slug}"])
    _record(viewer, model, definition)
    return row


@transaction.atomic
def clear_attribute(
    *,
    viewer: Viewer,
    model: RegisteredModel,
    definition: AttributeDefinition,
    version: ModelVersion | None = None,
) -> None:
    """Leave a custom field empty.

    Raises:
        NotAllowed: less than a contributor, and no owner. NotVisible: it is empty. Invalid: it is required.
    """
    require(viewer, "model.edit", model)
    if definition.is_required:
        raise Invalid(f"{definition.name} must have a value.", field=definition.slug)
    model = lock_model(model)
    gone, _ = AttributeValue.objects.filter(model=model, definition=definition, version=version).delete()
    if not gone:
        raise NotVisible
    _record(viewer, model, definition)


def _record(viewer: Viewer, model: RegisteredModel, definition: AttributeDefinition) -> None:
    # A sensitive field's name may tell something by itself, and the feed is read by everybody.
    name = "" if definition.is_sensitive else definition.name
    activity.record(viewer=viewer, verb="set-attribute", model=model, attribute=name)


def typed_value(definition: AttributeDefinition, value: object) -> tuple[str, Any]:
    """The column a value of this field lies in, and the value in its type. One query for a person, else none.

    Raises:
        Invalid: it is no such value; the message says what would be.
    """

    def wrong(message: str) -> Invalid:
        return Invalid(f"{definition.name}: {message}", field=definition.slug)

    kind = AttributeDefinition.Type
    if definition.type == kind.NUMBER:
        return "number", _number(value, wrong)
    if definition.type == kind.BOOLEAN:
        return "boolean", _flag(value, wrong)
    if not isinstance(value, str):
        if definition.type == kind.DATE and isinstance(value, dt.date):
            return "date", value
        if definition.type == kind.USER and isinstance(value, User):
            return "user", value
        raise wrong("write it as text.")
    text = value.strip()
    if not text:
        raise wrong("write something, or leave the field empty altogether.")
    if definition.type == kind.DATE:
        try:
            return "date", dt.date.fromisoformat(text)
        except ValueError:
            raise wrong("write a date as year-month-day, such as 2026-03-31.") from None
    if definition.type == kind.USER:
        person = (
            User.objects.filter(username__iexact=text, is_active=True).first() if "\x00" not in text else None
        )
        if person is None:
            raise wrong("there is no account of that name.")
        return "user", person
    if definition.type == kind.CHOICE and text not in definition.choices:
        raise wrong("choose one of " + ", ".join(str(choice) for choice in definition.choices) + ".")
    if definition.type == kind.URL:
        try:
            _address(text)
        except ValidationError:
            raise wrong("write an address that begins with https:// or http://.") from None
    most = (
        LONGEST_TEXT
        if definition.type == kind.TEXT
        else LONGEST_KEYWORD
        if definition.type == kind.KEYWORD
        else 2000
    )
    if len(text) > most:
        raise wrong(f"write at most {most:,} characters.")
    return "text", text


def _number(value: object, wrong: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong("write a number.")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise wrong("write a number.") from None
    if not math.isfinite(number):
        raise wrong("write a finite number.")
    return number


def _flag(value: object, wrong: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    if isinstance(value, str) and value.strip().casefold() in words:
        return words[value.strip().casefold()]
    raise wrong("choose yes or no.")
