"""Faults in sequence, drawn by a seed: after all of them the index equals the catalog. `VITRINE_FAULTS=1000` for more.

Everything is real: workers are processes that are killed with -9, lines to the engine are cut, indexes deleted.
"""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from opensearchpy import OpenSearch

from catalog.models import ModelTag, Project, RegisteredModel, Tag
from search.documents import store
from search.engine import client as engine_client
from search.engine.client import alias, client
from search.errors import EngineAway
from search.indexing import bulk, check, outbox, reindex
from search.models import EngineQueue, Outbox, SearchDocument
from social.models import Rating
from tests.makers import make_model, make_person, make_project
from tests.search.conftest import measure
from tests.search.line import Line

FAULTS = int(os.environ.get("VITRINE_FAULTS", "80"))
LEASE = 0.4
kept: list[object] = []


class World:
    """A small catalog, its two stores, and everything that may happen to them."""

    def __init__(self, seed: int, line: Line, direct: str) -> None:
        self.chance = random.Random(seed)
        self.line, self.direct = line, direct
        # What befalls the engine does not go over the line that is cut now and then.
        self.straight = OpenSearch(direct)
        self.people = [make_person() for _ in range(3)]
        for number in range(12):
            make_model(make_project(), name=f"model {number}")
        self.writes: list[Callable[[], object]] = [
            self.rename, self.rename, self.create, self.delete, self.measure, self.tag, self.rate, self.hide,
            self.bulk_sql, self.taken_back,
        ]  # fmt: skip
        self.faults: list[Callable[[], object]] = [
            self.kill_a_worker, self.kill_a_worker, self.cut_the_line, self.lose_the_index, self.lose_the_alias,
            self.flood_the_disk, self.wake_up_late, self.send_again, self.rebuild_while_writing, self.lose_postgres,
        ]  # fmt: skip

    def one(self) -> RegisteredModel:
        return self.chance.choice(list(RegisteredModel.objects.order_by("pk")))

    def write(self) -> None:
        self.chance.choice(self.writes)()

    # ── what people do ────────────────────────────────────────────────────────────────────────────────

    def rename(self) -> None:
        RegisteredModel.objects.filter(pk=self.one().pk).update(name=f"name {self.chance.random()}")

    def create(self) -> None:
        make_model(make_project(), name=f"new {self.chance.random()}")

    def delete(self) -> None:
        if RegisteredModel.objects.count() > 6:
            self.one().delete()

    def measure(self) -> None:
        made = self.one()
        if made.versions.exists():
            measure(made, "accuracy", round(self.chance.random(), 6), slice=f"{self.chance.random()}")

    def tag(self) -> None:
        tag, _ = Tag.objects.get_or_create(slug="t", defaults={"name": "t"})
        ModelTag.objects.get_or_create(model=self.one(), tag=tag)

    def rate(self) -> None:
        stars = self.chance.randint(1, 5)
        Rating.objects.update_or_create(
            model=self.one(), author=self.chance.choice(self.people), defaults={"stars": stars}
        )

    def hide(self) -> None:
        project = self.chance.choice(list(Project.objects.order_by("pk")))
        Project.objects.filter(pk=project.pk).update(visibility=self.chance.choice(["public", "restricted"]))

    def bulk_sql(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_registeredmodel SET summary = %s", [f"all {self.chance.random()}"])

    def taken_back(self) -> None:
        with transaction.atomic():
            self.rename()
            transaction.set_rollback(True)

    # ── what goes wrong ───────────────────────────────────────────────────────────────────────────────

    def worker(self) -> int:
        """A worker of its own process, at work until it is ended."""
        pid = os.fork()
        if pid:
            return pid
        try:
            # The parent's connections are left as they are: closing them here would end them there.
            kept.append(connection.connection)
            connection.connection = None
            engine_client._client.cache_clear()
            while True:
                carry_some()
        finally:
            os._exit(1)

    def kill_a_worker(self) -> None:
        pid = self.worker()
        for _ in range(self.chance.randint(1, 4)):
            self.write()
            time.sleep(self.chance.uniform(0, 0.04))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def cut_the_line(self) -> None:
        self.line.cut()
        self.write()
        carry_some()
        self.write()
        self.line.mend()

    def lose_the_index(self) -> None:
        self.straight.indices.delete(index=f"{alias()}-*", ignore_unavailable=True)
        self.write()

    def lose_the_alias(self) -> None:
        self.straight.indices.delete_alias(index="_all", name=alias(), ignore=[404])
        self.write()

    def flood_the_disk(self) -> None:
        block = {"index.blocks.read_only_allow_delete": True}
        self.straight.indices.put_settings(index=f"{alias()}-*", body=block, ignore=[404])
        self.write()
        carry_some()
        self.straight.indices.put_settings(index=f"{alias()}-*", body=dict.fromkeys(block), ignore=[404])

    def wake_up_late(self) -> None:
        self.write()
        late = outbox.claim(lease=0.01)
        if late is None:
            return
        built, failed = outbox.build(late.model_ids)
        time.sleep(0.02)
        self.write()
        outbox.drain_all()
        outbox.finish(late, built, failed)

    def send_again(self) -> None:
        ids = list(SearchDocument.objects.order_by("pk").values_list("pk", flat=True)[:5])
        stored = store.read_stored(ids)
        self.write()
        carry_some()
        try:
            bulk.send(bulk.write_targets(), stored)
        except EngineAway:
            return

    def rebuild_while_writing(self) -> None:
        try:
            rebuild = self.chance.choice((reindex.rebuild, reindex.rebuild_anew))
            rebuild(lambda *_: self.write())
        except EngineAway:
            return

    def lose_postgres(self) -> None:
        pid = self.worker()
        self.write()
        time.sleep(self.chance.uniform(0, 0.05))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def carry_some() -> None:
    """What a worker does in one turn, with leases that end soon; nothing that happens may end it."""
    try:
        claimed = outbox.claim(batch=5, lease=LEASE)
        if claimed:
            built, failed = outbox.build(claimed.model_ids)
            outbox.finish(claimed, built, failed)
        bulk.step(batch=5)
    except EngineAway:
        time.sleep(0.01)
    except DatabaseError:
        connection.close()


def settle() -> None:
    """Let workers work until nothing waits."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            reindex.heal()
            outbox.drain_all()
            bulk.drain_all()
        except EngineAway:
            pass
        if not Outbox.objects.exists() and not EngineQueue.objects.exists() and reindex.is_sound():
            return
        time.sleep(0.1)


@pytest.mark.timeout(3000)
def test_after_many_faults_the_index_equals_the_catalog(transactional_db, engine, settings, monkeypatch):
    monkeypatch.setattr(bulk, "LEASE", LEASE)
    line = Line(engine)
    settings.OPENSEARCH_URL = line.url
    world = World(int(os.environ.get("VITRINE_SEED", "7")), line, engine)
    done: dict[str, int] = {}
    for number in range(FAULTS):
        fault = world.chance.choice(world.faults)
        done[fault.__name__] = done.get(fault.__name__, 0) + 1
        fault()
        world.write()
        if number % 5 == 4:
            carry_some()
        if number % 20 == 19:
            settle()
    settle()
    client().indices.refresh(index=alias())
    report = check.check()
    line.listener.close()
    assert sum(done.values()) == FAULTS and len(done) == len(set(world.faults))
    assert (report.differences, report.dead, report.engine_error) == ([], 0, "")
    assert report.models == report.documents == report.engine_documents == RegisteredModel.objects.count()
