"""The social tables in Django's admin, for looking and mending. Moderation belongs on the pages."""

from django.contrib import admin

from social.models import Bookmark, Comment, CommentRevision, Follow, Mention, Notification, Rating


class RevisionInline(admin.TabularInline):
    model = CommentRevision
    extra = 0
    can_delete = False
    readonly_fields = ["body", "written_at", "replaced_at"]


@admin.register(Rating)
class RatingAdmin(admin.ModelAdmin):
    list_display = ["model", "author", "stars", "updated_at"]
    list_filter = ["stars"]
    list_select_related = ["model", "author"]
    search_fields = ["model__name", "author__username", "review"]
    raw_id_fields = ["model", "author"]


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ["model", "author", "created_at", "edited_at", "deleted_at", "__str__"]
    list_select_related = ["model", "author"]
    search_fields = ["body", "model__name", "author__username"]
    raw_id_fields = ["model", "version", "parent", "author", "deleted_by"]
    readonly_fields = ["created_at", "revision"]
    inlines = [RevisionInline]


@admin.register(CommentRevision)
class CommentRevisionAdmin(admin.ModelAdmin):
    list_display = ["comment_id", "written_at", "replaced_at", "__str__"]
    raw_id_fields = ["comment"]
    readonly_fields = ["body", "written_at", "replaced_at"]


@admin.register(Mention)
class MentionAdmin(admin.ModelAdmin):
    list_display = ["user", "comment_id"]
    list_select_related = ["user"]
    raw_id_fields = ["comment", "user"]


@admin.register(Bookmark)
class BookmarkAdmin(admin.ModelAdmin):
    list_display = ["user", "model", "note", "created_at"]
    list_select_related = ["user", "model"]
    raw_id_fields = ["model", "user"]


@admin.register(Follow)
class FollowAdmin(admin.ModelAdmin):
    list_display = ["user", "model", "created_at"]
    list_select_related = ["user", "model"]
    raw_id_fields = ["model", "user"]


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    list_display = ["recipient", "kind", "actor", "model", "created_at", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["recipient", "actor", "model"]
    raw_id_fields = ["recipient", "actor", "model", "comment"]
