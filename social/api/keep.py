"""Bookmark, follow and tags of a model in the API."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from access.policy import require
from catalog.api.registered import ModelView
from catalog.models import RegisteredModel
from catalog.services.tags import add_tag, remove_tag
from core.api.schema import describe
from core.errors import NotVisible
from social import selectors
from social.api import shapes
from social.services import keeping
from social.services.access import for_writing


class Kept(ModelView, ABC):
    """Base of what one person has on a model: set again or removed again, it is the same."""

    @abstractmethod
    def data(self, model: RegisteredModel) -> shapes.Plain:
        """What stands there now."""

    def changed(self, model: RegisteredModel, act: Callable[[], object]) -> shapes.Plain:
        """Do it if If-Match names what stands there; what stands there now."""
        with transaction.atomic():
            for_writing(self.viewer, "model.bookmark", model)
            if "If-Match" in self.request.headers:
                self.match(self.data(model))
            act()
        return self.data(model)


class BookmarkOfModel(Kept):
    @describe("get_bookmark", shapes.BookmarkState)
    def get(self, request: Request, project: str, model: str) -> Response:
        """Whether you keep the model."""
        return self.tagged(self.data(self.model(project, model)))

    @describe("set_bookmark", shapes.BookmarkState, body=shapes.BookmarkBody)
    def put(self, request: Request, project: str, model: str) -> Response:
        """Keep the model, perhaps with a note to yourself."""
        found = self.model(project, model)
        note = self.body(shapes.BookmarkBody).get("note")
        return self.tagged(
            self.changed(found, lambda: keeping.set_bookmark(viewer=self.viewer, model=found, note=note))
        )

    @describe("remove_bookmark")
    def delete(self, request: Request, project: str, model: str) -> Response:
        """Keep the model no longer."""
        found = self.model(project, model)
        self.changed(found, lambda: keeping.remove_bookmark(viewer=self.viewer, model=found))
        return Response(status=204)

    def data(self, model: RegisteredModel) -> shapes.Plain:
        bookmark, _, _ = selectors.keep_state(self.viewer, model)
        return {"bookmarked": bookmark is not None, "note": bookmark.note if bookmark else ""}


class FollowOfModel(Kept):
    @describe("get_follow", shapes.FollowState)
    def get(self, request: Request, project: str, model: str) -> Response:
        """Whether you follow the model, and how many do."""
        return self.tagged(self.data(self.model(project, model)))

    @describe("set_follow", shapes.FollowState)
    def put(self, request: Request, project: str, model: str) -> Response:
        """Ask for news of the model."""
        found = self.model(project, model)
        return self.tagged(self.changed(found, lambda: keeping.follow(viewer=self.viewer, model=found)))

    @describe("remove_follow")
    def delete(self, request: Request, project: str, model: str) -> Response:
        """Ask for no more news of the model."""
        found = self.model(project, model)
        self.changed(found, lambda: keeping.unfollow(viewer=self.viewer, model=found))
        return Response(status=204)

    def data(self, model: RegisteredModel) -> shapes.Plain:
        _, followers, is_following = selectors.keep_state(self.viewer, model)
        return {"following": is_following, "followers": followers}


class TagsOfModel(ModelView):
    @describe("list_model_tags", shapes.TagShape, many=True)
    def get(self, request: Request, project: str, model: str) -> Response:
        """The tags of a model, and who put them there."""
        return self.tagged(shapes.tag_data(selectors.tags_of(self.viewer, self.model(project, model))))

    @describe("add_model_tag", shapes.TagShape, body=shapes.TagBody, status=201)
    def post(self, request: Request, project: str, model: str) -> Response:
        """Put a tag on a model; one that is there, however spelled, stays as it was."""
        found = self.model(project, model)
        require(self.viewer, "model.tag", found)
        added = add_tag(viewer=self.viewer, model=found, **self.body(shapes.TagBody))
        rows = shapes.tag_data(selectors.tags_of(self.viewer, found))
        row = next(row for row in rows if row["slug"] == added.tag.slug)
        return Response(row, status=201, headers={"Location": f"{request.path}/{added.tag.slug}"})


class TagOfModel(ModelView):
    @describe("remove_model_tag")
    def delete(self, request: Request, project: str, model: str, tag: str) -> Response:
        """Take off a tag that you put there, or any with the role contributor."""
        found = self.model(project, model)
        with transaction.atomic():
            for_writing(self.viewer, "model.tag", found)
            if "If-Match" in request.headers:
                rows = shapes.tag_data(selectors.tags_of(self.viewer, found))
                self.match(next((row for row in rows if row["slug"] == tag), None))
            if not remove_tag(viewer=self.viewer, model=found, slug=tag):
                raise NotVisible
        return Response(status=204)
