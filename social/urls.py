"""Addresses of the social pages and forms. All of a model's lie below the model's own."""

from django.urls import include, path

from social.views import discussion, keeping, rating, tags

app_name = "social"

of_model = [
    path("rating", rating.rate, name="rate"),
    path("rating/remove", rating.remove_rating, name="unrate"),
    path("reviews", rating.reviews, name="reviews"),
    path("discussion", discussion.discussion, name="discussion"),
    path("comments", discussion.add, name="comment_add"),
    path("comments/<int:comment_id>", discussion.thread, name="thread"),
    path("comments/<int:comment_id>/edit", discussion.edit, name="comment_edit"),
    path("comments/<int:comment_id>/delete", discussion.delete, name="comment_delete"),
    path("comments/<int:comment_id>/restore", discussion.restore, name="comment_restore"),
    path("comments/<int:comment_id>/history", discussion.history, name="comment_history"),
    path("bookmark", keeping.bookmark, name="bookmark"),
    path("follow", keeping.follow, name="follow"),
    path("tags", tags.add, name="tag_add"),
    path("tags/remove", tags.remove, name="tag_remove"),
]

urlpatterns = [
    path("p/<slug:project>/<slug:model>/", include(of_model)),
    path("me/bookmarks", keeping.bookmark_list, name="bookmarks"),
    path("me/notifications", keeping.notification_list, name="notifications"),
    path("me/notifications/read", keeping.notifications_read, name="notifications_read"),
]
