"""Workers side by side, and values that race with looks: still once, and the last state is right."""

import threading

import pytest
from django.db import connection

from alerts import evaluation, touched
from alerts.models import Event, Touched
from tests.alerts.conftest import states
from tests.makers import make_model

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_fire_once(rule, arrives):
    """Values come in while four threads look without a pause."""
    rule(clear_at=0.85)
    models = [make_model() for _ in range(4)]
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.is_set():
                touched.step()
            touched.drain_all()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for value in [0.9] * 3 + [0.7, 0.82, 0.75, 0.81] * 6 + [0.9] * 3:
        for model in models:
            arrives(model, value)
    stop.set()
    for worker in workers:
        worker.join(30)
    touched.drain_all()
    assert not errors
    for model in models:
        kinds = list(Event.objects.filter(model=model).order_by("pk").values_list("kind", flat=True))
        assert kinds in (["fired", "cleared"], [])
    assert any(Event.objects.filter(model=model).exists() for model in models)
    assert not Touched.objects.exists()
    assert set(states()) <= {"ok"}


@pytest.mark.django_db(transaction=True)
def test_the_last_state_is_right_when_looks_and_values_race(rule, arrives):
    rule()
    model = make_model()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            touched.step()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(15):
        arrives(model, 0.9)
        arrives(model, 0.5)
    stop.set()
    for worker in workers:
        worker.join(30)
    touched.drain_all()
    assert states() == ["firing"]
    events = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert events == ["fired", "cleared"] * (len(events) // 2) + ["fired"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_looked_first_never_writes_over_one_that_saw_more(rule, arrives, monkeypatch):
    """The first worker is held up between reading and writing, while a newer value arrives and another one looks."""
    rule()
    model = make_model()
    touched.drain_all()
    arrives(model, 0.5)
    reading, go = threading.Event(), threading.Event()
    judge = evaluation.judge

    def slowly(*given):
        if threading.current_thread().name == "slow":
            reading.set()
            go.wait(20)
        return judge(*given)

    def work() -> None:
        touched.drain_all()
        connection.close()

    monkeypatch.setattr(evaluation, "judge", slowly)
    slow = threading.Thread(target=work, name="slow")
    slow.start()
    assert reading.wait(20)
    arrives(model, 0.9)
    quick = threading.Thread(target=work, name="quick")
    quick.start()
    quick.join(1)
    go.set()
    slow.join(20)
    quick.join(20)
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["fired", "cleared"]
    assert states() == ["ok"]
