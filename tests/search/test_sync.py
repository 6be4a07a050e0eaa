"""Carrying changes: nothing lost, nothing old over new, whatever dies in between."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.workers import PollingWorker, free
from search.documents import builder, numbers
from search.indexing import (
    backfill,
    check,
    outbox,
    worker,
)
from search.models import DeadLetter, EngineQueue, Outbox, SearchDocument
from social.models import Comment
from tests.makers import make_model, make_person
from tests.search.conftest import end_the_connection, measure


def document(made) -> SearchDocument:
    return SearchDocument.objects.get(pk=made.pk)


def test_a_change_becomes_a_document_and_leaves_the_outbox(model):
    made = model("fresh")
    outbox.drain_all()
    assert document(made).body["hit"]["name"] == "fresh"
    assert not Outbox.objects.exists()
    assert EngineQueue.objects.get(pk=made.pk).version == document(made).version


def test_many_changes_of_a_model_are_built_once(model):
    made = model()
    for number in range(20):
        made.summary = f"{number}"
        made.save()
    assert outbox.step() == 1
    assert not Outbox.objects.exists()


def test_a_worker_that_dies_after_its_claim_loses_nothing(model):
    made = model("survivor")
    dead = outbox.claim(lease=0.3)
    assert dead is not None
    assert outbox.claim() is None
    time.sleep(0.35)
    assert outbox.drain_all() == 1
    assert document(made).body["hit"]["name"] == "survivor"


def test_a_worker_that_wakes_up_late_does_not_win(model):
    made = model("old")
    late = outbox.claim(lease=0.01)
    built, failed = outbox.build(late.model_ids)
    time.sleep(0.02)
    made.name = "new"
    made.save()
    outbox.drain_all()
    version = document(made).version
    outbox.finish(late, built, failed)
    assert (document(made).body["hit"]["name"], document(made).version) == ("new", version)
    assert EngineQueue.objects.get(pk=made.pk).version == version


def test_what_changes_after_the_claim_is_carried_next(model):
    made = model("before")
    claimed = outbox.claim()
    built, failed = outbox.build(claimed.model_ids)
    made.name = "after"
    made.save()
    outbox.finish(claimed, built, failed)
    assert Outbox.objects.count() == 1
    outbox.drain_all()
    assert document(made).name == "after"


def test_a_late_write_cannot_bring_a_deleted_model_back(model):
    made = model("gone")
    outbox.drain_all()
    Comment.objects.create(model=made, author=make_person(), body="late")
    late = outbox.claim(lease=0.01)
    built, failed = outbox.build(late.model_ids)
    time.sleep(0.02)
    pk = made.pk
    made.delete()
    outbox.drain_all()
    outbox.finish(late, built, failed)
    left = SearchDocument.objects.get(pk=pk)
    assert (left.is_deleted, left.body, left.facets) == (True, {}, [])


def test_deleted_rows_are_forgotten_after_a_day(model):
    made = model()
    outbox.drain_all()
    made.delete()
    outbox.drain_all()
    EngineQueue.objects.all().delete()
    assert outbox.purge_deleted() == 0
    assert outbox.purge_deleted(older_than_hours=-1) == 1


def test_one_model_that_cannot_be_built_does_not_hold_up_the_others(model, monkeypatch):
    odd, fine = model("odd"), model("fine")
    whole = builder.build

    def build(ids):
        if odd.pk in ids:
            raise ValueError("odd facts")
        return whole(ids)

    monkeypatch.setattr(builder, "build", build)
    outbox.drain_all()
    assert document(fine).name == "fine"
    assert DeadLetter.objects.get().reason == "ValueError: odd facts"
    assert not Outbox.objects.exists()
    monkeypatch.setattr(builder, "build", whole)
    outbox.enqueue([odd.pk])
    outbox.drain_all()
    assert document(odd).name == "odd"
    assert not DeadLetter.objects.exists()


def test_building_takes_as_many_statements_for_many_as_for_one(model):
    def statements(ids) -> int:
        with CaptureQueriesContext(connection) as queries:
            builder.build(ids)
        return len(queries)

    made = [model(f"m{n}", task=f"t{n % 3}", tags=["x"]) for n in range(8)]
    for one in made:
        for number in range(3):
            measure(one, f"metric{number}", number, dataset=f"d{number}")
    assert statements([made[0].pk]) == statements([one.pk for one in made]) <= 21


def test_a_document_is_bounded_whatever_its_model_has(model):
    made = model()
    for number in range(numbers.MOST + 20):
        measure(made, "acc", number, slice=f"s{number}")
    for _ in range(30):
        Comment.objects.create(model=made, author=None, body="word " * 4000)
    body = builder.build([made.pk])[made.pk]
    assert len(body["metrics"]) == numbers.MOST
    assert body["metrics_left_out"] == 20
    assert sum(map(len, body["text"]["talk"])) <= builder.LONGEST_TALK


def test_the_same_facts_give_the_same_checksum(model):
    made = model("same", task="t", tags=["b", "a"])
    first, second = (builder.build([made.pk])[made.pk] for _ in range(2))
    assert builder.checksum(first) == builder.checksum(second)


def test_everything_can_be_built_anew(model):
    made = [model() for _ in range(3)]
    outbox.drain_all()
    SearchDocument.objects.all().delete()
    seen: list[tuple[int, int]] = []
    assert backfill.index_all(progress=lambda done, total: seen.append((done, total))) == 3
    assert SearchDocument.objects.count() == len(made)
    assert seen[-1] == (3, 3)


def test_building_anew_queues_nothing_that_came_out_as_it_was(model):
    made, other = model("same"), model("edited")
    outbox.drain_all()
    EngineQueue.objects.all().delete()
    other.summary = "new words"
    other.save()
    before = document(made).version
    assert backfill.index_all() == 2
    assert document(made).version == before
    assert list(EngineQueue.objects.values_list("model_id", "leased_until")) == [(other.pk, None)]
    assert not Outbox.objects.exists()


def test_building_anew_writes_what_was_changed_by_hand(model):
    made, other = model("spoilt"), model("fine")
    outbox.drain_all()
    SearchDocument.objects.filter(pk=made.pk).update(facets=["task:nothing"])
    assert (document(made).checksum, document(other).checksum != "") == ("", True)
    before = {pk: document(pk).version for pk in (made, other)}
    backfill.index_all()
    assert "task:nothing" not in document(made).facets
    assert (document(made).version > before[made], document(other).version == before[other]) == (True, True)


def test_building_anew_writes_everything_once_it_is_built_otherwise(model, monkeypatch):
    made = model("same")
    outbox.drain_all()
    before = document(made)
    monkeypatch.setattr(builder, "REVISION", builder.REVISION + 1)
    backfill.index_all()
    after = document(made)
    assert after.version > before.version and after.checksum != before.checksum
    assert after.body == before.body


def test_building_anew_takes_what_can_be_built_again_off_the_dead_list(model, monkeypatch):
    made = model("odd")
    outbox.drain_all()
    DeadLetter.objects.create(model_id=made.pk, stage="build", reason="was odd", version=1)
    backfill.index_all()
    assert not DeadLetter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_ends_building_anew_and_loses_nothing(monkeypatch):
    made = [make_model(name=f"model {number}") for number in range(12)]
    build = outbox.build

    def build_or_not(ids):
        if made[-1].pk in ids:
            raise ZeroDivisionError
        return build(ids)

    monkeypatch.setattr(backfill, "BATCH", 9)
    monkeypatch.setattr(outbox, "build", build_or_not)
    with pytest.raises(ZeroDivisionError):
        backfill.index_all()
    monkeypatch.undo()
    Outbox.objects.update(leased_until=None)  # as a minute later
    outbox.drain_all()
    assert SearchDocument.objects.filter(is_deleted=False).count() == 12


@pytest.mark.django_db(transaction=True)
def test_what_a_lost_connection_left_claimed_is_carried_at_once_and_not_a_minute_later(monkeypatch):
    made = make_model(name="claimed")
    monkeypatch.setattr(outbox, "build", end_the_connection)
    with pytest.raises(OperationalError):
        outbox.step()
    connection.close()
    monkeypatch.undo()
    claimed = Outbox.objects.values_list("claim", flat=True)
    assert list(
        Outbox.objects.filter(leased_until__gt=timezone.now()).values_list("claim", flat=True)
    ) == list(claimed)
    assert outbox.step() == 1
    assert document(made).body["hit"]["name"] == "claimed"
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_worker_has_claimed_since_are_not_let_go(monkeypatch):
    make_model(name="claimed twice")
    monkeypatch.setattr(outbox, "build", end_the_connection)
    with pytest.raises(OperationalError):
        outbox.step()
    connection.close()
    monkeypatch.undo()
    Outbox.objects.update(leased_until=None)  # as a minute later
    other = outbox.claim()
    assert outbox.step() == 0
    assert Outbox.objects.filter(claim=other.number, leased_until__gt=timezone.now()).exists()
    outbox.finish(other, *outbox.build(other.model_ids))
    assert not Outbox.objects.exists()


@pytest.mark.parametrize("count", [0, 1, 4, 5, 12, 13, 40])
def test_batches_mix_neighbours_and_leave_out_nobody(monkeypatch, count):
    monkeypatch.setattr(backfill, "BATCH", 4)
    monkeypatch.setattr(backfill, "WINDOW", 3)
    ids = list(range(count))
    batches = [list(batch) for batch in backfill.mixed(ids)]
    assert sorted(pk for batch in batches for pk in batch) == ids
    for batch in batches:
        assert len(batch) <= 4
        assert max(batch) - min(batch) < 12  # read from few pages
    assert count < 8 or not any(one + 1 in batch for batch in batches[:2] for one in batch)


@pytest.mark.parametrize("value", [1e15, 1e16, 3e18, 1e22, 1e300, 1e-7, -0.0, 5.0])
def test_a_number_of_any_size_comes_out_of_the_store_as_it_went_in(model, value):
    made = model()
    measure(made, "perplexity", value)
    outbox.drain_all()
    assert check.check().is_right


@pytest.mark.django_db(transaction=True)
def test_building_anew_beside_writers_keeps_the_newest(monkeypatch):
    made = [make_model(name=f"model {number}") for number in range(12)]
    outbox.drain_all()
    build, times = outbox.build, iter((1, 2, 3))

    def build_then_change(ids):
        built = build(ids)
        if next(times, 0):
            type(made[0]).objects.filter(pk=made[0].pk).update(name="changed meanwhile")
        return built

    monkeypatch.setattr(backfill, "BATCH", 4)
    monkeypatch.setattr(outbox, "build", build_then_change)
    assert backfill.index_all() == 12
    monkeypatch.undo()
    outbox.drain_all()
    assert document(made[0]).name == "changed meanwhile"
    assert SearchDocument.objects.filter(is_deleted=False).count() == 12


def test_a_batch_is_written_in_two_statements(model):
    for number in range(5):
        model(f"m{number}")
    claimed = outbox.claim()
    built, failed = outbox.build(claimed.model_ids)
    with CaptureQueriesContext(connection) as queries:
        outbox.finish(claimed, built, failed)
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 2


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_take_each_change_once(monkeypatch):
    for number in range(60):
        make_model(name=f"model {number}")
    claim, taken, waiting = outbox.claim, [], Outbox.objects.count()

    def counted(*arguments):
        if claimed := claim(*arguments):
            taken.extend(claimed.row_ids)
        return claimed

    monkeypatch.setattr(outbox, "claim", counted)

    def work() -> None:
        try:
            while outbox.step(batch=7):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) >= waiting - 1
    assert not Outbox.objects.exists()
    assert SearchDocument.objects.filter(is_deleted=False).count() == 60
    assert all(d.name == d.body["hit"]["name"] for d in SearchDocument.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_worker_finds_plain_sql_within_two_seconds():
    made = make_model(name="before")
    outbox.drain_all()
    workers = worker.start()
    try:
        time.sleep(0.5)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_registeredmodel SET name = 'by psql' WHERE id = %s", [made.pk])
        began = time.monotonic()
        while document(made).name != "by psql":
            assert time.monotonic() - began < 2
            time.sleep(0.02)
    finally:
        for worker_thread in workers:
            worker_thread.stop()
        for worker_thread in workers:
            worker_thread.join(timeout=5)
    assert not any(worker_thread.is_alive() for worker_thread in workers)


def test_a_polling_worker_slows_down_while_it_fails_and_lives_on():
    def fail() -> int:
        raise RuntimeError("broken")

    worker_thread = PollingWorker("test", fail, every=0.1)
    pauses = [worker_thread.turn() for _ in range(8)]
    assert worker_thread.failures == 8
    assert pauses[-1] > pauses[0]
    worker_thread.work = lambda: 1
    assert worker_thread.turn() == 0
    assert worker_thread.failures == 0


def test_a_sweeper_lets_changes_gather_unless_more_are_waiting():
    carried = iter([2, 5, 0])
    worker_thread = PollingWorker("test", lambda: next(carried), every=0.1, full=5, gather=3.0)
    assert worker_thread.turn() == 3.0
    assert worker_thread.turn() == 0
    assert 0 < worker_thread.turn() < 0.2


def test_a_sweeper_that_carried_something_wakes_the_next_one():
    carried = iter([0, 3])
    engine = PollingWorker("engine", lambda: 0)
    documents_sweeper = PollingWorker("documents", lambda: next(carried), next_one=engine)
    documents_sweeper.turn()
    assert not engine.woken.is_set()
    documents_sweeper.turn()
    assert engine.woken.is_set()


def test_a_sweeper_that_fails_keeps_its_pause_when_woken():
    engine = PollingWorker("engine", lambda: 0)
    engine.failures = 1
    engine.wake()
    assert not engine.woken.is_set()


def test_a_woken_sweeper_looks_at_once():
    looked = threading.Event()
    worker_thread = PollingWorker("test", lambda: looked.set() or 0, every=60)
    worker_thread.start()
    try:
        assert looked.wait(5)
        looked.clear()
        deadline = time.monotonic() + 5
        while not looked.is_set() and time.monotonic() < deadline:
            worker_thread.wake()
            time.sleep(0.01)
        assert looked.is_set()
    finally:
        worker_thread.stop()
        worker_thread.join(timeout=5)
    assert not worker_thread.is_alive()


def test_a_lease_of_a_clock_that_was_wrong_is_over(model):
    made = model("stuck")
    outbox.claim()
    assert outbox.claim() is None
    Outbox.objects.update(leased_until=timezone.now() + timedelta(days=400))
    assert outbox.drain_all() == 1
    EngineQueue.objects.update(leased_until=timezone.now() + timedelta(days=400))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT model_id FROM search_enginequeue WHERE {free('leased_until')}")
        assert cursor.fetchall() == [(made.pk,)]
