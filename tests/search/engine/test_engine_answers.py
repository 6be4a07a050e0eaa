"""What searches see of the engine's troubles: Postgres answers while it is away; pages show one moment."""

import threading
from dataclasses import replace

import pytest

from search import service
from search.backends.clauses import text_query, unnamed
from search.backends.opensearch import OpenSearchBackend
from search.engine.client import alias, client
from search.indexing import bulk, outbox
from search.query import parse
from search.query.lexicon import Lexicon
from tests.makers import make_person, make_project, seen_by
from tests.search.conftest import carry
from tests.search.engine.conftest import found

pytestmark = pytest.mark.django_db


def test_postgres_answers_while_the_engine_is_away_and_says_so(line, model, client, monkeypatch):
    model("resnet50", task="vision")
    carry(to_engine=True)
    monkeypatch.setattr(service, "breaker", service.Breaker(failures=2, pause=0.1))
    answer = client.get("/api/v1/search?q=resnet").json()
    assert (answer["backend"], answer["degraded"], answer["total"]) == ("opensearch", False, 1)
    line.cut()
    for _ in range(3):
        answer = client.get("/api/v1/search?q=resnet").json()
        assert (answer["backend"], answer["degraded"], answer["total"]) == ("postgres", True, 1)
    assert service.breaker.is_open
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
    assert not service.breaker.is_open


def test_an_engine_that_does_not_answer_at_all_is_not_waited_for_twice(settings, model, monkeypatch):
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    asked: list[int] = []
    real = OpenSearchBackend.search
    monkeypatch.setattr(OpenSearchBackend, "search", lambda *a: (asked.append(1), real(*a))[1])
    for _ in range(10):
        assert service.search(seen_by(None), parse({}, Lexicon())).is_degraded
    assert len(asked) == 2


def test_a_small_batch_is_searchable_when_it_has_landed(engine, model, monkeypatch):
    monkeypatch.setattr(bulk, "REFRESH_EVERY", 0)
    model("at once")
    outbox.drain_all()
    bulk.step()
    hits = OpenSearchBackend().search(seen_by(None), parse({"q": [""]}, Lexicon())).hits
    assert [hit.name for hit in hits] == ["at once"]


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


def answers_kept() -> int:
    """How often the engine answered from what it had kept."""
    stats = client().indices.stats(index=alias(), metric="request_cache")
    return int(stats["_all"]["total"]["request_cache"]["hit_count"])


@pytest.mark.parametrize("text", ["", "resnet 50", "resnett", "created>2020-01-01"])
def test_the_same_question_is_answered_from_what_the_engine_kept_until_a_model_changes(engine, model, text):
    model("resnet50", task="vision")
    other = model("another one", task="vision")
    carry(to_engine=True)
    first = found(text)
    before = answers_kept()
    assert found(text) == first
    assert answers_kept() > before, "worth keeping, so nothing in the question may depend on this very moment"
    other.name = "resnet50 too"
    other.save()
    carry(to_engine=True)
    assert "resnet50 too" in found(text)


def test_what_the_engine_kept_for_one_viewer_is_not_shown_to_another(engine, model):
    member = make_person()
    secret = model("resnet of our own", project=make_project("restricted", viewer=member))
    carry(to_engine=True)
    asked = parse({"q": ["resnet"]}, Lexicon())
    for _ in range(2):
        assert [hit.name for hit in OpenSearchBackend().search(seen_by(member), asked).hits] == [secret.name]
        assert OpenSearchBackend().search(seen_by(None), asked).total == 0


def test_only_who_asks_why_has_the_engine_name_its_clauses(engine, model):
    model("resnet50", task="vision")
    carry(to_engine=True)
    asked = parse({"q": ["resnet 50"]}, Lexicon())
    quick = OpenSearchBackend().search(seen_by(None), asked)
    told = OpenSearchBackend().search(seen_by(None), replace(asked, explain=True))
    assert (quick.hits[0].name, quick.hits[0].score) == (told.hits[0].name, told.hits[0].score)
    assert told.hits[0].reasons and not quick.hits[0].reasons
    text = text_query(asked, strict=True)
    assert "_name" in str(text) and "_name" not in str(unnamed(text))
