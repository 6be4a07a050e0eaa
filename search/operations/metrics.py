"""Search's numbers for Prometheus, read when it asks, so that any process can answer for all.

They are counts and ages only: no name, number or word of a model is among them.
"""

from collections.abc import Iterable

from django.db import Error
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from search.models import DeadLetter
from search.operations import state

ENGINE_SECONDS = 1.0  # how long a scrape waits for the engine

TALLIES = {
    "claims": ("vitrine_search_claims", "Batches of changes that workers claimed and carried."),
    "documents": ("vitrine_search_documents_carried", "Documents written to Postgres."),
    "build_failures": ("vitrine_search_build_failures", "Documents that could not be built."),
    "bulks": ("vitrine_search_bulks", "Bulk requests to the search engine."),
    "bulk_failures": (
        "vitrine_search_bulk_failures",
        "Bulk requests that failed as a whole, and were tried again.",
    ),
}
OUTCOMES = {"bulk_landed": "landed", "bulk_put_off": "put_off", "bulk_refused": "refused"}


class SearchCollector(Collector):
    """One statement and up to two short requests to the engine for each scrape."""

    def collect(self) -> Iterable[Metric]:
        try:
            numbers = state.numbers()
        except Error:
            yield gauge("database_up", "Whether Postgres answered this scrape.", 0)
            return
        yield gauge("database_up", "Whether Postgres answered this scrape.", 1)
        yield from of_postgres(numbers)
        yield from of_engine(state.engine(ENGINE_SECONDS))


def gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vitrine_search_{name}", about, value=value)


def of_postgres(numbers: state.Numbers) -> Iterable[Metric]:
    yield gauge("outbox_rows", "Changes without a document; counted up to 100,000.", numbers.waiting)
    yield gauge("outbox_lag_seconds", "Age of the oldest change without a document.", numbers.lag)
    yield gauge(
        "engine_queue_rows", "Documents the engine does not have yet; up to 100,000.", numbers.engine_waiting
    )
    yield gauge("engine_lag_seconds", "Age of the oldest of them.", numbers.engine_lag)
    dead = GaugeMetricFamily(
        "vitrine_search_dead_entries", "Documents that could not be carried.", labels=["stage"]
    )
    for stage in DeadLetter.Stage.values:
        dead.add_metric([str(stage)], numbers.dead_by_stage.get(str(stage), 0))
    yield dead
    yield gauge("models", "Models in the catalog; above 50,000 an estimate of Postgres.", numbers.models)
    yield gauge("documents", "Documents in Postgres; above 50,000 an estimate.", numbers.documents)
    if numbers.last_check_at is not None:
        yield gauge(
            "last_check_differences",
            "Left by the last whole check or repair.",
            numbers.last_check_differences or 0,
        )
        yield gauge(
            "last_check_timestamp_seconds", "When that ended, Unix time.", numbers.last_check_at.timestamp()
        )
    for key, (name, about) in TALLIES.items():
        yield CounterMetricFamily(name, about, value=numbers.tallies.get(key, 0))
    sent = CounterMetricFamily(
        "vitrine_search_bulk_documents",
        "Documents sent to the search engine, by what became of them.",
        labels=["outcome"],
    )
    for key, outcome in OUTCOMES.items():
        sent.add_metric([outcome], numbers.tallies.get(key, 0))
    yield sent


def of_engine(engine: state.Engine) -> Iterable[Metric]:
    yield gauge("engine_configured", "Whether there should be a search engine.", int(engine.is_configured))
    if engine.is_configured:
        yield gauge("engine_up", "Whether the search engine answered this scrape.", int(engine.answers))
    if engine.documents is not None:
        yield gauge("engine_documents", "Documents that searches at the engine see.", engine.documents)


registry = CollectorRegistry()
registry.register(SearchCollector())


def text() -> bytes:
    """In Prometheus's text format."""
    return generate_latest(registry)
