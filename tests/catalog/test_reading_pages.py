"""The list of projects, and a model's versions, evaluations, history and single versions, as a reader meets them."""

import re

import pytest

from catalog.models import (
    Activity,
    Artifact,
    Link,
    Package,
    Paper,
    Parameter,
    Project,
)
from evaluations.models import Evaluation, MetricValue
from tests.filling import make_term, measure
from vocabulary.models import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client):
    """`read("/p/")`: what the page says; with `status` another one than 200 is expected."""

    def get(address: str, *, status: int = 200) -> str:
        response = client.get(address)
        assert response.status_code == status
        return response.content.decode()

    return get


@pytest.fixture
def resnet(project, model):
    return model("resnet", of=project("vision"))


def heads(page: str) -> list[str]:
    """The first cells of the rows of a page's tables, as text."""
    found = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in found]


# ── projects ──────────────────────────────────────────────────────────────────────────────────────


def test_projects_are_listed_with_team_and_models_the_largest_first(project, model, team, read):
    project("small", team=team("vision"))
    large = project("large")
    for _ in range(2):
        model(of=large)
    page = read("/p/")
    assert heads(page) == ["Large", "Small"]
    assert "2 projects." in page
    assert '<a class="lone" href="/teams/vision">Vision</a>' in page
    assert '<td class="num">2</td>' in page


def test_projects_are_found_by_a_part_of_their_name(project, read):
    project("vision"), project("sound")
    page = read("/p/?q=ISIO")
    assert heads(page) == ["Vision"]
    assert "1 project named like “ISIO”." in page
    assert "No project of that name exists for you." in read("/p/?q=zzz")


def test_signs_of_a_pattern_are_plain_letters_in_the_name_of_a_project(project, read):
    project("vision")
    Project.objects.create(slug="odd", name="100%_\\", visibility="public")
    for words in ("%25", "_", "%5C"):
        assert heads(read(f"/p/?q={words}")) == ["100%_\\"]


def test_fifty_projects_fill_a_page(read):
    Project.objects.bulk_create(
        Project(slug=f"p{n:02}", name=f"P{n:02}", visibility="public") for n in range(51)
    )
    first, second = read("/p/?q=p"), read("/p/?q=p&page=2")
    assert (len(heads(first)), heads(second)) == (50, ["P50"])
    assert 'href="?q=p&amp;page=2"' in first
    assert heads(read("/p/?page=3")) == ["P50"]


# ── versions ──────────────────────────────────────────────────────────────────────────────────────


def test_versions_are_listed_newest_first_with_stage_aliases_and_key_number(resnet, version, read):
    old, new = (
        version("1", of=resnet, parameter_count=25_000_000),
        version("2", of=resnet, stage="production"),
    )
    new.aliases.create(model=resnet, name="champion")
    for made, score in ((old, 80), (new, 81.5)):
        measure(made, "top-1", score, dataset="imagenet", split="test", unit="%")
    page = read("/p/vision/resnet/versions")
    assert heads(page) == ["2 champion", "1"]
    assert "2 versions, newest first" in page
    for words in (
        "production",
        "25 M".replace(" ", "\u00a0"),
        "81.50\u00a0%",
        "80.00\u00a0%",
        "Top-1, Imagenet",
    ):
        assert words in page
    assert 'name="model" value="vision/resnet@2" form="compare-form"' in page


def test_twenty_five_versions_fill_a_page(resnet, version, read):
    for number in range(26):
        version(str(number), of=resnet)
    first, second = read("/p/vision/resnet/versions"), read("/p/vision/resnet/versions?page=2")
    assert (heads(first)[0], len(heads(first)), heads(second)) == ("25", 25, ["0"])
    assert heads(read("/p/vision/resnet/versions?page=99")) == ["0"]


def test_a_model_without_a_version_says_so_on_each_of_its_pages(resnet, read):
    assert "No version yet" in read("/p/vision/resnet/versions")
    assert "No version yet." in read("/p/vision/resnet/evaluations")
    assert "No version yet." in read("/p/vision/resnet")


def test_adding_a_version_is_offered_to_those_who_may(resnet, version, person, client, read):
    assert "Add a version" not in read("/p/vision/resnet/versions")
    resnet.project.grants.create(user=(ada := person("ada")), role=2)
    client.force_login(ada)
    assert "Add a version" in read("/p/vision/resnet/versions")


