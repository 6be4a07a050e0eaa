"""Ratings and comments in the API."""

from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api.registered import ModelView
from catalog.models import ModelVersion, RegisteredModel
from core.api.schema import describe
from core.errors import Invalid
from social import selectors
from social.api import shapes
from social.models import Comment
from social.services import comments
from social.services.access import for_writing
from social.services.ratings import rate_model, unrate


class RatingOfModel(ModelView):
    @describe("get_rating", shapes.Ratings)
    def get(self, request: Request, project: str, model: str) -> Response:
        """What people think of a model, and what you do."""
        return self.tagged(self._data(self.model(project, model)))

    @describe("set_rating", shapes.Ratings, body=shapes.RatingBody)
    def put(self, request: Request, project: str, model: str) -> Response:
        """Give your rating, or change it."""
        found = self.model(project, model)
        body = self.body(shapes.RatingBody)
        with transaction.atomic():
            self._match(found)
            rate_model(viewer=self.viewer, model=found, **body)
        return self.tagged(self._data(found))

    @describe("remove_rating")
    def delete(self, request: Request, project: str, model: str) -> Response:
        """Take your rating back."""
        found = self.model(project, model)
        with transaction.atomic():
            self._match(found)
            unrate(viewer=self.viewer, model=found)
        return Response(status=204)

    def _match(self, model: RegisteredModel) -> None:
        for_writing(self.viewer, "model.rate", model)
        if "If-Match" in self.request.headers:
            self.match(self._data(model))

    def _data(self, model: RegisteredModel) -> shapes.Plain:
        return shapes.rating_data(selectors.rating_summary(self.viewer, model))


class Comments(ModelView):
    is_paged = True

    @describe("list_comments", shapes.CommentShape, paged=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """The discussion of a model, oldest first; `parent` says what a comment answers."""
        found = self.model(project, model)
        rows = selectors.comment_rows(self.viewer, found)
        return self.page(rows, lambda page: shapes.comment_data(page, found), by=["id"])

    @describe("add_comment", shapes.CommentShape, body=shapes.NewComment, status=201)
    def post(self, request: Request, project: str, model: str) -> Response:
        """Say something, or with `parent` answer something."""
        found = self.model(project, model)
        require(self.viewer, "model.comment", found)
        body = self.body(shapes.NewComment)
        comment = comments.add_comment(
            viewer=self.viewer,
            model=found,
            body=body["body"],
            parent_id=body.get("parent"),
            version=_version(found, body.get("version")),
            request_key=self._key(),
        )
        shown = selectors.find_comment(self.viewer, comment.pk)
        return self.tagged(
            shapes.comment_data([shown])[0],
            revision=shown.revision,
            status=201,
            headers={"Location": f"/api/v1/comments/{shown.pk}"},
        )

    def _key(self) -> UUID | None:
        return uuid5(NAMESPACE_URL, self.once) if self.once else None


class CommentDetail(ModelView):
    @describe("get_comment", shapes.CommentShape)
    def get(self, request: Request, comment: int) -> Response:
        """One comment."""
        return self._shown(selectors.find_comment(self.viewer, comment))

    @describe("edit_comment", shapes.CommentShape, body=shapes.CommentBody)
    def patch(self, request: Request, comment: int) -> Response:
        """Change the words of your own comment; what it said before is kept."""
        found = selectors.find_comment(self.viewer, comment)
        body = self.body(shapes.CommentBody)
        revision = self.expected_revision()
        comments.edit_comment(
            viewer=self.viewer,
            comment=found,
            body=body["body"],
            revision=found.revision if revision is None else revision,
        )
        return self._shown(selectors.find_comment(self.viewer, comment))

    @describe("delete_comment")
    def delete(self, request: Request, comment: int) -> Response:
        """Take a comment's words away; its place and the answers stay."""
        found = selectors.find_comment(self.viewer, comment)
        comments.delete_comment(viewer=self.viewer, comment=found, revision=self.expected_revision())
        return Response(status=204)

    def _shown(self, comment: Comment) -> Response:
        return self.tagged(shapes.comment_data([comment])[0], revision=comment.revision)


def _version(model: RegisteredModel, label: str | None) -> ModelVersion | None:
    if not label:
        return None
    version = model.versions.filter(label=label).first()
    if version is None:
        raise Invalid(f"The model has no version “{label}”.", field="version")
    return version
