"""Models like another: by shared facts, for the viewer's eyes only, the same from both back ends."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Dataset, Project, ProjectGrant, TrainingData
from governance.policy import NotVisible
from search import find, sync
from search.backends.opensearch import OpenSearchBackend
from search.backends.postgres import PostgresBackend
from search.similar import MOST
from tests.makers import make_person, make_project, seen_by
from tests.search.conftest import carry, measure, term

pytestmark = pytest.mark.django_db


@pytest.fixture
def similar(backend, settings):
    """`similar(model, by=anna, limit=3)`: carries what was written, then asks."""

    def ask(made, *, by=None, limit=10, late=False):
        if not late:
            carry(to_engine=bool(settings.OPENSEARCH_URL))
        return backend.similar(seen_by(by), made.pk, limit).models

    return ask


@pytest.fixture
def asked(model):
    """The model the tests ask about."""
    return model(
        "resnet50",
        task="classify",
        architecture="resnet",
        modality="image",
        library="timm",
        license="mit",
        language="english",
        parameters=25_000_000,
        tags=["distilled"],
        description="Recognises flowers, mushrooms and beetles in photographs.",
    )


def train(made, *names):
    for name in names:
        dataset, _ = Dataset.objects.get_or_create(slug=name.lower(), defaults={"name": name})
        TrainingData.objects.create(version=made.versions.get(), dataset=dataset, words=name)


def called(found):
    return [one.hit.name for one in found]


def test_shared_facts_bring_models_together_task_before_all_others(similar, model, asked):
    model("detector", architecture="resnet", modality="image", library="timm")
    model("classifier", task="classify")
    model("both", task="classify", architecture="resnet")
    model("speech", task="transcribe", modality="audio", library="nemo")
    assert called(similar(asked)) == ["both", "classifier", "detector"]


@pytest.mark.parametrize(
    ("shared", "why"),
    [
        ({"task": "classify"}, "same task"),
        ({"task": "classify", "architecture": "resnet"}, "same task and architecture"),
        ({"task": "classify", "tags": ["distilled"]}, "same task, tagged distilled"),
        ({"task": "classify", "parameters": 26_000_000}, "same task, similar size"),
        ({"task": "classify", "modality": "image"}, "same task and modality"),
        ({"task": "classify", "language": ["english", "dutch"]}, "same task, English in common"),
        ({"architecture": "resnet", "library": "timm"}, "same architecture and library"),
    ],
)
def test_it_says_what_both_share(similar, model, asked, shared, why):
    model("other", **shared)
    (found,) = similar(asked)
    assert found.why == why


def test_it_says_the_data_sets_both_were_trained_on(similar, model, asked):
    other, more = model("other", task="classify"), model("more", task="classify")
    (
        train(asked, "ImageNet-1k", "JFT", "CIFAR-10"),
        train(other, "ImageNet-1k"),
        train(more, "ImageNet-1k", "JFT"),
    )
    train(more, "CIFAR-10")
    assert [one.why for one in similar(asked)] == [
        "same task, trained on CIFAR-10, ImageNet-1k and 1 more",
        "same task, trained on ImageNet-1k",
    ]


def test_the_nearer_the_size_the_more_alike(similar, model, asked):
    for millions in (30, 2500, 60, 200):
        model(f"of {millions}", task="classify", parameters=millions * 1_000_000)
    model("unknown size", task="classify")
    assert called(similar(asked)) == ["of 30", "of 60", "of 200", "of 2500", "unknown size"]


def test_names_and_descriptions_tell_apart_what_is_otherwise_alike(similar, model, asked):
    model("xyz", task="classify")
    model("abc", task="classify", description="Beetles, flowers and mushrooms in photographs.")
    model("resnet-18", task="classify")
    found = similar(asked)
    assert called(found) == ["resnet-18", "abc", "xyz"]
    assert [one.why for one in found] == [
        "same task, similar name",
        "same task, similar description",
        "same task",
    ]


def test_a_related_term_counts_less_than_the_same(similar, model, asked):
    above = term("architecture", "convolutional")
    term("architecture", "resnet").__class__.objects.filter(slug="resnet").update(parent=above)
    term("architecture", "convnext", parent=above)
    model("related", task="classify", architecture="convnext")
    model("same", task="classify", architecture="resnet")
    model("other", task="classify", architecture="transformer")
    sync.enqueue()
    found = similar(asked)
    assert called(found) == ["same", "related", "other"]
    assert found[1].why == "same task, related architecture"


def test_many_terms_share_little_with_one(similar, model, asked):
    model("of all trades", task=["classify", *(f"task-{n}" for n in range(20))])
    model("specialist", task="classify")
    assert called(similar(asked))[0] == "specialist"


def test_another_language_sets_apart(similar, model, asked):
    model("dutch", task="classify", library="timm", language="dutch")
    model("any", task="classify")
    model("both", task="classify", language=["dutch", "english"])
    found = similar(asked)
    assert called(found) == ["both", "any", "dutch"]
    assert found[2].why == "same task and library"
    assert "language" not in found[2].shared


def test_no_model_is_like_itself(similar, model, asked):
    assert similar(asked) == ()
    model("twin", task="classify", architecture="resnet")
    assert called(similar(asked)) == ["twin"]


def test_a_model_without_any_facts_is_like_none(similar, model, asked):
    bare, other = model("zzz"), model("yyy")
    assert similar(bare) == similar(other) == ()
    assert similar(asked) == ()


def test_a_model_without_facts_is_like_one_called_the_same(similar, model, asked):
    assert called(similar(model("resnet 50"))) == ["resnet50"]


def test_license_and_size_alone_make_nothing_alike(similar, model, asked):
    model("other", license="mit", parameters=25_000_000)
    assert similar(asked) == ()


def test_what_has_no_document_yet_is_like_none(similar, model, asked):
    assert similar(asked) == ()
    fresh = model("fresh", task="classify")
    assert similar(fresh, late=True) == ()


def test_odd_names_and_words_break_nothing(similar, model):
    strange = model(
        "it's \\ a 'name' & (more) | !x:*", description="l'été % %s {} \\ ' \" <b>écoulé</b>", tags=["t"]
    )
    model("it's a name", task="classify")
    similar(strange)


def test_numbers_that_are_nought_have_no_nearness(similar, model):
    none, other = model("a", task="t", parameters=0), model("b", task="t", parameters=5)
    assert called(similar(none)) == ["b"]
    assert called(similar(other)) == ["a"]


def test_the_limit_is_kept(similar, model, asked):
    for n in range(12):
        model(f"m{n}", task="classify")
    assert len(similar(asked, limit=5)) == 5
    assert len(similar(asked)) == 10
    assert similar(asked, limit=0) == ()


def test_a_family_has_at_most_half_the_places_while_others_are_as_good(similar, model, asked):
    for n in range(6):
        model(f"resnet{n}", task="classify", architecture="resnet")
    for name in ("alexnet", "vgg", "densenet"):
        model(name, task="classify", architecture="resnet")
    found = called(similar(asked, limit=6))
    assert len([name for name in found if name.startswith("resnet")]) == 3
    assert len(found) == 6


def test_a_family_fills_the_list_where_others_are_much_worse(similar, model, asked):
    for n in range(6):
        model(f"resnet{n}", task="classify", architecture="resnet", library="timm")
    model("vgg", task="classify")
    assert all(name.startswith("resnet") for name in called(similar(asked, limit=6)))


def test_a_number_is_shown_only_where_both_were_measured_alike(similar, model, asked):
    alike, unlike = model("alike", task="classify"), model("unlike", task="classify")
    measure(asked, "accuracy", 80, dataset="imagenet")
    measure(alike, "accuracy", 81, dataset="imagenet")
    measure(unlike, "accuracy", 82, dataset="imagenet", slice="small")
    measure(unlike, "accuracy", 83, dataset="cifar")
    numbers = {one.hit.name: one.number for one in similar(asked)}
    assert numbers["unlike"] is None
    assert (numbers["alike"].value, numbers["alike"].asked) == (81, 80)
    assert (numbers["alike"].metric, numbers["alike"].dataset) == ("accuracy", "imagenet")


def test_the_numbers_shown_are_measured_alike_down_the_list_too(similar, model, asked):
    for dataset in ("a", "b"):
        measure(asked, "accuracy", 80, dataset=dataset)
    for name, datasets in (("one", "ab"), ("two", "b"), ("three", "b")):
        made = model(name, task="classify")
        for dataset in datasets:
            measure(made, "accuracy", 81, dataset=dataset)
    assert {one.number.dataset for one in similar(asked)} == {"b"}


# What the viewer may see.


def test_a_hidden_model_is_like_none_for_those_who_do_not_see_it(similar, model, asked):
    owner = make_person()
    hidden = model("hidden", project=make_project("restricted", viewer=owner), task="classify")
    assert similar(asked) == similar(asked, by=make_person()) == ()
    assert called(similar(asked, by=owner)) == ["hidden"]
    for stranger in (None, make_person()):
        with pytest.raises(NotVisible):
            similar(hidden, by=stranger)
    assert called(similar(hidden, by=owner)) == ["resnet50"]


def test_internal_models_are_for_those_signed_in(similar, model, asked):
    model("inside", task="classify", visibility="internal")
    assert similar(asked) == ()
    assert called(similar(asked, by=make_person())) == ["inside"]


def test_a_closed_site_shows_nothing_to_strangers(similar, model, asked, settings):
    model("other", task="classify")
    settings.VITRINE_SITE_OPEN = False
    with pytest.raises(NotVisible):
        similar(asked)
    assert called(similar(asked, by=make_person())) == ["other"]


def test_a_role_taken_away_closes_at_once(similar, model, asked):
    person, secret = make_person(), model("secret", task="classify", visibility="restricted")
    grant = ProjectGrant.objects.create(project=secret.project, user=person, role=1)
    assert called(similar(asked, by=person)) == ["secret"]
    grant.delete()
    assert similar(asked, by=person, late=True) == ()


def test_a_model_hidden_or_deleted_a_moment_ago_is_not_shown(similar, model, asked):
    hidden, deleted = model("hidden", task="classify"), model("deleted", task="classify")
    assert len(similar(asked)) == 2
    Project.objects.filter(pk=hidden.project_id).update(visibility="restricted")
    deleted.delete()
    assert similar(asked, late=True) == ()


def test_hidden_models_take_no_place_from_visible_ones(similar, model, asked):
    for n in range(130):
        model(f"secret{n}", task="classify", architecture="resnet", visibility="restricted")
    model("plain", task="classify")
    assert called(similar(asked)) == ["plain"]


# What it costs.


def test_it_takes_the_same_few_statements_however_much_there_is(similar, backend, model, asked):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            backend.similar(seen_by(None), asked.pk, 10)
        return len(queries)

    model("m", task="classify")
    similar(asked)
    few = statements()
    for n in range(30):
        train(model(f"m{n}", task="classify", tags=[f"t{n}"], language=f"l{n}"), "ImageNet-1k")
    train(asked, "ImageNet-1k")
    similar(asked)
    assert statements() == few <= 4


def test_common_facts_find_what_rare_ones_do_not(similar, model, asked, monkeypatch):
    """Where everything is more common than is looked through, what several have together is looked up."""
    from search.backends import similar_postgres

    for name in ("RARE", "CANDIDATES"):
        monkeypatch.setattr(similar_postgres, name, 3)
    for n in range(8):
        model(f"task{n}", task="classify")
        model(f"arch{n}", architecture="resnet")
    for n in range(5):
        model(f"both{n}", task="classify", architecture="resnet")
    found = called(similar(asked, limit=10))
    assert sorted(found[:5]) == [f"both{n}" for n in range(5)]
    assert all(name.startswith("task") for name in found[5:])


def test_both_back_ends_agree(engine, model, asked):
    tasks, architectures = ("classify", "detect", "segment"), ("resnet", "vit", "unet", "")
    for n in range(60):
        fields = {"task": tasks[n % 3], "library": ("timm", "other")[n % 2], "parameters": 10 ** (6 + n % 4)}
        if architectures[n % 4]:
            fields["architecture"] = architectures[n % 4]
        made = model(f"{('resnet', 'vit', 'yolo')[n % 3]}{n}", tags=[f"tag{n % 5}"], **fields)
        train(made, ("ImageNet-1k", "COCO")[n % 2])
    train(asked, "ImageNet-1k")
    carry(to_engine=True)
    answers = [
        backend.similar(seen_by(None), asked.pk, 20).models
        for backend in (PostgresBackend(), OpenSearchBackend())
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 10


# The front door, the API, the page.


def test_postgres_answers_when_the_engine_is_away(settings, model, asked):
    model("other", task="classify")
    sync.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    answers = [find.similar(seen_by(None), asked.pk) for _ in range(3)]
    assert all(answer.is_degraded and called(answer.models) == ["other"] for answer in answers)
    assert find.breaker.is_open


def path(made, query=""):
    return f"/api/v1/models/{made.ref}/similar{query}"


def test_the_api_lists_what_is_alike_and_why(client, model, asked):
    other = model("other", task="classify", parameters=25_000_000)
    measure(asked, "accuracy", 80, dataset="imagenet"), measure(other, "accuracy", 81, dataset="imagenet")
    sync.drain_all()
    answer = client.get(path(asked)).json()
    assert (answer["model"], answer["backend"], answer["degraded"]) == (asked.ref, "postgres", False)
    (one,) = answer["similar"]
    assert (one["ref"], one["why"]) == (other.ref, "same task, similar size")
    assert one["shared"] == ["task", "size"]
    assert (one["number"]["value"], one["number"]["compared_with"]) == (81, 80)
    assert one["url"].startswith("http://testserver/p/")


@pytest.mark.parametrize("limit", ["0", "-1", str(MOST + 1), "many", "1.5", "99999999999", "", " 1", "¹"])
def test_a_bad_limit_is_a_problem_document(client, asked, limit):
    response = client.get(path(asked), {"limit": limit})
    if limit == "":
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "limit"


def test_the_api_knows_no_other_parameter(client, asked):
    assert client.get(path(asked, "?size=3")).status_code == 400


def test_the_api_keeps_the_limit(client, model, asked):
    for n in range(4):
        model(f"m{n}", task="classify")
    sync.drain_all()
    assert len(client.get(path(asked, "?limit=2")).json()["similar"]) == 2


def test_what_is_not_seen_is_not_there_for_the_api(client, model):
    hidden = model("hidden", visibility="restricted")
    sync.drain_all()
    unseen, missing = client.get(path(hidden)), client.get("/api/v1/models/no/such/similar")
    assert unseen.status_code == missing.status_code == 404
    assert unseen["Content-Type"] == "application/problem+json"
    assert client.get(path(hidden, "?limit=x")).status_code == 404


def test_the_api_says_what_it_answers(client):
    document = json.loads(
        client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )
    operation = document["paths"]["/api/v1/models/{project}/{model}/similar"]["get"]
    assert operation["operationId"] == "get_similar_models"
    assert "limit" in [parameter["name"] for parameter in operation["parameters"]]


def section(made, by=None):
    client = Client()
    if by:
        client.force_login(by)
    page = client.get(made.get_absolute_url())
    assert page.status_code == 200
    _, found, rest = page.content.decode().partition('aria-labelledby="similar"')
    return rest.partition("</section>")[0] if found else ""


def test_the_page_shows_them_and_leads_to_the_comparison(model, asked):
    others = [model(f"other{n}", task="classify", parameters=1_000_000 * (n + 10)) for n in range(8)]
    measure(asked, "accuracy", 80.25, dataset="imagenet")
    for other in others:
        measure(other, "accuracy", 81.5, dataset="imagenet")
    sync.drain_all()
    shown = section(asked)
    assert shown.count("<li>") == 6
    assert "same task" in shown
    assert "81.5" in shown and "this model 80.2" in shown
    assert f"/compare?model={asked.ref.replace('/', '%2F')}&amp;model=" in shown
    compared = shown.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert Client().get(compared).status_code == 200


def test_the_page_has_no_such_part_where_nothing_is_alike(model):
    alone = model("alone")
    sync.drain_all()
    assert section(alone) == ""


def test_the_page_names_only_what_its_reader_may_see(model, asked):
    owner = make_person()
    model("hiddenname", project=make_project("restricted", viewer=owner), task="classify")
    sync.drain_all()
    assert section(asked) == ""
    assert "hiddenname" in section(asked, by=owner)


def test_the_page_stands_without_them(model, asked, monkeypatch):
    model("other", task="classify")
    sync.drain_all()

    def fails(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr("portal.similar.similar", fails)
    assert section(asked) == ""


def test_the_page_stands_when_the_engine_is_away(settings, model, asked):
    model("other", task="classify")
    sync.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    assert "other" in section(asked)
