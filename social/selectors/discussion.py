"""Reading the discussion of a model: threads as flat rows that a template can show without another query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from access.policy import may, require
from access.viewer import Viewer
from accounts.models import User
from catalog.models import Ownership, RegisteredModel
from core.errors import NotAllowed, NotVisible
from social.mentions import names_in
from social.models import Comment, CommentRevision
from social.services.comments import may_undo

THREADS_PAGE = 20
MOST_ANSWERS = 100  # of one thread on the model's page; its own page has them all, in pages of so many
DEEPEST = 3

NUMBERED = """
    WITH RECURSIVE thread AS (
        SELECT id, id AS root FROM social_comment WHERE id = ANY(%s)
        UNION ALL
        SELECT answer.id, thread.root FROM social_comment answer JOIN thread ON answer.parent_id = thread.id
    ),
    numbered AS (
        SELECT id, root, row_number() OVER (PARTITION BY root ORDER BY id) AS place,
               count(*) OVER (PARTITION BY root) AS total
        FROM thread WHERE id <> root
    )
"""
ANSWERS = NUMBERED + "SELECT id, root, total FROM numbered WHERE place > %s AND place <= %s"
PLACE = NUMBERED + "SELECT place FROM numbered WHERE id = %s"
ROOT = """
    WITH RECURSIVE above AS (
        SELECT id, parent_id FROM social_comment WHERE id = %s
        UNION ALL
        SELECT up.id, up.parent_id FROM social_comment up JOIN above ON above.parent_id = up.id
    )
    SELECT id FROM above WHERE parent_id IS NULL
"""


@dataclass(slots=True)
class Post:
    """A comment with its answers. `depth` is 0 to 3; deeper answers stay at 3 and say whom they answer."""

    id: int
    parent_id: int | None
    depth: int
    body: str
    author: User | None
    is_owner: bool
    version_label: str
    answers: str
    created_at: datetime
    edited_at: datetime | None
    revision: int
    is_deleted: bool
    may_reply: bool
    may_edit: bool
    may_delete: bool
    may_restore: bool
    may_see_history: bool
    replies: list["Post"] = field(default_factory=list)
    hidden_answers: int = 0

    @property
    def author_name(self) -> str:
        return str(self.author) if self.author else "account removed"

    @property
    def form_key(self) -> UUID:
        """A new key for each form that is drawn, so that each lands once."""
        return uuid4()


@dataclass(frozen=True, slots=True)
class Discussion:
    """One page of threads, newest thread first, answers oldest first; `total` counts what still has words."""

    posts: tuple[Post, ...]
    total: int
    page: Page[Comment]
    known_people: frozenset[str]

    @property
    def form_key(self) -> UUID:
        """As of `Post`, for the form of a new thread."""
        return uuid4()

    def holds(self, comment_id: int) -> bool:
        """Whether a comment is among the posts drawn."""
        waiting = list(self.posts)
        while waiting:
            post = waiting.pop()
            if post.id == comment_id:
                return True
            waiting.extend(post.replies)
        return False


def discussion_of(viewer: Viewer, model: RegisteredModel, number: int | str = 1) -> Discussion:
    """A page of 20 threads. At most eight queries, whatever the number of comments.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    comments = Comment.objects.filter(model=model)
    total = comments.filter(deleted_at=None).count()
    roots = _with_people(comments.filter(parent=None)).order_by("-created_at", "-pk")
    page = Paginator(roots, THREADS_PAGE).get_page(number)
    answers, totals = _answers([root.pk for root in page], 0, MOST_ANSWERS)
    posts = _posts(viewer, model, list(page), answers)
    for post in posts:
        post.hidden_answers = max(0, totals.get(post.id, 0) - MOST_ANSWERS)
    return Discussion(tuple(posts), total, page, _known_people([*page, *answers]))


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread, as a discussion of its own, and which of its pages of answers this is."""

    discussion: Discussion
    number: int
    pages: int


def thread_of(viewer: Viewer, comment: Comment, number: int | None = None) -> Thread:
    """A page of the thread of a comment; without a number, the page it stands on. At most ten queries.

    Raises:
        NotVisible: its model does not exist for the viewer.
    """
    model = comment.model
    require(viewer, "view", model)
    root_id = _root_of(comment)
    roots = _with_people(Comment.objects.filter(pk=root_id))
    page = Paginator(roots, 1).get_page(1)
    if number is None:
        number = 1 + max(0, _place_of(comment, root_id) - 1) // MOST_ANSWERS
    start = (min(max(1, number), 10**6) - 1) * MOST_ANSWERS
    answers, totals = _answers([root_id], start, start + MOST_ANSWERS)
    posts = _posts(viewer, model, list(page), answers)
    total = totals.get(root_id, 0)
    shown = Discussion(tuple(posts), total + 1, page, _known_people([*page, *answers]))
    return Thread(shown, number, max(1, -(-total // MOST_ANSWERS)))


def get_comment(viewer: Viewer, model: RegisteredModel, comment_id: int) -> Comment:
    """A comment of the model, deleted ones too. One query.

    Raises:
        NotVisible: there is none, or the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    comment = Comment.objects.select_related("author", "version").filter(pk=comment_id, model=model).first()
    if comment is None:
        raise NotVisible
    comment.model = model
    return comment


