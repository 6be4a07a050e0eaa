"""Bookmarks and follows: what someone keeps, and what they want news of. Seen by nobody else."""

from django.db import transaction

from access.viewer import Viewer
from accounts.text import clean_line
from catalog.models import RegisteredModel
from core.errors import DomainError
from social.models import Bookmark, Follow

from .access import for_writing, person_id

LONGEST_NOTE = 300


class InvalidNote(DomainError):
    """The note of a bookmark is too long."""


@transaction.atomic
def set_bookmark(*, viewer: Viewer, model: RegisteredModel, note: str | None = None) -> Bookmark:
    """Keep a model; with a note, replace the note. Again changes nothing.

    Raises:
        NotVisible, NotAllowed: the model is not visible to the viewer, or they are not signed in.
        InvalidNote: the note is too long.
    """
    held = for_writing(viewer, "model.bookmark", model)
    if note is None:
        return Bookmark.objects.get_or_create(model=held, user_id=person_id(viewer))[0]
    note = clean_line(note)
    if len(note) > LONGEST_NOTE:
        raise InvalidNote(f"Use at most {LONGEST_NOTE} characters; these are {len(note):,}.", field="note")
    return Bookmark.objects.update_or_create(model=held, user_id=person_id(viewer), defaults={"note": note})[
        0
    ]


@transaction.atomic
def remove_bookmark(*, viewer: Viewer, model: RegisteredModel) -> bool:
    """Keep a model no longer; False when it was not kept."""
    held = for_writing(viewer, "model.bookmark", model)
    return bool(Bookmark.objects.filter(model=held, user_id=person_id(viewer)).delete()[0])


@transaction.atomic
def follow(*, viewer: Viewer, model: RegisteredModel) -> Follow:
    """Ask for news of a model. Again changes nothing."""
    held = for_writing(viewer, "model.bookmark", model)
    return Follow.objects.get_or_create(model=held, user_id=person_id(viewer))[0]


@transaction.atomic
def unfollow(*, viewer: Viewer, model: RegisteredModel) -> bool:
    """Ask for no more news of a model; False when it was not followed."""
    held = for_writing(viewer, "model.bookmark", model)
    return bool(Follow.objects.filter(model=held, user_id=person_id(viewer)).delete()[0])
