"""A rule fires once and clears once, whatever arrives and however."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from alerts import evaluation, touched
from alerts.models import Alert, Event, Rule, Silence, Touched
from catalog.models import MetricValue, ModelVersion, Ownership, RegisteredModel
from tests.alerts.conftest import sql, states
from tests.makers import make_model, make_person, make_project, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db):
    return make_model()


def test_a_value_beyond_the_threshold_fires_and_one_that_is_back_clears(model, rule, arrives, look):
    rule()
    arrives(model, 0.9)
    assert look() == []
    arrives(model, 0.7)
    assert look() == ["fired"]
    arrives(model, 0.6)
    assert look() == []
    arrives(model, 0.85)
    assert look() == ["cleared"]
    assert states() == ["ok"]


def test_the_event_tells_the_value_and_the_conditions(model, rule, arrives, look):
    rule()
    arrives(model, 0.71)
    look()
    event = Event.objects.get()
    assert event.value == 0.71
    assert event.words == "F1 is 0.71 on fraud-eval, test; the rule says below 0.8"
    assert event.version == model.versions.get()


def test_what_stood_there_before_the_rule_counts(model, rule, arrives, look):
    arrives(model, 0.7)
    assert look() == []
    rule()
    assert look() == ["fired"]


def test_between_threshold_and_where_it_clears_nothing_moves(model, rule, arrives, look):
    rule(clear_at=0.85)
    arrives(model, 0.79)
    assert look() == ["fired"]
    for value in (0.81, 0.79, 0.84, 0.8):
        arrives(model, value)
        assert look() == []
    arrives(model, 0.85)
    assert look() == ["cleared"]
    arrives(model, 0.81)
    assert look() == []


def test_above_is_the_mirror_image(model, rule, arrives, look):
    rule(op="above", threshold=0.2, clear_at=0.1)
    arrives(model, 0.2)
    assert look() == []
    arrives(model, 0.3)
    assert look() == ["fired"]
    arrives(model, 0.15)
    assert look() == []
    arrives(model, 0.1)
    assert look() == ["cleared"]


def test_several_values_in_a_row(model, rule, arrives, look):
    rule(in_a_row=3)
    arrives(model, 0.7, 0.7)
    assert look() == []
    arrives(model, 0.9, 0.7, 0.7)
    assert look() == []
    arrives(model, 0.7)
    assert look() == ["fired"]


def test_several_days_in_a_row_count_the_last_value_of_each(model, rule, arrives, look):
    rule(op="above", threshold=0.2, in_a_row=3, row_of="days")
    arrives(model, *[0.3] * 5, day=1)
    arrives(model, 0.1, 0.3, day=2)
    assert look() == []
    arrives(model, 0.1, day=3)
    assert look() == []
    for day, expected in ((4, []), (5, []), (6, ["fired"])):
        arrives(model, 0.25, day=day)
        assert look() == expected


def test_a_late_value_of_an_older_day_moves_nothing(model, rule, arrives, look):
    rule()
    arrives(model, 0.9, day=10)
    arrives(model, 0.1, day=1)
    assert look() == []


def test_values_under_different_conditions_are_never_one_row(model, rule, arrives, look):
    rule(in_a_row=2)
    arrives(model, 0.7, dataset="one")
    arrives(model, 0.7, dataset="two")
    arrives(model, 0.7, dataset="one", slice="women")
    arrives(model, 0.7, dataset="one", split="validation")
    assert look() == []
    arrives(model, 0.7, dataset="two")
    assert look() == ["fired"]


def test_a_rule_on_one_data_set_split_and_slice_looks_at_no_other(model, rule, arrives, look):
    arrives(model, 0.9, dataset="other")
    data = MetricValue.objects.get().evaluation.dataset
    rule(dataset=data, split="test", slice="women")
    arrives(model, 0.1, dataset="fraud-eval", slice="women")
    arrives(model, 0.1, dataset="other", split="validation", slice="women")
    arrives(model, 0.1, dataset="other")
    assert look() == []
    arrives(model, 0.1, dataset="other", slice="women")
    assert look() == ["fired"]


def test_several_conditions_are_one_alert_that_clears_with_the_last(model, rule, arrives, look):
    rule(clear_at=0.85)
    arrives(model, 0.7, dataset="one")
    arrives(model, 0.6, dataset="two")
    arrives(model, 0.82, dataset="three")
    assert look() == ["fired"]
    assert Event.objects.get().value == 0.6
    arrives(model, 0.9, dataset="two")
    assert look() == []
    assert Alert.objects.get().parts == ["one, test"]
    arrives(model, 0.9, dataset="one")
    assert look() == ["cleared"]


@pytest.mark.parametrize(
    ("versions", "expected"), [("leading", {"2"}), ("production", {"2"}), ("every", {"1", "2", "3"})]
)
def test_which_versions_are_looked_at(model, rule, arrives, look, versions, expected):
    one = model.versions.get()
    two = ModelVersion.objects.create(model=model, label="2", position=2, stage="production")
    three = ModelVersion.objects.create(model=model, label="3", position=3)
    for version in (one, two, three):
        arrives(version, 0.5)
    rule(versions=versions)
    look()
    assert {alert.version.label for alert in Alert.objects.all()} == expected


def test_another_leading_version_clears_what_the_one_before_did(model, rule, arrives, look):
    rule()
    arrives(model, 0.5)
    assert look() == ["fired"]
    ModelVersion.objects.create(model=model, label="2", position=2)
    assert look() == ["cleared"]
    assert Event.objects.latest("pk").words == "No longer watched by this rule"


# ── scopes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_about_the_models_in_its_scope(rule, arrives, look):
    team = make_team()
    mine, owned, other = make_model(make_project(team=team)), make_model(), make_model()
    Ownership.objects.create(model=owned, kind="owner", team=team)
    Ownership.objects.create(model=other, kind="contact", team=team)
    for model in (mine, owned, other):
        arrives(model, 0.5)
    for scope, expected in (
        ({}, {mine, owned, other}),
        ({"project": mine.project}, {mine}),
        ({"team": team}, {mine, owned}),
        ({"model": other}, {other}),
    ):
        made = rule(**scope)
        look()
        assert {alert.model for alert in made.alerts.all()} == expected
        made.delete()


def test_a_model_that_leaves_the_scope_or_is_archived_is_cleared(model, rule, arrives, look):
    project, elsewhere = model.project, make_project()
    rule(project=project)
    arrives(model, 0.5)
    assert look() == ["fired"]
    RegisteredModel.objects.filter(pk=model.pk).update(project=elsewhere)
    assert look() == ["cleared"]
    RegisteredModel.objects.filter(pk=model.pk).update(project=project)
    assert look() == ["fired"]
    RegisteredModel.objects.filter(pk=model.pk).update(status="archived")
    assert look() == ["cleared"]


def test_a_project_that_changes_its_team_is_looked_at(model, rule, arrives, look):
    team = make_team()
    rule(team=team)
    arrives(model, 0.5)
    assert look() == []
    sql("UPDATE catalog_project SET team_id = %s", team.pk)
    assert look() == ["fired"]
    sql("UPDATE catalog_project SET description = 'x'")
    assert not Touched.objects.exists()


def test_a_rule_that_is_turned_off_or_narrowed_clears(model, rule, arrives, look):
    made = rule()
    arrives(model, 0.5)
    assert look() == ["fired"]
    sql("UPDATE alerts_rule SET is_enabled = false")
    assert look() == ["cleared"]
    sql("UPDATE alerts_rule SET is_enabled = true")
    assert look() == ["fired"]
    Rule.objects.filter(pk=made.pk).update(project=make_project())
    assert look() == ["cleared"]


# ── staleness, metadata ───────────────────────────────────────────────────────────────────────────


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


# ── drift ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def drifts(model):
    """`drifts("amount", 0.3, day=2)`: how far a feature had moved at some moment of a day."""
    from catalog.models import DriftPoint
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


# ── silences ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", ["rule", "model", "project"])
def test_a_silence_of_anything_holds_and_ends(model, rule, arrives, look, what):
    made = rule()
    things = {"rule": made, "model": model, "project": model.project}
    silence = Silence.objects.create(
        reason="known", until=timezone.now() + timedelta(hours=1), **{what: things[what]}
    )
    arrives(model, 0.5)
    assert look() == ["fired"]
    assert states() == ["silenced"]
    assert Event.objects.get().was_silenced
    assert Alert.objects.get().told == ""
    Silence.objects.filter(pk=silence.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert look() == []
    assert states() == ["firing"]
    assert Alert.objects.get().told == "fired"


def test_a_silence_put_on_what_fires_shows_at_once_and_can_be_ended(model, rule, arrives, look):
    made = rule()
    arrives(model, 0.5)
    look()
    silence = Silence.objects.create(rule=made, reason="x", until=timezone.now() + timedelta(hours=1))
    look()
    assert states() == ["silenced"]
    Silence.objects.filter(pk=silence.pk).update(ended_at=timezone.now())
    look()
    assert states() == ["firing"]


# ── storms, crashes, side by side ─────────────────────────────────────────────────────────────────


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
    from catalog.models import Evaluation

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


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_fire_once(rule, arrives):
    """Values come in while four threads look without a pause."""
    rule(clear_at=0.85)
    models = [make_model() for _ in range(4)]
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.is_set():
                touched.step()
            touched.drain_all()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for value in [0.9] * 3 + [0.7, 0.82, 0.75, 0.81] * 6 + [0.9] * 3:
        for model in models:
            arrives(model, value)
    stop.set()
    for worker in workers:
        worker.join(30)
    touched.drain_all()
    assert not errors
    for model in models:
        kinds = list(Event.objects.filter(model=model).order_by("pk").values_list("kind", flat=True))
        assert kinds in (["fired", "cleared"], [])
    assert any(Event.objects.filter(model=model).exists() for model in models)
    assert not Touched.objects.exists()
    assert set(states()) <= {"ok"}


@pytest.mark.django_db(transaction=True)
def test_the_last_state_is_right_when_looks_and_values_race(rule, arrives):
    rule()
    model = make_model()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            touched.step()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(15):
        arrives(model, 0.9)
        arrives(model, 0.5)
    stop.set()
    for worker in workers:
        worker.join(30)
    touched.drain_all()
    assert states() == ["firing"]
    events = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert events == ["fired", "cleared"] * (len(events) // 2) + ["fired"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_looked_first_never_writes_over_one_that_saw_more(rule, arrives, monkeypatch):
    """The first worker is held up between reading and writing, while a newer value arrives and another one looks."""
    rule()
    model = make_model()
    touched.drain_all()
    arrives(model, 0.5)
    reading, go = threading.Event(), threading.Event()
    judge = evaluation.judge

    def slowly(*given):
        if threading.current_thread().name == "slow":
            reading.set()
            go.wait(20)
        return judge(*given)

    def work() -> None:
        touched.drain_all()
        connection.close()

    monkeypatch.setattr(evaluation, "judge", slowly)
    slow = threading.Thread(target=work, name="slow")
    slow.start()
    assert reading.wait(20)
    arrives(model, 0.9)
    quick = threading.Thread(target=work, name="quick")
    quick.start()
    quick.join(1)
    go.set()
    slow.join(20)
    quick.join(20)
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["fired", "cleared"]
    assert states() == ["ok"]
