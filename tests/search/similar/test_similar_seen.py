"""Only what the viewer sees is alike; both back ends agree, in a few statements, whatever is away."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Project, ProjectGrant
from core.errors import NotVisible
from search import service
from search.backends.opensearch import OpenSearchBackend
from search.backends.postgres import PostgresBackend
from search.indexing import outbox
from tests.makers import make_person, make_project, seen_by
from tests.search.conftest import carry
from tests.search.similar.conftest import called, train

pytestmark = pytest.mark.django_db


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
    from search.similar import postgres

    for name in ("RARE", "CANDIDATES"):
        monkeypatch.setattr(postgres, name, 3)
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
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    answers = [service.similar(seen_by(None), asked.pk) for _ in range(3)]
    assert all(answer.is_degraded and called(answer.models) == ["other"] for answer in answers)
    assert service.breaker.is_open
