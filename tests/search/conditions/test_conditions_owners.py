"""Whose models: `owner:me` is the person who looks and their teams, and nobody for a visitor."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import Ownership
from search.errors import InvalidQuery
from search.query import parse
from search.query.lexicon import lexicon
from search.service import personal
from tests.makers import make_person, make_team, seen_by
from tests.search.conftest import carry, names


@pytest.fixture
def mine(backend, settings, model) -> Callable[..., list[str]]:
    """`mine("owner:me", person)`: models of the person, of a team, of others, and of nobody."""

    def ask(text: str, user: Any) -> list[str]:
        carry(to_engine=bool(settings.OPENSEARCH_URL))
        viewer = seen_by(user)
        query = parse({"q": [text]}, lexicon())
        return sorted(names(backend.search(viewer, personal(viewer, query))))

    return ask


def test_me_is_the_person_and_their_teams(mine, model):
    ann, bob = make_person("ann"), make_person("bob")
    speech = make_team("Speech", ann)
    for name, holder in (("anns", {"user": ann}), ("bobs", {"user": bob}), ("teams", {"team": speech})):
        Ownership.objects.create(model=model(name), kind="owner", **holder)
    model("nobodys")
    assert mine("owner:me", ann) == ["anns", "teams"]
    assert mine("owner:me", bob) == ["bobs"]
    assert mine("-owner:me", ann) == ["bobs", "nobodys"]
    assert mine("owner:(me OR bob)", ann) == ["anns", "bobs", "teams"]
    assert mine("(owner:me name:teams) OR no:owner", ann) == ["nobodys", "teams"]
    assert mine("owner:team:speech", bob) == ["teams"]


@pytest.mark.parametrize("text", ["owner:me", "-owner:me", "a OR (b owner:me)"])
def test_me_is_nobody_for_a_visitor(mine, text):
    with pytest.raises(InvalidQuery, match="“me” is whoever is signed in; nobody is") as error:
        mine(text, None)
    assert (error.value.parameter, error.value.suggestion) == ("owner", "Sign in, or name an owner.")
