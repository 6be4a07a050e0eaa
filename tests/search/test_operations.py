"""The operator's view of search: page, rights, dead list, jobs carried out for real, metrics."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tokens import create_token
from search import documents, find, store, sync
from search.engine import index, ship
from search.engine.client import alias
from search.engine.client import client as engine_client
from search.models import DeadLetter, EngineIndex, Job, Outbox, SearchDocument
from search.operations import jobs, metrics, state
from search.tasks import tidy
from tests.makers import make_person, make_project, make_team, seen_by
from tests.search.conftest import carry

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = "/operations/search"
API = "/api/v1/operations/search"
BUTTONS = ("check", "repair", "rebuild", "stop", "retry", "forget")


@pytest.fixture
def boss(client):
    """An administrator, signed in to `client`."""
    made = make_person("mara", name="Mara", is_superuser=True)
    client.force_login(made)
    return made


@pytest.fixture
def buried(monkeypatch):
    """`buried(model, …)`: their documents could not be built; `buried.mend()` lets them be built from then on."""
    whole = documents.build
    odd: set[int] = set()

    def build(ids):
        if odd & set(ids):
            raise ValueError("odd facts <script>")
        return whole(ids)

    def bury(*models):
        monkeypatch.setattr(documents, "build", build)
        odd.update(model.pk for model in models)
        sync.enqueue([model.pk for model in models])
        sync.drain_all()

    bury.mend = odd.clear
    return bury


def read(client, address: str = PAGE, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def press(client, button: str, **fields) -> str:
    """What the page says after a button was pressed."""
    return client.post(f"{PAGE}/{button}", fields, follow=True).content.decode()


def done_by_a_worker(kind: str, by) -> Job:
    """A job asked for and carried out, as a worker would."""
    job = jobs._open(kind, Job.State.WAITING, 60, started_by_id=by.pk)
    jobs.run(job.pk)
    return jobs.seen().get(pk=job.pk)


def plant(model, **fields) -> None:
    """Change a stored document by hand."""
    SearchDocument.objects.filter(pk=model.pk).update(**fields)


# ── Who may ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["visitor", "stranger", "steward", "staff"])
def outsider(request, client):
    """`client` as someone who is no administrator of the site."""
    if request.param != "visitor":
        person = make_person(is_staff=request.param == "staff")
        make_project(administrator=person)
        make_team("Lead", leads=(person,))
        client.force_login(person)
    return client


def test_there_are_no_operations_for_anyone_but_administrators(outsider):
    job = Job.objects.create(kind="check", state="done", alive_until=timezone.now())
    letter = DeadLetter.objects.create(model_id=999, stage="build", reason="x")
    sync.drain_all()
    for address in (PAGE, f"{PAGE}/runs/{job.pk}", f"{PAGE}/check", API, f"{API}/jobs/{job.pk}"):
        assert outsider.get(address).status_code == 404
    for button in BUTTONS:
        answer = outsider.post(f"{PAGE}/{button}", {"job": job.pk, "entry": letter.pk})
        assert answer.status_code == 404
    for button in ("check", "repair", "rebuild", "retry"):
        answer = outsider.post(f"{API}/{button}", {}, content_type="application/json")
        assert answer.status_code in (401, 404)
    assert Job.objects.count() == DeadLetter.objects.count() == 1
    assert not Outbox.objects.exists()


def test_the_menu_leads_administrators_there_and_nobody_else(client, boss):
    assert f'href="{PAGE}"' in read(client, "/")
    client.force_login(make_person(is_staff=True))
    assert f'href="{PAGE}"' not in read(client, "/")


def test_a_button_pressed_from_another_site_does_nothing(boss):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(boss)
    for button in BUTTONS:
        assert strict.post(f"{PAGE}/{button}").status_code == 403
    assert not Job.objects.exists()


def test_nothing_begins_by_following_a_link(client, boss):
    for button in BUTTONS:
        assert client.get(f"{PAGE}/{button}").status_code == 405
    assert not Job.objects.exists()


def test_a_token_that_may_only_read_begins_nothing(boss):
    for scope, status in (("read", 403), ("write", 202)):
        _, secret = create_token(user=boss, name=scope, scope=scope)
        answer = Client(headers={"Authorization": f"Bearer {secret}"}).post(f"{API}/check")
        assert answer.status_code == status
    assert Job.objects.count() == 1


# ── Is everything well ────────────────────────────────────────────────────────────────────────────


def test_the_page_says_first_that_all_is_well(client, boss, model):
    model("fine")
    sync.drain_all()
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
    sync.drain_all()
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
    sync.drain_all()
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
    sync.drain_all()
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


# ── The dead list ─────────────────────────────────────────────────────────────────────────────────


def test_a_dead_entry_shows_its_model_reason_and_attempts(client, boss, model, buried):
    made = model("odd one")
    buried(made)
    buried(made)
    page = read(client)
    assert f'<a href="{made.get_absolute_url()}">odd one</a>' in page
    assert "ValueError: odd facts &lt;script&gt;" in page
    assert "2 attempts" in page
    assert "1 document could not be carried" in page
    entry = client.get(API).json()["dead_entries"][0]
    assert (entry["model"], entry["stage"], entry["attempts"]) == (made.ref, "build", 2)


def test_trying_one_again_carries_it_and_leaves_the_others(client, boss, model, buried):
    one, two = model("one"), model("two")
    buried(one, two)
    buried.mend()
    entry = DeadLetter.objects.get(model_id=one.pk)
    page = press(client, "retry", entry=entry.pk)
    assert "The document is being carried again" in page
    assert page.count("about to be tried") == 1
    sync.drain_all()
    assert list(DeadLetter.objects.values_list("model_id", flat=True)) == [two.pk]
    assert SearchDocument.objects.get(pk=one.pk).name == "one"


def test_trying_all_again_carries_all(client, boss, model, buried):
    buried(*(model(f"m{n}") for n in range(3)))
    buried.mend()
    assert "3 documents are being carried again" in press(client, "retry")
    sync.drain_all()
    assert not DeadLetter.objects.exists()
    assert "All is well" in read(client)


def test_an_entry_that_fails_again_stays_with_one_more_attempt(client, boss, model, buried):
    buried(model("odd"))
    press(client, "retry")
    sync.drain_all()
    assert DeadLetter.objects.get().attempts == 2


def test_only_entries_of_models_that_are_gone_can_be_forgotten(client, boss, model, buried, settings):
    kept, gone = model("kept"), model("gone")
    buried(kept, gone)
    gone_pk, entries = gone.pk, dict(DeadLetter.objects.values_list("model_id", "pk"))
    gone.delete()
    page = read(client)
    assert f"Model {gone_pk}" in page and "no longer in the catalog" in page
    assert page.count(">Forget<") == 1
    assert "try again, or mend the model" in press(client, "forget", entry=entries[kept.pk])
    press(client, "forget", entry=entries[gone_pk])
    assert list(DeadLetter.objects.values_list("model_id", flat=True)) == [kept.pk]


def test_what_an_engine_refused_can_be_forgotten_when_there_is_no_engine_any_more(
    client, boss, model, settings
):
    made = model("m")
    letter = DeadLetter.objects.create(model_id=made.pk, stage="engine", reason="400")
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    press(client, "forget", entry=letter.pk)
    assert DeadLetter.objects.count() == 1
    settings.OPENSEARCH_URL = ""
    press(client, "forget", entry=letter.pk)
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("entry", ["0", "-1", "x", "", "9" * 30, "1; DELETE"])
def test_an_odd_entry_is_answered_in_words(client, boss, entry):
    sync.drain_all()
    assert "Nothing to try" in press(client, "retry", entry=entry)
    assert "It has left the list already." in press(client, "forget", entry=entry)
    assert "It had ended already." in press(client, "stop", job=entry)
    assert not Outbox.objects.exists()


def test_the_dead_list_has_pages_and_any_page_number_is_answered(client, boss):
    DeadLetter.objects.bulk_create(
        DeadLetter(
            model_id=n, stage="build", reason=f"reason-{n:02}", failed_at=timezone.now() - timedelta(n)
        )
        for n in range(25)
    )
    first, third = read(client), read(client, f"{PAGE}?page=3")
    assert "reason-00" in first and "reason-09" in first and "reason-10" not in first
    assert "reason-20" in third and "reason-19" not in third
    for number in ("99", "0", "x", "9" * 40):
        assert "reason-" in read(client, f"{PAGE}?page={number}")


def test_the_page_takes_as_many_statements_for_many_dead_entries_as_for_one(client, boss, model):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client)
        return len(queries)

    made = [model(f"m{n}") for n in range(20)]
    sync.drain_all()
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


# ── Jobs ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_check_from_the_page_lists_what_differs_with_links(client, boss, model):
    fine, stale, lost = model("fine"), model("stale one"), model("lost one")
    sync.drain_all()
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
    sync.drain_all()
    plant(stale, body={})
    job = done_by_a_worker("repair", boss)
    assert (job.state, job.differences, job.result["found"]) == ("done", 0, 1)
    assert SearchDocument.objects.get(pk=stale.pk).body["hit"]["name"] == "stale"
    assert "1 difference found, none left." in read(client)
    assert "mended" in read(client, f"{PAGE}/runs/{job.pk}")


def test_a_rebuild_builds_every_document_anew(client, boss, model):
    for name in ("one", "two"):
        model(name)
    sync.drain_all()
    SearchDocument.objects.all().delete()
    job = done_by_a_worker("rebuild", boss)
    assert (job.state, SearchDocument.objects.count()) == ("done", 2)
    assert "2 documents built." in read(client)


def test_the_page_asks_for_itself_again_only_while_a_job_is_open(client, boss):
    assert "hx-trigger" not in read(client).split('id="operations"')[1].split(">")[0]
    job = jobs.start(seen_by(boss), "check")
    assert 'hx-trigger="every' in read(client).split('id="operations"')[1].split(">")[0]
    jobs.run(job.pk)
    answer = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "data-announce" in answer
    assert "hx-trigger" not in answer.split('id="operations"')[1].split(">")[0]


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
    sync.drain_all()
    monkeypatch.setattr(jobs, "EVERY", 0)
    monkeypatch.setattr("search.health.BATCH", 1)
    whole, noted = documents.build, []

    def build(ids):
        noted.append(Job.objects.values_list("step", "done", "of").get())
        return whole(ids)

    monkeypatch.setattr(documents, "build", build)
    done_by_a_worker("check", boss)
    step = "Comparing documents"
    assert noted == [(step, 0, 0), (step, 1, 3), (step, 2, 3)]


def test_a_stopped_job_ends_at_its_next_step_and_another_may_begin(client, boss, model, monkeypatch):
    for number in range(3):
        model(f"m{number}")
    sync.drain_all()
    monkeypatch.setattr(jobs, "EVERY", 0)
    monkeypatch.setattr("search.health.BATCH", 1)
    whole, calls = documents.build, []

    def build(ids):
        calls.append(ids)
        press(client, "stop", job=Job.objects.get().pk)
        return whole(ids)

    monkeypatch.setattr(documents, "build", build)
    job = done_by_a_worker("check", boss)
    assert (job.state, len(calls)) == ("stopped", 1)
    monkeypatch.setattr(documents, "build", whole)
    assert done_by_a_worker("check", boss).state == "done"


def test_a_job_that_fails_says_why(client, boss, model, monkeypatch):
    model("m")

    def build(ids):
        raise ValueError("no such thing")

    monkeypatch.setattr(documents, "build", build)
    job = done_by_a_worker("check", boss)
    assert (job.state, job.error) == ("failed", "ValueError: no such thing")
    assert "ValueError: no such thing" in read(client)
    assert jobs.current() is None


def test_a_check_without_the_engine_has_failed_and_counts_for_nothing(boss, model, settings):
    model("m")
    sync.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    job = done_by_a_worker("check", boss)
    assert job.state == "failed"
    assert "The search engine could not be checked" in job.error
    assert state.numbers().last_check_at is None


def test_a_broker_that_is_away_is_told_at_once(client, boss, django_capture_on_commit_callbacks):
    """The tests' broker is a folder that nobody made."""
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{PAGE}/check")
    assert "The message broker does not answer" in read(client)
    job = Job.objects.get()
    assert (job.state, job.error) == (
        "failed",
        "The message broker does not answer, so no worker could be told.",
    )


