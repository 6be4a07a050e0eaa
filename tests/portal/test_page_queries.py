"""The number of SQL statements of every page is small, and does not grow with what is there to show."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.indexing import outbox
from tests.filling import OWN_PAGES, fill
from tests.makers import make_model, make_person

pytestmark = pytest.mark.django_db

# What a page may take at most, of which four are for knowing who a signed-in reader is, and one for their news.
MOST = {
    "home": 18,
    "search": 12,
    "project list": 9,
    "project": 14,
    "model": 56,
    "versions": 17,
    "evaluations": 14,
    "history": 10,
    "discussion": 20,
    "thread": 20,
    "reviews": 16,
    "version": 48,
    "statistics": 24,
    "compare statistics": 18,
    "compare": 22,
    "compare start": 6,
    "tag": 14,
    "term": 16,
    "broader term": 16,
    "people": 10,
    "person": 14,
    "teams": 10,
    "team": 14,
    "dashboard": 18,
    "dashboard of a project": 19,
    "dashboard of a team": 19,
}


def statements(client: Client, address: str) -> int:
    """How many a page takes, once it has been asked for before."""
    outbox.drain_all()
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def counted(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    return {page: statements(client, address) for page, address in addresses.items()}


@pytest.mark.parametrize("reader", ["visitor", "stranger", "member"])
def test_no_page_takes_more_statements_for_much_than_for_little(shelf, client, reader):
    held = shelf()
    if reader != "visitor":
        client.force_login(held.person if reader == "member" else make_person())
    addresses = held.addresses
    little = counted(client, addresses)
    held.grow(27)
    assert counted(client, addresses) == little
    assert {page: (number, MOST[page]) for page, number in little.items() if number > MOST[page]} == {}


def test_no_page_of_ones_own_takes_more_statements_for_much_than_for_little(shelf, client):
    mine = shelf()
    client.force_login(mine.person)
    addresses = {page: page for page in OWN_PAGES}
    little = counted(client, addresses)
    mine.grow(27)
    assert counted(client, addresses) == little
    assert max(little.values()) <= 12


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in?next=/p/"])
def test_signing_in_asks_the_database_nothing(client, address, django_assert_num_queries):
    client.get(address)
    with django_assert_num_queries(0):
        client.get(address)


@pytest.mark.parametrize("file", ["", "&format=csv", "&format=json"])
def test_twelve_models_are_compared_with_the_statements_of_two(shelf, client, file):
    held = shelf()
    held.grow(10)
    models = [
        held.model,
        held.other,
        *held.project.models.exclude(pk__in=[held.model.pk, held.other.pk])[:10],
    ]
    for model in models[2:]:
        fill(model)
    pair, dozen = (
        "/compare?" + "&".join(f"model={m.ref}" for m in chosen) + file for chosen in (models[:2], models)
    )
    assert len(models) == 12
    assert statements(client, dozen) == statements(client, pair)


def test_a_later_page_takes_no_more_than_the_first(shelf, client):
    held = shelf(times=26)
    pages = ("versions", "evaluations", "history", "discussion", "reviews", "project", "tag", "people")
    first = {page: held.addresses[page] for page in pages}
    later = {page: f"{address}?page=2" for page, address in first.items()}
    assert counted(client, later) == counted(client, first)


def test_the_page_of_a_model_with_nothing_takes_no_more_than_one_with_all(shelf, client):
    held = shelf()
    bare = make_model(held.project)
    bare.versions.all().delete()
    assert statements(client, bare.get_absolute_url()) <= statements(client, held.model.get_absolute_url())
