"""The search API over HTTP, with all facets: p50 and p95 in milliseconds, one question after the other.

Against OpenSearch asked over HTTP with the very requests that the site sends it, and Postgres against OpenSearch. The
engine forgets before each question what it found for it; `again` is the same question when it has not.
"""

import json
from collections.abc import Iterator, Sequence
from unittest.mock import patch

from bench.measure import Context, Figure, Group, alternate, p50_and_p95
from bench.site import Site
from bench.statements import asked_inside

SEARCH, SUGGEST = "/api/v1/search", "/api/v1/suggest"


def measure(context: Context) -> Iterator[Figure]:
    """Four ways to ask, in turn, over the same questions."""
    site = context.site
    count = context.times(200, 30)
    step = max(1, len(context.questions) // count)
    questions = list(context.questions)[::step][:count]
    requests = [engine_requests(words) for words in questions]

    def plain(number: int) -> None:
        ask_engine(site, engine_alias(), requests[number % len(requests)])

    def asked(number: int, *, on_postgres: bool) -> None:
        answer = site.get(SEARCH, on_postgres=on_postgres, q=questions[number % len(questions)]).json()
        if answer["degraded"] or answer["backend"] != ("postgres" if on_postgres else "opensearch"):
            raise RuntimeError(f"{answer['backend']} answered instead")

    def ours(number: int) -> None:
        asked(number, on_postgres=False)

    def forget(_: int) -> None:
        forget_answers(site, engine_alias())

    samples = alternate(
        {
            "opensearch": ours,
            "again": ours,
            "postgres": lambda number: asked(number, on_postgres=True),
            "plain": plain,
        },
        rounds=len(questions) * context.times(2, 1),
        warm_up=context.times(60, 20),
        before={"opensearch": forget, "again": ours, "plain": forget},
    )
    raw, first = "the same requests sent to OpenSearch", "the question as it is first asked"
    yield from p50_and_p95("search.opensearch", samples["opensearch"], samples["plain"], raw)
    yield from p50_and_p95("search.again", samples["again"], samples["opensearch"], first)
    yield from p50_and_p95(
        "search.postgres", samples["postgres"], samples["opensearch"], "our OpenSearch back end"
    )


def engine_requests(words: str, path: str = SEARCH) -> list[bytes]:
    """What the site asks OpenSearch for a question of someone not signed in: one request, sometimes two. None where it
    need not ask.
    """
    from search.backends import opensearch

    bodies: list[bytes] = []
    ask = opensearch._asked

    def recorded(body: dict[str, object], **more: bool) -> object:
        bodies.append(json.dumps(body).encode())
        return ask(body, **more)

    with patch.object(opensearch, "_asked", recorded):
        asked_inside(path, q=words)
    return bodies


def ask_engine(site: Site, alias: str, requests: Sequence[bytes]) -> None:
    """Send OpenSearch these requests, one after the other, and read its answers."""
    for body in requests:
        headers = {"Content-Type": "application/json"}
        site.engine("POST", f"{alias}/_search", content=body, headers=headers).json()


def forget_answers(site: Site, alias: str) -> None:
    """Have the engine forget what it found, so that a question costs what it costs when it is first asked."""
    site.engine("POST", f"{alias}/_cache/clear?request=true")


def engine_alias() -> str:
    from search.engine.client import alias

    return alias()


GROUP = Group(
    "search",
    "The search API over HTTP with every facet, one question after the other, against the same requests sent to"
    " OpenSearch directly; the same question again; and the Postgres back end against the OpenSearch back end.",
    measure,
)
