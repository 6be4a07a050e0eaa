"""Is it alive, can it serve, and its numbers for Prometheus."""

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from alerts import metrics as alerts_metrics
from search.operations import metrics as search_metrics

_migrated = False


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; asks nothing else."""
    return JsonResponse({"status": "alive"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when Postgres answers and is migrated, else 503. Redis and OpenSearch away degrade, and are named."""
    checks: dict[str, Any] = {"postgres": _postgres(), "redis": _redis(), "opensearch": _opensearch()}
    fit = checks["postgres"] == "ok"
    degraded = any(state not in ("ok", "not configured") for state in checks.values())
    status = "degraded" if fit and degraded else "ready" if fit else "not ready"
    return JsonResponse({"status": status, "checks": checks}, status=200 if fit else 503)


def _postgres() -> str:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "migrations are pending: run manage.py migrate"
            _migrated = True
    except (DatabaseError, InterfaceError):
        return "does not answer"
    return "ok"


def _redis() -> str:
    if not settings.REDIS_URL:
        return "not configured"
    import redis

    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError:
        return "away: writes go on, and wait in the outbox"
    return "ok"


def _opensearch() -> str:
    if not settings.OPENSEARCH_URL:
        return "not configured"
    import httpx

    try:
        httpx.get(settings.OPENSEARCH_URL, timeout=1).raise_for_status()
    except httpx.HTTPError:
        return "away: Postgres answers searches"
    return "ok"


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's numbers: with the token VITRINE_METRICS_TOKEN when one is set, else from this machine only."""
    token = settings.VITRINE_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Http404
    elif request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or "X-Forwarded-For" in request.headers:
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    answer.content += search_metrics.text() + alerts_metrics.text()
    return answer
