"""The operator's page and its API: whether all is well, in words and in numbers."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search.indexing import outbox
from search.models import DeadLetter, Outbox
from search.operations import jobs, state
from tests.makers import make_person, seen_by
from tests.search.operations.conftest import API, PAGE, done_by_a_worker, read

pytestmark = pytest.mark.django_db


def test_the_page_says_first_that_all_is_well(client, boss, model):
    model("fine")
    outbox.drain_all()
    page = read(client)
    assert "All is well" in page
    assert "Nothing waits, nothing is dead, and Postgres answers from 1 document." in page
    assert "Dead entries <small>" not in page


def test_an_old_change_is_named_with_its_age(client, boss, model):
    model("late")
    Outbox.objects.update(enqueued_at=timezone.now() - timedelta(minutes=5))
    page = read(client)
    assert "Search needs a hand" in page
    assert "The oldest change has waited 5 min for its document." in page
    assert client.get(API).json()["lag_seconds"] == pytest.approx(300, abs=5)


def test_a_change_just_made_is_no_reason_to_worry(client, boss, model):
    Outbox.objects.all().delete()  # truncating tables after other tests leaves a row, too
    model("fresh")
    page = read(client)
    assert "All is well" in page, page[page.find("<h1") :][:1500]
    assert re.search(r"\d+ changes under way", page)


def test_an_engine_that_is_away_is_named_and_its_lag_shown(client, boss, model, settings):
    model("kept")
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    page = read(client)
    assert "The search engine does not answer, so Postgres answers searches in a simpler way." in page
    answer = client.get(API).json()
    assert (answer["is_well"], answer["backend"], answer["engine_waiting"]) == (False, "postgres", 1)
    assert answer["engine"].startswith("away: ")


def test_several_problems_stand_in_one_sentence_the_worst_first(boss, model, buried):
    buried(model("odd"))
    Outbox.objects.create(model_id=1)
    Outbox.objects.update(enqueued_at=timezone.now() - timedelta(seconds=20))
    words = state.sentence(state.status())
    assert words == "1 document could not be carried; and the oldest change has waited 20 s for its document."


def test_numbers_of_big_tables_are_estimates_and_say_so(client, boss, model, monkeypatch):
    for name in ("one", "two", "three"):
        model(name)
    outbox.drain_all()
    assert "about" not in read(client).split("Documents in Postgres")[1].split("</dd>")[0]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_searchdocument")
        cursor.execute("ANALYZE catalog_registeredmodel")
    monkeypatch.setattr(state, "MOST_EXACT", 2)
    with CaptureQueriesContext(connection) as queries:
        found = state.numbers()
    assert (found.documents, found.documents_estimated, len(queries)) == (3, True, 1)
    assert "about 3" in read(client)


@pytest.mark.parametrize(("most_exact", "is_counted"), [(0, False), (1000, True)])
def test_big_tables_are_not_walked_for_a_number(model, most_exact, is_counted):
    for name in ("one", "two"):
        model(name)
    outbox.drain_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_searchdocument")
        cursor.execute("ANALYZE catalog_registeredmodel")
        cursor.execute(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {state.NUMBERS}", {"most": 100, "exact": most_exact}
        )
        plan = [row[0] for row in cursor.fetchall()]
    walks = [line for line in plan if re.search(r" on (catalog_registeredmodel|search_searchdocument)", line)]
    assert len(walks) == 2
    assert all(("never executed" not in line) == is_counted for line in walks)


def test_a_queue_is_counted_to_a_limit_only(boss, client, monkeypatch):
    Outbox.objects.bulk_create(Outbox(model_id=n) for n in range(30))
    monkeypatch.setattr(state, "MOST_COUNTED", 20)
    assert state.numbers().waiting == 20


def test_the_page_takes_as_many_statements_for_many_dead_entries_as_for_one(client, boss, model):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client)
        return len(queries)

    made = [model(f"m{n}") for n in range(20)]
    outbox.drain_all()
    DeadLetter.objects.create(model_id=made[0].pk, stage="build", reason="x")
    done_by_a_worker("check", boss)
    few = statements()
    DeadLetter.objects.bulk_create(
        DeadLetter(model_id=one.pk, stage=stage, reason="y")
        for one in made[1:]
        for stage in ("build", "engine")
    )
    for _ in range(8):
        done_by_a_worker("check", make_person(is_superuser=True))
    assert statements() == few <= 14


def test_the_page_asks_for_itself_again_only_while_a_job_is_open(client, boss):
    assert "hx-trigger" not in read(client).split('id="operations"')[1].split(">")[0]
    job = jobs.start(seen_by(boss), "check")
    assert 'hx-trigger="every' in read(client).split('id="operations"')[1].split(">")[0]
    jobs.run(job.pk)
    answer = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "data-announce" in answer
    assert "hx-trigger" not in answer.split('id="operations"')[1].split(">")[0]
