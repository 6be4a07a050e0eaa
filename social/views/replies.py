"""How the forms answer: with the block for htmx, else back to where the form stood; nothing typed is lost."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from access.requests import ViewedRequest, is_htmx
from catalog.access import get_model
from catalog.models import RegisteredModel
from core.errors import NotAllowed, NotVisible


def viewed_model(request: ViewedRequest, project: str, model: str) -> RegisteredModel:
    """The model of the address, for this viewer. One query.

    Raises:
        NotVisible: there is none, or none for this viewer.
    """
    return get_model(request.viewer, project, model)


def block(
    request: ViewedRequest, template: str, context: Mapping[str, Any], *, said: str = "", status: int = 200
) -> HttpResponse:
    """One block of a page, with a sentence that screen readers hear."""
    return render(request, template, {**context, "said": said}, status=status)


def back(
    request: ViewedRequest, model: RegisteredModel, section: str, said: str = "", *, first_page: bool = False
) -> HttpResponse:
    """To the page the form stood on (or the first of its pages), at its section, with a message."""
    if said:
        messages.success(request, said)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = model.get_absolute_url()
    target = target.split("#")[0]
    return redirect(f"{target.split('?')[0] if first_page else target}#{section}")


def refused(request: ViewedRequest, error: NotVisible | NotAllowed, words: str) -> HttpResponse:
    """The page of a refusal that gives back what was typed; without words, the usual one.

    Raises:
        NotVisible, NotAllowed: nothing was typed, or htmx asks, whose form still holds it.
    """
    if not words.strip() or is_htmx(request):
        raise error
    status = 404 if isinstance(error, NotVisible) else 403
    context = {
        "words": words,
        "reason": error.reason if isinstance(error, NotAllowed) else "",
        "is_missing": status == 404,
    }
    return render(request, "social/kept_words.html", context, status=status)
