"""Putting tags on a model and taking them off."""

import re

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from access.requests import ViewedRequest, is_htmx
from catalog.models import RegisteredModel
from catalog.services.tags import add_tag, remove_tag, tag_slug
from core.errors import DomainError, NotAllowed, NotVisible
from social import selectors
from social.views.replies import (
    back,
    block,
    refused,
    viewed_model,
)

SECTION = "tags"
MOST_AT_ONCE = 20


@require_POST
def add(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Add one tag, or several with commas between; all of them or none."""
    typed = request.POST.get("name", "")
    names = [name for name in re.split(r"[,;\n]", typed) if name.strip()][: MOST_AT_ONCE + 1] or [""]
    try:
        found = viewed_model(request, project, model)
        try:
            if len(names) > MOST_AT_ONCE:
                raise DomainError(f"Add at most {MOST_AT_ONCE} tags at once.", field="name")
            with transaction.atomic():
                for name in sorted(names, key=tag_slug):
                    add_tag(viewer=request.viewer, model=found, name=name)
        except DomainError as error:
            return _answer(request, found, tried={"name": typed, "error": error.message}, status=422)
    except (NotVisible, NotAllowed) as error:
        return refused(request, error, typed)
    said = "The tag is on." if len(names) == 1 else "The tags are on."
    return _answer(request, found, said=said) if is_htmx(request) else back(request, found, SECTION, said)


@require_POST
def remove(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Take a tag off."""
    found = viewed_model(request, project, model)
    slug = request.POST.get("slug", "").replace("\0", "")
    said = "The tag is off." if remove_tag(viewer=request.viewer, model=found, slug=slug) else ""
    return _answer(request, found, said=said) if is_htmx(request) else back(request, found, SECTION, said)


def _answer(
    request: ViewedRequest,
    model: RegisteredModel,
    *,
    tried: dict[str, str] | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    rights = selectors.rights_on(request.viewer, model)
    context = {
        "model": model,
        "rights": rights,
        "tags": selectors.tags_of(request.viewer, model, rights),
        "tried": tried,
    }
    if is_htmx(request):
        return block(request, "social/_tags.html", context, said=said, status=status)
    return render(request, "social/tags.html", context, status=status)
