"""A model's numbers over its versions, and its papers: the dossier and the card of the Hub."""

import datetime as dt

import pytest
import yaml

from catalog.models import AttributeDefinition, AttributeValue, ModelVersion
from evaluations.models import Evaluation, MetricValue
from evaluations.selectors.progress import progress_of
from tests.filling import make_term, measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def grown(model, version):
    """A model of three versions, the second in production, measured alike but for the last."""
    made = model("m")
    for number, value in ((1, 70.0), (2, 80.0), (3, 75.0)):
        stage = "production" if number == 2 else ""
        one = version(str(number), of=made, stage=stage, released_on=dt.date(2024, 4 - number, 1))
        measure(one, "top-1", value, dataset="imagenet", split="test", unit="%", direction="higher")
    measure(one, "top-5", 90, dataset="imagenet", split="test")
    return made


def lines(made, **how):
    return [
        (line.metric, line.where, [(p["label"], p["value"], p["note"]) for p in line.points])
        for line in progress_of(made, **how).lines
    ]


def test_numbers_measured_alike_are_lines_over_versions(grown):
    assert lines(grown) == [
        ("Top-1", "Imagenet, test", [("1", 70, ""), ("2", 80, "Production"), ("3", 75, "")])
    ]


def test_by_time_points_stand_by_their_dates(grown):
    assert [p[0] for p in lines(grown, by_time=True)[0][2]] == ["2024-01-01", "2024-02-01", "2024-03-01"]
    Evaluation.objects.filter(version__label="3").update(evaluated_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    assert [p[1] for p in lines(grown, by_time=True)[0][2]] == [80, 70, 75]
    ModelVersion.objects.filter(label="1").update(released_on=None)
    assert [p[1] for p in lines(grown, by_time=True)[0][2]] == [80, 75], "what has no date is left out"


def test_every_stage_is_drawn_with_and_without_a_release(grown, client):
    stages = ("development", "staging", "archived")
    for one, stage in zip(grown.versions.all(), stages, strict=True):
        ModelVersion.objects.filter(pk=one.pk).update(stage=stage, released_on=None)
    page = client.get(f"{grown.get_absolute_url()}/progress").content.decode()
    assert "Staging" in page and "Development" not in page
    ModelVersion.objects.filter(label="1").update(released_on="2024-02-29")
    page = client.get(f"{grown.get_absolute_url()}/progress").content.decode()
    assert page.count("released 2024-02-29") == 2, "on hover and in the table"


def test_the_page_takes_as_many_statements_for_many_versions_and_metrics(
    grown, version, client, django_assert_num_queries
):
    address = f"{grown.get_absolute_url()}/progress"
    assert "Production" in client.get(address).content.decode()
    with django_assert_num_queries(5):
        client.get(address)
    for number in range(4, 30):
        one = version(str(number), of=grown)
        for metric in range(20):
            measure(one, f"x{metric}", number)
    with django_assert_num_queries(5):
        page = client.get(address).content.decode()
    assert page.count("<figure") == 12
    assert client.get(f"{address}?page=99&by=time").status_code == 200


def test_the_model_page_has_small_lines_of_its_other_numbers(grown, version, client):
    for one in grown.versions.all():
        measure(one, "loss", one.position, dataset="imagenet", split="test")
    page = client.get(grown.get_absolute_url()).content.decode()
    assert 'class="multiples"' in page and "Imagenet, test: 3 versions, now" in page


@pytest.fixture
def papered(grown, person):
    leading = grown.versions.get(label="2")
    grown.intended_use, grown.description = "To *sort* pictures.", "Sorts pictures.\n\n---\nnot: front matter"
    grown.save()
    for taxonomy, slug in (("license", "mit"), ("library", "timm"), ("task", "image-classification")):
        leading.classifications.create(model=grown, term=make_term(taxonomy, slug), words=slug)
    secret = AttributeDefinition.objects.create(
        slug="risk", name="Risk class", type="text", is_sensitive=True
    )
    AttributeValue.objects.create(model=grown, definition=secret, type="text", text="very secret")
    return grown


def test_the_dossier_has_everything_and_hides_what_is_sensitive(papered, client, person, api):
    address = f"{papered.get_absolute_url()}/dossier"
    page = client.get(address).content.decode()
    for words in (
        "of version 2",
        "To *sort* pictures.",
        "not stated",
        "Top-1",
        "80.00",
        "Mit",
        "Nobody yet.",
    ):
        assert words in page, words
    assert "very secret" not in page and "Risk class" not in page
    assert "75.00" in client.get(f"{address}?version=3").content.decode()
    assert client.get(f"{address}?version=9").status_code == 404
    client.force_login(person(admin=True))
    assert "very secret" in client.get(address).content.decode()


def test_an_interval_stands_beside_its_number(papered, client):
    MetricValue.objects.filter(value=80).update(low=79.5, high=80.5, interval="95 % confidence")
    assert "79.50 to 80.50" in client.get(f"{papered.get_absolute_url()}/dossier").content.decode()


def test_the_card_has_front_matter_that_the_hub_reads(papered, client):
    response = client.get(f"{papered.get_absolute_url()}/card.md")
    assert response["Content-Type"].startswith("text/markdown")
    _, front, words = response.content.decode().split("---\n", 2)
    data = yaml.safe_load(front)
    assert (data["license"], data["library_name"], data["pipeline_tag"]) == (
        "mit",
        "timm",
        "image-classification",
    )
    (result,) = data["model-index"][0]["results"]
    assert result["dataset"] == {"name": "Imagenet", "type": "imagenet", "split": "test"}
    assert result["metrics"] == [{"type": "top-1", "name": "Top-1", "value": 80.0}]
    assert "To *sort* pictures." in words and "very secret" not in words


def test_what_is_not_to_be_seen_has_no_papers(project, model, version, client):
    hidden = model("h", of=project("secret", visibility="restricted"))
    version(of=hidden)
    for page in ("dossier", "card.md", "progress"):
        assert (
            client.get(f"/p/secret/h/{page}").status_code
            == client.get(f"/p/none/h/{page}").status_code
            == 404
        )
