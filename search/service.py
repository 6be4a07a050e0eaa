"""The front door of search: picks the back end that can answer now, and says so when it is the second best.

Pages and API call `search` and `suggest`; nothing else chooses a back end.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from prometheus_client import Gauge

from access.viewer import Viewer
from search.backends.opensearch import OpenSearchBackend
from search.backends.postgres import PostgresBackend
from search.backends.unseen import named, unseen
from search.engine.client import is_configured
from search.errors import EngineAway, InvalidQuery
from search.facets import owner_values, require_metric
from search.query import AllOf, AnyOf, Condition, Filter, Not, SearchQuery, parse
from search.query.lexicon import Lexicon, lexicon
from search.query.understanding import understand
from search.results import SearchBackend, SearchResult, SimilarResult, Suggestion

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
MOST_IDS = 5000
MOST_TRIES = 3  # to understand a text without words that the viewer must not know

BREAKERS_OPEN = Gauge(
    "vitrine_search_breaker_open",
    "Web processes that keep their questions from the search engine, since it did not answer.",
    multiprocess_mode="livesum",
)


class Breaker:
    """Keeps questions from an engine that is away, and lets one through now and then to see if it is back.

    One for each process. After a few failures in a row it opens: nobody waits for the engine any more. Each
    time a pause is over a single question tries; its failure doubles the pause, its success closes it.
    """

    def __init__(self, *, failures: int = 2, pause: float = 2.0, longest: float = 30.0) -> None:
        self.failures = failures
        self.pause = pause
        self.longest = longest
        self._lock = threading.Lock()
        self._failed = 0
        self._pause = pause
        self._closed_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._failed >= self.failures

    def may_try(self) -> bool:
        """Whether this question may go to the engine; while open, true for one question after each pause."""
        with self._lock:
            if not self.is_open:
                return True
            if time.monotonic() < self._closed_until:
                return False
            self._closed_until = time.monotonic() + self._pause
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed, self._pause = 0, self.pause
            BREAKERS_OPEN.set(0)

    def failed(self) -> None:
        with self._lock:
            was_open = self.is_open
            self._failed += 1
            if self.is_open:
                self._pause = min(self.longest, self._pause * 2) if was_open else self.pause
                # Spread out, so that many processes do not ask in step.
                self._closed_until = time.monotonic() + self._pause * random.uniform(0.8, 1.2)  # nosec B311
                BREAKERS_OPEN.set(1)


breaker = Breaker()


def search(viewer: Viewer, query: SearchQuery) -> SearchResult:
    """The answer to a query for a viewer, from the engine, else from Postgres. At most thirteen queries.

    Words are understood first. Where that leaves nothing to find, they are searched as words: so what was understood
    is shown only when it stands on models the viewer may see.

    Raises:
        InvalidQuery: it asks for the models of `me`, and nobody is signed in.
    """
    asked, known = _understood(viewer, query)
    if asked.metric is not None:
        require_metric(viewer, asked.metric, known)
    answer, is_degraded = _answered(lambda backend: backend.search(viewer, personal(viewer, asked)))
    if asked.read and not answer.total:
        asked = query
        answer, is_degraded = _answered(lambda backend: backend.search(viewer, personal(viewer, asked)))
    return replace(answer, query=asked, is_degraded=is_degraded, known=known)


def ids(viewer: Viewer, query: SearchQuery, most: int = MOST_IDS) -> list[int]:
    """The first hits' ids, whatever page is asked for. A few queries.

    They are to be looked up among what the viewer may see before anything of them is shown: an index may be behind.

    Raises:
        InvalidQuery: as `search`.
    """
    asked, _ = _understood(viewer, query)
    found, _ = _answered(lambda backend: backend.ids(viewer, personal(viewer, asked), most))
    if asked.read and not found:
        found, _ = _answered(lambda backend: backend.ids(viewer, personal(viewer, query), most))
    return found


def read(viewer: Viewer, given: Mapping[str, Sequence[str]]) -> SearchQuery:
    """The query that URL parameters say, for a viewer. One query when they name words of the vocabulary.

    Raises:
        InvalidQuery: they can't be read.
    """
    query = parse(given, lexicon())
    hidden = unseen(viewer, named(query, lexicon()))
    return parse(given, lexicon().without(hidden)) if hidden else query


def _understood(viewer: Viewer, query: SearchQuery) -> tuple[SearchQuery, Lexicon]:
    """The query with its words read by the vocabulary as the viewer may know it, and that vocabulary.

    One query when any word of it is named; two or three when the viewer must not know some.
    """
    known = lexicon()
    for _ in range(MOST_TRIES):
        asked = understand(query, known)
        hidden = unseen(viewer, named(asked, known))
        if not hidden - known.unseen:
            return asked, known
        known = known.without(hidden)
    return query, known


def personal(viewer: Viewer, query: SearchQuery) -> SearchQuery:
    """The query with `owner:me` as the viewer and their teams. One query when it is asked for.

    Raises:
        InvalidQuery: nobody is signed in.
    """
    mine: list[str] = []

    def meant(part: Condition) -> Condition:
        match part:
            case Filter("owner", values) if "me" in values:
                return Filter("owner", (*(value for value in values if value != "me"), *(mine or own())))
            case Not(inner):
                return Not(meant(inner))
            case AllOf(parts):
                return AllOf(tuple(map(meant, parts)))
            case AnyOf(parts):
                return AnyOf(tuple(map(meant, parts)))
        return part

    def own() -> list[str]:
        if viewer.user_id is None:
            raise InvalidQuery(
                "owner", "“me” is whoever is signed in; nobody is.", "Sign in, or name an owner."
            )
        mine.extend(owner_values(viewer))
        return mine

    filters = tuple(one for one in map(meant, query.filters) if isinstance(one, Filter))
    return replace(query, filters=filters, where=tuple(map(meant, query.where)))


def suggest(viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]:
    """What the viewer may mean so far. At most four queries."""
    answer, _ = _answered(lambda backend: backend.suggest(viewer, prefix, limit))
    return answer


def similar(viewer: Viewer, model_id: int, limit: int = 10) -> SimilarResult:
    """Models like the given one, the most alike first, with what they share. At most four queries.

    Raises:
        NotVisible: there is no such model, or none for this viewer.
    """
    answer, is_degraded = _answered(lambda backend: backend.similar(viewer, model_id, limit))
    return replace(answer, is_degraded=is_degraded)


def _answered(ask: Callable[[SearchBackend], Answer]) -> tuple[Answer, bool]:
    if not is_configured():
        return ask(PostgresBackend()), False
    if breaker.may_try():
        try:
            answer = ask(OpenSearchBackend())
        except EngineAway as error:
            breaker.failed()
            log.warning(
                "The search engine is away; Postgres answers",
                extra={"reason": str(error)},
            )
        else:
            breaker.succeeded()
            return answer, False
    return ask(PostgresBackend()), True
