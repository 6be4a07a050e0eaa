"""`search rebuild` in seconds, with nothing else at work, against opensearch-py's `parallel_bulk`.

It is measured as it mostly is, with documents that come out as they were; with every document to be written anew, as
after a change of how they are built; and as a new index from the documents in Postgres, as after a change of mapping.

The plain side gets its documents ready-made, in memory, and puts them into a fresh index of the same mapping.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bench.measure import Context, Figure, Group, percentile, seconds_of

NAME = "parallel_bulk of ready documents"
PLAIN_INDEX = "bench-bulk"


def measure(context: Context) -> Iterator[Figure]:
    """The median of a few rounds: the whole command, and its halves: documents from rows, and the index."""
    from search.indexing import reindex

    context.site.vitrine.stop_worker()
    ready = ready_documents()
    whole: list[float] = []
    rewritten: list[float] = []
    copied: list[float] = []
    plain: list[float] = []
    for number in range(context.times(4, 1)):
        taken = [seconds_of(reindex.rebuild_anew), fill_plainly(ready), seconds_of(reindex.rebuild)]
        context.site.raw.execute("UPDATE search_searchdocument SET checksum = 'older', built_at = now()")
        taken.append(seconds_of(reindex.rebuild_anew))
        if number or context.is_quick:  # the first round warms up
            for samples, seconds in zip((whole, plain, copied, rewritten), taken, strict=True):
                samples.append(seconds)
    other = percentile(plain, 0.5)
    yield Figure("rebuild.whole", percentile(whole, 0.5), other, NAME, "s")
    yield Figure("rebuild.rewritten", percentile(rewritten, 0.5), other, NAME, "s")
    yield Figure("rebuild.index", percentile(copied, 0.5), other, NAME, "s")
    yield Figure("rebuild.rate", len(ready) / percentile(whole, 0.5), len(ready) / other, NAME, "documents/s")


def ready_documents(limit: int | None = None) -> list[dict[str, Any]]:
    """The documents as the engine gets them, from what Postgres holds."""
    from search.documents.mapping import engine_document
    from search.models import SearchDocument

    rows = SearchDocument.objects.filter(is_deleted=False).order_by("model_id").values_list("body", flat=True)
    return [engine_document(body) for body in rows[:limit]]


def fill_plainly(documents: Sequence[dict[str, Any]]) -> float:
    """Seconds to put the documents into a new index and make them searchable; the index is removed again."""
    from opensearchpy.helpers import parallel_bulk

    from search.documents.mapping import MAPPING, SETTINGS
    from search.engine.client import client

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
    "`search rebuild` (every document built anew from the catalog, into a new index) in one process, with the worker"
    " stopped: documents as they were (`whole`), all to be written in Postgres, too (`rewritten`), and the index alone,"
    " from the documents in Postgres (`index`); against opensearch-py's `parallel_bulk` of the same documents, ready"
    " in memory, into a fresh index of the same mapping.",
    measure,
)
