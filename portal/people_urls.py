"""Addresses of people and teams, and all of `accounts.urls`: together the namespace `accounts:`."""

from django.urls import path

from accounts.urls import urlpatterns as account_patterns
from portal import people

app_name = "accounts"

urlpatterns = [
    *account_patterns,
    path("people/", people.people_list, name="people"),
    path("people/<str:username>", people.person, name="person"),
    path("teams/", people.team_list, name="teams"),
    path("teams/<slug:slug>", people.team, name="team"),
]
