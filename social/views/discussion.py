"""The discussion of a model: reading threads; writing, editing, deleting and restoring comments."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import ModelVersion, RegisteredModel
from governance.errors import DomainError
from governance.policy import NotAllowed, NotVisible
from social import selectors
from social.services import comments

from .replies import back, block, is_htmx, refused, viewed_model

SECTION = "discussion"


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that did not get through, to be drawn again with its words. `id` is the comment it belongs to."""

    form: str
    id: int | None
    body: str
    error: str
    theirs: str | None = None
    revision: int = 0


@require_safe
def discussion(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """`/p/<project>/<model>/discussion`"""
    return _page(request, viewed_model(request, project, model))


@require_safe
def thread(request: HttpRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """`/p/<project>/<model>/comments/<id>`: the thread a comment stands in, all of it."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    shown, pages = selectors.thread_of(request.viewer, comment, number)
    context = {
        **_context(request, found),
        "discussion": shown,
        "number": number,
        "pages": pages,
        "is_thread": True,
    }
    return render(request, "social/thread.html", context)


@require_safe
def history(request: HttpRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """What a comment said before."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    revisions = selectors.history_of(request.viewer, comment)
    return render(
        request,
        "social/history.html",
        {**_context(request, found), "comment": comment, "revisions": revisions},
    )


@require_POST
def add(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """A new thread, or with `parent` an answer."""
    body = request.POST.get("body", "")
    parent_id = _number(request.POST.get("parent", ""))
    try:
        found = viewed_model(request, project, model)
        try:
            comment = comments.add_comment(
                viewer=request.viewer,
                model=found,
                body=body,
                parent_id=parent_id,
                version=_version(found, request.POST.get("version", "")),
                request_key=_key(request.POST.get("request_key", "")),
            )
        except DomainError as error:
            form = "reply" if parent_id else "new"
            return _page(request, found, Tried(form, parent_id, body, error.message), status=422)
    except (NotVisible, NotAllowed) as error:
        return refused(request, error, body)
    said = "Your answer is in." if parent_id else "Your comment is in."
    return (
        _page(request, found, said=said)
        if is_htmx(request)
        else back(request, found, f"comment-{comment.pk}", said)
    )


@require_POST
def edit(request: HttpRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """New words for one's own comment; when it was changed meanwhile, both texts are shown."""
    body = request.POST.get("body", "")
    try:
        found = viewed_model(request, project, model)
        comment = selectors.get_comment(request.viewer, found, comment_id)
        revision = _number(request.POST.get("revision", "")) or 0
        try:
            comments.edit_comment(viewer=request.viewer, comment=comment, body=body, revision=revision)
        except comments.EditConflict as error:
            tried = Tried("edit", comment_id, body, error.message, error.current.body, error.current.revision)
            return _page(request, found, tried, status=409)
        except DomainError as error:
            if error.status == 409:  # Deleted meanwhile: there is no form left to hold the words.
                return _page(request, found, Tried("new", None, body, error.message), status=409)
            return _page(
                request, found, Tried("edit", comment_id, body, error.message, None, revision), status=422
            )
    except (NotVisible, NotAllowed) as error:
        return refused(request, error, body)
    said = "Your comment is changed."
    return (
        _page(request, found, said=said)
        if is_htmx(request)
        else back(request, found, f"comment-{comment_id}", said)
    )


@require_POST
def delete(request: HttpRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """Take a comment's words away."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    comments.delete_comment(viewer=request.viewer, comment=comment)
    said = "The comment is deleted. You can undo this for ten minutes."
    return (
        _page(request, found, said=said)
        if is_htmx(request)
        else back(request, found, f"comment-{comment_id}", said)
    )


@require_POST
def restore(request: HttpRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """Undo a deletion."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    try:
        comments.restore_comment(viewer=request.viewer, comment=comment)
    except DomainError as error:
        return _page(request, found, Tried("new", None, "", error.message), status=error.status)
    said = "The comment is back."
    return (
        _page(request, found, said=said)
        if is_htmx(request)
        else back(request, found, f"comment-{comment_id}", said)
    )


def _context(request: HttpRequest, model: RegisteredModel) -> dict[str, object]:
    project = model.project
    return {
        "model": model,
        "rights": selectors.rights_on(request.viewer, model),
        "crumbs": [(project.name, project.get_absolute_url()), (model.name, model.get_absolute_url())],
    }


def _page(
    request: HttpRequest,
    model: RegisteredModel,
    tried: Tried | None = None,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    """The discussion: its block for htmx, else its whole page."""
    number = request.POST.get("page") or request.GET.get("page", "1")
    context = {
        **_context(request, model),
        "discussion": selectors.discussion_of(request.viewer, model, number),
        "tried": tried,
    }
    if is_htmx(request):
        return block(request, "social/_discussion.html", context, said=said, status=status)
    return render(request, "social/discussion.html", context, status=status)


def _version(model: RegisteredModel, label: str) -> ModelVersion | None:
    """The version a comment speaks of; none when the label is unknown."""
    return model.versions.filter(label=label).first() if label and "\0" not in label else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
