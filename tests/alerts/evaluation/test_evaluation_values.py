"""Values against a threshold: a rule fires once and clears once, whatever arrives."""

import pytest

from alerts.models import Alert, Event
from evaluations.models import MetricValue
from tests.alerts.conftest import states

pytestmark = pytest.mark.django_db


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
