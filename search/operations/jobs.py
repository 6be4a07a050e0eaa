"""Checks, repairs and rebuilds: begun by an administrator or the command line, one at a time, written down in Postgres.

Whoever carries one out renews its lease while it lives. One whose lease has passed is lost, and does not keep the
next from beginning; should it only have been asleep, it ends at its next step, for its row is no longer open.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import DatabaseError, IntegrityError, InterfaceError, connection, transaction
from django.db.models import Case, CharField, F, JSONField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Least, Now
from kombu.exceptions import KombuError

from access.viewer import Viewer
from core.errors import Conflict, NotVisible
from search.engine.client import is_configured
from search.errors import EngineAway
from search.indexing import backfill, check, reindex
from search.models import Job

log = logging.getLogger(__name__)

TASK = "search.tasks.run_job"  # by its name, for the tasks import this module

LEASE = 30.0  # seconds without a sign of life after which a job is lost
BEAT = 5.0
PATIENCE = 600.0  # seconds that a job waits for a worker before another may take its place
EVERY = 0.5  # seconds between two notes of progress
MOST_LISTED = 500  # differences kept with a job; more are counted only
KEPT = 200

Progress = Callable[[int, int], None]
Steps = Callable[[str], Progress | None]


# A sign of life further ahead than any we give is of a clock that was wrong.
IS_LOST = Q(state__in=Job.OPEN) & (
    Q(alive_until__lt=Now()) | Q(alive_until__gt=Now() + Value(timedelta(seconds=2 * PATIENCE)))
)


class JobRunning(Conflict):
    """There is an open job; `extra` says which."""

    def __init__(self, job: Job | None) -> None:
        kind = job.get_kind_display().lower() if job else "job"
        super().__init__(
            f"A {kind} is under way already. Wait for its end, or stop it.",
            extra={"job": job.pk if job else None},
        )


class Stopped(Exception):
    """Someone stopped the job, or took it for dead."""


@dataclass(slots=True)
class Outcome:
    """What a job found and did."""

    before: check.Report | None = None
    after: check.Report | None = None
    carried: int | None = None
    index: str = ""

    @property
    def differences(self) -> int | None:
        """Left at the end; None when nothing was compared."""
        last = self.after or self.before
        return None if last is None else len(last.differences)

    @property
    def error(self) -> str:
        """Why a check is not whole."""
        last = self.after or self.before
        return (
            f"The search engine could not be checked: {last.engine_error}"
            if last and last.engine_error
            else ""
        )

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        last = self.after or self.before
        if last is not None:
            found = {
                "models": last.models,
                "documents": last.documents,
                "engine_documents": last.engine_documents,
                "dead": last.dead,
            }
        if self.before is not None:
            found["found"] = len(self.before.differences)
            found["differences"] = listed(self.before)
        if self.after is not None:
            found["left"] = len(self.after.differences)
            found["remaining"] = listed(self.after)
        if self.carried is not None:
            found["carried"] = self.carried
        if self.index:
            found["index"] = self.index
        return found


def listed(report: check.Report) -> list[dict[str, Any]]:
    return [
        {"model": one.model_id, "where": one.where, "kind": one.kind}
        for one in report.differences[:MOST_LISTED]
    ]


# ── What the kinds do ─────────────────────────────────────────────────────────────────────────────


def run_check(step: Steps) -> Outcome:
    return Outcome(before=check.check(step("Comparing documents"), _later(step, "Comparing the index")))


def run_repair(step: Steps) -> Outcome:
    before = check.repair(step("Comparing documents"), _later(step, "Comparing the index"))
    after = check.check(step("Comparing documents once more"), _later(step, "Comparing the index once more"))
    return Outcome(before=before, after=after)


def _later(step: Steps, words: str) -> Progress:
    """The progress of a step that begins when it is first told."""
    begun: list[Progress | None] = []

    def progress(done: int, of: int) -> None:
        if not begun:
            begun.append(step(words))
        if begun[0]:
            begun[0](done, of)

    return progress


def run_rebuild(step: Steps) -> Outcome:
    if not is_configured():
        return Outcome(carried=backfill.index_all(step("Building documents")))
    name, carried = reindex.rebuild_anew(step("Building documents and the new index"))
    return Outcome(carried=carried, index=name)


WORK: dict[str, Callable[[Steps], Outcome]] = {
    Job.Kind.CHECK: run_check,
    Job.Kind.REPAIR: run_repair,
    Job.Kind.REBUILD: run_rebuild,
}


# ── Beginning and ending ──────────────────────────────────────────────────────────────────────────


def require_operator(viewer: Viewer) -> None:
    """
    Raises:
        NotVisible: the viewer is no administrator, so for them there are no operations.
    """
    if not viewer.is_administrator:
        raise NotVisible


def start(viewer: Viewer, kind: str) -> Job:
    """Ask a worker for a job. Two statements beside those of the transaction.

    Raises:
        NotVisible: the viewer is no administrator. JobRunning: one is open.
    """
    require_operator(viewer)
    job = _open(kind, Job.State.WAITING, PATIENCE, started_by_id=viewer.user_id)
    transaction.on_commit(lambda: _send(job.pk))
    return job


def run_here(kind: str, step: Steps = lambda words: None) -> Outcome:
    """Carry a job out in this process, as the command line does, with its record.

    Raises:
        JobRunning: one is open. Whatever the job itself raises.
    """
    job = _open(kind, Job.State.RUNNING, LEASE, started_at=Now())
    return _carry_out(job, step)


def run(job_id: int) -> None:
    """What a worker does with a job it was sent. Sent twice, it is carried out once."""
    taken = Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, started_at=Now(), alive_until=_after(LEASE)
    )
    if not taken:
        return
    try:
        _carry_out(Job.objects.get(pk=job_id))
    except Exception as error:
        # The record says so already; a worker has nobody to tell but its log.
        log.warning("A search job ended early", extra={"job": job_id, "reason": repr(error)[:300]})


def stop(viewer: Viewer, job_id: int) -> bool:
    """End a job at its next step; whether it was open. One statement.

    Raises:
        NotVisible: the viewer is no administrator.
    """
    require_operator(viewer)
    return bool(
        Job.objects.filter(pk=job_id, state__in=Job.OPEN).update(state=Job.State.STOPPED, finished_at=Now())
    )


def tidy() -> int:
    """Forget all but the last jobs, and the last check, which metrics tell of."""
    oldest = list(Job.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1])
    if not oldest:
        return 0
    checks = Job.objects.filter(state=Job.State.DONE, kind__in=[Job.Kind.CHECK, Job.Kind.REPAIR])
    last_check = list(checks.values_list("pk", flat=True)[:1])
    return Job.objects.filter(pk__lte=oldest[0]).exclude(pk__in=last_check).delete()[0]


def _open(kind: str, state: Job.State, seconds: float, **fields: Any) -> Job:
    Job.objects.filter(IS_LOST).update(state=Job.State.LOST, finished_at=Least(F("alive_until"), Now()))
    try:
        with transaction.atomic():
            return Job.objects.create(kind=kind, state=state, alive_until=_after(seconds), **fields)
    except IntegrityError:
        raise JobRunning(current()) from None


def _after(seconds: float) -> Any:
    return Now() + Value(timedelta(seconds=seconds))


def _send(job_id: int) -> None:
    """Over the broker; without one the job has failed, for nobody would ever take it."""
    try:
        current_app.send_task(TASK, [job_id])
    except (KombuError, OSError) as error:
        log.warning("No worker could be told of a search job", extra={"reason": str(error)[:300]})
        Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
            state=Job.State.FAILED,
            finished_at=Now(),
            error="The message broker does not answer, so no worker could be told.",
        )


# ── Carrying out ──────────────────────────────────────────────────────────────────────────────────


def _carry_out(job: Job, also: Steps = lambda words: None) -> Outcome:
    """Work with a record of it.

    Raises:
        Whatever the work raises; the record has it, too.
    """
    note = _Note(job.pk, also)
    try:
        with _sign_of_life(job.pk):
            outcome = WORK[job.kind](note.step)
    except Stopped:
        raise
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        _end(job.pk, Job.State.FAILED, error=f"Postgres: {str(error)[:1000]}")
        raise
    except EngineAway as error:
        _end(job.pk, Job.State.FAILED, error=f"The search engine does not answer: {error}")
        raise
    except reindex.RebuildRunning:
        words = "The workers rebuild the index themselves at this moment. Try again when they are done."
        _end(job.pk, Job.State.FAILED, error=words)
        raise
    except (KeyboardInterrupt, SystemExit):
        _end(job.pk, Job.State.STOPPED)
        raise
    except Exception as error:
        log.exception("A search job failed", extra={"job": job.pk})
        _end(job.pk, Job.State.FAILED, error=f"{type(error).__name__}: {error}"[:1000])
        raise
    state = Job.State.FAILED if outcome.error else Job.State.DONE
    fields = {"result": outcome.as_json(), "error": outcome.error, "differences": outcome.differences}
    _end(job.pk, state, step="", **fields)
    return outcome


def _end(job_id: int, state: Job.State, **fields: Any) -> None:
    Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(state=state, finished_at=Now(), **fields)


@dataclass(slots=True)
class _Note:
    """Writes down how far a job is, now and then, and ends it when it is no longer open."""

    job_id: int
    also: Steps
    written_at: float = field(default=0.0)

    def step(self, words: str) -> Progress:
        self._write(step=words, done=0, of=0)
        shown = self.also(words)

        def progress(done: int, of: int) -> None:
            if shown:
                shown(done, of)
            if time.monotonic() - self.written_at >= EVERY:
                self._write(done=done, of=of)

        return progress

    def _write(self, **fields: Any) -> None:
        self.written_at = time.monotonic()
        open_one = Job.objects.filter(pk=self.job_id, state=Job.State.RUNNING)
        if not open_one.update(alive_until=_after(LEASE), **fields):
            raise Stopped


@contextmanager
def _sign_of_life(job_id: int) -> Iterator[None]:
    """Renews the lease from a thread of its own, however long a single step takes; both end together."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(min(BEAT, LEASE / 3)):
                try:
                    Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(alive_until=_after(LEASE))
                except (DatabaseError, InterfaceError):
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"search-job-{job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────


def seen() -> QuerySet[Job]:
    """Jobs, newest first, with who began them.

    `shown` is their state, in which a dead one is lost at once; `summary` their result without the differences, which
    are read only when `result` is asked for.
    """
    lost: Any = Value(Job.State.LOST.value)
    return (
        Job.objects.select_related("started_by")
        .defer("result")
        .annotate(
            shown=Case(When(IS_LOST, then=lost), default=F("state"), output_field=CharField()),
            summary=RawSQL("search_job.result - '{differences,remaining}'::text[]", [], JSONField()),
        )
    )


def current() -> Job | None:
    """The job that waits or runs. One statement."""
    return Job.objects.filter(state__in=Job.OPEN).first()