def test_a_job_that_no_worker_takes_is_lost_after_a_while(client, boss):
    job = jobs.start(seen_by(boss), "check")
    Job.objects.update(alive_until=timezone.now() - timedelta(seconds=1))
    assert "No worker took it." in read(client)
    again = jobs.start(seen_by(boss), "check")
    assert Job.objects.get(pk=job.pk).state == "lost"
    assert again.pk != job.pk


def environment() -> dict[str, str]:
    """For a process of its own that works on the database of this test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return {**os.environ, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")), "OPENSEARCH_URL": ""}


def until(true, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not come to that."
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_shown_as_such_and_can_be_begun_again(client, boss, model):
    model("m")
    sync.drain_all()
    job = jobs._open("check", Job.State.WAITING, 60, started_by_id=boss.pk)
    script = (
        "import django; django.setup()\n"
        "from search.operations import jobs\n"
        f"jobs.LEASE = 1.0; jobs.run({job.pk})"
    )
    env = environment()
    with psycopg.connect(env["DATABASE_URL"]) as holder:
        holder.execute("LOCK TABLE search_searchdocument IN ACCESS EXCLUSIVE MODE")
        worker = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=env)
        until(lambda: Job.objects.get().state == "running")
        time.sleep(1.5)
        assert jobs.seen().get().shown == "running", "Held up, but alive: its lease goes on"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    until(lambda: jobs.seen().get().shown == "lost", 3)
    page = read(client)
    assert "Its worker died." in page
    assert client.get(API).json()["jobs"][0]["state"] == "lost"
    assert "disabled" not in page.split("Check and mend")[1].split("Last runs")[0]
    assert done_by_a_worker("check", boss).state == "done"
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "lost"]


@pytest.mark.django_db(transaction=True)
def test_a_button_reaches_a_real_worker(client, boss, model, tmp_path):
    model("m")
    sync.drain_all()
    env = {**environment(), "VITRINE_HOME": str(tmp_path), "VITRINE_POOL": "0"}
    for folder in ("queue", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True)
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "1"]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        script = (
            "import django; django.setup()\n"
            "from django.test import Client\n"
            "from accounts.models import User\n"
            "client = Client(SERVER_NAME='localhost'); client.force_login(User.objects.get(username='mara'))\n"
            "assert client.post('/operations/search/check').status_code == 302"
        )
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True)
        until(lambda: Job.objects.get().state == "done", 40)
    finally:
        worker.terminate()
        worker.wait(20)
    assert "No differences among 1 model." in read(client)


def test_the_command_line_leaves_its_record(client, boss, model, capsys):
    model("m")
    sync.drain_all()
    call_command("search", "check")
    assert "0 differences: 1 models" in capsys.readouterr().out
    assert "the command line" in read(client)
    assert Job.objects.get().state == "done"


def test_the_command_line_tells_of_the_dead_and_tries_them_again(model, buried, capsys):
    made = model("odd")
    buried(made)
    call_command("search", "dead")
    out = capsys.readouterr().out
    assert made.ref in out and "odd facts" in out and "1 dead entries." in out
    assert not Outbox.objects.exists()
    buried.mend()
    call_command("search", "dead", "--retry")
    sync.drain_all()
    assert not DeadLetter.objects.exists()


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
    sync.drain_all()
    answer = client.post(f"{API}/check")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert client.get(API).json()["job"]["id"] == answer.json()["id"]
    jobs.run(answer.json()["id"])
    told = client.get(answer["Location"]).json()
    assert (told["state"], told["words"], told["differences"]) == ("done", "No differences among 1 model.", 0)
    assert client.get(API).json()["job"] is None


def test_the_api_tries_chosen_dead_entries_again_or_all(client, boss, model, buried):
    one, two = model("one"), model("two")
    buried(one, two)
    entry = DeadLetter.objects.get(model_id=one.pk).pk

    def retry(body):
        answer = client.post(f"{API}/retry", body, content_type="application/json")
        return answer.status_code, answer.json().get("models")

    assert retry({"entries": [entry]}) == (202, 1)
    assert list(Outbox.objects.values_list("model_id", flat=True)) == [one.pk]
    assert retry({}) == (202, 2)
    assert retry({"entries": []}) == (202, 0)
    assert retry({"entries": [2**63]})[0] == 400
    assert retry({"all": True})[0] == 400


# ── With an engine ────────────────────────────────────────────────────────────────────────────────


def test_with_an_engine_the_page_tells_of_it_and_a_check_compares_it(client, boss, engine, model):
    one, two = model("one"), model("two")
    carry(to_engine=True)
    page = read(client)
    assert "the search engine answers from an index of 2 documents." in page
    assert index.served_by()[0] in page
    engine_client().delete(index=index.served_by()[0], id=str(two.pk), refresh=True)
    job = done_by_a_worker("check", boss)
    assert job.differences == 1
    assert job.result["differences"] == [{"model": two.pk, "where": "opensearch", "kind": "missing"}]
    assert done_by_a_worker("repair", boss).differences == 0
    before = index.served_by()
    job = done_by_a_worker("rebuild", boss)
    assert [job.result["index"]] == index.served_by() != before
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
    outcome = ship.send(ship.write_targets(), store.read_stored([odd.pk, fine.pk]))
    assert (outcome.done, set(outcome.refused)) == ({fine.pk}, {odd.pk})
    assert done_by_a_worker("repair", boss).differences == 0


def test_a_document_that_the_engine_refused_is_carried_once_it_is_right(client, boss, engine, model):
    odd = model("odd")
    sync.drain_all()
    stored = SearchDocument.objects.get(pk=odd.pk)
    plant(odd, body={**stored.body, "hit": {**stored.body["hit"], "created_at": "not a date"}})
    ship.drain_all()
    assert "Writing it to the search engine" in read(client)
    assert samples()['vitrine_search_bulk_documents_total{outcome="refused"}'] == 1
    assert samples()['vitrine_search_dead_entries{stage="engine"}'] == 1
    press(client, "retry")
    carry(to_engine=True)
    assert not DeadLetter.objects.exists()
    assert engine_client().exists(index=alias(), id=str(odd.pk))


# ── Metrics ───────────────────────────────────────────────────────────────────────────────────────


def samples(text: bytes | None = None) -> dict[str, float]:
    """The numbers of search's metrics, by name with labels."""
    lines = (metrics.text() if text is None else text).decode().splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")
    }


