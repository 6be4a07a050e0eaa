"""From commit to searchable, in milliseconds, with one writer and with a hundred; documents a second; statements.

Writers use the site's API. Two clocks end when a search finds what was written: one begins with the API's answer
(`from_commit`), one with the request (`from_request`). The plain side puts ready documents into an index, by as
many writers at once: alone with `refresh=true`, the quickest for one; together with `refresh=wait_for`, the quickest
for many.
"""

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.measure import Context, Figure, Group, p50_and_p95, percentile, seconds_of
from bench.rebuild import fill_plainly, ready_documents
from bench.site import Site
from bench.statements import statements_of

WRITERS = 100
# Seconds between two looks for what a wave wrote. Looking more often would take the engine's time from the site; what
# is found counts as found when the look comes back, so up to this much is added to our times.
LOOK_EVERY = 0.05
# Whose models are written: some from all over the catalog, and those with the most numbers, whose documents weigh most.
SPREAD = "r.id % 37, r.id"
HEAVIEST = (
    "(SELECT jsonb_array_length(body->'metrics') FROM search_searchdocument WHERE model_id = r.id) DESC, r.id"
)
MODELS = """
SELECT r.id, p.slug || '/' || r.slug FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id
ORDER BY {order} LIMIT {count}
"""
LONGEST_WAIT = 60.0
TOKEN = (
    "from accounts.models import User; from accounts.tokens import create_token;"
    "print(create_token(user=User.objects.get(username='mara'), name='bench', scope='write')[1])"
)
ALONE, TOGETHER = "PUT with refresh=true", "as many PUT with refresh=wait_for"


def measure(context: Context) -> Iterator[Figure]:
    """All of it; the worker runs for the latencies and rests for the rates."""
    plain = PlainIndex(context.site)
    writers = Writers(context.site)
    try:
        context.site.vitrine.start_worker()
        choose(SPREAD, writers, plain)
        writers.write(0)  # the worker is up when this is found
        writers.wait_alone(0)
        yield from one_writer(context, writers, plain)
        for name, order in (("", SPREAD), (".heaviest", HEAVIEST)):
            choose(order, writers, plain)
            yield from many_writers(context, f"sync.{WRITERS}_writers{name}", writers, plain)
    finally:
        context.site.vitrine.stop_worker()
        plain.remove()
    yield from rates(context)


def choose(order: str, writers: "Writers", plain: "PlainIndex") -> None:
    """Let both sides write the first models in this order of SQL."""
    rows = writers.site.sql(MODELS.format(order=order, count=WRITERS))
    writers.models = [(row[0], row[1]) for row in rows]
    ready = {document["model_id"]: document for document in ready_documents()}
    plain.documents = [ready[model_id] for model_id, _ in writers.models]


def one_writer(context: Context, writers: "Writers", plain: "PlainIndex") -> Iterator[Figure]:
    """A write, then searches over the API until it is found; and a plain document, in turn."""
    committed, asked, other = [], [], []
    for number in range(context.times(40, 10)):
        waiting = writers.write(number)
        writers.wait_alone(number)
        committed.append(waiting.from_commit)
        asked.append(waiting.from_request)
        other.append(seconds_of(lambda number=number: plain.put(number)) * 1000)  # type: ignore[misc]
    yield from p50_and_p95("sync.1_writer.from_commit", committed, other, ALONE)
    yield from p50_and_p95("sync.1_writer.from_request", asked, other, ALONE)


def many_writers(context: Context, name: str, writers: "Writers", plain: "PlainIndex") -> Iterator[Figure]:
    """Waves of a hundred writes at once to a hundred models; and as many plain documents at once, in turn."""
    found: list[Waiting] = []
    other: list[float] = []
    ours_took = other_took = 0.0
    waves = context.times(6, 1)

    def put(number: int) -> float:
        return seconds_of(lambda: plain.put(number, refresh="wait_for")) * 1000

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in range(waves):
            began = time.perf_counter()
            wave = writers.wave(pool)
            ours_took += max(waiting.at for waiting in wave) - began
            found += wave
            began = time.perf_counter()
            other += pool.map(put, range(WRITERS))
            other_took += time.perf_counter() - began
    yield from p50_and_p95(f"{name}.from_commit", [waiting.from_commit for waiting in found], other, TOGETHER)
    yield from p50_and_p95(
        f"{name}.from_request", [waiting.from_request for waiting in found], other, TOGETHER
    )
    count = waves * WRITERS
    yield Figure(f"{name}.rate", count / ours_took, count / other_took, TOGETHER, "documents/s")


def rates(context: Context) -> Iterator[Figure]:
    """Documents a second from outbox to index in one process, and the statements of a batch."""
    from search.indexing import bulk, outbox

    site = context.site
    outbox.drain_all()
    bulk.drain_all()
    count = context.times(2000, 400)
    ready = ready_documents(count)
    carried, shipped, plain = [], [], []
    for _ in range(context.times(3, 1)):
        touch(site, count)
        carried.append(seconds_of(outbox.drain_all))
        shipped.append(seconds_of(bulk.drain_all))
        plain.append(fill_plainly(ready))
    both = [one + two for one, two in zip(carried, shipped, strict=True)]
    other = len(ready) / percentile(plain, 0.5)
    name = "parallel_bulk of ready documents"
    yield Figure("sync.rate", len(ready) / percentile(both, 0.5), other, name, "documents/s")
    yield Figure("sync.rate_to_postgres", len(ready) / percentile(carried, 0.5), other, name, "documents/s")
    yield Figure("sync.rate_to_opensearch", len(ready) / percentile(shipped, 0.5), other, name, "documents/s")
    counts = []
    for size in (outbox.BATCH, 1):
        touch(site, size)
        counts.append(statements_of(outbox.step) + statements_of(bulk.step))
    yield Figure(
        f"sync.statements_of_{outbox.BATCH}", counts[0], counts[1], "a batch of one document", "statements"
    )


