"""Servers that go away, for real, while people write: nothing is lost, and all heals without hands.

VITRINE_OUTAGE says how many seconds an engine or a database stays away.
"""

import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from tests.conftest import must_have
from tests.search.outages import MODELS, OUTAGE, SOME, Readers, Stack, Writers, until
from tests.search.proxy import Proxy

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="vitrine-outages-"))
    folder.chmod(0o755)
    made = Stack(folder)
    try:
        must_have(made.start)
        until(lambda: made.finds("model"))
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("harm", ["killed", "frozen"])
def test_an_engine_that_goes_away_while_people_write(stack: Stack, harm: str) -> None:
    away = stack.killed_engine if harm == "killed" else stack.frozen_engine
    with Writers(stack) as writers:
        until(lambda: bool(writers.said))
        with away():
            before = len(writers.said)
            time.sleep(OUTAGE)
            until(lambda: len(writers.said) > before)
            answer = stack.found("model")
            assert (answer["backend"], answer["degraded"], answer["total"]) == ("postgres", True, MODELS)
            word = writers.said[-1]
            until(lambda: stack.finds(word, "postgres"))
            assert stack.waiting()[1] > 0
    assert set(writers.statuses) == {201}
    writers.all_are_found()


def test_postgres_that_is_restarted_and_crashes_while_people_read_and_write(stack: Stack) -> None:
    with Writers(stack) as writers, Readers(stack) as readers:
        for number in (signal.SIGINT, signal.SIGQUIT):
            before = len(writers.said)
            until(lambda before=before: len(writers.said) > before)  # type: ignore[misc]
            with stack.lost_postgres(number):
                time.sleep(OUTAGE)
                assert httpx.get(f"{stack.vitrine.url}/readyz", timeout=60).status_code == 503
        before = len(writers.said)
        until(lambda: len(writers.said) > before)
    assert set(writers.statuses) == {201, 503}
    told = {(path, answer.status_code) for path, answer in readers.answers}
    for path in Readers.PATHS:
        assert {status for where, status in told if where == path} <= {200, 401, 503}
    refused = [answer for _, answer in readers.answers if answer.status_code == 503]
    assert refused
    for kind, text in [(a.headers["content-type"], a.text) for a in refused] + [
        (kind, text) for status, kind, text in writers.answers if status == 503
    ]:
        assert "database is away for the moment" in text
        assert "Traceback" not in text
        assert kind.startswith(("text/html", "application/problem+json"))
    assert httpx.get(f"{stack.vitrine.url}/readyz", timeout=60).status_code == 200
    writers.all_are_found()


def test_redis_that_is_stopped_while_people_write(stack: Stack) -> None:
    with stack.client() as client, Writers(stack) as writers:
        with stack.lost_redis():
            until(lambda: len(writers.said) > 3)
            word = writers.said[-1]
            until(lambda: stack.finds(word))
            assert client.get("/readyz").json()["status"] == "degraded"
            refused = client.post("/api/v1/operations/search/check")
            assert (refused.status_code, "broker does not answer" in refused.text) == (503, True)
        writers.ended.set()
        stack.checks(client)
    assert set(writers.statuses) == {201}
    writers.all_are_found()


def test_a_worker_that_starts_while_redis_is_away(stack: Stack) -> None:
    stack.vitrine.stop_worker()
    with stack.client() as client, Writers(stack) as writers:
        with stack.lost_redis():
            stack.vitrine.start_worker()
            until(lambda: bool(writers.said))
            word = writers.said[-1]
            until(lambda: stack.finds(word))
        writers.ended.set()
        stack.checks(client)
    writers.all_are_found()


def test_redis_that_is_flushed_while_people_write(stack: Stack) -> None:
    with stack.client() as client, Writers(stack) as writers, redis.Redis.from_url(stack.redis.url) as broker:
        stack.checks(client)
        broker.flushall()
        before = len(writers.said)
        until(lambda: len(writers.said) > before + 3)
        writers.ended.set()
        stack.checks(client)
    assert set(writers.statuses) == {201}
    writers.all_are_found()


@pytest.mark.parametrize("where", ["documents", "engine"])
def test_a_worker_that_is_killed_in_the_middle_of_a_batch(stack: Stack, where: str) -> None:
    word = f"w{uuid.uuid4().hex[:12]}"
    table = "search_outbox" if where == "documents" else "search_enginequeue"
    with stack.held_documents() if where == "documents" else stack.frozen_engine():
        stack.says(word)
        until(lambda: stack.leased(table) == SOME, lambda: f"{stack.leased(table)} are claimed")
        stack.kill_worker()
    assert stack.waiting()[where == "engine"] == SOME
    stack.end_leases()
    stack.vitrine.start_worker()
    stack.is_right()
    assert stack.found(word)["total"] == SOME


