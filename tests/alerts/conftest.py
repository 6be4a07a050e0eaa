"""Alerts as tests speak of them: values that arrive, rules, and a real receiver of webhooks."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from alerts import touched
from alerts.models import Alert, Event, Rule
from catalog.models import ModelVersion, RegisteredModel
from evaluations.models import Evaluation, MetricValue
from tests.makers import numbers
from vocabulary.models import Dataset, Metric

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def f1(db) -> Metric:
    return Metric.objects.create(slug="f1", name="F1", direction="higher")


@pytest.fixture
def rule(db, request) -> Callable[..., Rule]:
    """`rule(threshold=0.8)`: F1 below 0.8 on the whole inventory, unless told otherwise."""

    def make(**fields: Any) -> Rule:
        recipients = fields.pop("tells", ())
        endpoints = fields.pop("endpoints", ())
        given = {"name": "F1 is low", "kind": "metric", "op": "below", "threshold": 0.8} | fields
        if given["kind"] == "metric" and "metric" not in given:
            given["metric"] = Metric.objects.get_or_create(slug="f1", defaults={"name": "F1"})[0]
        made = Rule.objects.create(**given)
        for user in recipients:
            made.recipients.create(user=user)
        made.endpoints.set(endpoints)
        return made

    return make


@pytest.fixture
def arrives(db) -> Callable[..., MetricValue]:
    """`arrives(model, 0.7, 0.9, day=3)`: values of its version, each later than the one before."""

    def add(
        thing: RegisteredModel | ModelVersion,
        *values: float,
        metric: str = "f1",
        dataset: str = "fraud-eval",
        split: str = "test",
        slice: str = "",
        day: float = 0,
    ) -> None:
        version = thing if isinstance(thing, ModelVersion) else thing.versions.get()
        definition, _ = Metric.objects.get_or_create(slug=metric, defaults={"name": metric.upper()})
        data = Dataset.objects.get_or_create(slug=dataset, defaults={"name": dataset})[0] if dataset else None
        for value in values:
            at = START + timedelta(days=day, seconds=next(numbers))
            evaluation = Evaluation.objects.create(
                version=version, dataset=data, split=split, slice=slice, evaluated_at=at
            )
            MetricValue.objects.create(evaluation=evaluation, metric=definition, value=value)

    return add


@pytest.fixture
def look(db) -> Callable[[], list[str]]:
    """`look()`: what the workers do; what happened since the last look, in order."""
    seen: set[int] = set()

    def drain() -> list[str]:
        touched.drain_all()
        fresh = [event for event in Event.objects.order_by("pk") if event.pk not in seen]
        seen.update(event.pk for event in fresh)
        return [event.kind for event in fresh]

    return drain


def states() -> list[str]:
    return list(Alert.objects.order_by("pk").values_list("state", flat=True))


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


class Receiver:
    """A real HTTP server that keeps what it got; it may answer badly, slowly, or be down."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []  # statuses for the next requests; then 200
        self.delay = 0.0
        self.redirect = ""
        self.server: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.delay)
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                try:
                    self.send_response(status)
                    if receiver.redirect:
                        self.send_header("Location", receiver.redirect)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # the sender has given up waiting

            def log_message(self, *args: Any) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.VITRINE_WEBHOOK_HOSTS = ["127.0.0.1"]
    settings.VITRINE_WEBHOOK_FIRST_PAUSE = 0.05
    settings.VITRINE_WEBHOOK_TIMEOUT = 2
    made = Receiver()
    yield made
    made.down()
