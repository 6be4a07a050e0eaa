"""The operator's page of search and its buttons, for administrators; for others there is no such page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from search.models import DeadLetter, Job
from search.operations import dead, jobs, state, words

PAST = 10
LISTED = 50
View = Callable[..., HttpResponse]


def for_operators(view: View) -> View:
    """404 for all but administrators, whatever the method."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        jobs.require_operator(request.viewer)
        return view(request, *args, **kwargs)

    return guarded


@for_operators
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How search stands, what is dead, what can be done, what was done. Seven statements; htmx asks for it again."""
    now = state.status()
    past = list(jobs.seen()[: PAST + 1])
    open_job = next((job for job in past if job.shown in Job.OPEN), None)
    pages = max(1, -(-now.numbers.dead // dead.PAGE))
    number = min(_number(request.GET.get("page")) or 1, pages)
    context = {
        "now": now,
        "sentence": state.sentence(now),
        "figures": words.figures(now),
        "actions": words.actions(now),
        "job": open_job and told(open_job),
        "past": [told(job) for job in past if job is not open_job][:PAST],
        "entries": dead.entries(request.viewer, number) if now.numbers.dead else [],
        "page": number,
        "pages": pages,
        "is_refresh": bool(request.htmx),
    }
    return render(request, "search/operations.html", context)


@for_operators
@never_cache
@require_safe
def run(request: HttpRequest, job: int) -> HttpResponse:
    """One run, with what differed. Two statements."""
    found = jobs.seen().filter(pk=job).first()
    if found is None:
        raise Http404
    listed = Paginator(words.differences(found), LISTED).get_page(request.GET.get("page"))
    models = dead.named([one["model"] for one in listed])
    context = {
        "run": told(found),
        "listed": listed,
        "rows": [{**one, "found": models.get(one["model"])} for one in listed],
        "unlisted": max(0, (found.result.get("found") or 0) - len(found.result.get("differences", []))),
        "crumbs": [("Search operations", reverse("search:operations"))],
    }
    return render(request, "search/operations_run.html", context)


@for_operators
@require_POST
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin a check, repair or rebuild."""
    try:
        job = jobs.start(request.viewer, kind)
        job.refresh_from_db()
        if job.error:
            messages.error(request, job.error)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("search:operations")


@for_operators
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Stop a run."""
    if not jobs.stop(request.viewer, _number(request.POST.get("job"))):
        messages.info(request, "It had ended already.")
    return redirect("search:operations")


@for_operators
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try a dead entry again, or all of them."""
    one = request.POST.get("entry")
    count = dead.retry(request.viewer, None if one is None else [_number(one)])
    if count:
        subject = "The document is" if count == 1 else f"{count:,} documents are"
        messages.success(request, f"{subject} being carried again; what succeeds leaves the list.")
    else:
        messages.info(request, "Nothing to try: it has left the list already.")
    return _to_list(request)


@for_operators
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Strike a dead entry off."""
    try:
        if not dead.forget(request.viewer, _number(request.POST.get("entry"))):
            messages.info(request, "It has left the list already.")
    except DomainError as error:
        messages.error(request, error.message)
    return _to_list(request)


def told(job: Any) -> dict[str, Any]:
    """A job with its words, as the pages show it."""
    return {
        "job": job,
        "state": job.shown,
        "label": Job.State(job.shown).label,
        "words": words.came_of(job),
        "took": words.took(job),
    }


def _to_list(request: HttpRequest) -> HttpResponse:
    number = _number(request.POST.get("page"))
    query = f"?page={number}" if number > 1 else ""
    place = "#dead" if DeadLetter.objects.exists() else ""
    return redirect(f"{reverse('search:operations')}{query}{place}")


def _number(text: str | None) -> int:
    """A whole number from a form or address; 0 when it is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
