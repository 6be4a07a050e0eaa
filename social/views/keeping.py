"""Bookmarks, follows and notifications."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from access.requests import ViewedRequest, is_htmx
from catalog.models import RegisteredModel
from core.errors import DomainError
from social import selectors
from social.models import Notification
from social.services import keeping, notifications
from social.views.replies import back, block, viewed_model

SECTION = "keep"


@require_POST
def bookmark(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Keep the model (`on=1`, perhaps with a `note`) or keep it no longer (`on=0`)."""
    found = viewed_model(request, project, model)
    if request.POST.get("on", "1") == "0":
        keeping.remove_bookmark(viewer=request.viewer, model=found)
        return _kept(request, found, f"{found.name} is in your bookmarks no longer.")
    try:
        keeping.set_bookmark(viewer=request.viewer, model=found, note=request.POST.get("note"))
    except DomainError as error:
        messages.error(request, error.message)
        return back(request, found, SECTION)
    return _kept(request, found, f"{found.name} is in your bookmarks.")


@require_POST
def follow(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Ask for news of the model (`on=1`) or for no more (`on=0`)."""
    found = viewed_model(request, project, model)
    if request.POST.get("on", "1") == "0":
        keeping.unfollow(viewer=request.viewer, model=found)
        return _kept(request, found, f"You follow {found.name} no longer.")
    keeping.follow(viewer=request.viewer, model=found)
    return _kept(request, found, f"You follow {found.name}.")


@login_required
@require_safe
def bookmark_list(request: ViewedRequest) -> HttpResponse:
    """`/me/bookmarks`"""
    page = selectors.bookmarks_of(request.viewer, request.GET.get("page", "1"))
    return render(request, "social/bookmarks.html", {"page": page})


@login_required
@require_safe
def notification_list(request: ViewedRequest) -> HttpResponse:
    """`/me/notifications`"""
    page = selectors.notifications_of(request.viewer, request.GET.get("page", "1"))
    return render(request, "social/notifications.html", {"page": page})


@login_required
@require_POST
def notifications_read(request: ViewedRequest) -> HttpResponse:
    """Mark all as read, or those with the given `id`s; then on to `next`, or back to the list."""
    asked = [
        int(text)
        for text in request.POST.getlist("id")
        if text.isascii() and text.isdigit() and len(text) < 19
    ]
    everything = "id" not in request.POST
    notifications.mark_read(viewer=request.viewer, notification_ids=None if everything else asked)
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return redirect(target)
    return redirect(reverse("social:notifications"))


def _kept(request: ViewedRequest, model: RegisteredModel, said: str) -> HttpResponse:
    if not is_htmx(request):
        return back(request, model, SECTION, said)
    bookmark, followers, is_following = selectors.keep_state(request.viewer, model)
    context = {
        "model": model,
        "rights": selectors.rights_on(request.viewer, model),
        "bookmark": bookmark,
        "followers": followers,
        "is_following": is_following,
    }
    return block(request, "social/_keep.html", context, said=said)


def target_of(notification: Notification) -> str:
    """Where the news is: the comment in its thread, or the model."""
    model = notification.model
    if notification.comment_id is None:
        return model.get_absolute_url()
    address = reverse("social:thread", args=[model.project.slug, model.slug, notification.comment_id])
    return f"{address}#comment-{notification.comment_id}"
