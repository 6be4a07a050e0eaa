"""The search API with all facets, and suggestions while typing, over many models: p50 and p95 in milliseconds, warm,
one question after the other.

Against OpenSearch asked over HTTP with the very requests that the site sends it; `again` is the same question when the
engine has kept what it found. The models are synthetic: see
`bench.synthetic`. At 100,000 every row and document is a real one of its own; at 1,000,000 (`make bench-large`) the
documents are varied from 50,000 that were really built, and only what a search reads is there.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Any

from bench import synthetic
from bench.measure import Context, Figure, Group, Skipped, alternate, p50_and_p95
from bench.report import memory_in_gib
from bench.search import SEARCH, SUGGEST, ask_engine, engine_requests, forget_answers
from bench.site import EMPTY, Site, with_database
from config.servers.vitrine import VitrineProcesses

MODELS, LARGE = 100_000, 1_000_000
BUILT = 50_000  # documents of the large catalog that are really built
GIB_OF_MEMORY, GIB_OF_DISK = 8, 40


class ManyModels:
    """A database and an index of their own, filled with synthetic models, and a site for each back end over them."""

    def __init__(self, context: Context, name: str, models: int) -> None:
        self.site: Site = context.site
        self.say = context.say
        self.models = models
        self.database = f"bench_{name}"
        self.alias = f"bench-{name}"
        url = with_database(self.site.postgres.url, self.database)
        environment = {
            **self.site.vitrine.environment,
            "DATABASE_URL": url,
            "OPENSEARCH_ALIAS": self.alias,
        }
        folder = self.site.folder / name
        for part in ("with-opensearch", "on-postgres"):
            (folder / part).mkdir(parents=True)
        self.vitrine = VitrineProcesses(folder / "with-opensearch", environment)
        self.on_postgres = VitrineProcesses(folder / "on-postgres", {**environment, "OPENSEARCH_URL": ""})

    def fill(self, built: int | None = None) -> dict[str, float]:
        """Make the models (documents beyond the first `built` are varied from those) and start to serve; the seconds
        that each step took.
        """
        took: dict[str, float] = {}
        built = min(built or self.models, self.models)
        self.site.copy_database(EMPTY, self.database)
        with self.site.connect() as source, self.site.connect(self.database) as target:
            self._step(
                took,
                "rows",
                lambda: synthetic.fill(source, target, built, progress=self._progress("rows")),
            )
            self._step(
                took,
                "documents",
                lambda: self.vitrine.manage(
                    "shell", "-c", "from search.indexing.backfill import index_all; index_all()"
                ),
            )
            if built < self.models:
                self._step(
                    took,
                    "varied",
                    lambda: synthetic.multiply(target, built, self.models, self._progress("varied")),
                )
            target.execute("TRUNCATE search_enginequeue")
            target.execute("VACUUM ANALYZE")
        filling = "from search.indexing import reindex; reindex.rebuild()"
        self._step(took, "index", lambda: self.vitrine.manage("shell", "-c", filling))
        for processes in (self.vitrine, self.on_postgres):
            processes.start_web()
        return took

    def _step(self, took: dict[str, float], what: str, work: Any) -> None:
        began = time.monotonic()
        work()
        took[what] = time.monotonic() - began
        self.say(f"  {what} of {self.models:,} models: {took[what]:.0f} s")

    def _progress(self, what: str) -> synthetic.Progress:
        last = [time.monotonic()]

        def shown(done: int, of: int) -> None:
            if time.monotonic() - last[0] > 10:
                last[0] = time.monotonic()
                self.say(f"  {done:,} of {of:,} {what}")

        return shown

    def forget(self, _: int = 0) -> None:
        """Have the engine forget what it found."""
        forget_answers(self.site, self.alias)

    def suggest(self, words: str, *, on_postgres: bool = False) -> None:
        """Ask the API what may be meant by the beginning of some words.

        Raises:
            HTTPStatusError: it is no success.
        """
        base = (self.on_postgres if on_postgres else self.vitrine).url
        self.site.http.get(f"{base}{SUGGEST}", params={"q": words}).raise_for_status().json()

    def get(self, *, on_postgres: bool = False, **parameters: Any) -> dict[str, Any]:
        """An answer of the search API.

        Raises:
            HTTPStatusError: it is no success. RuntimeError: the other back end answered.
        """
        base = (self.on_postgres if on_postgres else self.vitrine).url
        answer = self.site.http.get(f"{base}{SEARCH}", params=parameters).raise_for_status().json()
        if answer["degraded"] or answer["backend"] != ("postgres" if on_postgres else "opensearch"):
            raise RuntimeError(f"{answer['backend']} answered instead")
        found: dict[str, Any] = answer
        return found

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let this process's own Django look at these models."""
        from django.conf import settings
        from django.db import connection

        from search.query import lexicon

        before = (connection.settings_dict["NAME"], settings.OPENSEARCH_ALIAS)
        try:
            connection.close()
            connection.settings_dict["NAME"], settings.OPENSEARCH_ALIAS = self.database, self.alias
            lexicon.forget()
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"], settings.OPENSEARCH_ALIAS = before
            lexicon.forget()

    def remove(self) -> None:
        for processes in (self.vitrine, self.on_postgres):
            processes.stop()
        self.site.engine("DELETE", f"{self.alias}-*?ignore_unavailable=true")
        self.site.server_sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


