"""Operations as page and API tell of them: figures with their meaning, what each kind of job does, what came of one."""

from dataclasses import dataclass
from typing import Any

from search.engine.client import is_configured
from search.models import Job
from search.operations.state import MOST_COUNTED, Status, duration


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and what it means."""

    label: str
    value: str
    about: str
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A job that can be begun, and all that happens then."""

    kind: str
    name: str
    about: str
    undo: str
    is_advised: bool


def figures(now: Status) -> list[Figure]:
    found, held = now.numbers, now.engine
    off = {problem.about for problem in now.problems}
    shown = [
        Figure(
            "Changes without a document",
            _queue(found.waiting),
            f"The oldest is {duration(found.lag)} old. Workers carry them several times a second, also"
            " after changes by plain SQL."
            if found.waiting
            else "Every change of the catalog stands in a document.",
            is_off="outbox" in off,
        ),
        Figure(
            "Documents in Postgres",
            f"{'about ' if found.documents_estimated else ''}{found.documents:,}",
            f"There should be one for each of the {'about ' if found.models_estimated else ''}{found.models:,} models."
            " Postgres answers from them where there is no search engine, or it is away.",
        ),
    ]
    if held.is_configured:
        shown += [
            Figure(
                "Waiting for the search engine",
                _queue(found.engine_waiting),
                f"The oldest is {duration(found.engine_lag)} old. They wait as long as the engine is away."
                if found.engine_waiting
                else "The engine has every document.",
                is_off="queue" in off,
            ),
            Figure(
                "Documents at the engine",
                "—" if held.documents is None else f"{held.documents:,}",
                "What searches find. The engine shows a document about half a second after it got it."
                if held.answers
                else "It does not answer now.",
                is_off=bool({"engine", "index"} & off),
            ),
        ]
    shown += [
        Figure(
            "Dead entries",
            _queue(found.dead),
            "Documents that could not be built, or that the engine refused. They hold up no others."
            if found.dead
            else "Every document could be built and carried.",
            is_off="dead" in off,
        ),
    ]
    return shown


def _queue(number: int) -> str:
    return f"{number:,}{' or more' if number >= MOST_COUNTED else ''}"


def actions(now: Status) -> list[Action]:
    """What can be begun; one of them is advised."""
    advised = next((problem.job for problem in now.problems if problem.job), Job.Kind.CHECK.value)
    if is_configured():
        rebuild = (
            "Builds every document anew, fills a new index beside the one in use, and moves searches to it in one"
            " step. Searches and changes go on meanwhile. The engine needs room for a second index."
        )
        undo = (
            "The index in use now is kept until the next rebuild; one kept from an earlier rebuild is deleted for"
            " good."
        )
    else:
        rebuild = "Builds every document in Postgres anew. Searches and changes go on meanwhile."
        undo = "Nothing to undo: documents hold nothing but what the catalog says."
    told = [
        (
            "check",
            "Builds every document anew, compares it with what is stored"
            f"{' in Postgres and at the engine' if is_configured() else ''}, and lists what is missing, stale or"
            " surplus.",
            "Changes nothing.",
        ),
        (
            "repair",
            "Does a check, carries again every model that differs, and checks once more. Searches and changes go"
            " on meanwhile.",
            "Nothing to undo: documents hold nothing but what the catalog says.",
        ),
        ("rebuild", rebuild, undo),
    ]
    return [
        Action(kind, Job.Kind(kind).label, about, undo, is_advised=kind == advised)
        for kind, about, undo in told
    ]


def came_of(job: Any) -> str:
    """What came of one of `jobs.seen()`, in a sentence; while it is open, how far it is."""
    state, found = job.shown, job.summary
    if state == Job.State.WAITING:
        return "Waits for a worker to take it."
    if state == Job.State.RUNNING:
        return f"{job.step or 'Begins'}{f': {job.done:,} of {job.of:,}' if job.of else ''}."
    if state == Job.State.LOST:
        if job.started_at is None:
            return "No worker took it. See whether workers run, then begin it again."
        return "Its worker died. What it did until then stands; begin it again."
    if state == Job.State.STOPPED:
        return "Stopped. What it did until then stands."
    if state == Job.State.FAILED:
        return job.error or "It failed."
    if job.kind == Job.Kind.REBUILD:
        index = f", and searches go to the index {found['index']}" if found.get("index") else ""
        return f"{_documents(found.get('carried', 0))} built{index}."
    if job.kind == Job.Kind.REPAIR:
        left = found.get("left", 0)
        return f"{_differences(found.get('found', 0))} found, {f'{left:,}' if left else 'none'} left."
    number = found.get("found", 0)
    return f"{_differences(number) if number else 'No differences'} among {_models(found.get('models', 0))}."


def took(job: Job) -> str:
    """How long a job ran, or nothing when it never did."""
    if job.started_at is None or job.finished_at is None:
        return ""
    return duration((job.finished_at - job.started_at).total_seconds())


def differences(job: Job) -> list[dict[str, Any]]:
    """What a job lists as different: for a repair, what it left comes first."""
    remaining = [{**one, "left": True} for one in job.result.get("remaining", [])]
    left = {(one["model"], one["where"], one["kind"]) for one in remaining}
    found = [
        one
        for one in job.result.get("differences", [])
        if (one["model"], one["where"], one["kind"]) not in left
    ]
    return [*remaining, *found]


def _documents(number: int) -> str:
    return f"{number:,} document{'' if number == 1 else 's'}"


def _differences(number: int) -> str:
    return f"{number:,} difference{'' if number == 1 else 's'}"


def _models(number: int) -> str:
    return f"{number:,} model{'' if number == 1 else 's'}"
