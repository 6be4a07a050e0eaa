"""Boards and plots: numbers measured alike, ranked honestly, of what the viewer may see and a search finds."""

import csv
import io
import json
import re

import pytest

from catalog.models import ModelVersion
from evaluations import leaderboards
from evaluations.models import Evaluation, MetricValue
from evaluations.selectors.measurements import Interval
from search import service
from search.query import parse
from search.query.lexicon import lexicon
from tests.makers import make_person, make_project, seen_by
from tests.search.conftest import carry, measure


@pytest.fixture(params=["postgres", "opensearch"])
def carried(request, db, settings):
    """`carried()`: what was written is found, by either back end in turn."""
    if request.param == "opensearch":
        request.getfixturevalue("engine")
    return lambda: carry(to_engine=request.param == "opensearch")


@pytest.fixture
def few(model, carried):
    """Three models of a public project, and one of a hidden one, measured alike."""
    owner = make_person()
    secret = make_project("restricted", viewer=owner)
    made = {
        "good": model("good", task="t", parameters=10),
        "better": model("better", task="t", parameters=20),
        "other": model("other", task="u", parameters=5),
        "secret": model("secret", project=secret, parameters=1),
    }
    for name, value in (("good", 80), ("better", 90), ("other", 70), ("secret", 99)):
        measure(made[name], "acc", value, dataset="sealed" if name == "none" else "imagenet")
    measure(made["secret"], "hiddenmetric", 1)
    measure(made["good"], "hiddenmetric", 1)
    carried()
    return made, owner


def ids(text="", by=None):
    return service.ids(seen_by(by), parse({"q": [text]}, lexicon()))


def entries(text="", by=None, on="acc@imagenet@test"):
    found = leaderboards.board(seen_by(by), ids(text, by), leaderboards.key_of(on))
    return [(e.rank, e.name, e.value) for e in found.entries] if found else None


def test_models_are_ranked_by_the_number_that_is_named(few):
    _made, owner = few
    assert entries() == [(1, "better", 90), (2, "good", 80), (3, "other", 70)]
    assert entries(by=owner)[0] == (1, "secret", 99)
    assert entries("task:t") == [(1, "better", 90), (2, "good", 80)]


def test_a_board_holds_what_the_search_finds_and_no_more(few, client):
    for text in ("good", "goood", "task:u good", "task:u goood", "absent"):
        hits = service.search(seen_by(None), parse({"q": [text]}, lexicon())).hits
        assert set(ids(text)) == {hit.id for hit in hits}, text


def test_every_address_on_a_board_leads_somewhere(few, client):
    page = client.get("/boards?on=acc@imagenet@test").content.decode()
    addresses = set(re.findall(r'href="(/p/[^"]+)"', page))
    assert len(addresses) == 6, "a model and its version for each rank"
    assert {client.get(address).status_code for address in addresses} == {200}


def test_a_hidden_model_is_in_no_board_offer_or_plot(few, client):
    _made, owner = few
    pages = [
        client.get("/boards").content.decode(),
        client.get("/boards?on=acc@imagenet@test").content.decode(),
        client.get("/boards?on=hiddenmetric").content.decode(),
        client.get("/search/plot?x=parameters&y=acc@imagenet@test").content.decode(),
        client.get("/boards?on=acc@imagenet@test&format=csv").content.decode(),
    ]
    for page in pages:
        assert "secret" not in page
        assert "99.00" not in page
    assert "hiddenmetric" not in pages[0], "one model that is seen makes no board"
    assert "1 of 3 models" in pages[2]
    client.force_login(owner)
    assert "secret" in client.get("/boards?on=acc@imagenet@test").content.decode()
    embedded = client.get("/boards/embed?on=acc@imagenet@test")
    assert "secret" not in embedded.content.decode(), "a frame shows what anybody may see, whoever looks"
    assert "X-Frame-Options" not in embedded
    assert "frame-ancestors *" in embedded["Content-Security-Policy"]


def test_other_conditions_are_another_board(few, model, carried):
    made, _ = few
    measure(made["good"], "acc", 99.5, dataset="imagenet", slice="easy")
    measure(made["better"], "acc", 99.4, dataset="imagenet", slice="easy")
    assert entries() == [(1, "better", 90), (2, "good", 80), (3, "other", 70)]
    assert entries(on="acc@imagenet@test@easy") == [(1, "good", 99.5), (2, "better", 99.4)]
    assert entries(on="acc@imagenet") == entries(), "without a split it is as most were measured"


