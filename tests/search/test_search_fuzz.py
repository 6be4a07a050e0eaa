"""Whatever is typed, the page and the API answer: with what was found, or with where the text is wrong."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.indexing import outbox
from search.query.lexicon import forget
from tests.makers import make_person
from tests.search.conftest import give, measure
from tests.search.words import PIECES, texts

pytestmark = pytest.mark.django_db
QUIET = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def shelf(model) -> None:
    """Something for each piece of the language to be about."""
    made = model(
        "resnet50",
        task="asr",
        license="mit",
        parameters=25_000_000,
        size=10,
        released="2024-06-30",
        tags=["x"],
    )
    measure(made, "top1", 80, dataset="coco")
    measure(made, "loss", -3, dataset="coco", direction="lower")
    give(made, "budget", 5)
    give(made, "cost-centre", "violet", kind="keyword")
    give(made, "on-gpu", True)
    give(made, "reviewed_on", "2024-06-01", kind="date")
    give(made, "note", "words")
    model("other", license="apache")
    outbox.drain_all()
    forget()


MORE = ("asr ", "mit license ", "under 50M ", "trained on coco ", "top1 above 5% on coco ", "since 2024 ")
texts_and_words = (
    (texts | st.lists(st.sampled_from([*PIECES, *MORE]), max_size=8).map("".join))
    # No client can send a lone surrogate; they are tried where texts are read.
    .map(lambda text: text.replace("\ud800", ""))
)


def checked(client: Any, parameters: dict[str, str], text: str) -> None:
    answer = client.get("/api/v1/search", parameters)
    page = client.get("/search", parameters)
    assert answer.status_code == page.status_code
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        for one in answer.json()["understood"]:
            assert one["words"] and one["condition"] and one["label"]
        return
    problem = answer.json()
    (error,) = problem["errors"]
    if error["field"] == "q" and "place" in problem:
        place = problem["place"]
        assert 0 <= place["start"] < place["end"] <= len(text)
        (plain,) = re.findall(r'href="/search\?([^"]*)">Search the words alone', page.content.decode()) or [
            ""
        ]
        alone = client.get(f"/api/v1/search?{unescape(plain)}")
        assert alone.status_code == 200 or alone.json()["errors"][0]["field"] != "q"
    else:
        assert error["field"] in ("owner", "read", "sort")


@QUIET
@given(texts_and_words)
def test_any_text_is_answered_or_refused_at_its_place(client, shelf, text):
    checked(client, {"q": text}, text)


@settings(QUIET, max_examples=60)
@given(
    text=texts_and_words,
    more=st.fixed_dictionaries(
        {},
        optional={
            "read": st.sampled_from(["words", "", "x"]),
            "explain": st.just("1"),
            "task": st.sampled_from(["asr", "*", "a,b", ""]),
            "sort": st.sampled_from(["newest", "metric:top1@coco", "metric:none", "metric:recall@1"]),
            "page": st.sampled_from(["1", "2"]),
        },
    ),
)
def test_any_text_with_any_choices_is_answered_for_who_is_signed_in(client, shelf, text, more):
    client.force_login(make_person())
    checked(client, {"q": text, **more}, text)


@settings(QUIET, max_examples=40)
@given(texts_and_words)
def test_every_link_of_a_page_that_was_found_leads_to_an_answer(client, shelf, text):
    page = client.get("/search", {"q": text})
    links = set(re.findall(r'href="(?:/search)?(\?[^"#]*)"', page.content.decode()))
    for link in links:
        address = unescape(link)
        assert client.get(f"/search{address}").status_code == 200, (text, address)


def test_an_address_of_a_link_reads_as_the_address_it_is(client, shelf):
    """The test above finds links at all."""
    page = client.get("/search", {"q": "resnet -license:mit task:asr"}).content.decode()
    links = [unescape(link) for link in re.findall(r'href="(?:/search)?(\?[^"#]*)"', page)]
    assert f"?{urlencode({'q': 'resnet -license:mit'})}" in links
    assert any(parse_qs(link[1:]).get("task") == ["asr"] for link in links)
