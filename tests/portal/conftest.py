"""Pages as their readers meet them: a shelf to read from, and what a page says."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from catalog.models import Classification, RegisteredModel
from search import service
from search.indexing import outbox
from tests.filling import Shelf, make_term
from tests.makers import make_model, make_person, make_project, make_team


@pytest.fixture(autouse=True)
def no_engine(settings, monkeypatch):
    """Postgres answers searches; no memory of an engine that was away."""
    settings.OPENSEARCH_URL = ""
    monkeypatch.setattr(service, "breaker", service.Breaker())


@pytest.fixture
def shelf(db) -> Callable[..., Shelf]:
    """`shelf("restricted", words="Hush")`: a project with two models and something in every place."""

    def make(visibility: str = "public", *, times: int = 1, **said: str) -> Shelf:
        person = make_person(name="Anna A.")
        team = make_team("", person)
        project = make_project(visibility, team=team)
        made = Shelf(project, team, person, make_model(project), make_model(project))
        made.grow(times, **said)
        outbox.drain_all()
        return made

    return make


@pytest.fixture
def read(db) -> Callable[..., str]:
    """`read("/p/", by=anna)`: what the page says; with `status` another one than 200 is expected."""

    def get(address: str, *, by: User | None = None, status: int = 200) -> str:
        outbox.drain_all()
        client = Client()
        if by is not None:
            client.force_login(by)
        response = client.get(address)
        assert response.status_code == status, address
        return response.content.decode()

    return get


def words_of(html: str) -> str:
    """The text of a piece of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def section(page: str, name: str) -> str:
    """The words of the section that a heading's id names."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    return words_of(found[1]) if found else ""


def classify(model: RegisteredModel, taxonomy: str, slug: str, **fields) -> Classification:
    term = make_term(taxonomy, slug, **fields)
    return Classification.objects.create(
        model=model, version=model.versions.get(), term=term, words=term.name
    )
