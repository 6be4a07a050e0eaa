"""How search stands now: what waits, how old it is, what is dead, what the engine holds; and whether that is well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from search.documents.mapping import mapping_hash
from search.engine.client import SEARCH_SECONDS, alias, asked, client, is_configured
from search.errors import EngineAway
from search.indexing import reindex
from search.models import EngineIndex

# Queues are counted up to here, tables up to there; beyond, a number's size is what matters.
MOST_COUNTED = 100_000
MOST_EXACT = 50_000

# Everything in one statement, cheap whatever the size of the catalog: queues are counted up to a limit, their oldest
# rows are found by an index, and a big table's number of rows is Postgres's own estimate.
NUMBERS = """
SELECT
    (SELECT count(*) FROM (SELECT FROM search_outbox LIMIT %(most)s) q),
    (SELECT extract(epoch FROM clock_timestamp() - min(enqueued_at))
        FROM (SELECT enqueued_at FROM search_outbox ORDER BY id LIMIT 1000) q),
    (SELECT count(*) FROM (SELECT FROM search_enginequeue LIMIT %(most)s) q),
    (SELECT extract(epoch FROM clock_timestamp() - min(enqueued_at)) FROM search_enginequeue),
    (SELECT json_object_agg(stage, entries) FROM (SELECT stage, count(*) AS entries
        FROM (SELECT stage FROM search_deadletter LIMIT %(most)s) q GROUP BY stage) d),
    models.rows > %(exact)s,
    CASE WHEN models.rows > %(exact)s THEN models.rows ELSE (SELECT count(*) FROM catalog_registeredmodel) END,
    documents.rows > %(exact)s,
    CASE WHEN documents.rows > %(exact)s THEN documents.rows
        ELSE (SELECT count(*) FROM search_searchdocument WHERE NOT is_deleted) END,
    last_check.differences,
    last_check.finished_at,
    (SELECT max(finished_at) FROM search_job WHERE kind = 'rebuild' AND state = 'done'),
    (SELECT json_object_agg(name, total) FROM search_tally)
FROM (SELECT reltuples::bigint AS rows FROM pg_class WHERE oid = 'catalog_registeredmodel'::regclass) models
CROSS JOIN (SELECT reltuples::bigint AS rows FROM pg_class WHERE oid = 'search_searchdocument'::regclass) documents
LEFT JOIN LATERAL (SELECT differences, finished_at FROM search_job
    WHERE kind IN ('check', 'repair') AND state = 'done' ORDER BY finished_at DESC LIMIT 1) last_check ON true
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What Postgres knows. Lags are the age in seconds of the oldest change that was not carried."""

    waiting: int
    lag: float
    engine_waiting: int
    engine_lag: float
    dead_by_stage: Mapping[str, int]
    models: int
    models_estimated: bool
    documents: int
    documents_estimated: bool
    last_check_differences: int | None
    last_check_at: datetime | None
    last_rebuild_at: datetime | None
    tallies: Mapping[str, int]

    @property
    def dead(self) -> int:
        return sum(self.dead_by_stage.values())


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine says of itself."""

    is_configured: bool
    answers: bool = False
    documents: int | None = None
    serves: tuple[str, ...] = ()
    error: str = ""

    def __str__(self) -> str:
        if not self.is_configured:
            return "not configured"
        return "answers" if self.answers else f"away: {self.error}"


