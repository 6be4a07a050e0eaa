"""Putting tags on models and taking them off. A tag is a free word; its slug says which are the same."""

from django.db import transaction
from django.utils.text import slugify

from access.policy import may, require
from access.viewer import Viewer
from accounts.text import clean_line
from catalog.access import visible_models
from catalog.models import ModelTag, RegisteredModel, Tag
from catalog.services import activity
from core.errors import DomainError, NotAllowed, NotVisible

LONGEST_TAG = 80
MOST_TAGS = 50
# Letters that a slug would drop although they tell words apart: C, C++ and C#; 3.5 and 35.
SPELLED_OUT = str.maketrans({"+": "-plus", "#": "-sharp", ".": "-", "/": "-"})


class InvalidTag(DomainError):
    """The word cannot be a tag, or the model has enough of them."""


def tag_slug(name: str) -> str:
    """What two spellings of a tag have in common; empty when the word has no letter or digit."""
    return slugify(clean_line(name).casefold().translate(SPELLED_OUT), allow_unicode=True).strip("-_")


def check_tag(name: str) -> tuple[str, str]:
    """A tag's name as it is kept, and its slug.

    Raises:
        InvalidTag: it has no letter or digit, or is too long.
    """
    name = clean_line(name).lstrip("#").strip()
    slug = tag_slug(name)
    if not slug:
        raise InvalidTag("Write a word with letters or digits.", field="name")
    if len(name) > LONGEST_TAG or len(slug) > LONGEST_TAG:
        raise InvalidTag(f"Use at most {LONGEST_TAG} characters for a tag.", field="name")
    return name, slug


@transaction.atomic
def add_tag(*, viewer: Viewer, model: RegisteredModel, name: str) -> ModelTag:
    """Put a tag on a model. A tag already there, however it is spelled, stays as it was.

    Raises:
        NotVisible, NotAllowed: the model does not exist for the viewer, or they are not signed in.
        InvalidTag: the word cannot be a tag, or the model has `MOST_TAGS` of them.
    """
    held = _held(viewer, model)
    name, slug = check_tag(name)
    there = ModelTag.objects.select_related("tag").filter(model=held, tag__slug=slug).first()
    if there is not None:
        return there
    if ModelTag.objects.filter(model=held).count() >= MOST_TAGS:
        raise InvalidTag(
            f"A model has at most {MOST_TAGS} tags; take one off first.", field="name", status=409
        )
    tag, _ = Tag.objects.get_or_create(slug=slug, defaults={"name": name})
    added = ModelTag.objects.create(model=held, tag=tag, added_by_id=viewer.user_id)
    activity.record(viewer=viewer, verb="tagged", model=held, tag=tag.name)
    return added


@transaction.atomic
def remove_tag(*, viewer: Viewer, model: RegisteredModel, slug: str) -> bool:
    """Take a tag off a model; False when it is not on it.

    Raises:
        NotVisible: the model does not exist for the viewer.
        NotAllowed: they neither put the tag there nor may edit the model.
    """
    held = _held(viewer, model)
    there = ModelTag.objects.select_related("tag").filter(model=held, tag__slug=slug).first()
    if there is None:
        return False
    if there.added_by_id != viewer.user_id and not may(viewer, "model.edit", held):
        raise NotAllowed("tag.remove", "Only who put a tag there, or a contributor, may take it off.")
    there.delete()
    activity.record(viewer=viewer, verb="untagged", model=held, tag=there.tag.name)
    return True


def _held(viewer: Viewer, model: RegisteredModel) -> RegisteredModel:
    """The model as it is now, held until the transaction ends, so that the count of its tags is right."""
    held = visible_models(viewer).select_for_update(of=("self",), no_key=True).filter(pk=model.pk).first()
    if held is None:
        raise NotVisible
    require(viewer, "model.tag", held)
    return held