def test_the_best_version_stands_for_a_model_and_archived_ones_do_not(few, carried):
    made, _ = few
    for label, value, stage in (("2", 95, ""), ("3", 99, "archived")):
        version = ModelVersion.objects.create(
            model=made["good"], label=label, position=int(label), stage=stage
        )
        evaluation = Evaluation.objects.create(
            version=version,
            dataset=Evaluation.objects.filter(dataset__isnull=False).first().dataset,
            split="test",
        )
        metric = MetricValue.objects.filter(metric__slug="acc").first().metric
        MetricValue.objects.create(evaluation=evaluation, metric=metric, value=value)
    assert entries()[0] == (1, "good", 95)


def test_several_numbers_under_the_same_conditions_win_nothing(few):
    made, _ = few
    value = MetricValue.objects.get(evaluation__version__model=made["better"], metric__slug="acc")
    MetricValue.objects.create(evaluation=value.evaluation, metric=value.metric, value=91, occurrence=2)
    assert entries() == [(1, "good", 80), (2, "other", 70)]


def test_numbers_whose_intervals_meet_share_a_rank():
    values = [90.0, 89.0, 85.0, 85.0, 80.0]
    assert leaderboards.ranked(values, [None] * 5, "higher") == [1, 2, 3, 3, 5]
    wide = [Interval(88, 92), Interval(87, 91), None, None, Interval(70, 84)]
    assert leaderboards.ranked(values, wide, "higher") == [1, 1, 3, 3, 5]
    assert leaderboards.ranked([1.0, 2.0], [Interval(0, 3), None], "lower") == [1, 1]


def test_the_best_over_time_is_drawn_from_dates_that_are_known(few):
    made, _ = few
    for name, day in (("other", "2020-01-01"), ("better", "2021-01-01"), ("good", "2022-01-01")):
        ModelVersion.objects.filter(model=made[name]).update(released_on=day)
    found = leaderboards.board(seen_by(None), ids(), leaderboards.key_of("acc@imagenet@test"))
    chart = leaderboards.progress(found)
    assert [row[0] for row in chart.rows if row[3]] == ["other", "better"]
    assert chart.spec["layer"][0]["data"]["values"][-1]["at"] == "2022-01-01"


def test_two_numbers_of_what_is_found_are_plotted_with_their_front(few, client):
    asked = {"x": "parameters", "y": "acc@imagenet@test", "color": "task"}
    page = client.get("/search/plot", asked).content.decode()
    assert "3 models." in page and "3 on the Pareto front" in page
    rows = list(
        csv.reader(
            io.StringIO(client.get("/search/plot", {**asked, "chart": "plot", "as": "csv"}).content.decode())
        )
    )
    assert [row[:4] for row in rows[1:]] == [
        ["other", "5.0", "70.0", "u"],
        ["good", "10.0", "80.0", "t"],
        ["better", "20.0", "90.0", "t"],
    ]
    rare = client.get("/search/plot?x=parameters&y=rare@where").content.decode()
    assert '<option value="rare@where" selected>' in rare, "what is drawn is what is chosen"
    spec = json.loads(
        client.get("/search/plot", {**asked, "chart": "plot", "as": "json", "q": "task:t"}).content
    )
    assert {value["name"] for value in spec["data"]["values"]} == {"good", "better"}


def test_what_cannot_be_read_is_said_and_what_is_not_there_is_404(few, client):
    assert client.get("/boards?on=acc&bogus=1").status_code == 400
    assert client.get("/search/plot?q=acc>").status_code in (200, 400)
    assert client.get("/boards?on=nothing@nowhere").status_code == 404
    assert client.get("/boards/embed").status_code == 404
    assert client.get("/boards?on=" + "@" * 700).status_code == 404
    assert client.get("/search/plot?x=no@where&y=no").status_code == 200
    assert client.get("/boards?on=acc@imagenet@test&page=99").status_code == 200


def test_a_board_takes_as_many_statements_for_many_as_for_few(
    few, model, carried, client, django_assert_max_num_queries
):
    for number in range(30):
        measure(model(f"more {number}"), "acc", number, dataset="imagenet")
    carried()
    for address in ("/boards", "/boards?on=acc@imagenet@test", "/search/plot?y=acc@imagenet@test"):
        client.get(address)
        with django_assert_max_num_queries(20):
            client.get(address)
