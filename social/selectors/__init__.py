"""Every read of the social words. Each takes the viewer first and says its number of queries."""

from .discussion import (
    Discussion,
    Post,
    comment_rows,
    discussion_of,
    find_comment,
    get_comment,
    history_of,
    thread_of,
)
from .keeping import (
    bookmark_rows,
    bookmarks_of,
    follower_counts,
    most_followed,
    my_followed,
    notification_rows,
    notifications_of,
    unread_count,
)
from .page import ModelSocial, Rights, TagOnModel, keep_state, model_social, rights_on, tags_of
from .ratings import RatingSummary, StarCount, rating_summaries, rating_summary, reviews_of

__all__ = [
    "Discussion",
    "ModelSocial",
    "Post",
    "RatingSummary",
    "Rights",
    "StarCount",
    "TagOnModel",
    "bookmark_rows",
    "bookmarks_of",
    "comment_rows",
    "discussion_of",
    "find_comment",
    "follower_counts",
    "get_comment",
    "history_of",
    "keep_state",
    "model_social",
    "most_followed",
    "my_followed",
    "notification_rows",
    "notifications_of",
    "rating_summaries",
    "rating_summary",
    "reviews_of",
    "rights_on",
    "tags_of",
    "thread_of",
    "unread_count",
]
