"""Jobs and those who carry them out: a real worker, one that is killed, none at all."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from search.indexing import outbox
from search.models import Job
from search.operations import jobs
from tests.makers import seen_by
from tests.search.operations.conftest import API, PAGE, ROOT, done_by_a_worker, read

pytestmark = pytest.mark.django_db


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
    outbox.drain_all()
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
    outbox.drain_all()
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
