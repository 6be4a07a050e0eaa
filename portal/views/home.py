"""Pages that draw on several apps: home, a model with its talk, and the models of a project, a tag, a term."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from access.policy import may
from alerts.selectors.alerts import open_count
from catalog.access import get_project, visible_models
from catalog.models import RegisteredModel, Tag
from catalog.selectors import home as news
from core.errors import NotVisible
from core.parameters import page_number
from portal.selectors import model_page
from portal.similar import similar_section
from search.query import DEEPEST, DEFAULT_PAGE_SIZE, Sort
from search.selectors import browse, cards, listed
from social.selectors.keeping import most_followed, my_followed
from social.selectors.page import model_social
from vocabulary.models import Term
from vocabulary.selectors.terms import ancestors_of, children_of

# Taxonomies to browse on the first page, besides the tasks.
BROWSED = ("license", "framework", "library", "language", "modality", "architecture")
DEEPEST_PAGE = DEEPEST // DEFAULT_PAGE_SIZE


def home(request: HttpRequest) -> HttpResponse:
    """The first page: the search, what the catalog holds, what is new, and the viewer's own things."""
    viewer = request.viewer
    held = browse(viewer)
    mine = visible_models(viewer).filter(bookmarks__user_id=viewer.user_id).order_by("-bookmarks__created_at")
    context = {
        "total": held.total,
        "task": held.facet("task"),
        "others": [facet for facet in map(held.facet, BROWSED) if facet.buckets],
        "newest": news.newest_versions(viewer),
        "followed": most_followed(viewer, 8),
        "activities": news.recent_activity(viewer),
        "degraded": held.is_degraded,
    }
    if viewer.is_signed_in:
        context |= {
            "my_models": news.my_models(viewer),
            "my_followed": my_followed(viewer, 6),
            "my_bookmarks": list(mine[:6]),
        }
    return render(request, "portal/home.html", context)


def model(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """One model: what it is, what was measured, who answers for it, and what people say."""
    page = model_page.model_page(request.viewer, project, model)
    social = model_social(request.viewer, page.model, page_number(request.GET))
    context = {"page": page, "model": page.model, "social": social, "tab": "overview"}
    context["similar"] = similar_section(request.viewer, page.model)
    context["open_alerts"] = open_count(request.viewer, page.model)
    return render(request, "portal/model.html", context)


def _found(request: HttpRequest, filters: dict[str, str], sort: Sort = Sort.FOLLOWERS) -> dict[str, Any]:
    """The models of a page that is no search, as `portal/_hits.html` takes them."""
    number = min(page_number(request.GET), DEEPEST_PAGE)
    result = listed(request.viewer, filters, sort=sort, page=number)
    model_page = min(result.pages, DEEPEST_PAGE)
    if number > max(1, model_page):  # as on other pages, one that is not there gives the nearest
        result = listed(request.viewer, filters, sort=sort, page=max(1, model_page))
    return {
        "result": result,
        "pages": model_page,
        "hits": cards(result.hits),
        "search_url": f"/search?{urlencode(filters)}",
        "degraded": result.is_degraded,
    }


def project(request: HttpRequest, project: str) -> HttpResponse:
    """One project, its facts and its models."""
    found = get_project(request.viewer, project)
    context = _found(request, {"project": found.slug}) | {
        "project": found,
        "may_edit": may(request.viewer, "project.edit", found),
        "may_create": may(request.viewer, "model.create", found),
    }
    return render(request, "portal/project.html", context | {"tasks": context["result"].facet("task")})


def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """A tag and the models that carry it. A tag on nothing the viewer may see does not exist for them."""
    found = Tag.objects.filter(slug=slug).first()
    if found is None or not _carried(request, found):
        raise NotVisible
    return render(request, "portal/tag.html", _found(request, {"tag": found.slug}) | {"tag": found})


def _carried(request: HttpRequest, tag: Tag) -> bool:
    models: Any = RegisteredModel.objects.filter(model_tags__tag=tag)
    return visible_models(request.viewer).filter(pk__in=models).exists()


def term(request: HttpRequest, taxonomy: str, slug: str) -> HttpResponse:
    """A term of a taxonomy, its place in the tree, and the models that carry it or a narrower one."""
    found = Term.objects.select_related("taxonomy").filter(taxonomy__slug=taxonomy, slug=slug).first()
    if found is None:
        raise NotVisible
    context = _found(request, {taxonomy: slug})
    counts = {bucket.value: bucket.count for bucket in context["result"].facet(taxonomy).buckets}
    children = [(child, counts.get(child.slug, 0)) for child in children_of(found)]
    context |= {
        "term": found,
        "ancestors": ancestors_of(found),
        "children": [pair for pair in children if pair[1]],
        "aliases": sorted({alias.words for alias in found.aliases.all()}, key=str.casefold)[:40],
    }
    return render(request, "portal/term.html", context)
