"""Rules that measure no metric: staleness, metadata, drift."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Event, Touched
from catalog.models import ModelVersion, Ownership, RegisteredModel
from tests.alerts.conftest import sql
from tests.makers import make_person

pytestmark = pytest.mark.django_db


def ages(days):
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize("measure", ["version", "evaluation", "production"])
def test_what_is_too_old_fires_and_something_new_clears(model, rule, arrives, look, measure):
    RegisteredModel.objects.update(created_at=ages(40))
    ModelVersion.objects.update(created_at=ages(40), stage="production")
    rule(kind="staleness", measure=measure, op="above", threshold=30)
    assert look() == ["fired"]
    assert "40" in Event.objects.get().words
    if measure == "evaluation":
        sql(
            "INSERT INTO catalog_evaluation (version_id, dataset_words, split, split_is_assumed, slice, created_at)"
            " SELECT id, '', '', false, '', now() FROM catalog_modelversion"
        )
    else:
        ModelVersion.objects.update(stage="archived")
        ModelVersion.objects.create(model=model, label="2", position=2, stage="production")
    assert look() == ["cleared"]


def test_time_alone_is_noticed_by_the_hourly_look(model, rule, look):
    from alerts.tasks import look_at_ages

    ModelVersion.objects.update(created_at=ages(29))
    rule(kind="staleness", measure="version", op="above", threshold=30)
    assert look() == []
    ModelVersion.objects.update(created_at=ages(31))
    Touched.objects.all().delete()  # as if two days had passed, without a change
    assert look() == []
    look_at_ages()
    assert look() == ["fired"]


def test_production_without_an_owner(model, rule, look):
    rule(kind="metadata", measure="owners", op="above", threshold=0.5, versions="production")
    assert look() == []
    ModelVersion.objects.update(stage="production")
    assert look() == ["fired"]
    assert Event.objects.get().words == "In production without an owner"
    Ownership.objects.create(model=model, kind="owner", user=make_person())
    assert look() == ["cleared"]
    Ownership.objects.all().delete()
    assert look() == ["fired"]


def test_every_piece_of_metadata_is_missed_and_found(model, rule, arrives, look):
    from catalog.selectors.completeness import STEPS
    from tests.filling import fill

    for step in STEPS:
        rule(name=step.field, kind="metadata", measure=step.field, op="above", threshold=0.5)
    look()
    missing = {alert.rule.name for alert in Alert.objects.exclude(state="ok")}
    assert missing == {step.field for step in STEPS}
    Ownership.objects.create(model=model, kind="owner", user=make_person())
    fill(model)
    look()
    left = {alert.rule.name for alert in Alert.objects.exclude(state="ok")}
    assert left == {"framework"}  # the filling has no framework


def test_how_complete_metadata_is(model, rule, look):
    rule(kind="metadata", measure="percent", op="below", threshold=20)
    assert look() == ["fired"]
    RegisteredModel.objects.update(summary="s", intended_use="x")
    assert look() == ["cleared"]


@pytest.fixture
def drifts(model):
    """`drifts("amount", 0.3, day=2)`: how far a feature had moved at some moment of a day."""
    from evaluations.models import DriftPoint
    from tests.alerts.conftest import START

    def add(feature, *values, day, measure="psi"):
        for place, value in enumerate(values):
            at = START + timedelta(days=day, minutes=place)
            DriftPoint.objects.create(
                version=model.versions.get(), feature=feature, measure=measure, at=at, value=value
            )

    return add


def test_psi_above_a_value_on_three_days(rule, drifts, look):
    rule(
        kind="drift",
        measure="psi",
        op="above",
        threshold=0.2,
        clear_at=0.1,
        in_a_row=3,
        row_of="days",
        name="D",
    )
    drifts("amount", 0.3, 0.1, 0.3, day=1)
    drifts("amount", 0.25, day=2)
    drifts("country", 0.5, day=3)
    drifts("amount", 0.9, day=3, measure="ks")
    assert look() == []
    drifts("amount", 0.3, day=3)
    assert look() == ["fired"]
    assert (
        Event.objects.get().words
        == "PSI of amount is 0.3; the rule says above 0.2 for 3 measured days in a row"
    )
    drifts("amount", 0.15, day=4)
    assert look() == []
    drifts("amount", 0.05, day=5)
    assert look() == ["cleared"]


def test_drift_of_one_feature_only(rule, drifts, look):
    rule(kind="drift", measure="psi", feature="amount", op="above", threshold=0.2)
    drifts("country", 0.9, day=1)
    assert look() == []
    drifts("amount", 0.3, day=1)
    assert look() == ["fired"]


def test_many_features_are_one_alert(rule, drifts, look):
    rule(kind="drift", measure="psi", op="above", threshold=0.2)
    for number in range(40):
        drifts(f"feature {number}", 0.3 + number / 1000, day=1)
    assert look() == ["fired"]
    assert Event.objects.get().words.endswith("(and under 39 other conditions)")
