"""Addresses of sign-in, profile and tokens. `people.urls` puts them into the namespace `accounts:`."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("sign-out", views.SignOut.as_view(), name="sign_out"),
    path("me", views.profile, name="profile"),
    path("me/tokens", views.token_list, name="tokens"),
    path("me/tokens/<int:token_id>/revoke", views.token_revoke, name="token_revoke"),
]
