"""Addresses of people's API, below /api/v1/."""

from django.urls import path

from people import api as api

app_name = "people_api"

urlpatterns = [
    path("me", api.Me.as_view(), name="me"),
    path("me/tokens", api.Tokens.as_view(), name="tokens"),
    path("me/tokens/<int:token>", api.Token.as_view(), name="token"),
    path("me/bookmarks", api.Bookmarks.as_view(), name="bookmarks"),
    path("me/notifications", api.Notifications.as_view(), name="notifications"),
    path("me/notifications/read", api.NotificationsRead.as_view(), name="notifications_read"),
    path("people", api.People.as_view(), name="people"),
    path("people/<str:username>", api.OnePerson.as_view(), name="person"),
    path("teams", api.Teams.as_view(), name="teams"),
    path("teams/<slug:slug>", api.OneTeam.as_view(), name="team"),
]
