"""A fact of a version is declared once, and is then everywhere: this file declares one, as a new file would."""

import json

import pytest
from django.db import connection, models
from django.utils import timezone

from catalog.facts import VersionFact, register, unregister, version_facts
from catalog.models import ModelVersion
from ingestion.records import VersionRecord
from ingestion.writer import Reading, upsert
from search.documents import builder, rows
from vocabulary.models import Source

pytestmark = pytest.mark.django_db
COOLING = VersionFact(
    "cooling", "cooling", "Cooling", position=110, longest=40, help="Air, water, none", in_lists=True
)


@pytest.fixture
def cooling(db, monkeypatch):
    """The fact with its column, which a migration would make."""
    field = models.CharField(max_length=40, blank=True, default="")
    ModelVersion.add_to_class("cooling", field)
    with connection.schema_editor(atomic=False) as editor:
        editor.add_field(ModelVersion, field)
    monkeypatch.setattr(rows.LEADING, "sql", "")
    register(COOLING)
    yield COOLING
    unregister(COOLING)
    rows.LEADING.sql = ""
    ModelVersion._meta.local_fields.remove(field)
    ModelVersion._meta._expire_cache()
    del ModelVersion.cooling


@pytest.fixture
def admin(person):
    return person("root", admin=True)


@pytest.fixture
def fraud(project, admin):
    return project("fraud", administrator=admin)


def test_the_api_takes_answers_and_describes_it(cooling, api, admin, fraud, client):
    call = api(admin)
    call.post("projects/fraud/models", {"name": "X"})
    answer = call.post("models/fraud/x/versions", {"label": "1", "cooling": "water"})
    assert answer.json()["cooling"] == "water"
    assert call.get("models/fraud/x/versions").json()["results"][0]["cooling"] == "water"
    assert call.post("models/fraud/x/versions", {"label": "2", "cooling": "w" * 41}).status_code == 400
    headers = {"Accept": "application/vnd.oai.openapi+json"}
    schemas = json.loads(client.get("/api/schema", headers=headers).content)["components"]["schemas"]
    assert schemas["NewVersionRequest"]["properties"]["cooling"]["maxLength"] == 40
    assert "cooling" in schemas["VersionLine"]["properties"]
    assert "cooling" in schemas["Version"]["properties"]


def test_the_form_asks_for_it_and_pages_show_it(cooling, client, admin, fraud, model):
    client.force_login(admin)
    held = model("x", of=fraud)
    form = client.get("/p/fraud/x/versions/new").content.decode()
    assert "Cooling" in form and "Air, water, none" in form
    assert client.post("/p/fraud/x/versions/new", {"label": "1", "cooling": "water"}).status_code == 302
    assert held.versions.get().cooling == "water"
    for page in ("/p/fraud/x", "/p/fraud/x/v/1"):
        assert "Cooling" in client.get(page).content.decode(), page


def test_the_comparison_sets_it_side_by_side(cooling, client, fraud, model):
    for name, value in (("a", "water"), ("b", "air")):
        ModelVersion.objects.create(model=model(name, of=fraud), label="1", position=1, cooling=value)
    page = client.get("/compare", {"model": ["fraud/a", "fraud/b"]}).content.decode()
    assert "Cooling" in page and "water" in page and "air" in page


def test_importers_state_it_and_search_reads_it(cooling):
    source = Source.objects.create(slug="board", name="Board")
    record = VersionRecord("lab", "x", "1", facts={"cooling": "liquid nitrogen"})
    assert upsert(Reading(None, source, timezone.now()), [record])[0].status == "created"
    assert upsert(Reading(None, source, timezone.now()), [record])[0].status == "unchanged"
    version = ModelVersion.objects.get()
    assert version.cooling == "liquid nitrogen"
    body = builder.build([version.model_id])[version.model_id]
    assert "liquid nitrogen" in body["text"]["keys"]


def test_two_facts_of_one_name_are_a_mistake():
    with pytest.raises(ValueError, match="hardware"):
        register(VersionFact("hardware", "other", "Other"))


def test_positions_order_the_page_without_ties():
    positions = [fact.position for fact in version_facts()]
    assert len(positions) == len(set(positions))
