"""Rating a model, and its reviews."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from access.requests import ViewedRequest, is_htmx
from catalog.models import RegisteredModel
from core.errors import DomainError, NotAllowed, NotVisible
from social import selectors
from social.services.ratings import rate_model, unrate
from social.views.replies import (
    back,
    block,
    refused,
    viewed_model,
)

SECTION = "rating"


@require_POST
def rate(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Give or change one's rating."""
    stars, review = request.POST.get("stars", ""), request.POST.get("review", "")
    try:
        found = viewed_model(request, project, model)
        try:
            number = int(stars) if stars.isascii() and stars.isdigit() and len(stars) < 3 else 0
            rate_model(viewer=request.viewer, model=found, stars=number, review=review)
        except DomainError as error:
            tried = {"stars": stars, "review": review, "error": error.message}
            return _answer(request, found, tried=tried, status=422)
    except (NotVisible, NotAllowed) as error:
        return refused(request, error, review)
    if is_htmx(request):
        return _answer(request, found, said="Your rating is kept.")
    return back(request, found, SECTION, "Your rating is kept.")


@require_POST
def remove_rating(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """Take one's rating back."""
    found = viewed_model(request, project, model)
    said = "Your rating is withdrawn." if unrate(viewer=request.viewer, model=found) else ""
    return _answer(request, found, said=said) if is_htmx(request) else back(request, found, SECTION, said)


@require_safe
def reviews(request: ViewedRequest, project: str, model: str) -> HttpResponse:
    """`/p/<project>/<model>/reviews`: who rated it how, and why."""
    found = viewed_model(request, project, model)
    return render(request, "social/reviews.html", _context(request, found))


def _context(request: ViewedRequest, model: RegisteredModel) -> dict[str, object]:
    return {
        "model": model,
        "rating": selectors.rating_summary(request.viewer, model),
        "rights": selectors.rights_on(request.viewer, model),
        "reviews": selectors.reviews_of(request.viewer, model, request.GET.get("page", "1")),
    }


def _answer(
    request: ViewedRequest,
    model: RegisteredModel,
    *,
    tried: dict[str, str] | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    if not is_htmx(request):
        return render(
            request, "social/reviews.html", {**_context(request, model), "tried": tried}, status=status
        )
    context = {
        "model": model,
        "rating": selectors.rating_summary(request.viewer, model),
        "rights": selectors.rights_on(request.viewer, model),
        "tried": tried,
        "with_line": True,
    }
    return block(request, "social/_rating.html", context, said=said, status=status)