def find_comment(viewer: Viewer, comment_id: int) -> Comment:
    """A comment by its number alone. One query.

    Raises:
        NotVisible: there is none, or its model does not exist for the viewer.
    """
    rows = Comment.objects.select_related("author", "version", "model__project")
    comment = rows.filter(viewer.scopes.as_q("model__project__"), pk=comment_id).first()
    if comment is None:
        raise NotVisible
    return comment


def comment_rows(viewer: Viewer, model: RegisteredModel) -> QuerySet[Comment]:
    """All comments of a model, deleted ones without words, with authors and versions.

    Raises:
        NotVisible: the model does not exist for the viewer.
    """
    require(viewer, "view", model)
    return _with_people(Comment.objects.filter(model=model))


def history_of(viewer: Viewer, comment: Comment) -> Sequence[CommentRevision]:
    """What a comment said before, newest first; that of a deleted one is for moderators. One query, or two.

    Raises:
        NotVisible: its model does not exist for the viewer.
        NotAllowed: it was deleted, and the viewer is no moderator.
    """
    require(viewer, "view", comment.model)
    if comment.deleted_at is not None and not may(viewer, "model.moderate", comment.model):
        raise NotAllowed("comment.history", "The words of a deleted comment are for moderators only.")
    return list(comment.revisions.order_by("-replaced_at", "-pk"))


def _with_people(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    return comments.select_related("author", "version")


def _answers(root_ids: Sequence[int], after: int, until: int) -> tuple[list[Comment], dict[int, int]]:
    """The answers below the roots, oldest first, and how many each root has in all. Two queries."""
    if not root_ids:
        return [], {}
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [list(root_ids), after, until])
        rows = cursor.fetchall()
    totals = {root: total for _, root, total in rows}
    found = Comment.objects.filter(pk__in=[pk for pk, _, _ in rows])
    return list(_with_people(found).order_by("pk")) if rows else [], totals


def _root_of(comment: Comment) -> int:
    """The first comment of its thread. One query for an answer."""
    return comment.pk if comment.parent_id is None else _number(ROOT, [comment.pk])


def _place_of(comment: Comment, root_id: int) -> int:
    """Which answer of its thread it is, from 1; 0 for the first comment. One query for an answer."""
    return 0 if comment.pk == root_id else _number(PLACE, [[root_id], comment.pk])


def _number(query: str, values: list[int | list[int]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return int(row[0])


def _posts(
    viewer: Viewer, model: RegisteredModel, roots: list[Comment], answers: list[Comment]
) -> list[Post]:
    """The roots as posts, each with its answers below what they answer. At most three queries."""
    owners = set(
        Ownership.objects.filter(model=model, user__isnull=False, kind="owner").values_list(
            "user_id", flat=True
        )
    )
    may_write = may(viewer, "model.comment", model)
    moderates = may_write and may(viewer, "model.moderate", model)

    def post(comment: Comment, depth: int, answers: str) -> Post:
        deleted = comment.deleted_at is not None
        mine = may_write and comment.author_id is not None and comment.author_id == viewer.user_id
        return Post(
            id=comment.pk,
            parent_id=comment.parent_id,
            depth=depth,
            body="" if deleted else comment.body,
            author=comment.author,
            is_owner=comment.author_id in owners,
            version_label=comment.version.label if comment.version else "",
            answers=answers,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            revision=comment.revision,
            is_deleted=deleted,
            may_reply=may_write and not deleted,
            may_edit=mine and not deleted,
            may_delete=(mine or moderates) and not deleted,
            may_restore=may_write and may_undo(viewer, comment),
            may_see_history=moderates if deleted else comment.edited_at is not None,
        )

    posts = {root.pk: post(root, 0, "") for root in roots}
    siblings: dict[int, list[Post]] = {}
    top = list(posts.values())
    for answer in answers:
        # On a later page of a long thread, what is answered may stand on an earlier one.
        above = posts.get(answer.parent_id or 0, top[0])
        is_deep = above.depth == DEEPEST
        below = post(answer, min(above.depth + 1, DEEPEST), above.author_name if is_deep else "")
        siblings[below.id] = siblings[above.id] if is_deep else above.replies
        siblings[below.id].append(below)
        posts[below.id] = below
    return top


def _known_people(comments: Iterable[Comment]) -> frozenset[str]:
    """Of all names written as @name, those of people with an account; no more is told of them. One query."""
    names = {name for comment in comments for name in names_in(comment.body)}
    if not names:
        return frozenset()
    people = (
        User.objects.filter(is_active=True).alias(lower_name=Lower("username")).filter(lower_name__in=names)
    )
    return frozenset(people.values_list("username", flat=True))
