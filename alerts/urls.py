"""Addresses of the pages of alerts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

app_name = "alerts"


def soon(request: HttpRequest, **named: int) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("alerts/<int:alert>", soon, name="alert"),
    path("alerts/rules/<int:rule>", soon, name="rule"),
    path("alerts/webhooks/<int:webhook>", soon, name="webhook"),
]