def measure(context: Context) -> Iterator[Figure]:
    """Both back ends over 100,000 models."""
    yield from measured(context, "scale", context.times(MODELS, 2000), None)


def measure_large(context: Context) -> Iterator[Figure]:
    """The same over a million.

    Raises:
        Skipped: this machine hasn't the memory or the disk for it.
    """
    free = shutil.disk_usage(context.site.folder).free / 2**30
    context.say(
        f"  This needs {GIB_OF_MEMORY} GiB of memory (here: {memory_in_gib():.0f}), {GIB_OF_DISK} GiB of disk"
        f" (free: {free:.0f}) and about an hour on two cores."
    )
    if not context.is_quick and (free < GIB_OF_DISK or memory_in_gib() < GIB_OF_MEMORY):
        raise Skipped("There is too little memory or disk for a million models.")
    yield from measured(context, "large", context.times(LARGE, 6000), context.times(BUILT, 2000))


def measured(context: Context, name: str, models: int, built: int | None) -> Iterator[Figure]:
    """Latencies of both back ends, and how long the catalog took to make, by models a second."""
    many = ManyModels(context, name, models)
    site = context.site
    count = context.times(100, 15)
    questions = list(context.questions)[:: max(1, len(context.questions) // count)][:count]
    try:
        many.fill(built)
        with many.inside():
            requests = [engine_requests(words) for words in questions]

        def plain(number: int) -> None:
            ask_engine(site, many.alias, requests[number % len(requests)])

        def ours(number: int, *, on_postgres: bool) -> None:
            many.get(on_postgres=on_postgres, q=questions[number % len(questions)])

        on_engine = partial(ours, on_postgres=False)
        engine = alternate(
            {"ours": on_engine, "again": on_engine, "plain": plain},
            rounds=len(questions) * context.times(2, 1),
            warm_up=context.times(40, 5),
            before={"ours": many.forget, "again": on_engine, "plain": many.forget},
        )
        raw, first = "the same requests sent to OpenSearch", "the question as it is first asked"
        yield from p50_and_p95(f"{name}.opensearch", engine["ours"], engine["plain"], raw)
        yield from p50_and_p95(f"{name}.again", engine["again"], engine["ours"], first)
        samples = alternate(
            {"ours": partial(ours, on_postgres=True)},
            rounds=min(len(questions), context.times(60, 10)),
            warm_up=5,
        )
        ours_too = "our OpenSearch back end"
        yield from p50_and_p95(f"{name}.postgres", samples["ours"], engine["ours"], ours_too)
        yield from suggested(context, name, many, questions)
    finally:
        many.remove()


def suggested(context: Context, name: str, many: ManyModels, questions: Sequence[str]) -> Iterator[Figure]:
    """Latencies of suggestions for what is typed so far: the first two, four and seven letters of questions."""
    typed = [words[:letters] for words, letters in zip(questions, cycle((2, 4, 7)), strict=False)]
    with many.inside():
        requests = {begun: engine_requests(begun, SUGGEST) for begun in dict.fromkeys(typed)}
    asked = [begun for begun in typed if requests[begun]]

    def plain(number: int) -> None:
        ask_engine(many.site, many.alias, requests[asked[number % len(asked)]])

    samples = alternate(
        {
            "ours": lambda number: many.suggest(asked[number % len(asked)]),
            "plain": plain,
            "postgres": lambda number: many.suggest(asked[number % len(asked)], on_postgres=True),
        },
        rounds=len(asked),
        warm_up=context.times(20, 3),
        before={"ours": many.forget, "plain": many.forget},
    )
    raw = "the same requests sent to OpenSearch"
    yield from p50_and_p95(f"{name}.suggest.opensearch", samples["ours"], samples["plain"], raw)
    yield from p50_and_p95(
        f"{name}.suggest.postgres", samples["postgres"], samples["ours"], "our OpenSearch back end"
    )


GROUP = Group(
    "scale",
    "The search API over HTTP with every facet, and suggestions for what is typed so far, at 100,000 synthetic models,"
    " warm, against the same requests sent to OpenSearch directly; the same question again; and the Postgres back end"
    " against the OpenSearch back end.",
    measure,
)
LARGE_GROUP = Group(
    "large",
    "The same at 1,000,000 synthetic models, most of whose documents are varied from 50,000 that were really built"
    " (`make bench-large`).",
    measure_large,
    is_large=True,
)
