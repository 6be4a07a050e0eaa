"""`search rebuild` in seconds, with nothing else at work, against opensearch-py's `parallel_bulk`.

The plain side gets its documents ready-made, in memory, and puts them into a fresh index of the same mapping.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bench.measure import Context, Figure, Group, percentile, seconds_of

NAME = "parallel_bulk of ready documents"
PLAIN_INDEX = "bench-bulk"


def measure(context: Context) -> Iterator[Figure]:
    """The median of a few rounds: the whole command, and its halves: documents from rows, and the index."""
    from search import sync
    from search.engine import index

    context.site.vitrine.stop_worker()
    ready = ready_documents()
    documents: list[float] = []
    filling: list[float] = []
    plain: list[float] = []
    for number in range(context.times(3, 1)):
        times = (
            seconds_of(sync.index_all),
            seconds_of(index.rebuild),
            fill_plainly(ready),
        )
        if number or context.is_quick:  # the first round warms up
            for samples, taken in zip((documents, filling, plain), times, strict=True):
                samples.append(taken)
    whole = [one + two for one, two in zip(documents, filling, strict=True)]
    other = percentile(plain, 0.5)
    yield Figure("rebuild.whole", percentile(whole, 0.5), other, NAME, "s")
    yield Figure("rebuild.documents", percentile(documents, 0.5), other, NAME, "s")
    yield Figure("rebuild.index", percentile(filling, 0.5), other, NAME, "s")
    yield Figure("rebuild.rate", len(ready) / percentile(whole, 0.5), len(ready) / other, NAME, "documents/s")


def ready_documents(limit: int | None = None) -> list[dict[str, Any]]:
    """The documents as the engine gets them, from what Postgres holds."""
    from search.engine.mapping import engine_document
    from search.models import SearchDocument

    rows = SearchDocument.objects.filter(is_deleted=False).order_by("model_id").values_list("body", flat=True)
    return [engine_document(body) for body in rows[:limit]]


def fill_plainly(documents: Sequence[dict[str, Any]]) -> float:
    """Seconds to put the documents into a new index and make them searchable; the index is removed again."""
    from opensearchpy.helpers import parallel_bulk

    from search.engine.client import client
    from search.engine.mapping import MAPPING, SETTINGS

    engine = client()
    engine.indices.delete(index=PLAIN_INDEX, ignore_unavailable=True)
    engine.indices.create(index=PLAIN_INDEX, body={"settings": SETTINGS, "mappings": MAPPING})

    def fill() -> None:
        actions = ({"_index": PLAIN_INDEX, "_id": d["model_id"], "_source": d} for d in documents)
        for is_done, answer in parallel_bulk(engine, actions, thread_count=4, chunk_size=300):
            if not is_done:
                raise RuntimeError(f"A document was refused: {answer}")
        engine.indices.refresh(index=PLAIN_INDEX)

    try:
        return seconds_of(fill)
    finally:
        engine.indices.delete(index=PLAIN_INDEX, ignore_unavailable=True)


GROUP = Group(
    "rebuild",
    "`search rebuild` (every document built anew from the catalog, then a new index) in one process, with the worker"
    " stopped, against opensearch-py's `parallel_bulk` of the same documents, ready in memory, into a fresh index of"
    " the same mapping.",
    measure,
)
