"""Checking what people hand in: rows against their tables, and the database's refusals put into words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.db.models import CharField, ForeignKey, Model

from core.errors import (
    Conflict,
    DomainError,
    Invalid,
    ValidationErrors,
)
from core.text import clean, slug_of

Row = TypeVar("Row", bound=Model)

# Constraint → the field it is about and what to tell. Names that are missing here get a general sentence.
TAKEN: Mapping[str, tuple[str, str]] = {
    "model_slug_unique_in_project": ("slug", "A model with this short name is in the project already."),
    "model_external_id_unique": ("external_id", "Another model has this external id."),
    "version_label_unique_in_model": ("label", "The model has a version with this label already."),
    "version_position_unique_in_model": ("label", "Another version was added at the same moment. Try again."),
    "version_external_id_unique": ("external_id", "Another version has this external id."),
    "project_once_for_source_namespace": (
        "namespace",
        "Another project stands for this namespace of the source.",
    ),
    "term_slug_unique_in_taxonomy": ("slug", "The taxonomy has a term with this short name already."),
    "term_alias_once": ("aliases", "These words stand for another term of the taxonomy already."),
    "evaluation_once_under_its_conditions": (
        "evaluated_at",
        "The version has an evaluation with this data set, split, slice, time and source already.",
    ),
    "metric_value_once": ("metrics", "The same metric is given twice."),
    "statistic_once": (
        "statistics",
        "The same statistic was added by someone else at the same moment. Try again.",
    ),
    "drift_once_at_a_moment": (
        "drift",
        "The same point was added by someone else at the same moment. Try again.",
    ),
    "series_name_unique_in_version": (
        "series",
        "The series was added by someone else at the same moment. Try again.",
    ),
    "series_point_once": ("series", "The same step was added by someone else at the same moment. Try again."),
    "parameter_once": ("parameters", "The same parameter is given twice."),
    "package_once": ("packages", "The same package is given twice."),
    "artifact_once": ("artifacts", "The same artifact is given twice."),
    "port_once": ("signature", "The same place in the signature is given twice."),
    "training_data_once": ("training_data", "The same data set is given twice."),
    "link_once": ("links", "The same link is given twice."),
    "paper_once": ("papers", "The same paper is given twice."),
    "classification_once": ("terms", "The same term is given twice."),
    "ownership_once": ("kind", "This person or team holds this kind of ownership already."),
    "attribute_value_once": ("attribute", "The value was set by someone else at the same moment. Try again."),
    "alias_points_to_one_version": (
        "name",
        "The alias was moved by someone else at the same moment. Try again.",
    ),
    "grant_once_for_user": ("user", "This person has a role here already."),
    "grant_once_for_team": ("team", "This team has a role here already."),
}
BROKEN: Mapping[str, tuple[str, str]] = {
    "project_visibility_known": ("visibility", "Choose public, internal or restricted."),
    "project_has_a_name": ("name", "Give the project a name."),
    "project_ends_after_it_starts": ("ends_on", "The end is before the start."),
    "model_has_a_name": ("name", "Give the model a name."),
    "model_status_known": ("status", "Choose active, deprecated or archived."),
    "model_retires_after_it_starts": ("retires_on", "The end is before the start."),
    "version_has_a_label": ("label", "Give the version a label."),
    "version_stage_known": ("stage", "Choose development, staging, production, archived or none."),
    "version_parameters_not_negative": ("parameter_count", "The number of parameters can't be negative."),
    "version_flops_not_negative": ("flops", "The number of operations can't be negative."),
    "version_size_not_negative": ("size_bytes", "The size can't be negative."),
    "artifact_has_an_address": ("artifacts", "An artifact needs an address."),
    "artifact_size_not_negative": ("artifacts", "The size can't be negative."),
    "link_has_an_address": ("links", "A link needs an address."),
    "port_direction_known": ("signature", "A port is an input or an output."),
    "grant_role_known": ("role", "Choose viewer, contributor, steward or administrator."),
    "grant_to_a_person_or_a_team": ("user", "Name either a person or a team."),
    "ownership_kind_known": ("kind", "Choose owner, steward or contact."),
    "ownership_by_a_person_or_a_team": ("user", "Name either a person or a team."),
    "metric_value_is_finite": ("metrics", "A metric must be a finite number."),
    "statistic_size_bounded": (
        "statistics",
        "A statistic holds 1 to 10,000 classes, points, features or groups.",
    ),
    "drift_in_range": ("drift", "Drift is a finite number from 0 up."),
    "series_value_finite": ("series", "The value of a series must be a finite number."),
    "term_not_its_own_parent": ("parent", "A term can't be its own parent."),
}


@contextmanager
def translate_db_errors() -> Iterator[None]:
    """Turn the database's refusal of what is written inside into words; the caller's transaction rolls back.

    Raises:
        Conflict: a name is taken, or something still in use was to go.
        Invalid: a value breaks a rule of the table.
    """
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise explain_db_error(error) from error


def explain_db_error(error: Exception) -> DomainError:
    """The domain's words for an IntegrityError or DataError of the database."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name in TAKEN:
        field, message = TAKEN[name]
        return Conflict(message, field=field)
    if name in BROKEN:
        field, message = BROKEN[name]
        return Invalid(message, field=field)
    if isinstance(error, IntegrityError):
        for field, message in (("slug", "This short name is taken."), ("name", "This name is taken.")):
            if re.search(rf"_{field}_[0-9a-f]+_uniq$|_{field}_key$", name):
                return Conflict(message, field=field)
        return Conflict("This does not fit with what is there: it was changed or removed in the meantime.")
    return Invalid("A value is outside of what its field can hold.")


