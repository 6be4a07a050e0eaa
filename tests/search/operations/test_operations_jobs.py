"""Jobs: what a check, a repair and a rebuild do, one at a time, and how each may end."""

import re
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from search.documents import builder
from search.indexing import outbox
from search.models import Job, SearchDocument
from search.operations import jobs, state
from search.tasks import tidy
from tests.makers import make_person, seen_by
from tests.search.operations.conftest import API, PAGE, done_by_a_worker, plant, press, read

pytestmark = pytest.mark.django_db


def test_a_check_from_the_page_lists_what_differs_with_links(client, boss, model):
    fine, stale, lost = model("fine"), model("stale one"), model("lost one")
    outbox.drain_all()
    plant(stale, body={"hit": {}})
    SearchDocument.objects.filter(pk=lost.pk).delete()
    SearchDocument.objects.create(model_id=888888, version=1, body={}, name="ghost")
    assert "Check waits" in press(client, "check")
    job = Job.objects.get()
    assert (job.state, job.started_by) == ("waiting", boss)
    jobs.run(job.pk)
    page = read(client)
    assert "3 differences among 3 models." in page
    assert "The last check left 3 differences." in page
    listed = read(client, f"{PAGE}/runs/{job.pk}")
    rows = re.findall(r'<li class="row-apart"><p>(.*?)</p><p class="small">(.*?)</p>', listed)
    assert {re.sub("<.*?>", "", name).split(" Project")[0]: kind for name, kind in rows} == {
        "stale one": "stale in Postgres",
        "lost one": "missing in Postgres",
        "Model 888888 not in the catalog": "surplus in Postgres",
    }
    assert f'href="{stale.get_absolute_url()}"' in listed
    assert fine.get_absolute_url() not in listed


def test_a_repair_mends_what_a_check_found_and_says_so(client, boss, model):
    stale = model("stale")
    outbox.drain_all()
    plant(stale, body={})
    job = done_by_a_worker("repair", boss)
    assert (job.state, job.differences, job.result["found"]) == ("done", 0, 1)
    assert SearchDocument.objects.get(pk=stale.pk).body["hit"]["name"] == "stale"
    assert "1 difference found, none left." in read(client)
    assert "mended" in read(client, f"{PAGE}/runs/{job.pk}")


def test_a_rebuild_builds_every_document_anew(client, boss, model):
    for name in ("one", "two"):
        model(name)
    outbox.drain_all()
    SearchDocument.objects.all().delete()
    job = done_by_a_worker("rebuild", boss)
    assert (job.state, SearchDocument.objects.count()) == ("done", 2)
    assert "2 documents built." in read(client)


def test_a_second_job_is_refused_while_one_is_open(client, boss):
    first = jobs.start(seen_by(boss), "check")
    assert "A check is under way already." in press(client, "rebuild")
    answer = client.post(f"{API}/repair")
    assert (answer.status_code, answer.json()["job"]) == (409, first.pk)
    with pytest.raises(CommandError, match="A check is under way already"):
        call_command("search", "repair")
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_begin_at_once_one_does():
    viewer, ready, began, refused = seen_by(make_person(is_superuser=True)), threading.Barrier(6), [], []

    def begin():
        try:
            ready.wait()
            began.append(jobs._open("check", Job.State.WAITING, 60, started_by_id=viewer.user_id))
        except jobs.JobRunning as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(began), len(refused), Job.objects.count()) == (1, 5, 1)


def test_a_job_sent_twice_is_carried_out_once(boss, model, monkeypatch):
    job = jobs.start(seen_by(boss), "check")
    jobs.run(job.pk)
    ended = Job.objects.get(pk=job.pk).finished_at
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).finished_at == ended
    assert ended is not None


def test_progress_is_written_down_as_it_goes(boss, model, monkeypatch):
    for number in range(3):
        model(f"m{number}")
    outbox.drain_all()
    monkeypatch.setattr(jobs, "EVERY", 0)
    monkeypatch.setattr("search.indexing.check.BATCH", 1)
    whole, noted = builder.build, []

    def build(ids):
        noted.append(Job.objects.values_list("step", "done", "of").get())
        return whole(ids)

    monkeypatch.setattr(builder, "build", build)
    done_by_a_worker("check", boss)
    step = "Comparing documents"
    assert noted == [(step, 0, 0), (step, 1, 3), (step, 2, 3)]


def test_a_stopped_job_ends_at_its_next_step_and_another_may_begin(client, boss, model, monkeypatch):
    for number in range(3):
        model(f"m{number}")
    outbox.drain_all()
    monkeypatch.setattr(jobs, "EVERY", 0)
    monkeypatch.setattr("search.indexing.check.BATCH", 1)
    whole, calls = builder.build, []

    def build(ids):
        calls.append(ids)
        press(client, "stop", job=Job.objects.get().pk)
        return whole(ids)

    monkeypatch.setattr(builder, "build", build)
    job = done_by_a_worker("check", boss)
    assert (job.state, len(calls)) == ("stopped", 1)
    monkeypatch.setattr(builder, "build", whole)
    assert done_by_a_worker("check", boss).state == "done"


def test_a_job_that_fails_says_why(client, boss, model, monkeypatch):
    model("m")

    def build(ids):
        raise ValueError("no such thing")

    monkeypatch.setattr(builder, "build", build)
    job = done_by_a_worker("check", boss)
    assert (job.state, job.error) == ("failed", "ValueError: no such thing")
    assert "ValueError: no such thing" in read(client)
    assert jobs.current() is None


def test_a_check_without_the_engine_has_failed_and_counts_for_nothing(boss, model, settings):
    model("m")
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    job = done_by_a_worker("check", boss)
    assert job.state == "failed"
    assert "The search engine could not be checked" in job.error
    assert state.numbers().last_check_at is None


def test_old_runs_are_forgotten_but_never_the_last_check(monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 3)
    now = timezone.now()

    def add(kind, state="done"):
        return Job.objects.create(kind=kind, state=state, alive_until=now, finished_at=now).pk

    add("check")
    last = add("repair")
    rest = [add("rebuild") for _ in range(4)]
    tidy()
    assert sorted(Job.objects.values_list("pk", flat=True)) == [last, *rest[1:]]


def test_the_api_begins_a_job_and_tells_how_it_went(client, boss, model):
    model("m")
    outbox.drain_all()
    answer = client.post(f"{API}/check")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert client.get(API).json()["job"]["id"] == answer.json()["id"]
    jobs.run(answer.json()["id"])
    told = client.get(answer["Location"]).json()
    assert (told["state"], told["words"], told["differences"]) == ("done", "No differences among 1 model.", 0)
    assert client.get(API).json()["job"] is None
