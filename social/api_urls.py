"""Addresses of the social API, below /api/v1/."""

from django.urls import path

from social.api import keep, talk

app_name = "social_api"

MODEL = "models/<slug:project>/<slug:model>"

urlpatterns = [
    path(f"{MODEL}/rating", talk.RatingOfModel.as_view(), name="rating"),
    path(f"{MODEL}/comments", talk.Comments.as_view(), name="comments"),
    path("comments/<int:comment>", talk.CommentDetail.as_view(), name="comment"),
    path(f"{MODEL}/bookmark", keep.BookmarkOfModel.as_view(), name="bookmark"),
    path(f"{MODEL}/follow", keep.FollowOfModel.as_view(), name="follow"),
    path(f"{MODEL}/tags", keep.TagsOfModel.as_view(), name="model_tags"),
    path(f"{MODEL}/tags/<str:tag>", keep.TagOfModel.as_view(), name="model_tag"),
]
