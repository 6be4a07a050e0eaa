"""Pages that draw on several apps: a model with its talk, and lists of models found by search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.selectors import pages
from catalog.views.parameters import page_number
from social.selectors.page import model_social


def model(request: HttpRequest, project: str, model: str) -> HttpResponse:
    """One model: what it is, what was measured, who answers for it, and what people say."""
    page = pages.model_page(request.viewer, project, model)
    social = model_social(request.viewer, page.model, page_number(request.GET))
    return render(request, "portal/model.html", {"page": page, "model": page.model, "social": social, "tab": "overview"})


def project(request: HttpRequest, project: str) -> HttpResponse:
    return HttpResponse("")


def tag(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse("")


def term(request: HttpRequest, taxonomy: str, slug: str) -> HttpResponse:
    return HttpResponse("")
