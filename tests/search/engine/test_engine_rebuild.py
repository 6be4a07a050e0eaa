"""A new index beside the live one: the swap, what changes meanwhile, what is sent to it, and rebuilds that fail."""

import pytest
from django.db.models.functions import Now

from search.documents import builder
from search.indexing import (
    backfill,
    bulk,
    check,
    outbox,
    reindex,
)
from search.models import DeadLetter, EngineIndex, EngineQueue, SearchDocument
from tests.search.conftest import carry
from tests.search.engine.conftest import found

pytestmark = pytest.mark.django_db


# ── swap ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rebuild_swaps_in_one_step_and_keeps_the_index_before(engine, model):
    model("one"), model("two")
    carry(to_engine=True)
    before = reindex.served_by()
    name = reindex.rebuild()
    assert reindex.served_by() == [name] != before
    assert sorted(found()) == ["one", "two"]
    assert {i.name: i.state for i in EngineIndex.objects.all()} == {name: "live", before[0]: "retired"}


def test_writes_and_deletes_during_a_rebuild_reach_the_new_index(engine, model, monkeypatch):
    stays, goes = model("stays"), model("goes")
    carry(to_engine=True)
    read = reindex.read_stored

    def read_then_change(ids):
        copied = read(ids)
        if EngineIndex.objects.filter(state="building").exists() and goes.pk in ids:
            stays.name = "changed"
            stays.save()
            goes_pk = goes.pk
            type(goes).objects.get(pk=goes_pk).delete()
            model("came")
            outbox.drain_all()
            bulk.drain_all()
        return copied

    monkeypatch.setattr(reindex, "read_stored", read_then_change)
    reindex.rebuild()
    assert sorted(found()) == ["came", "changed"]
    assert check.check().is_right


def test_what_changes_while_everything_is_built_anew_reaches_the_new_index(engine, model, monkeypatch):
    stays, goes, named = model("stays"), model("goes"), model("renamed before it is built")
    carry(to_engine=True)
    build = backfill.build

    def change_around(ids):
        type(named).objects.filter(pk=named.pk).update(name="renamed")
        stored = build(ids)
        type(stays).objects.filter(pk=stays.pk).update(name="changed")
        type(goes).objects.get(pk=goes.pk).delete()
        model("came")
        outbox.drain_all()
        bulk.drain_all()
        return stored

    monkeypatch.setattr(backfill, "build", change_around)
    reindex.rebuild_anew()
    assert sorted(found()) == ["came", "changed", "renamed"]
    assert check.check().is_right


def test_a_model_that_cannot_be_built_keeps_its_document_in_the_new_index(engine, model, monkeypatch):
    odd = model("odd")
    model("fine")
    carry(to_engine=True)
    build = builder.build

    def build_or_not(ids):
        if odd.pk in ids:
            raise ValueError("odd")
        return build(ids)

    monkeypatch.setattr(builder, "build", build_or_not)
    reindex.rebuild_anew()
    assert sorted(found()) == ["fine", "odd"]
    assert DeadLetter.objects.get().model_id == odd.pk


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sent(monkeypatch):
    """Every document that goes to an index, as (index, model, version)."""
    found: list[tuple[str, int, int]] = []
    send = bulk.send

    def counted(indexes, stored, **how):
        indexes = list(indexes)
        found.extend((name, one.model_id, one.version) for name in indexes for one in stored)
        return send(indexes, stored, **how)

    monkeypatch.setattr(bulk, "send", counted)
    monkeypatch.setattr(reindex, "send", counted)
    return found


def test_a_rebuild_of_everything_sends_each_document_once_and_to_the_new_index_only(engine, model, sent):
    made = [model(name) for name in ("one", "two", "three")]
    carry(to_engine=True)
    made[0].name = "changed"
    made[0].save()
    sent.clear()
    name, count = reindex.rebuild_anew()
    assert count == 3
    assert not EngineQueue.objects.exists()
    assert sorted((where, pk) for where, pk, _ in sent) == [(name, one.pk) for one in made]
    assert check.check().is_right


def test_documents_that_wait_for_the_engine_are_not_sent_again_when_a_rebuild_copied_them(
    engine, model, sent
):
    made = [model("one"), model("two")]
    outbox.drain_all()
    assert EngineQueue.objects.count() == 2
    name = reindex.rebuild()
    assert sorted((where, pk) for where, pk, _ in sent) == [(name, one.pk) for one in made]
    assert not EngineQueue.objects.exists()
    assert check.check().is_right


def test_what_was_built_otherwise_without_a_change_waits_for_the_new_index(engine, model, sent, monkeypatch):
    made = model("same")
    carry(to_engine=True)
    SearchDocument.objects.update(checksum="of an older revision", built_at=Now())
    sent.clear()
    backfill.index_all()
    assert bulk.drain_all() == 0
    assert EngineQueue.objects.get().model_id == made.pk
    name = reindex.rebuild()
    assert [(where, pk) for where, pk, _ in sent] == [(name, made.pk)]
    assert not EngineQueue.objects.exists()


# ── when it fails ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_rebuild_that_dies_before_the_swap_leaves_every_change_to_be_sent(engine, model, monkeypatch):
    made = model("before")
    carry(to_engine=True)
    before = reindex.served_by()
    made.name = "after"
    made.save()
    backfill.index_all()
    monkeypatch.setattr(reindex, "_swap", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reindex.rebuild()
    assert reindex.served_by() == before
    assert EngineQueue.objects.get().model_id == made.pk
    EngineQueue.objects.update(leased_until=None)  # as a minute later
    bulk.drain_all()
    assert found() == ["after"]
    assert check.check().is_right


def test_a_rebuild_that_fails_leaves_the_live_index_alone(engine, model, monkeypatch):
    model("safe")
    carry(to_engine=True)
    before = reindex.served_by()
    monkeypatch.setattr(reindex, "_fill", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reindex.rebuild()
    assert reindex.served_by() == before
    assert found() == ["safe"]
    assert list(EngineIndex.objects.values_list("state", flat=True)) == ["live"]


def test_a_rebuild_outlives_an_engine_that_is_away_for_a_moment(line, model, monkeypatch):
    model("kept")
    outbox.drain_all()
    read, tried = reindex.read_stored, []

    def read_and_cut(ids):
        line.cut()
        return read(ids)

    monkeypatch.setattr(reindex, "read_stored", read_and_cut)
    monkeypatch.setattr(reindex.time, "sleep", lambda seconds: (tried.append(seconds), line.mend()))
    reindex.rebuild()
    assert tried
    assert found() == ["kept"]
