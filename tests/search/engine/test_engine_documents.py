"""Documents on their way to a real OpenSearch: versions, late and doubled writes, refusals, what they may hold."""

import json

import pytest

from catalog.models import AttributeDefinition, AttributeValue
from search.documents import store
from search.engine.client import alias, client
from search.indexing import bulk, check, outbox
from search.models import DeadLetter, EngineQueue, SearchDocument
from tests.search.conftest import carry
from tests.search.engine.conftest import found, held

pytestmark = pytest.mark.django_db


def test_a_document_carries_the_version_of_its_claim(engine, model):
    made = model("carried")
    carry(to_engine=True)
    assert held(made)["_version"] == SearchDocument.objects.get(pk=made.pk).version
    assert not EngineQueue.objects.exists()


def test_an_older_version_that_comes_late_is_refused(engine, model):
    made = model("old")
    outbox.drain_all()
    late = store.read_stored([made.pk])
    made.name = "new"
    made.save()
    carry(to_engine=True)
    outcome = bulk.send(bulk.write_targets(), late)
    assert outcome.done == {made.pk}
    assert held(made)["_source"]["hit"]["name"] == "new"


def test_the_same_batch_twice_changes_nothing(engine, model):
    made = model("twice")
    carry(to_engine=True)
    before = held(made)
    bulk.send(bulk.write_targets(), store.read_stored([made.pk]))
    assert held(made)["_source"] == before["_source"]


def test_a_late_write_cannot_resurrect_a_deleted_model(engine, model):
    made = model("gone")
    outbox.drain_all()
    late = store.read_stored([made.pk])
    made.delete()
    carry(to_engine=True)
    bulk.send(bulk.write_targets(), late)
    assert found() == []


def test_a_change_while_a_document_travels_stays_in_the_queue(engine, model, monkeypatch):
    made = model("first")
    outbox.drain_all()
    send = bulk.send

    def send_slowly(indexes, stored, **how):
        outcome = send(indexes, stored, **how)
        made.name = "second"
        made.save()
        outbox.drain_all()
        return outcome

    monkeypatch.setattr(bulk, "send", send_slowly)
    bulk.step()
    monkeypatch.undo()
    assert EngineQueue.objects.count() == 1
    bulk.drain_all()
    assert found() == ["second"]


def test_a_refused_document_goes_to_the_dead_list_and_its_neighbours_land(engine, model):
    odd, fine = model("odd"), model("fine")
    outbox.drain_all()
    stored = SearchDocument.objects.get(pk=odd.pk)
    broken = {**stored.body, "hit": {**stored.body["hit"], "created_at": "not a date"}}
    SearchDocument.objects.filter(pk=odd.pk).update(body=broken)
    bulk.drain_all()
    assert found() == ["fine"]
    letter = DeadLetter.objects.get()
    assert (letter.model_id, letter.stage) == (odd.pk, "engine")
    assert "created_at" in letter.reason
    assert not EngineQueue.objects.exists()
    check.repair()
    assert sorted(found()) == ["fine", "odd"]
    assert not DeadLetter.objects.exists()
    assert fine.pk


def test_the_engine_gets_no_sensitive_attribute(engine, model):
    made = model("m")
    secret = AttributeDefinition.objects.create(slug="s", name="S", type="keyword", is_sensitive=True)
    AttributeValue.objects.create(definition=secret, type="keyword", model=made, text="topsecretword")
    carry(to_engine=True)
    assert "topsecretword" not in json.dumps(held(made))


def test_attributes_of_any_type_never_change_the_mapping(engine, model):
    made, other = model("m"), model("n")
    carry(to_engine=True)
    before = client().indices.get_mapping(index=alias())
    for number, (kind, value) in enumerate(
        [
            ("number", {"number": 1.5}),
            ("keyword", {"text": "2024-01-01"}),
            ("boolean", {"boolean": True}),
            ("date", {"date": "2024-01-01"}),
        ]
    ):
        definition = AttributeDefinition.objects.create(slug=f"a{number}", name=f"A{number}", type=kind)
        for one in (made, other):
            AttributeValue.objects.create(definition=definition, type=kind, model=one, **value)
    carry(to_engine=True)
    assert not DeadLetter.objects.exists()
    assert client().indices.get_mapping(index=alias()) == before