@dataclass(frozen=True, slots=True)
class Status:
    """How search stands, and in a sentence whether that is well."""

    numbers: Numbers
    engine: Engine
    indexes: tuple[EngineIndex, ...]
    problems: tuple["Problem", ...] = field(default=())

    @property
    def backend(self) -> str:
        return "opensearch" if self.engine.answers else "postgres"

    @property
    def is_well(self) -> bool:
        return not self.problems

    @property
    def level(self) -> str:
        """good, warn or bad, as the worst of the problems."""
        return "bad" if any(p.is_bad for p in self.problems) else "warn" if self.problems else "good"

    @property
    def live_index(self) -> EngineIndex | None:
        return next((one for one in self.indexes if one.state == EngineIndex.State.LIVE), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be, what to do, and the job that mends it, when one does."""

    about: str  # engine, outbox, queue, index, dead or check
    words: str
    advice: str
    is_bad: bool = False
    job: str = ""


def numbers() -> Numbers:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, {"most": MOST_COUNTED, "exact": MOST_EXACT})
        row = cursor.fetchone()
    # Without an engine its queue is never emptied, and nothing waits for it.
    waits = is_configured()
    return Numbers(
        waiting=row[0],
        lag=_seconds(row[1]),
        engine_waiting=row[2] if waits else 0,
        engine_lag=_seconds(row[3]) if waits else 0.0,
        dead_by_stage=_counts(row[4]),
        models_estimated=row[5],
        models=row[6],
        documents_estimated=row[7],
        documents=row[8],
        last_check_differences=row[9],
        last_check_at=row[10],
        last_rebuild_at=row[11],
        tallies=_counts(row[12]),
    )


def engine(seconds: float = SEARCH_SECONDS) -> Engine:
    """No statement, and two requests to the engine, each of at most `seconds`; one when it is away."""
    if not is_configured():
        return Engine(is_configured=False)
    try:
        count = int(asked(lambda: client(seconds).count(index=alias()))["count"])
        serves = tuple(reindex.served_by(seconds))
    except EngineAway as error:
        return Engine(is_configured=True, error=str(error))
    return Engine(is_configured=True, answers=True, documents=count, serves=serves)


def status() -> Status:
    """Two statements, and up to two requests to the engine."""
    found, asked_engine = numbers(), engine()
    indexes = tuple(EngineIndex.objects.order_by("created_at")) if asked_engine.is_configured else ()
    return Status(found, asked_engine, indexes, tuple(problems(found, asked_engine, indexes)))


SLOW, STUCK = 15.0, 120.0  # seconds: what deserves a look, and what a hand


def problems(found: Numbers, held: Engine, indexes: tuple[EngineIndex, ...]) -> list[Problem]:
    """What is not as it should be, the worst first."""
    wrong: list[Problem] = []
    if held.is_configured and not held.answers:
        wrong.append(
            Problem(
                "engine",
                "the search engine does not answer, so Postgres answers searches in a simpler way",
                f"See to the engine; what waits for it is carried as soon as it is back. It said: {held.error}",
                is_bad=True,
            )
        )
    if found.lag > SLOW:
        wrong.append(
            Problem(
                "outbox",
                f"the oldest change has waited {duration(found.lag)} for its document",
                "After a large import that passes by itself. Else see whether the workers run, and read their log.",
                is_bad=found.lag > STUCK,
            )
        )
    if held.answers and found.engine_lag > SLOW:
        wrong.append(
            Problem(
                "queue",
                f"the oldest document has waited {duration(found.engine_lag)} for the search engine",
                "After a large import that passes by itself. Else see whether the workers run, and whether the engine"
                " is short of disk or memory.",
                is_bad=found.engine_lag > STUCK,
            )
        )
    if held.answers:
        wrong += _of_index(found, held, indexes)
    if found.dead:
        wrong.append(
            Problem(
                "dead",
                f"{counted(found.dead, 'document')} could not be carried",
                "The dead list below has their reasons. They are not found, or found as they were before.",
                is_bad=True,
            )
        )
    if found.last_check_differences:
        if found.last_rebuild_at and found.last_check_at and found.last_rebuild_at > found.last_check_at:
            left = "there has been a rebuild since the last check, which found differences"
            wrong.append(Problem("check", left, "Check again to see whether it mended them.", job="check"))
        else:
            left = f"the last check left {counted(found.last_check_differences, 'difference')}"
            wrong.append(
                Problem("check", left, "Repair carries those models again.", is_bad=True, job="repair")
            )
    return sorted(wrong, key=lambda problem: not problem.is_bad)


def _of_index(found: Numbers, held: Engine, indexes: tuple[EngineIndex, ...]) -> list[Problem]:
    live = next((one for one in indexes if one.state == EngineIndex.State.LIVE), None)
    if live is None or held.serves != (live.name,):
        advice = "The workers make the index anew on their own; Rebuild does so now."
        words = "searches do not reach the index that writes go to"
        return [Problem("index", words, advice, is_bad=True, job="rebuild")]
    if live.mapping_hash != mapping_hash():
        advice = "The workers replace it on their own; Rebuild does so now."
        words = "the index is of an older shape than this version needs"
        return [Problem("index", words, advice, job="rebuild")]
    off = abs(found.documents - (held.documents or 0))
    is_exact = not found.documents_estimated and not found.engine_waiting
    # A few documents are always on their way, and an engine shows what it got a moment later.
    if is_exact and off > max(20, found.documents // 200):
        return [
            Problem(
                "index",
                f"Postgres holds {found.documents:,} documents and the search engine {held.documents:,}",
                "Check says which differ; Repair carries them again.",
                is_bad=True,
                job="check",
            )
        ]
    return []


def sentence(now: Status) -> str:
    """Whether everything is well, in one sentence."""
    if now.problems:
        words = [problem.words for problem in now.problems]
        listed = words[0] if len(words) == 1 else f"{'; '.join(words[:-1])}; and {words[-1]}"
        return f"{listed[0].upper()}{listed[1:]}."
    lag = max(now.numbers.lag, now.numbers.engine_lag)
    waits = now.numbers.waiting + now.numbers.engine_waiting
    first = (
        f"{counted(waits, 'change')} under way, the oldest for {duration(lag)}" if waits else "Nothing waits"
    )
    documents = counted(now.numbers.documents, "document")
    if not now.engine.is_configured:
        return f"{first}, nothing is dead, and Postgres answers from {documents}."
    held = counted(now.engine.documents or 0, "document")
    return f"{first}, nothing is dead, and the search engine answers from an index of {held}."


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.3 s, 45 s, 12 min, 3 h, 2 days."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def counted(number: int, noun: str) -> str:
    """`1 document`, `25 documents`; from the limit of counting on, `100,000 documents or more`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}{' or more' if number == MOST_COUNTED else ''}"


def _seconds(value: Any) -> float:
    return max(0.0, round(float(value or 0), 2))


def _counts(value: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in (value or {}).items()}