def validate_row(row: Row, *, within: str = "") -> Row:
    """The row, its own fields checked against their types, lengths and choices. No query.

    Texts are brought into one Unicode form first, so that equal-looking words are equal. `within`
    goes before the names of the fields in errors (`artifacts[2].`).

    Raises:
        ValidationErrors: the fields at fault, each with its reason.
    """
    errors: list[tuple[str, str]] = []
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, str):
            tidy = unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip()
            setattr(
                row, field.attname, " ".join(clean(tidy).split()) if isinstance(field, CharField) else tidy
            )
            if "\x00" in tidy or any("\ud800" <= letter <= "\udfff" for letter in tidy):
                errors.append((within + field.name, "The text holds a character that is not allowed."))
    relations = {field.name for field in row._meta.concrete_fields if isinstance(field, ForeignKey)}
    try:
        row.clean_fields(exclude=relations | {"id"})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            errors += [(within + name, str(message)) for message in messages]
    if errors:
        raise ValidationErrors(errors)
    return row


def tidy_line(text: str, longest: int, field: str) -> str:
    """A line of text as a column of characters keeps it: one Unicode form, single spaces, nothing invisible.

    Raises:
        Invalid: it is longer than `longest` characters, or holds NUL or half a surrogate pair.
    """
    if not (text.isascii() and text.isprintable()):
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise Invalid("The text holds a character that is not allowed.", field=field)
        text = clean(text)
    text = " ".join(text.split())
    if len(text) > longest:
        raise Invalid(f"Write at most {longest} characters; these are {len(text)}.", field=field)
    return text


def slug_from(name: str, *, most: int, what: str) -> str:
    """A short name made of `name`.

    Raises:
        Invalid: nothing of the name can stand in an address.
    """
    slug = slug_of(name, longest=most)
    if slug == "unnamed" and name.strip().casefold() != slug:
        raise Invalid(f"Give the {what} a short name of letters, digits and hyphens.", field="slug")
    return slug


def refuse_repeats(rows: Iterable[tuple[object, str]], *, field: str) -> None:
    """Check that the keys of `rows` (key, what to call it) are all different.

    Raises:
        Invalid: one is given twice.
    """
    seen: dict[object, int] = {}
    for position, (key, called) in enumerate(rows):
        if key in seen:
            raise Invalid(
                f"“{called[:100]}” is given twice, at places {seen[key]} and {position}.",
                field=f"{field}[{position}]",
            )
        seen[key] = position
