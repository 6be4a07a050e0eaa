"""The engine away, its index or alias lost, its mapping of another time: nothing is lost, and it heals by itself."""

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from search import service
from search.documents import store
from search.engine.client import alias, client
from search.errors import EngineAway
from search.indexing import bulk, outbox, reindex
from search.indexing.worker import EngineWork, PollingWorker
from search.models import EngineIndex, EngineQueue, SearchDocument
from search.query import parse
from search.query.lexicon import Lexicon
from tests.makers import seen_by
from tests.search.conftest import carry, end_the_connection
from tests.search.engine.conftest import found

pytestmark = pytest.mark.django_db


def test_writes_go_on_while_the_engine_is_away_and_it_heals_by_itself(line, model):
    model("before")
    carry(to_engine=True)
    line.cut()
    made = model("during")
    outbox.drain_all()
    assert SearchDocument.objects.get(pk=made.pk).name == "during"
    with pytest.raises(EngineAway):
        bulk.step()
    assert EngineQueue.objects.filter(leased_until=None).count() == 1
    worker_thread = PollingWorker("test", EngineWork())
    assert worker_thread.turn() > 0
    assert worker_thread.failures == 1
    line.mend()
    while worker_thread.turn() == 0 or EngineQueue.objects.exists():
        pass
    assert sorted(found()) == ["before", "during"]
    assert worker_thread.failures == 0


@pytest.mark.django_db(transaction=True)
def test_documents_that_a_lost_connection_left_claimed_are_sent_at_once(engine, model, monkeypatch):
    model("claimed")
    outbox.drain_all()
    monkeypatch.setattr(store, "read_stored", end_the_connection)
    with pytest.raises(OperationalError):
        bulk.step()
    connection.close()
    monkeypatch.undo()
    assert EngineQueue.objects.filter(leased_until__gt=timezone.now()).count() == 1
    assert bulk.step() == 1
    assert found() == ["claimed"]


def test_a_lost_index_is_made_again(engine, model):
    model("kept")
    carry(to_engine=True)
    client().indices.delete(index=f"{alias()}-*")
    assert service.search(seen_by(None), parse({}, Lexicon())).is_degraded
    assert reindex.heal()
    assert found() == ["kept"]
    assert not reindex.heal()


def test_a_write_never_makes_an_index_by_accident(engine, model):
    model("m")
    outbox.drain_all()
    client().indices.delete(index=f"{alias()}-*")
    with pytest.raises(EngineAway, match="missing"):
        bulk.step()
    assert client().indices.get(index=f"{alias()}*") == {}
    assert EngineQueue.objects.count() == 1
    EngineWork()()
    assert not EngineQueue.objects.exists()


def test_a_missing_alias_is_put_back(engine, model):
    model("kept")
    carry(to_engine=True)
    client().indices.delete_alias(index="_all", name=alias())
    assert reindex.heal()
    assert found() == ["kept"]


def test_an_index_made_for_another_mapping_is_replaced(engine, model):
    model("kept")
    carry(to_engine=True)
    EngineIndex.objects.update(mapping_hash="older")
    assert reindex.heal()
    assert found() == ["kept"]
