"""Operations with a real engine: it is told of, compared, and mended."""

import pytest

from search.documents import store
from search.engine.client import alias
from search.engine.client import client as engine_client
from search.indexing import bulk, outbox, reindex
from search.models import DeadLetter, EngineIndex, SearchDocument
from tests.search.conftest import carry
from tests.search.operations.conftest import done_by_a_worker, plant, press, read, samples

pytestmark = pytest.mark.django_db


def test_with_an_engine_the_page_tells_of_it_and_a_check_compares_it(client, boss, engine, model):
    one, two = model("one"), model("two")
    carry(to_engine=True)
    page = read(client)
    assert "the search engine answers from an index of 2 documents." in page
    assert reindex.served_by()[0] in page
    engine_client().delete(index=reindex.served_by()[0], id=str(two.pk), refresh=True)
    job = done_by_a_worker("check", boss)
    assert job.differences == 1
    assert job.result["differences"] == [{"model": two.pk, "where": "opensearch", "kind": "missing"}]
    assert done_by_a_worker("repair", boss).differences == 0
    before = reindex.served_by()
    job = done_by_a_worker("rebuild", boss)
    assert [job.result["index"]] == reindex.served_by() != before
    numbers = samples()
    assert numbers["vitrine_search_engine_up"] == 1
    assert numbers["vitrine_search_engine_documents"] == 2
    assert numbers['vitrine_search_bulk_documents_total{outcome="landed"}'] >= 2
    EngineIndex.objects.filter(state="live").update(name="another")
    assert "Searches do not reach the index that writes go to" in read(client)
    assert one.pk


def test_a_document_spoilt_by_hand_is_stale_and_holds_up_no_others(client, boss, engine, model):
    odd, fine = model("odd"), model("fine")
    carry(to_engine=True)
    plant(odd, body={"hit": {"name": 1}})
    job = done_by_a_worker("check", boss)
    assert {(one["where"], one["kind"]) for one in job.result["differences"]} == {
        ("postgres", "stale"),
        ("opensearch", "stale"),
    }
    plant(fine, body={**SearchDocument.objects.get(pk=fine.pk).body, "visibility": "internal"})
    outcome = bulk.send(bulk.write_targets(), store.read_stored([odd.pk, fine.pk]))
    assert (outcome.done, set(outcome.refused)) == ({fine.pk}, {odd.pk})
    assert done_by_a_worker("repair", boss).differences == 0


def test_a_document_that_the_engine_refused_is_carried_once_it_is_right(client, boss, engine, model):
    odd = model("odd")
    outbox.drain_all()
    stored = SearchDocument.objects.get(pk=odd.pk)
    plant(odd, body={**stored.body, "hit": {**stored.body["hit"], "created_at": "not a date"}})
    bulk.drain_all()
    assert "Writing it to the search engine" in read(client)
    assert samples()['vitrine_search_bulk_documents_total{outcome="refused"}'] == 1
    assert samples()['vitrine_search_dead_entries{stage="engine"}'] == 1
    press(client, "retry")
    carry(to_engine=True)
    assert not DeadLetter.objects.exists()
    assert engine_client().exists(index=alias(), id=str(odd.pk))