# ── evaluations ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def measured(resnet, version):
    """Two versions: the first measured twice on each of two data sets, the second once."""
    one, two = version("1", of=resnet), version("2", of=resnet)
    for dataset in ("imagenet", "coco"):
        measure(
            one, "top-1", 80.25, dataset=dataset, split="test", slice="img 224", unit="%", direction="higher"
        )
        measure(one, "loss", 0.5, dataset=dataset, direction="lower")
    measure(two, "top-1", 82, dataset="imagenet")
    return one, two


def test_evaluations_are_of_the_leading_version_unless_another_is_chosen(measured, read):
    page = read("/p/vision/resnet/evaluations")
    assert "Every number recorded for 2," in page
    assert heads(page) == ["Top-1 ↑"]
    assert '<option value="2" selected>2</option>' in page
    assert len(heads(read("/p/vision/resnet/evaluations?version=1"))) == 4
    measured[0].stage = "production"
    measured[0].save()
    assert "Every number recorded for 1," in read("/p/vision/resnet/evaluations")


def test_each_evaluation_says_its_conditions_and_the_sources_words(measured, read):
    source = Source.objects.create(slug="hub", name="The hub")
    Evaluation.objects.filter(dataset__slug="coco").update(source=source, split="val", split_is_assumed=True)
    MetricValue.objects.filter(metric__slug="top-1").update(words="acc@1", raw_value=0.8, raw_unit="share")
    page = read("/p/vision/resnet/evaluations?version=1")
    for words in (
        "Coco",
        "val (assumed)",
        "img 224",
        "80.25\u00a0%",
        "acc@1 0.8 share",
        "The hub",
        "not stated",
        "↓",
    ):
        assert words in page


def test_evaluations_are_narrowed_by_metric_and_data_set(measured, read):
    assert heads(read("/p/vision/resnet/evaluations?version=1&metric=loss")) == ["Loss ↓"] * 2
    page = read("/p/vision/resnet/evaluations?version=1&metric=loss&dataset=COC")
    assert heads(page) == ["Loss ↓"]
    assert '<option value="loss" selected>Loss</option>' in page
    assert 'name="dataset" value="COC"' in page


def test_no_match_says_so_with_the_way_back(measured, read):
    page = read("/p/vision/resnet/evaluations?version=1&metric=none")
    assert "No number matches." in page
    assert 'href="?version=1"' in page


def test_a_number_stated_again_is_marked(measured, read):
    measure(measured[1], "top-1", 83, dataset="imagenet")
    assert "again" in read("/p/vision/resnet/evaluations?version=2&metric=top-1")


def test_the_evaluations_of_an_unknown_version_do_not_exist(measured, read):
    read("/p/vision/resnet/evaluations?version=9", status=404)


def test_a_hundred_numbers_fill_a_page(resnet, version, read):
    one = version("1", of=resnet)
    first = measure(one, "top-1", 0, dataset="imagenet")
    MetricValue.objects.bulk_create(
        MetricValue(evaluation=first.evaluation, metric=first.metric, value=n, occurrence=n)
        for n in range(2, 104)
    )
    pages = [read(f"/p/vision/resnet/evaluations?page={number}") for number in (1, 2)]
    assert [len(heads(page)) for page in pages] == [100, 3]
    assert "Evaluations <small>103</small>" in pages[0]


# ── history ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("verb", "detail", "sentence"),
    [
        ("commented", {}, "commented"),
        ("rated", {"stars": 1}, "gave 1 star"),
        ("rated", {"stars": 4}, "gave 4 stars"),
        ("set-stage", {"label": "2", "stage": "production"}, "moved 2 to production"),
        ("set-stage", {"label": "2", "stage": ""}, "moved 2 to no stage"),
        ("set-alias", {"alias": "champion", "label": "2"}, "pointed “champion” at 2"),
        ("set-owner", {"who": "Bob", "kind": "steward"}, "made Bob steward"),
        ("edited", {"fields": ["summary", "purpose"]}, "edited summary, purpose"),
        ("tagged", {"tag": "vision"}, "added the tag vision"),
    ],
)
def test_history_tells_who_did_what(resnet, person, read, verb, detail, sentence):
    Activity.objects.create(
        actor=person("ada"), verb=verb, project=resnet.project, model=resnet, detail=detail
    )
    page = " ".join(re.sub(r"<[^>]+>", " ", read("/p/vision/resnet/history")).split())
    assert f"ada {sentence} just now" in page


def test_history_is_newest_first_and_fifty_a_page(resnet, person, read):
    ada = person("ada")
    Activity.objects.bulk_create(
        Activity(actor=ada, verb="tagged", project=resnet.project, model=resnet, detail={"tag": f"tag{n}."})
        for n in range(51)
    )
    tags = [re.findall(r"tag(\d+)\.", read(f"/p/vision/resnet/history?page={page}")) for page in (1, 2)]
    assert (tags[0][0], len(tags[0]), tags[1]) == ("50", 50, ["0"])