def touch(site: Site, count: int) -> None:
    """Change so many models by plain SQL; the triggers write the outbox."""
    site.raw.execute(
        "UPDATE catalog_registeredmodel SET summary = %s WHERE id IN"
        " (SELECT id FROM catalog_registeredmodel ORDER BY id LIMIT %s)",
        [f"bench {uuid.uuid4().hex}", count],
    )


@dataclass(slots=True)
class Waiting:
    """A write, from its request over its answer to the moment it is found."""

    words: str
    asked: float
    committed: float
    found: threading.Event = field(default_factory=threading.Event)
    at: float = 0.0

    @property
    def from_commit(self) -> float:
        """Milliseconds; none when it was found before the answer had come back."""
        return max(0.0, self.at - self.committed) * 1000

    @property
    def from_request(self) -> float:
        """Milliseconds."""
        return (self.at - self.asked) * 1000


class Writers:
    """Writers of a model each, by the API, as the demo's administrator; and those who look for what was written."""

    def __init__(self, site: Site) -> None:
        self.site = site
        token = site.vitrine.manage("shell", "-c", TOKEN).split()[-1]
        self.headers = {"Authorization": f"Bearer {token}", "Prefer": "return=minimal"}
        self.models: Sequence[tuple[int, str]] = []
        self.waiting: dict[int, Waiting] = {}

    def write(self, writer: int) -> Waiting:
        """Give the writer's model a summary that nobody has."""
        model_id, ref = self.models[writer % len(self.models)]
        words = f"z{uuid.uuid4().hex}"
        asked = time.perf_counter()
        answer = self.site.http.patch(
            f"{self.site.vitrine.url}/api/v1/models/{ref}", json={"summary": words}, headers=self.headers
        )
        answer.raise_for_status()
        waiting = Waiting(words, asked, time.perf_counter())
        self.waiting[model_id] = waiting
        return waiting

    def wait_alone(self, writer: int) -> None:
        """Search by the site, as a person would, until the write is found.

        Raises:
            TimeoutError: it is not.
        """
        model_id, ref = self.models[writer % len(self.models)]
        waiting = self.waiting.pop(model_id)
        while time.perf_counter() - waiting.committed < LONGEST_WAIT:
            hits = self.site.get("/api/v1/search", q=waiting.words, page_size=1).json()["hits"]
            if any(hit["ref"] == ref and hit["summary"] == waiting.words for hit in hits):
                waiting.at = time.perf_counter()
                return
            time.sleep(0.005)
        raise TimeoutError(f"A write was not found within {LONGEST_WAIT:.0f} s")

    def wave(self, pool: ThreadPoolExecutor) -> list[Waiting]:
        """Everybody writes at once; their writes, all found.

        One thread looks on behalf of all, by asking OpenSearch itself for their models: a hundred that search over
        the site would measure their own waiting.
        """
        is_over = threading.Event()
        looking = threading.Thread(target=self._look, args=(is_over,), daemon=True)
        looking.start()
        try:
            return list(pool.map(self._write_and_wait, range(WRITERS)))
        finally:
            is_over.set()
            looking.join()

    def _write_and_wait(self, writer: int) -> Waiting:
        waiting = self.write(writer)
        if not waiting.found.wait(LONGEST_WAIT):
            raise TimeoutError(f"A write was not found within {LONGEST_WAIT:.0f} s")
        return waiting

    def _look(self, is_over: threading.Event) -> None:
        from search.engine.client import alias

        path = f"{alias()}/_search"
        while not is_over.wait(LOOK_EVERY):
            asked = dict(self.waiting)
            if not asked:
                continue
            # Searching for the words themselves: reading whole documents would take the engine's time from the site.
            wanted = [
                {"match": {"prose": {"query": one.words, "_name": str(pk)}}} for pk, one in asked.items()
            ]
            body = {"size": len(asked), "_source": False, "query": {"bool": {"should": wanted}}}
            hits = self.site.engine("POST", path, json=body).json()["hits"]["hits"]
            now = time.perf_counter()
            for pk in (int(label) for hit in hits for label in hit.get("matched_queries", [])):
                asked[pk].at = now
                self.waiting.pop(pk, None)
                asked[pk].found.set()


class PlainIndex:
    """An index of the same mapping, written to without us."""

    name = "bench-plain"

    def __init__(self, site: Site) -> None:
        from search.documents.mapping import MAPPING, SETTINGS

        self.site = site
        self.documents: Sequence[dict[str, Any]] = []
        site.engine("PUT", self.name, json={"settings": SETTINGS, "mappings": MAPPING})

    def put(self, number: int, refresh: str = "true") -> None:
        """Put a document, and wait until it is searchable."""
        document = self.documents[number % len(self.documents)]
        path = f"{self.name}/_doc/{document['model_id']}?refresh={refresh}"
        self.site.engine("PUT", path, json=document)

    def remove(self) -> None:
        self.site.engine("DELETE", f"{self.name}?ignore_unavailable=true")


GROUP = Group(
    "sync",
    "From the API's answer to a write that wants no more than that, and from its request, until a search finds it; with"
    " one writer and with 100 at once (web, worker and bench share the cores), against ready documents put straight"
    " into OpenSearch. Then outbox to index in one process against `parallel_bulk`, and the SQL statements of a batch"
    " against one document's.",
    measure,
)
