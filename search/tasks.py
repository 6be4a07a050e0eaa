"""Background work of search. Documents are carried by `search.indexing.worker`, begun in each worker process."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown

from core.workers import PollingWorker
from search.engine.client import is_configured
from search.indexing import bulk, outbox, worker
from search.operations import jobs

_workers: list[PollingWorker] = []


@worker_process_init.connect
def _start(**kwargs: Any) -> None:
    """After the fork, so that no process shares another's connection."""
    _workers.extend(worker.start())


@worker_process_shutdown.connect
def _stop(**kwargs: Any) -> None:
    for worker_thread in _workers:
        worker_thread.stop()
    for worker_thread in _workers:
        worker_thread.join(timeout=3)
    _workers.clear()


@shared_task(name="search.tasks.drain", acks_late=True)
def drain() -> int:
    """Carry everything that waits, now; for those who do not want to wait for the next look."""
    carried = outbox.drain_all()
    if is_configured():
        bulk.drain_all()
    return carried


@shared_task(name="search.tasks.tidy")
def tidy() -> int:
    """Forget the rows of models deleted a day ago, and old jobs. To be called once an hour or so."""
    jobs.tidy()
    return outbox.purge_deleted()


@shared_task(name="search.tasks.run_job")
def run_job(job_id: int) -> None:
    """Carry out a check, repair or rebuild that an administrator asked for."""
    jobs.run(job_id)