def test_a_worker_whose_pool_is_killed_begins_again_by_itself(stack: Stack) -> None:
    word = f"w{uuid.uuid4().hex[:12]}"
    with stack.held_documents():
        stack.says(word)
        until(lambda: stack.leased("search_outbox") == SOME)
        stack.kill_pool()
    stack.end_leases()
    stack.is_right()
    assert stack.found(word)["total"] == SOME


def test_a_clock_that_was_ahead_and_is_put_right(stack: Stack) -> None:
    word = f"w{uuid.uuid4().hex[:12]}"
    with stack.moved_clock(days=400):
        stack.restart_vitrine()
        with stack.held_documents(), stack.client() as client:
            stack.says(word)
            assert client.post("/api/v1/operations/search/check").status_code == 202
            until(lambda: stack.leased("search_outbox") == SOME)
            until(
                lambda: stack.sql("SELECT state FROM search_job ORDER BY id DESC LIMIT 1") == [("running",)]
            )
            stack.kill_worker()
    stack.restart_vitrine()
    stack.is_right()
    assert stack.found(word)["total"] == SOME
    with stack.client() as client:
        stack.checks(client)


def test_a_clock_that_goes_back(stack: Stack) -> None:
    with stack.moved_clock(days=-400):
        stack.restart_vitrine()
        with Writers(stack) as writers:
            until(lambda: len(writers.said) > 3)
        writers.all_are_found()
    stack.restart_vitrine()
    writers.all_are_found()


def test_a_disk_that_is_full_and_is_emptied(stack: Stack) -> None:
    disk = "cluster.routing.allocation.disk"
    marks = [f"{disk}.watermark.{name}" for name in ("low", "high", "flood_stage")]
    often = {"cluster.info.update.interval": "10s", f"{disk}.reroute_interval": "1s"}
    watched = {f"{disk}.threshold_enabled": True, **often}

    def free_space_needed(size: str | None) -> None:
        stack.engine("PUT", "/_cluster/settings", {"transient": {**watched, **dict.fromkeys(marks, size)}})

    def is_blocked() -> bool:
        told = [
            stack.engine("GET", path) for path in ("/_all/_settings/index.blocks.*", "/_cluster/settings")
        ]
        return "read_only_allow_delete" in str(told) or "create_index': 'true'" in str(told)

    free_space_needed("9pb")
    try:
        until(is_blocked)
        with Writers(stack) as writers:
            until(lambda: len(writers.said) > 3 and stack.waiting()[1] > 0)
            word = writers.said[-1]
            until(lambda: stack.waiting()[0] == 0)
            assert not stack.finds(word)
    finally:
        free_space_needed("1b")
        until(lambda: not is_blocked())
        watched = dict.fromkeys(watched)
        free_space_needed(None)
    assert set(writers.statuses) == {201}
    writers.all_are_found()


@pytest.mark.parametrize("lost", ["index", "alias"])
def test_an_index_that_is_lost_while_people_write(stack: Stack, lost: str) -> None:
    with Writers(stack) as writers:
        until(lambda: len(writers.said) > 3)
        for name in stack.engine("GET", "/_alias/vitrine-models"):
            stack.engine("DELETE", f"/{name}" + ("/_alias/vitrine-models" if lost == "alias" else ""))
        before = len(writers.said)
        until(lambda: len(writers.said) > before + 3)
    writers.all_are_found()


@pytest.fixture(scope="module")
def proxy(stack: Stack) -> Iterator[Proxy]:
    """Stands before the engine from here on; so what asks for it comes last."""
    made = Proxy(stack.opensearch.url)
    stack.restart_vitrine(OPENSEARCH_URL=made.url)
    yield made
    stack.vitrine.stop()
    made.close()


@pytest.mark.parametrize("trouble", ["429", "503"])
def test_an_engine_that_refuses_for_a_while(stack: Stack, proxy: Proxy, trouble: str) -> None:
    proxy.trouble, proxy.refused = trouble, 0
    try:
        with Writers(stack) as writers:
            until(lambda: len(writers.said) > 3 and proxy.refused > 3)
            word = writers.said[-1]
            until(lambda: stack.finds(word, "postgres"))
            assert stack.waiting()[1] > 0
    finally:
        proxy.trouble = ""
    assert set(writers.statuses) == {201}
    writers.all_are_found()


def test_a_bulk_of_which_half_fails(stack: Stack, proxy: Proxy) -> None:
    word = f"w{uuid.uuid4().hex[:12]}"
    proxy.trouble, proxy.refused = "half", 0
    try:
        stack.says(word)
        until(lambda: proxy.refused > SOME and stack.found(word)["total"] == SOME // 2)
        assert stack.waiting() == (0, SOME // 2)
    finally:
        proxy.trouble = ""
    stack.is_right()
    assert stack.found(word)["total"] == SOME
