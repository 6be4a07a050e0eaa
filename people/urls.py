"""Addresses of people and teams, and all of `accounts.urls`: together the namespace `accounts:`."""

from django.urls import path

from accounts.urls import urlpatterns as account_patterns
from people import views

app_name = "accounts"

urlpatterns = [
    *account_patterns,
    path("people/", views.people_list, name="people"),
    path("people/<str:username>", views.person, name="person"),
    path("teams/", views.team_list, name="teams"),
    path("teams/<slug:slug>", views.team, name="team"),
]