def test_metrics_tell_queues_lag_dead_and_documents(model, buried):
    buried(model("odd"))
    model("fine")
    sync.drain_all()
    Outbox.objects.create(model_id=1, enqueued_at=timezone.now() - timedelta(seconds=90))
    found = samples()
    assert found["vitrine_search_outbox_rows"] == 1
    assert found["vitrine_search_outbox_lag_seconds"] == pytest.approx(90, abs=5)
    assert found['vitrine_search_dead_entries{stage="build"}'] == 1
    assert found['vitrine_search_dead_entries{stage="engine"}'] == 0
    assert (found["vitrine_search_models"], found["vitrine_search_documents"]) == (2, 1)
    assert (found["vitrine_search_engine_configured"], found["vitrine_search_database_up"]) == (0, 1)
    assert "vitrine_search_engine_up" not in found
    assert "vitrine_search_last_check_differences" not in found


def test_metrics_count_what_workers_carried_since_the_beginning(model, buried):
    before = samples()
    buried(model("odd"))
    model("fine")
    sync.drain_all()
    after = samples()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown["vitrine_search_claims_total"] >= 2
    assert grown["vitrine_search_documents_carried_total"] == 1
    assert grown["vitrine_search_build_failures_total"] == 1


def test_metrics_tell_the_last_whole_check(boss, model):
    made = model("m")
    sync.drain_all()
    plant(made, body={})
    done_by_a_worker("check", boss)
    found = samples()
    assert found["vitrine_search_last_check_differences"] == 1
    assert found["vitrine_search_last_check_timestamp_seconds"] == pytest.approx(time.time(), abs=20)


