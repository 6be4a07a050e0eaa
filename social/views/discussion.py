"""The discussion of a model: reading threads; writing, editing, deleting and restoring comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from access.requests import ViewedRequest, is_htmx
from catalog.models import ModelVersion, RegisteredModel
from core.errors import DomainError, NotAllowed, NotVisible
from social import selectors
from social.models import Comment
from social.services import comments
from social.views.replies import back, refused, viewed_model

SECTION = "discussion"


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that did not get through, to be drawn again with its words; `id` is its comment."""

    form: str
    id: int | None
    body: str
    error: str
    theirs: str | None = None
    revision: int = 0


@require_safe
def discussion(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """`/p/<project>/<model>/discussion`"""
    return _page(request, viewed_model(request, project, model))


@require_safe
def thread(request: ViewedRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """`/p/<project>/<model>/comments/<id>`: the thread a comment stands in, on the page where it stands."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    return _thread(request, comment, number=_number(request.GET.get("page", "")))


@require_safe
def history(request: ViewedRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """What a comment said before."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    revisions = selectors.history_of(request.viewer, comment)
    context = {"model": found, "comment": comment, "revisions": revisions}
    return render(request, "social/history.html", context)


@require_POST
def add(request: ViewedRequest, project: str, model: str) -> HttpResponse:
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
    if parent_id is None and not is_htmx(request):
        return back(request, found, f"comment-{comment.pk}", "Your comment is in.", first_page=True)
    said = "Your answer is in." if parent_id else "Your comment is in."
    return _answer(request, found, comment.pk, said)


@require_POST
def edit(request: ViewedRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """New words for one's own comment; when it was changed meanwhile, both texts are shown."""
    body = request.POST.get("body", "")
    try:
        found = viewed_model(request, project, model)
        comment = selectors.get_comment(request.viewer, found, comment_id)
        revision = _number(request.POST.get("revision", "")) or 0
        try:
            comments.edit_comment(viewer=request.viewer, comment=comment, body=body, revision=revision)
        except comments.CommentConflict as error:
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
    return _answer(request, found, comment_id, said)


@require_POST
def delete(request: ViewedRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """Take a comment's words away."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    comments.delete_comment(viewer=request.viewer, comment=comment)
    said = "The comment is deleted. You can undo this for ten minutes."
    return _answer(request, found, comment_id, said)


@require_POST
def restore(request: ViewedRequest, project: str, model: str, comment_id: int) -> HttpResponse:
    """Undo a deletion."""
    found = viewed_model(request, project, model)
    comment = selectors.get_comment(request.viewer, found, comment_id)
    try:
        comments.restore_comment(viewer=request.viewer, comment=comment)
    except DomainError as error:
        return _page(request, found, Tried("new", None, "", error.message), status=error.status)
    said = "The comment is back."
    return _answer(request, found, comment_id, said)


def _answer(request: ViewedRequest, model: RegisteredModel, comment_id: int, said: str) -> HttpResponse:
    """What a form that got through answers with: the place of its comment."""
    if is_htmx(request):
        return _page(request, model, said=said, focus_id=comment_id)
    return back(request, model, f"comment-{comment_id}", said)


def _page(
    request: ViewedRequest,
    model: RegisteredModel,
    tried: Tried | None = None,
    *,
    said: str = "",
    status: int = 200,
    focus_id: int | None = None,
) -> HttpResponse:
    """The discussion: its block for htmx, else its whole page. For a form of a thread's page, the thread.

    A form that did not get through and is not on the page drawn is drawn in its thread: its words are kept.
    """
    about = focus_id or (tried.id if tried else None)
    thread_id = _number(request.POST.get("thread", ""))
    if thread_id is None:
        number = request.POST.get("page") or request.GET.get("page", "1")
        shown = selectors.discussion_of(request.viewer, model, number)
        if tried is None or tried.id is None or shown.holds(tried.id):
            context = {"discussion": shown, "tried": tried, "focus_id": focus_id, "said": said}
            return _draw(request, model, "discussion", context, status)
    comment = selectors.get_comment(request.viewer, model, about or thread_id or 0)
    return _thread(request, comment, tried, said=said, status=status, focus_id=focus_id)


def _thread(
    request: ViewedRequest,
    comment: Comment,
    tried: Tried | None = None,
    *,
    number: int | None = None,
    said: str = "",
    status: int = 200,
    focus_id: int | None = None,
) -> HttpResponse:
    shown = selectors.thread_of(request.viewer, comment, number)
    context = {"thread": shown, "thread_id": comment.pk, "discussion": shown.discussion, "tried": tried}
    return _draw(request, comment.model, "thread", {**context, "focus_id": focus_id, "said": said}, status)


def _draw(
    request: ViewedRequest, model: RegisteredModel, name: str, context: Mapping[str, object], status: int
) -> HttpResponse:
    """The block of that name for htmx, else its page."""
    rights = selectors.rights_on(request.viewer, model)
    template = f"social/_{name}.html" if is_htmx(request) else f"social/{name}.html"
    return render(request, template, {"model": model, "rights": rights, **context}, status=status)


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
