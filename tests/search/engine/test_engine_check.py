"""Checking that both stores equal the catalog, and mending them: differences found, changes meanwhile, the command."""

import pytest
from django.core.management import call_command
from django.db import connection

from search.documents import builder, store
from search.engine.client import client
from search.indexing import check, outbox, reindex
from search.models import SearchDocument
from tests.search.conftest import carry
from tests.search.engine.conftest import found, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(engine, model):
    made = [model(name, task="t") for name in ("one", "two", "three")]
    carry(to_engine=True)
    return made


def test_a_check_of_a_sound_index_finds_nothing(three):
    report = check.check()
    assert (report.differences, report.models, report.documents, report.engine_documents) == ([], 3, 3, 3)


def test_a_change_that_arrives_during_a_check_is_no_difference_in_postgres(model, monkeypatch):
    made = model("before")
    outbox.drain_all()
    made.name = "after"
    made.save()
    build, times = builder.build, iter([1])

    def build_while_a_worker_carries(ids):
        if next(times, 0):
            built = build(ids)
            outbox.drain_all()
            return built
        return build(ids)

    monkeypatch.setattr(builder, "build", build_while_a_worker_carries)
    assert check.check().differences == []


def test_a_change_that_arrives_during_a_check_is_no_difference_at_the_engine(three, monkeypatch):
    read, times = store.read_stored, iter([1])

    def carry_then_read(ids):
        if next(times, 0):
            three[0].name = "after"
            three[0].save()
            carry(to_engine=True)
        return read(ids)

    monkeypatch.setattr(store, "read_stored", carry_then_read)
    assert check.check().differences == []


def test_a_check_finds_planted_differences_and_a_repair_mends_them(three):
    one, two, three_ = three
    name = reindex.served_by()[0]
    source = held(one)["_source"]
    client().index(index=name, id=str(one.pk), body={**source, "keys": ["planted"]}, refresh=True)
    client().delete(index=name, id=str(two.pk), refresh=True)
    client().index(index=name, id="999999", body={**source, "model_id": 999999}, refresh=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_searchdocument SET body = jsonb_set(body, '{hit,name}', '\"planted\"')"
            " WHERE model_id = %s",
            [three_.pk],
        )
        cursor.execute(
            "INSERT INTO search_searchdocument"
            " (model_id, version, is_deleted, checksum, body, visibility, project_id, name, name_length,"
            " facets, own, grams, followers, popularity)"
            " VALUES (888888, 1, false, 'x', '{\"hit\": {}}', 'public', 1, 'ghost', 1, '{}', '{}', '{}', 0, 0)"
        )
    differences = {
        (d.where, d.kind, d.model_id)
        for d in check._postgres_differences([one.pk, two.pk, three_.pk, 888888])
    }
    assert differences == {("postgres", "stale", three_.pk), ("postgres", "surplus", 888888)}
    SearchDocument.objects.filter(pk=888888).update(body={})
    SearchDocument.objects.filter(pk=888888).delete()
    report = check.check()
    assert {(d.where, d.kind, d.model_id) for d in report.differences} == {
        ("postgres", "stale", three_.pk),
        ("opensearch", "stale", one.pk),
        ("opensearch", "stale", three_.pk),
        ("opensearch", "missing", two.pk),
        ("opensearch", "surplus", 999999),
    }
    check.repair()
    assert check.check().is_right
    assert sorted(found()) == ["one", "three", "two"]
    assert found("planted") == []


def test_the_command_tells_and_sets_its_exit_code(three, capsys):
    call_command("search", "check")
    assert "0 differences: 3 models, 3 documents in Postgres, 3 at the engine" in capsys.readouterr().out
    SearchDocument.objects.filter(pk=three[0].pk).delete()
    with pytest.raises(SystemExit) as stopped:
        call_command("search", "check")
    assert stopped.value.code == 1
    out = capsys.readouterr().out
    assert f"missing in postgres: model {three[0].pk}" in out
    assert f"surplus in opensearch: model {three[0].pk}" in out
    call_command("search", "repair")
    assert "2 differences were found" in capsys.readouterr().out
    call_command("search", "status")
    assert "opensearch" in capsys.readouterr().out
    call_command("search", "rebuild")
    assert "Searches go to the new index" in capsys.readouterr().out
    assert check.check().is_right