def test_an_engine_that_is_away_shows_in_metrics(model, settings):
    model("m")
    sync.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    found = samples()
    assert (found["vitrine_search_engine_configured"], found["vitrine_search_engine_up"]) == (1, 0)
    assert found["vitrine_search_engine_queue_rows"] == 1
    with pytest.raises(Exception, match="no index"):
        ship.step()


def test_metrics_take_one_statement(model):
    model("m")
    with CaptureQueriesContext(connection) as queries:
        metrics.text()
    assert len(queries) == 1


def test_metrics_hold_no_word_of_any_model(model, buried):
    made = model("zyxname", task="zyxtask", visibility="restricted")
    buried(made)
    text = metrics.text().decode()
    assert "zyx" not in text and "odd facts" not in text
    labels = set(re.findall(r'\{(\w+)="(\w+)"\}', text))
    assert labels == {
        ("stage", "build"),
        ("stage", "engine"),
        ("outcome", "landed"),
        ("outcome", "put_off"),
        ("outcome", "refused"),
    }


def test_metrics_answer_while_postgres_does_not():
    with transaction.atomic():
        with pytest.raises(Exception, match="division by zero"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert samples() == {"vitrine_search_database_up": 0}
        transaction.set_rollback(True)


@pytest.mark.parametrize("many_processes", [False, True])
def test_any_web_process_answers_for_all(client, model, monkeypatch, tmp_path, many_processes):
    if many_processes:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    model("m")
    text = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert samples(text)["vitrine_search_outbox_rows"] > 0
    assert text.count(b"# TYPE vitrine_search_outbox_rows ") == 1


def test_an_open_breaker_shows_in_metrics_until_the_engine_is_back(client):
    breaker = find.Breaker(failures=2)
    breaker.failed()
    breaker.failed()
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert b"\nvitrine_search_breaker_open 1.0" in answer
    breaker.succeeded()
    assert b"\nvitrine_search_breaker_open 0.0" in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content


def test_the_documentation_and_its_alert_rules_name_the_metrics_there_are(boss, model, settings):
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    model("m")
    sync.drain_all()
    Job.objects.create(
        kind="check", state="done", alive_until=timezone.now(), finished_at=timezone.now(), differences=0
    )
    known = {name.partition("{")[0] for name in samples()}
    known |= {"vitrine_search_engine_documents", "vitrine_search_breaker_open"}
    told = (ROOT / "docs" / "operators.md").read_text()
    assert set(re.findall(r"\bvitrine_search_\w+", told)) == known
    rules = yaml.safe_load((ROOT / "docs" / "prometheus-rules.yml").read_text())
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    named = {name for one in expressions for name in re.findall(r"\bvitrine_search_\w+", one)}
    assert named and named <= known
    assert all(rule["annotations"]["summary"] for group in rules["groups"] for rule in group["rules"])


def test_the_command_line_searches_as_the_site_does(model, capsys):
    model("resnet50", task="image-classification", parameters=25_600_000)
    model("secret", visibility="restricted", task="image-classification")
    sync.drain_all()
    call_command("search", "find", "task:image-classification", "params<50M")
    told = capsys.readouterr().out
    assert "1 model, from postgres." in told
    assert "task: Image classification" in told
    assert "25.6 M" in told and "secret" not in told
    with pytest.raises(CommandError, match="never closed"):
        call_command("search", "find", "task:(a")
    with pytest.raises(CommandError, match="no account"):
        call_command("search", "find", "a", "--as", "nobody")
