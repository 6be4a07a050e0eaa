"""Django's administration of the inventory: every page opens, in few queries, under the content policy."""

import datetime as dt

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import models
from catalog.services.structure import ArtifactIn, LinkIn, PackageIn, PaperIn, PortIn, Structure
from evaluations.services.records import EvaluationIn, MetricIn
from evaluations.services.statistics import add_statistics
from evaluations.statistics.document import read_document
from ingestion.services.versions import add_version
from vocabulary import models as vocabulary

pytestmark = pytest.mark.django_db
APPS = {"catalog", "evaluations", "vocabulary"}
TABLES = [table for table in admin.site._registry if table._meta.app_label in APPS]
NAMES = [table._meta.model_name for table in TABLES]


@pytest.fixture
def root(person, client):
    made = person("root", admin=True)
    client.force_login(made)
    return made


@pytest.fixture
def filled(root, looking, project, model, term, person):
    """Fills every table; called again, with more."""
    numbers = iter(range(1000))

    def fill(times):
        for _ in range(times):
            n = next(numbers)
            held = model(f"m{n}", of=project(f"p{n}", steward=person()))
            vision = term("task", f"Vision {n}", f"seeing {n}")
            version = add_version(
                viewer=looking(root),
                model=held,
                label="1",
                structure=Structure(
                    parameters={"a": 1},
                    packages=(PackageIn("p"),),
                    artifacts=(ArtifactIn("u"),),
                    inputs=(PortIn("x"),),
                    training_data=(f"D{n}",),
                    terms={"task": (vision.slug,)},
                    links=(LinkIn("u"),),
                    papers=(PaperIn(f"t{n}"),),
                ),
                evaluations=(EvaluationIn((MetricIn(f"m{n}", 1.0),), dataset=f"D{n}"),),
            )
            roc = {"kind": "roc", "false_positive_rate": [0, 1], "true_positive_rate": [0, 1]}
            drift = {"feature": "age", "at": "2026-03-01", "measure": "psi", "value": 0.1}
            series = {"name": "loss", "points": [[0, 1], [1, 2]]}
            sent = read_document({"statistics": [roc], "drift": [drift], "series": [series]})
            add_statistics(viewer=looking(root), version=version, document=sent)
            models.VersionAlias.objects.create(model=held, version=version, name="best")
            vocabulary.Source.objects.create(slug=f"s{n}", name=f"S{n}")
            models.Ownership.objects.create(model=held, kind="owner", user=person())
            tag = models.Tag.objects.create(slug=f"t{n}", name=f"t{n}")
            models.ModelTag.objects.create(model=held, tag=tag, added_by=person())
            field = models.AttributeDefinition.objects.create(slug=f"f{n}", name=f"F{n}", type="date")
            models.AttributeValue.objects.create(
                definition=field, type="date", model=held, date=dt.date(2026, 1, 1)
            )
            models.FactOrigin.objects.create(model=held, field="name", user=person())

    return fill


def test_every_table_is_administered():
    from django.apps import apps

    known = {table for table in apps.get_app_config("catalog").get_models() if not table._meta.auto_created}
    assert known - set(TABLES) == set()


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_lists_search_and_change_pages_open_in_constant_queries(table, filled, client):
    base = f"admin:{table._meta.label_lower.replace('.', '_')}"
    filled(2)
    client.get(reverse(f"{base}_changelist"))
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse(f"{base}_changelist"))
        assert page.status_code == 200
        counts.append(len(queries))
        filled(3)
    assert counts[0] == counts[1]
    assert client.get(reverse(f"{base}_changelist"), {"q": "vision"}).status_code == 200
    row = table._default_manager.first()
    change = client.get(reverse(f"{base}_change", args=[row.pk]))
    assert change.status_code == 200
    for text in (page.content.decode(), change.content.decode()):
        assert "<style" not in text and " onclick=" not in text and "javascript:" not in text
        assert all(
            "src=" in tag.partition(">")[0] or 'type="application/json"' in tag.partition(">")[0]
            for tag in text.split("<script")[1:]
        )
    add = client.get(reverse(f"{base}_add"))
    assert add.status_code in (200, 403)


def test_an_alias_written_here_is_found_by_the_vocabulary(root, client, term):
    vision = term("task", "Vision")
    page = client.post(
        reverse("admin:vocabulary_termalias_add"),
        {"term": vision.pk, "taxonomy": vision.taxonomy_id, "words": "Image-Things"},
    )
    assert page.status_code == 302
    made = vocabulary.TermAlias.objects.get(words="Image-Things")
    assert (made.folded, made.taxonomy) == ("imagethings", vision.taxonomy)


def test_an_alias_written_beside_its_metric_is_folded(root, client):
    metric = vocabulary.Metric.objects.create(slug="acc", name="Accuracy")
    prefix = "aliases"
    data = {
        "slug": "acc",
        "name": "Accuracy",
        "direction": "higher",
        "group": "quality",
        "precision": 2,
        "importance": 50,
        f"{prefix}-TOTAL_FORMS": 1,
        f"{prefix}-INITIAL_FORMS": 0,
        f"{prefix}-0-words": "Top 1",
        f"{prefix}-0-factor": 1,
        f"{prefix}-0-metric": metric.pk,
    }
    page = client.post(reverse("admin:vocabulary_metric_change", args=[metric.pk]), data)
    assert page.status_code == 302, page.context["errors"]
    assert vocabulary.MetricAlias.objects.get().folded == "top1"


@pytest.mark.parametrize("name", ["termalias", "datasetalias", "metricalias"])
def test_words_that_stand_for_something_else_are_refused_in_words(name, root, client, term):
    metric = vocabulary.Metric.objects.create(slug="acc", name="Accuracy")
    dataset = vocabulary.Dataset.objects.create(slug="d", name="D")
    owner = {
        "termalias": ("term", term("task", "V")),
        "datasetalias": ("dataset", dataset),
        "metricalias": ("metric", metric),
    }
    field, row = owner[name]
    data = {field: row.pk, "words": "Same Words", "factor": 1, "taxonomy": getattr(row, "taxonomy_id", "")}
    assert client.post(reverse(f"admin:vocabulary_{name}_add"), data).status_code == 302
    again = client.post(reverse(f"admin:vocabulary_{name}_add"), {**data, "words": "same-words"})
    assert again.status_code == 200
    assert "already" in again.content.decode()


def test_the_type_of_a_custom_field_stays(root, client):
    field = models.AttributeDefinition.objects.create(slug="f", name="F", type="date")
    data = {"slug": "f", "name": "F", "type": "text", "choices": "[]", "position": 1}
    assert (
        client.post(reverse("admin:catalog_attributedefinition_change", args=[field.pk]), data).status_code
        == 302
    )
    field.refresh_from_db()
    assert field.type == "date"


def test_only_staff_come_in(person, client):
    client.force_login(person("ada"))
    assert client.get(reverse("admin:catalog_registeredmodel_changelist")).status_code == 302
