"""Operations of search through the API: how it stands, jobs, the dead list. For administrators; 404 for others."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from core.api.inputs import Body
from core.api.problems import Problem
from core.api.schema import PROBLEM
from search.models import Job
from search.operations import dead, jobs, state, words

LISTED = 100
PAST = 20


class ProblemShape(serializers.Serializer[Any]):
    """One thing that is not as it should be."""

    words = serializers.CharField()
    advice = serializers.CharField()
    is_bad = serializers.BooleanField()


class JobShape(serializers.Serializer[Any]):
    """One check, repair or rebuild."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Job.Kind.choices)
    state = serializers.ChoiceField(Job.State.choices)
    words = serializers.CharField(help_text="What came of it, or how far it is")
    started_by = serializers.CharField(allow_null=True, help_text="Username; null for the command line")
    asked_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    step = serializers.CharField()
    done = serializers.IntegerField()
    of = serializers.IntegerField()
    differences = serializers.IntegerField(allow_null=True, help_text="Left when a check or repair ended")
    result = serializers.DictField(help_text="`found` counts differences; a single job lists up to 500")
    error = serializers.CharField()


class DeadShape(serializers.Serializer[Any]):
    """One document that could not be carried."""

    id = serializers.IntegerField()
    model_id = serializers.IntegerField()
    model = serializers.CharField(allow_null=True, help_text="project/model; null when it is gone")
    stage = serializers.ChoiceField(["build", "engine"])
    reason = serializers.CharField()
    attempts = serializers.IntegerField()
    failed_at = serializers.DateTimeField()
    waits = serializers.BooleanField(help_text="It is about to be tried again")


class OperationsShape(serializers.Serializer[Any]):
    """How search stands."""

    is_well = serializers.BooleanField()
    words = serializers.CharField()
    problems = ProblemShape(many=True)
    backend = serializers.ChoiceField(["opensearch", "postgres"])
    engine = serializers.CharField()
    waiting = serializers.IntegerField(help_text="Changes without a document; counted up to 100,000")
    lag_seconds = serializers.FloatField()
    engine_waiting = serializers.IntegerField(help_text="Documents the engine lacks; counted up to 100,000")
    engine_lag_seconds = serializers.FloatField()
    models = serializers.IntegerField(help_text="Above 50,000 an estimate")
    documents = serializers.IntegerField(help_text="In Postgres; above 50,000 an estimate")
    engine_documents = serializers.IntegerField(allow_null=True)
    indexes = serializers.ListField(child=serializers.DictField())
    dead = serializers.IntegerField()
    dead_entries = DeadShape(many=True, help_text="The newest 100")
    job = JobShape(allow_null=True, help_text="The one under way")
    jobs = JobShape(many=True, help_text="The last 20")


class RetryShape(Body):
    """Which dead entries to try again; all without `entries`."""

    entries = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**63 - 1), required=False, max_length=1000
    )


class RetriedShape(serializers.Serializer[Any]):
    """What waits to be carried again."""

    models = serializers.IntegerField()


class OperatorView(ApiView):
    """An endpoint that only administrators have."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        jobs.require_operator(self.viewer)


class OperationsView(OperatorView):
    """How search stands."""

    @extend_schema(
        operation_id="read_operations",
        summary="How search stands: lag, queues, dead entries, engine, jobs",
        responses={200: OperationsShape, **PROBLEM},
        tags=["operations"],
    )
    def get(self, request: Request) -> Response:
        now = state.status()
        found, held = now.numbers, now.engine
        past = list(jobs.seen()[:PAST])
        return Response(
            {
                "is_well": now.is_well,
                "words": state.sentence(now),
                "problems": [
                    {"words": p.words, "advice": p.advice, "is_bad": p.is_bad} for p in now.problems
                ],
                "backend": now.backend,
                "engine": str(held),
                "waiting": found.waiting,
                "lag_seconds": found.lag,
                "engine_waiting": found.engine_waiting,
                "engine_lag_seconds": found.engine_lag,
                "models": found.models,
                "documents": found.documents,
                "engine_documents": held.documents,
                "indexes": [{"name": index.name, "state": index.state} for index in now.indexes],
                "dead": found.dead,
                "dead_entries": [_entry(entry) for entry in dead.entries(self.viewer, size=LISTED)],
                "job": next((_job(job) for job in past if job.shown in Job.OPEN), None),
                "jobs": [_job(job) for job in past],
            }
        )


class JobView(OperatorView):
    """One job."""

    @extend_schema(
        operation_id="read_operations_job",
        summary="One check, repair or rebuild: how far it is, and what came of it",
        responses={200: JobShape, **PROBLEM},
        tags=["operations"],
    )
    def get(self, request: Request, job: int) -> Response:
        found = jobs.seen().filter(pk=job).first()
        if found is None:
            raise Problem(404, "There is nothing here, or nothing that you may see.")
        return Response({**_job(found), "result": found.result})


class StartView(OperatorView):
    """Begins a job of one kind."""

    kind = ""

    def start(self, request: Request) -> Response:
        job = jobs.seen().get(pk=jobs.start(self.viewer, self.kind).pk)
        if job.shown == Job.State.FAILED:
            raise Problem(503, job.error)
        return Response(
            _job(job), status=202, headers={"Location": f"/api/v1/operations/search/jobs/{job.pk}"}
        )


def starts(job_kind: str, summary: str) -> type[StartView]:
    """The view that begins a kind of job: 202 with the job, 409 while another is under way."""

    class View(StartView):
        kind = job_kind

        @extend_schema(
            operation_id=f"{job_kind}_operations",
            summary=summary,
            request=None,
            responses={202: JobShape, **PROBLEM},
            tags=["operations"],
        )
        def post(self, request: Request) -> Response:
            return self.start(request)

    View.__name__ = f"{job_kind.title()}View"
    View.__doc__ = summary
    return View


CheckView = starts("check", "Compare every document with the catalog, in the background")
RepairView = starts("repair", "Mend what a check finds, in the background")
RebuildView = starts("rebuild", "Build documents and index anew, in the background")


class RetryView(OperatorView):
    """The dead list's second chance."""

    @extend_schema(
        operation_id="retry_operations",
        summary="Try dead entries again, all or some",
        request=RetryShape,
        responses={202: RetriedShape, **PROBLEM},
        tags=["operations"],
    )
    def post(self, request: Request) -> Response:
        asked = self.body(RetryShape)
        return Response({"models": dead.retry(self.viewer, asked.get("entries"))}, status=202)


def _job(job: Any) -> dict[str, Any]:
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.shown,
        "words": words.came_of(job),
        "started_by": job.started_by.username if job.started_by else None,
        "asked_at": job.asked_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "step": job.step,
        "done": job.done,
        "of": job.of,
        "differences": job.differences,
        "result": job.summary,
        "error": job.error,
    }


def _entry(entry: dead.Entry) -> dict[str, Any]:
    letter = entry.letter
    return {
        "id": letter.pk,
        "model_id": letter.model_id,
        "model": entry.model.ref if entry.model else None,
        "stage": letter.stage,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "failed_at": letter.failed_at,
        "waits": entry.is_waiting,
    }