def test_history_outlives_the_account_of_who_acted(resnet, person, read):
    ada = person("ada")
    Activity.objects.create(actor=ada, verb="commented", project=resnet.project, model=resnet)
    ada.delete()
    assert "Someone whose account is gone" in read("/p/vision/resnet/history")


def test_a_model_with_no_history_says_so(resnet, read):
    assert "Nobody did anything with it yet." in read("/p/vision/resnet/history")


# ── one version ───────────────────────────────────────────────────────────────────────────────────


def test_a_version_shows_what_it_is_made_of(resnet, version, read):
    one = version(
        "1", of=resnet, stage="staging", notes="It *works*", parameter_count=25_557_032, hardware="8 × A100"
    )
    one.aliases.create(model=resnet, name="champion")
    one.classifications.create(model=resnet, term=make_term("task", "vision"), words="CV")
    Parameter.objects.create(version=one, name="layers", value=[1, True, "x"])
    Package.objects.create(version=one, name="torch", specifier=">=2")
    Artifact.objects.create(version=one, uri="s3://bucket/weights", size_bytes=102_540_417, digest="sha256:1")
    Link.objects.create(model=resnet, version=one, kind="config", url="configs/resnet.py")
    Paper.objects.create(title="Deep residual", url="https://example.org/paper").versions.add(one)
    page = read("/p/vision/resnet/v/1")
    for words in (
        "staging", "champion", "leading", "<em>works</em>", "25.6\u00a0M", "8 × A100", "In its own words: “CV”",
        "1, yes, x", "torch", "&gt;=2", "s3://bucket/weights", "103\u00a0MB", "sha256:1",
        "<code>configs/resnet.py</code>", 'href="https://example.org/paper"', "/terms/task/vision",
    ):  # fmt: skip
        assert words in page, words


def test_a_version_says_what_changed_against_the_one_before(resnet, version, read):
    old, new = version("1", of=resnet, parameter_count=1), version("2", of=resnet, parameter_count=2)
    for made, score in ((old, 80), (new, 81)):
        measure(made, "top-1", score, dataset="imagenet", direction="higher")
        Parameter.objects.create(version=made, name="layers", value=score)
        Parameter.objects.create(version=made, name="optimizer", value="adam")
    page = read("/p/vision/resnet/v/2")
    changes = page.split('id="changes"')[1].split("</section>")[0]
    assert "Changed against 1" in page
    assert heads(changes) == ["Parameters", "layers", "Top-1 Imagenet"]
    assert re.search(r'<span class="best">81', changes)
    assert "/compare?model=vision/resnet%401&amp;model=vision/resnet%402" in changes
    assert 'id="changes"' not in read("/p/vision/resnet/v/1")


def test_versions_lead_to_their_neighbours(resnet, version, read):
    for label in ("1", "2", "3"):
        version(label, of=resnet)
    page = read("/p/vision/resnet/v/2")
    assert 'href="/p/vision/resnet/v/1" rel="prev"' in page
    assert 'href="/p/vision/resnet/v/3" rel="next"' in page
    assert 'rel="prev"' not in read("/p/vision/resnet/v/1")
    assert 'rel="next"' not in read("/p/vision/resnet/v/3")


def test_all_numbers_of_a_version_are_one_link_away(measured, read):
    page = read("/p/vision/resnet/v/1")
    assert 'href="/p/vision/resnet/evaluations?version=1">all 4 values</a>' in page


@pytest.mark.parametrize("tail", ["", "/versions", "/evaluations", "/history", "/v/1"])
def test_the_pages_of_an_unknown_model_do_not_exist(resnet, version, read, tail):
    version("1", of=resnet)
    read(f"/p/vision/none{tail}", status=404)
    read(f"/p/none/resnet{tail}", status=404)


def test_an_unknown_version_does_not_exist(resnet, version, read):
    version("1", of=resnet)
    read("/p/vision/resnet/v/2", status=404)


def test_rows_that_only_the_split_tells_apart_keep_one_order(resnet, version, read):
    made = version("1", of=resnet)
    for split in ("minival", "val", "test", "dev", "train"):
        measure(made, "top-1", 80, dataset="imagenet", split=split)
    splits = re.findall(r'<th scope="row">Imagenet <small class="soft">(\w+)', read("/p/vision/resnet/v/1"))
    assert splits == ["dev", "minival", "test", "train", "val"]
