"""The search API over HTTP, with all facets: p50 and p95 in milliseconds, one question after the other.

Against OpenSearch asked over HTTP with the very requests that the site sends it, and Postgres against OpenSearch.
"""

import json
from collections.abc import Iterator
from unittest.mock import patch

from bench.measure import Context, Figure, Group, alternate, p50_and_p95
from bench.statements import asked_inside


def measure(context: Context) -> Iterator[Figure]:
    """Four latencies; three ways to ask, in turn, over the same questions."""
    site = context.site
    count = context.times(200, 30)
    step = max(1, len(context.questions) // count)
    questions = list(context.questions)[::step][:count]
    requests = [engine_requests(words) for words in questions]
    path = f"{engine_alias()}/_search"
    headers = {"Content-Type": "application/json"}

    def plain(number: int) -> None:
        for body in requests[number % len(requests)]:
            site.engine("POST", path, content=body, headers=headers).json()

    def asked(number: int, *, on_postgres: bool) -> None:
        answer = site.get(
            "/api/v1/search", on_postgres=on_postgres, q=questions[number % len(questions)]
        ).json()
        if answer["degraded"] or answer["backend"] != ("postgres" if on_postgres else "opensearch"):
            raise RuntimeError(f"{answer['backend']} answered instead")

    samples = alternate(
        {
            "opensearch": lambda number: asked(number, on_postgres=False),
            "postgres": lambda number: asked(number, on_postgres=True),
            "plain": plain,
        },
        rounds=len(questions) * context.times(2, 1),
        warm_up=context.times(60, 20),
    )
    raw = "the same requests sent to OpenSearch"
    yield from p50_and_p95("search.opensearch", samples["opensearch"], samples["plain"], raw)
    yield from p50_and_p95(
        "search.postgres", samples["postgres"], samples["opensearch"], "our OpenSearch back end"
    )


def engine_requests(words: str) -> list[bytes]:
    """What the site asks OpenSearch for a question of someone not signed in: one request, sometimes two."""
    from search.backends import opensearch

    bodies: list[bytes] = []
    ask = opensearch._asked

    def recorded(body: dict[str, object], **more: bool) -> object:
        bodies.append(json.dumps(body).encode())
        return ask(body, **more)

    with patch.object(opensearch, "_asked", recorded):
        asked_inside("/api/v1/search", q=words)
    return bodies


def engine_alias() -> str:
    from search.engine.client import alias

    return alias()


GROUP = Group(
    "search",
    "The search API over HTTP with every facet, one question after the other, against the same requests sent to"
    " OpenSearch directly; and the Postgres back end against the OpenSearch back end.",
    measure,
)
