"""The same input is the same rows, whichever way it comes in: by API, form, file or record."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import ModelVersion
from ingestion.connectors.demo.records import record_of
from ingestion.records import VersionRecord
from ingestion.writer import upsert
from vocabulary.models import Source
from vocabulary.resolver import Resolver

pytestmark = pytest.mark.django_db
numbers = itertools.count(1)

METRICS = ["top1", "TOP-1", "Top 1 Acc", "Top-1 accuracy", "Iter", "Sparkle", "größe", "精度", "-", "m" * 201]
UNITS = ["", "%", "fraction", "Fraction", "per mille", "u" * 41]
VALUES = st.one_of(st.sampled_from([0.801, 80.1, 0.0, 100.0, 254.0, -1.0, 1e308, 5e-324]), st.floats(0, 100))
DATASETS = ["", "in1k", "ImageNet-1K", "n/a", "MyData", "мои данные", "我的数据", "--", "d" * 301, "ß" * 299]
LICENSES = ["", "MIT", "mit", "license-1", "none", "WTFPL"]
LANGUAGES = ["", "English", "DEUTSCH", "日本語", "none", "Klingon"]


def rows_of(version: ModelVersion) -> list[object]:
    """What the catalog holds of a version, without ids and without the source."""
    return [
        sorted((p.name, float(p.value)) for p in version.parameters.all()),
        sorted((d.dataset.name, d.words) for d in version.training_data.select_related("dataset")),
        sorted((c.term.slug, c.words) for c in version.classifications.select_related("term")),
        sorted(
            (
                e.dataset.name if e.dataset else "",
                e.dataset_words,
                e.split,
                e.split_is_assumed,
                e.slice,
                v.metric.name,
                v.metric.unit,
                v.metric.importance,
                v.value,
                v.words,
                v.raw_value,
                v.raw_unit,
            )
            for e in version.evaluations.select_related("dataset")
            for v in e.values.select_related("metric")
        ),
    ]


class Ways:
    """Every way in: each gives the rows, or the places of what was refused."""

    def __init__(self, api, client, admin, reading, model):
        self.api, self.client, self.reading, self.model = api(admin), client, reading, model
        client.force_login(admin)

    def by_api(self, asked):
        model = self.model()
        terms = {name: [asked[name]] for name in ("license", "language") if asked[name]}
        metric = {"metric": asked["metric"], "value": asked["value"], "unit": asked["unit"]}
        body = {
            "label": "1",
            "training_data": [asked["dataset"]] if asked["dataset"] else [],
            "terms": terms,
            "evaluations": [{"metrics": [metric], "dataset": asked["dataset"]}],
        }
        answer = self.api.post(f"models/{model.ref}/versions", body)
        if answer.status_code == 201:
            return rows_of(model.versions.get())
        assert not model.versions.exists()
        return {error["field"] for error in answer.json()["errors"]}

    def by_form(self, asked):
        """The form knows no terms."""
        model = self.model()
        line = ";".join(f'"{asked[name]}"' for name in ("metric", "value", "unit", "dataset"))
        data = {"label": "1", "training_data": asked["dataset"], "evaluations": line}
        answer = self.client.post(f"/p/{model.ref}/versions/new", data)
        if answer.status_code == 302:
            return rows_of(model.versions.get())
        assert answer.status_code == 400
        return set(answer.context["form"].errors)

    def by_file(self, asked):
        line = {
            "namespace": f"file-{next(numbers)}",
            "model": "m",
            "version": "1",
            "license": asked["license"],
            "languages": [asked["language"]] if asked["language"] else [],
            "training_data": [asked["dataset"]] if asked["dataset"] else [],
            "metrics": [[asked["metric"], asked["value"], asked["unit"], asked["dataset"]]],
        }
        return self._written(record_of(json.loads(json.dumps(line)), Resolver(), "", ""))

    def _written(self, record: VersionRecord):
        (outcome,) = upsert(self.reading(), [record])
        if outcome.refusals:
            return {refusal.path for refusal in outcome.refusals}
        return rows_of(ModelVersion.objects.get(model__external_id=f"board/{record.namespace}/m"))


@pytest.fixture
def ways(api, client, person, reading, model, source):
    assert Source.objects.count() == 1
    return Ways(api, client, person(admin=True), reading, model)


@given(
    metric=st.sampled_from(METRICS),
    unit=st.sampled_from(UNITS),
    value=VALUES,
    dataset=st.sampled_from(DATASETS),
    license=st.sampled_from(LICENSES),
    language=st.sampled_from(LANGUAGES),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_input_is_the_same_rows(ways, **asked):
    by_api, by_file = ways.by_api(asked), ways.by_file(asked)
    # A set holds the places of what was refused. The API stops at the first kind of fault, a batch names them all.
    if isinstance(by_api, set) or isinstance(by_file, set):
        assert isinstance(by_api, set) and isinstance(by_file, set), (by_api, by_file)
    else:
        assert by_file == by_api
    if not asked["license"] and not asked["language"]:
        by_form = ways.by_form(asked)
        assert by_form == by_api or (isinstance(by_form, set) and isinstance(by_api, set)), (by_form, by_api)
