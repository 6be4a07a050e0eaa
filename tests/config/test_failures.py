"""What is answered when something fails on our side."""

from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client

from access.middleware import ViewerMiddleware

AWAY = "The database is away for the moment. Try again shortly."
LOST = [OperationalError("the server closed the connection"), InterfaceError("connection already closed")]


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Exception], HttpResponse]:
    """The answer at an address while an error comes before any view."""

    def ask(address: str, error: Exception) -> HttpResponse:
        def fail(middleware: ViewerMiddleware, request: HttpRequest) -> HttpResponse:
            raise error

        monkeypatch.setattr(ViewerMiddleware, "__call__", fail)
        return Client(raise_request_exception=False).get(address)

    return ask


@pytest.mark.parametrize("error", LOST, ids=["operational", "interface"])
def test_a_page_says_that_the_database_is_away(asking, error):
    answer = asking("/", error)
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert AWAY in answer.content.decode()


@pytest.mark.parametrize("error", LOST, ids=["operational", "interface"])
def test_the_api_says_so_in_a_problem_document(asking, error):
    answer = asking("/api/v1/models", error)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["detail"], answer.json()["instance"]) == (AWAY, "/api/v1/models")


def test_another_error_is_our_own_and_tells_none_of_its_words(asking):
    page = asking("/", RuntimeError("inner words"))
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.content.decode()
    document = asking("/api/v1/models", RuntimeError("inner words"))
    assert (document.status_code, document["Content-Type"]) == (500, "application/problem+json")
    assert b"inner words" not in page.content + document.content
