"""Carrying documents to a real OpenSearch: versions, refusals, lost indexes, rebuilds, repairs, outages."""

import json
import socket
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from search import anew, documents, find, health, store, sync
from search.backends.opensearch import OpenSearchBackend
from search.engine import index, ship
from search.engine.client import alias, client
from search.errors import EngineAway
from search.lexicon import Lexicon
from search.models import DeadLetter, EngineIndex, EngineQueue, SearchDocument
from search.query import parse
from search.worker import EngineWork, Sweeper
from tests.makers import seen_by
from tests.search.conftest import carry

pytestmark = pytest.mark.django_db


class Line:
    """A line to a server that can be cut and mended: real sockets, so that real errors come out of it."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self.target = (host, int(port or 9200))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_cut = False
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in self.open:
            end.close()
        self.open.clear()

    def mend(self) -> None:
        self.is_cut = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(self.target)
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()


@pytest.fixture
def line(engine, settings):
    """The engine behind a line that the test can cut."""
    made = Line(engine)
    settings.OPENSEARCH_URL = made.url
    yield made
    made.cut()
    made.listener.close()


def held(made) -> dict:
    client().indices.refresh(index=alias())
    return client().get(index=alias(), id=str(made.pk))


def found(text: str = "") -> list[str]:
    client().indices.refresh(index=alias())
    return [
        hit.name for hit in OpenSearchBackend().search(seen_by(None), parse({"q": [text]}, Lexicon())).hits
    ]


def test_a_document_carries_the_version_of_its_claim(engine, model):
    made = model("carried")
    carry(to_engine=True)
    assert held(made)["_version"] == SearchDocument.objects.get(pk=made.pk).version
    assert not EngineQueue.objects.exists()


def test_an_older_version_that_comes_late_is_refused(engine, model):
    made = model("old")
    sync.drain_all()
    late = store.read_stored([made.pk])
    made.name = "new"
    made.save()
    carry(to_engine=True)
    outcome = ship.send(ship.write_targets(), late)
    assert outcome.done == {made.pk}
    assert held(made)["_source"]["hit"]["name"] == "new"


def test_the_same_batch_twice_changes_nothing(engine, model):
    made = model("twice")
    carry(to_engine=True)
    before = held(made)
    ship.send(ship.write_targets(), store.read_stored([made.pk]))
    assert held(made)["_source"] == before["_source"]


def test_a_late_write_cannot_resurrect_a_deleted_model(engine, model):
    made = model("gone")
    sync.drain_all()
    late = store.read_stored([made.pk])
    made.delete()
    carry(to_engine=True)
    ship.send(ship.write_targets(), late)
    assert found() == []


def test_a_change_while_a_document_travels_stays_in_the_queue(engine, model, monkeypatch):
    made = model("first")
    sync.drain_all()
    send = ship.send

    def send_slowly(indexes, stored, **how):
        outcome = send(indexes, stored, **how)
        made.name = "second"
        made.save()
        sync.drain_all()
        return outcome

    monkeypatch.setattr(ship, "send", send_slowly)
    ship.step()
    monkeypatch.undo()
    assert EngineQueue.objects.count() == 1
    ship.drain_all()
    assert found() == ["second"]


def test_a_refused_document_goes_to_the_dead_list_and_its_neighbours_land(engine, model):
    odd, fine = model("odd"), model("fine")
    sync.drain_all()
    stored = SearchDocument.objects.get(pk=odd.pk)
    broken = {**stored.body, "hit": {**stored.body["hit"], "created_at": "not a date"}}
    SearchDocument.objects.filter(pk=odd.pk).update(body=broken)
    ship.drain_all()
    assert found() == ["fine"]
    letter = DeadLetter.objects.get()
    assert (letter.model_id, letter.stage) == (odd.pk, "engine")
    assert "created_at" in letter.reason
    assert not EngineQueue.objects.exists()
    health.repair()
    assert sorted(found()) == ["fine", "odd"]
    assert not DeadLetter.objects.exists()
    assert fine.pk


def test_writes_go_on_while_the_engine_is_away_and_it_heals_by_itself(line, model):
    model("before")
    carry(to_engine=True)
    line.cut()
    made = model("during")
    sync.drain_all()
    assert SearchDocument.objects.get(pk=made.pk).name == "during"
    with pytest.raises(EngineAway):
        ship.step()
    assert EngineQueue.objects.filter(leased_until=None).count() == 1
    sweeper = Sweeper("test", EngineWork())
    assert sweeper.turn() > 0
    assert sweeper.failures == 1
    line.mend()
    while sweeper.turn() == 0 or EngineQueue.objects.exists():
        pass
    assert sorted(found()) == ["before", "during"]
    assert sweeper.failures == 0


def test_postgres_answers_while_the_engine_is_away_and_says_so(line, model, client, monkeypatch):
    model("resnet50", task="vision")
    carry(to_engine=True)
    monkeypatch.setattr(find, "breaker", find.Breaker(failures=2, pause=0.1))
    answer = client.get("/api/v1/search?q=resnet").json()
    assert (answer["backend"], answer["degraded"], answer["total"]) == ("opensearch", False, 1)
    line.cut()
    for _ in range(3):
        answer = client.get("/api/v1/search?q=resnet").json()
        assert (answer["backend"], answer["degraded"], answer["total"]) == ("postgres", True, 1)
    assert find.breaker.is_open
    page = client.get("/search?q=resnet").content.decode()
    assert "Search runs in a simpler way right now" in page
    assert client.get("/search/suggest?q=res").json()["suggestions"][0]["label"] == "resnet50"
    line.mend()
    for _ in range(60):
        answer = client.get("/api/v1/search?q=resnet").json()
        if answer["backend"] == "opensearch":
            break
        threading.Event().wait(0.05)
    assert (answer["backend"], answer["degraded"]) == ("opensearch", False)
    assert not find.breaker.is_open


def test_an_engine_that_does_not_answer_at_all_is_not_waited_for_twice(settings, model, monkeypatch):
    sync.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    asked: list[int] = []
    real = OpenSearchBackend.search
    monkeypatch.setattr(OpenSearchBackend, "search", lambda *a: (asked.append(1), real(*a))[1])
    for _ in range(10):
        assert find.search(seen_by(None), parse({}, Lexicon())).is_degraded
    assert len(asked) == 2


def test_a_lost_index_is_made_again(engine, model):
    model("kept")
    carry(to_engine=True)
    client().indices.delete(index=f"{alias()}-*")
    assert find.search(seen_by(None), parse({}, Lexicon())).is_degraded
    assert index.heal()
    assert found() == ["kept"]
    assert not index.heal()


def test_a_write_never_makes_an_index_by_accident(engine, model):
    model("m")
    sync.drain_all()
    client().indices.delete(index=f"{alias()}-*")
    with pytest.raises(EngineAway, match="missing"):
        ship.step()
    assert client().indices.get(index=f"{alias()}*") == {}
    assert EngineQueue.objects.count() == 1
    EngineWork()()
    assert not EngineQueue.objects.exists()


def test_a_missing_alias_is_put_back(engine, model):
    model("kept")
    carry(to_engine=True)
    client().indices.delete_alias(index="_all", name=alias())
    assert index.heal()
    assert found() == ["kept"]


def test_an_index_made_for_another_mapping_is_replaced(engine, model):
    model("kept")
    carry(to_engine=True)
    EngineIndex.objects.update(mapping_hash="older")
    assert index.heal()
    assert found() == ["kept"]


def test_a_rebuild_swaps_in_one_step_and_keeps_the_index_before(engine, model):
    model("one"), model("two")
    carry(to_engine=True)
    before = index.served_by()
    name = index.rebuild()
    assert index.served_by() == [name] != before
    assert sorted(found()) == ["one", "two"]
    assert {i.name: i.state for i in EngineIndex.objects.all()} == {name: "live", before[0]: "retired"}


def test_writes_and_deletes_during_a_rebuild_reach_the_new_index(engine, model, monkeypatch):
    stays, goes = model("stays"), model("goes")
    carry(to_engine=True)
    read = index.read_stored

    def read_then_change(ids):
        copied = read(ids)
        if EngineIndex.objects.filter(state="building").exists() and goes.pk in ids:
            stays.name = "changed"
            stays.save()
            goes_pk = goes.pk
            type(goes).objects.get(pk=goes_pk).delete()
            model("came")
            sync.drain_all()
            ship.drain_all()
        return copied

    monkeypatch.setattr(index, "read_stored", read_then_change)
    index.rebuild()
    assert sorted(found()) == ["came", "changed"]
    assert health.check().is_right


def test_what_changes_while_everything_is_built_anew_reaches_the_new_index(engine, model, monkeypatch):
    stays, goes, named = model("stays"), model("goes"), model("renamed before it is built")
    carry(to_engine=True)
    build = anew.build

    def change_around(ids):
        type(named).objects.filter(pk=named.pk).update(name="renamed")
        stored = build(ids)
        type(stays).objects.filter(pk=stays.pk).update(name="changed")
        type(goes).objects.get(pk=goes.pk).delete()
        model("came")
        sync.drain_all()
        ship.drain_all()
        return stored

    monkeypatch.setattr(anew, "build", change_around)
    index.rebuild_anew()
    assert sorted(found()) == ["came", "changed", "renamed"]
    assert health.check().is_right


def test_a_model_that_cannot_be_built_keeps_its_document_in_the_new_index(engine, model, monkeypatch):
    odd = model("odd")
    model("fine")
    carry(to_engine=True)
    build = documents.build

    def build_or_not(ids):
        if odd.pk in ids:
            raise ValueError("odd")
        return build(ids)

    monkeypatch.setattr(documents, "build", build_or_not)
    index.rebuild_anew()
    assert sorted(found()) == ["fine", "odd"]
    assert DeadLetter.objects.get().model_id == odd.pk


@pytest.fixture
def sent(monkeypatch):
    """Every document that goes to an index, as (index, model, version)."""
    found: list[tuple[str, int, int]] = []
    send = ship.send

    def counted(indexes, stored, **how):
        indexes = list(indexes)
        found.extend((name, one.model_id, one.version) for name in indexes for one in stored)
        return send(indexes, stored, **how)

    monkeypatch.setattr(ship, "send", counted)
    monkeypatch.setattr(index, "send", counted)
    return found


def test_a_rebuild_of_everything_sends_each_document_once_and_to_the_new_index_only(engine, model, sent):
    made = [model(name) for name in ("one", "two", "three")]
    carry(to_engine=True)
    made[0].name = "changed"
    made[0].save()
    sent.clear()
    name, count = index.rebuild_anew()
    assert count == 3
    assert not EngineQueue.objects.exists()
    assert sorted((where, pk) for where, pk, _ in sent) == [(name, one.pk) for one in made]
    assert health.check().is_right


def test_documents_that_wait_for_the_engine_are_not_sent_again_when_a_rebuild_copied_them(
    engine, model, sent
):
    made = [model("one"), model("two")]
    sync.drain_all()
    assert EngineQueue.objects.count() == 2
    name = index.rebuild()
    assert sorted((where, pk) for where, pk, _ in sent) == [(name, one.pk) for one in made]
    assert not EngineQueue.objects.exists()
    assert health.check().is_right


def test_a_rebuild_that_dies_before_the_swap_leaves_every_change_to_be_sent(engine, model, monkeypatch):
    made = model("before")
    carry(to_engine=True)
    before = index.served_by()
    made.name = "after"
    made.save()
    anew.index_all()
    monkeypatch.setattr(index, "_swap", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.rebuild()
    assert index.served_by() == before
    assert EngineQueue.objects.get().model_id == made.pk
    EngineQueue.objects.update(leased_until=None)  # as a minute later
    ship.drain_all()
    assert found() == ["after"]
    assert health.check().is_right


def test_what_was_built_otherwise_without_a_change_waits_for_the_new_index(engine, model, sent, monkeypatch):
    made = model("same")
    carry(to_engine=True)
    SearchDocument.objects.update(checksum="of an older revision", built_at=Now())
    sent.clear()
    anew.index_all()
    assert ship.drain_all() == 0
    assert EngineQueue.objects.get().model_id == made.pk
    name = index.rebuild()
    assert [(where, pk) for where, pk, _ in sent] == [(name, made.pk)]
    assert not EngineQueue.objects.exists()


def test_a_small_batch_is_searchable_when_it_has_landed(engine, model, monkeypatch):
    monkeypatch.setattr(ship, "REFRESH_EVERY", 0)
    model("at once")
    sync.drain_all()
    ship.step()
    hits = OpenSearchBackend().search(seen_by(None), parse({"q": [""]}, Lexicon())).hits
    assert [hit.name for hit in hits] == ["at once"]


def test_a_rebuild_that_fails_leaves_the_live_index_alone(engine, model, monkeypatch):
    model("safe")
    carry(to_engine=True)
    before = index.served_by()
    monkeypatch.setattr(index, "_fill", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.rebuild()
    assert index.served_by() == before
    assert found() == ["safe"]
    assert list(EngineIndex.objects.values_list("state", flat=True)) == ["live"]


def test_a_rebuild_outlives_an_engine_that_is_away_for_a_moment(line, model, monkeypatch):
    model("kept")
    sync.drain_all()
    read, tried = index.read_stored, []

    def read_and_cut(ids):
        line.cut()
        return read(ids)

    monkeypatch.setattr(index, "read_stored", read_and_cut)
    monkeypatch.setattr(index.time, "sleep", lambda seconds: (tried.append(seconds), line.mend()))
    index.rebuild()
    assert tried
    assert found() == ["kept"]


@pytest.fixture
def three(engine, model):
    made = [model(name, task="t") for name in ("one", "two", "three")]
    carry(to_engine=True)
    return made


def test_a_check_of_a_sound_index_finds_nothing(three):
    report = health.check()
    assert (report.differences, report.models, report.documents, report.engine_documents) == ([], 3, 3, 3)


def test_a_change_that_arrives_during_a_check_is_no_difference_in_postgres(model, monkeypatch):
    made = model("before")
    sync.drain_all()
    made.name = "after"
    made.save()
    build, times = documents.build, iter([1])

    def build_while_a_worker_carries(ids):
        if next(times, 0):
            built = build(ids)
            sync.drain_all()
            return built
        return build(ids)

    monkeypatch.setattr(documents, "build", build_while_a_worker_carries)
    assert health.check().differences == []


def test_a_change_that_arrives_during_a_check_is_no_difference_at_the_engine(three, monkeypatch):
    read, times = store.read_stored, iter([1])

    def carry_then_read(ids):
        if next(times, 0):
            three[0].name = "after"
            three[0].save()
            carry(to_engine=True)
        return read(ids)

    monkeypatch.setattr(store, "read_stored", carry_then_read)
    assert health.check().differences == []


def test_a_check_finds_planted_differences_and_a_repair_mends_them(three):
    one, two, three_ = three
    name = index.served_by()[0]
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
        for d in health._postgres_differences([one.pk, two.pk, three_.pk, 888888])
    }
    assert differences == {("postgres", "stale", three_.pk), ("postgres", "surplus", 888888)}
    SearchDocument.objects.filter(pk=888888).update(body={})
    SearchDocument.objects.filter(pk=888888).delete()
    report = health.check()
    assert {(d.where, d.kind, d.model_id) for d in report.differences} == {
        ("postgres", "stale", three_.pk),
        ("opensearch", "stale", one.pk),
        ("opensearch", "stale", three_.pk),
        ("opensearch", "missing", two.pk),
        ("opensearch", "surplus", 999999),
    }
    health.repair()
    assert health.check().is_right
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
    assert health.check().is_right


def test_the_engine_gets_no_sensitive_attribute(engine, model):
    from catalog.models import AttributeDefinition, AttributeValue

    made = model("m")
    secret = AttributeDefinition.objects.create(slug="s", name="S", type="keyword", is_sensitive=True)
    AttributeValue.objects.create(definition=secret, type="keyword", model=made, text="topsecretword")
    carry(to_engine=True)
    assert "topsecretword" not in json.dumps(held(made))


def test_attributes_of_any_type_never_change_the_mapping(engine, model):
    from catalog.models import AttributeDefinition, AttributeValue

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


def test_pages_from_the_second_on_show_one_moment(engine, model):
    made = [model(f"page {letter}") for letter in "abcdefgh"]
    carry(to_engine=True)
    asked = parse({"page_size": ["2"], "sort": ["name"]}, Lexicon())
    first = OpenSearchBackend().search(seen_by(None), asked)
    second = OpenSearchBackend().search(seen_by(None), asked.after(first.next_cursor))
    for late in made[4:]:
        late.name = f"a {late.name}"
        late.save()
    carry(to_engine=True)
    third = OpenSearchBackend().search(seen_by(None), asked.after(second.next_cursor))
    assert [hit.name for hit in (*first.hits, *second.hits, *third.hits)] == [
        f"page {letter}" for letter in "abcdef"
    ]
    client().delete_all_pits()
    again = OpenSearchBackend().search(seen_by(None), asked.after(second.next_cursor))
    assert again.hits == (), "as of now, nothing comes after page d"
