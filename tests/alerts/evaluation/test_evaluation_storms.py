"""Ten thousand values, changes taken back, models that fail: few looks, and nobody is held up."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from alerts import evaluation, touched
from alerts.models import Alert, Rule, Touched
from evaluations.models import MetricValue
from tests.alerts.conftest import sql
from tests.makers import make_model, make_project

pytestmark = pytest.mark.django_db


def test_ten_thousand_values_fire_once_and_clear_once(model, rule, look):
    """They come in 20 statements and jump about between threshold and where it clears."""
    rule(clear_at=0.85)
    version, metric = model.versions.get(), Rule.objects.get().metric
    insert = (
        "WITH e AS (INSERT INTO catalog_evaluation"
        " (version_id, dataset_words, split, split_is_assumed, slice, created_at, evaluated_at)"
        " SELECT %s, '', 'test', false, '', now(), timestamptz '2026-01-01' + make_interval(secs => %s + i)"
        " FROM generate_series(1, 500) i RETURNING id, evaluated_at)"
        " INSERT INTO catalog_metricvalue (evaluation_id, metric_id, value, words, raw_unit, occurrence, interval)"
        " SELECT id, %s, %s + 0.04 * (extract(epoch FROM evaluated_at)::bigint %% 2), '', '', 1, '' FROM e"
    )
    happened = []
    for batch in range(20):
        base = 0.9 if batch in (0, 19) else 0.78  # 0.78 and 0.82 by turns
        sql(insert, version.pk, batch * 500, metric.pk, base)
        if batch in (3, 7, 12):
            happened += look()
    happened += look()
    assert MetricValue.objects.count() == 10_000
    assert happened == ["fired", "cleared"]


def test_ten_thousand_values_are_one_look(model, rule, look, monkeypatch):
    rule()
    version, metric = model.versions.get(), Rule.objects.get().metric
    look()
    from evaluations.models import Evaluation

    held = Evaluation.objects.create(version=version)
    MetricValue.objects.bulk_create(
        [MetricValue(evaluation=held, metric=metric, value=0.5, occurrence=n) for n in range(1, 10_001)],
        batch_size=50,
    )
    assert Touched.objects.count() > 200
    looks = []
    once = evaluation.look_at
    monkeypatch.setattr(touched, "look_at", lambda wanted: looks.append(wanted) or once(wanted))
    assert look() == ["fired"]
    assert looks == [{model.pk: None}]


def test_a_change_taken_back_leaves_nothing(model, rule, arrives, look):
    rule()
    look()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        arrives(model, 0.1)
        1 / 0  # noqa: B018
    assert not Touched.objects.exists()
    assert look() == []


def test_one_model_that_cannot_be_looked_at_holds_up_nobody(rule, arrives, look, monkeypatch):
    rule()
    odd, fine = make_model(), make_model()
    arrives(odd, 0.5)
    arrives(fine, 0.5)
    once = evaluation.look_at

    def fails(wanted):
        if odd.pk in wanted:
            raise ValueError("odd facts")
        return once(wanted)

    monkeypatch.setattr(touched, "look_at", fails)
    assert look() == ["fired"]
    assert Alert.objects.get().model == fine
    waiting = Touched.objects.filter(model_id=odd.pk)
    assert waiting.exists() and all(row.not_before for row in waiting)
    monkeypatch.setattr(touched, "look_at", once)
    waiting.update(not_before=timezone.now())
    assert look() == ["fired"]


def test_a_look_takes_as_many_statements_for_forty_models_as_for_four(rule, arrives):
    from django.test.utils import CaptureQueriesContext

    rule()
    rule(kind="metadata", measure="owners", op="above", threshold=0.5)
    rule(kind="staleness", measure="version", op="above", threshold=30)
    counts = []
    for number in (4, 36):
        touched.drain_all()
        project = make_project()
        models = [make_model(project) for _ in range(number)]
        for model in models:
            arrives(model, 0.5)
        with CaptureQueriesContext(connection) as queries:
            assert evaluation.look_at({model.pk: None for model in models}) == 2 * number
        counts.append(len(queries))
        Touched.objects.all().delete()
    assert counts[0] == counts[1]
    assert counts[0] <= 36
