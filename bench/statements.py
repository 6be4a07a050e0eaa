"""Counting SQL statements: the site's own code called within this process, on the same database."""

from collections.abc import Callable
from typing import Any


def asked_inside(path: str, **parameters: Any) -> bytes:
    """A page or an answer of the API, by Django's own client, for someone not signed in.

    Raises:
        RuntimeError: it is no success.
    """
    from django.test import Client

    answer = Client(SERVER_NAME="127.0.0.1").get(path, parameters)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return answer.content


def statements_of(work: Callable[[], object]) -> int:
    """How many statements a call sends to Postgres; one sent with many sets of values is one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        work()
    transactions = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")
    return sum(not query["sql"].startswith(transactions) for query in captured.captured_queries)
