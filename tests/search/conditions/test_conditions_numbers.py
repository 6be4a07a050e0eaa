"""Conditions on numbers, days and metrics: which ends count, and what is not recorded."""

from datetime import UTC, datetime

import pytest

from catalog.models import ModelVersion, RegisteredModel
from tests.search.conditions.conftest import BARE, BERT, RESNET, WHISPER, check
from tests.search.conftest import measure


def test_numbers_and_what_is_not_recorded(finds, shelf):
    check(
        finds,
        {
            "params<25M": {BERT},
            "params<=25M": {BERT, RESNET},
            "params>25M": {WHISPER},
            "params>=25M": {RESNET, WHISPER},
            "params=4M": {BERT},
            "params!=4M": {RESNET, WHISPER, BARE},
            "-params<25M": {RESNET, WHISPER, BARE},
            "params:4M..25M": {BERT, RESNET},
            "params:..4M": {BERT},
            "size>=3GB": {WHISPER},
            "flops<5G": {RESNET},
            "rating>=4.5": {RESNET},
            "rating<3": {BERT},
            "followers>=1": {RESNET},
            "followers<1": {WHISPER, BERT, BARE},
        },
    )


def test_days_of_release(finds, shelf):
    check(
        finds,
        {
            "released:2023": {WHISPER},
            "released:2024": {RESNET, BERT},
            "released>2023": {RESNET, BERT},
            "released<2024": {WHISPER},
            "released<=2024-01": {WHISPER, BERT},
            "released>2024-06": set(),
            "released>=2024-06": {RESNET},
            "released!=2024": {WHISPER, BARE},
            "released:2023-12-31..2024-01-01": {WHISPER, BERT},
        },
    )


@pytest.mark.parametrize("field", ["created", "updated"])
def test_a_day_lasts_from_its_first_to_its_last_moment(finds, model, field):
    moments = {
        "before": datetime(2024, 6, 29, 23, 59, 59, 999_000, UTC),
        "first": datetime(2024, 6, 30, tzinfo=UTC),
        "last": datetime(2024, 6, 30, 23, 59, 59, 999_000, UTC),
        "after": datetime(2024, 7, 1, tzinfo=UTC),
    }
    for name, moment in moments.items():
        made = model(name)
        RegisteredModel.objects.filter(pk=made.pk).update(created_at=moment, updated_at=moment)
        ModelVersion.objects.filter(model=made).update(updated_at=moment)
    check(
        finds,
        {
            f"{field}:2024-06-30": {"first", "last"},
            f"{field}>2024-06-30": {"after"},
            f"{field}>=2024-06-30": {"first", "last", "after"},
            f"{field}<2024-06-30": {"before"},
            f"{field}<=2024-06-30": {"before", "first", "last"},
            f"{field}!=2024-06-30": {"before", "after"},
            f"{field}>2024-06": {"after"},
            f"{field}:2024-06": {"before", "first", "last"},
        },
    )


def test_metrics_on_a_data_set_and_on_any(finds, shelf):
    check(
        finds,
        {
            "accuracy>80": {RESNET, BERT},
            "accuracy@imagenet>80": {RESNET},
            "accuracy@imagenet>=80.4": {RESNET},
            "accuracy@imagenet>80.4": set(),
            "accuracy@imagenet<80.4": set(),
            "accuracy@imagenet=80.4": {RESNET},
            "accuracy@imagenet!=80.4": {WHISPER, BERT, BARE},
            "accuracy@glue>80": {BERT},
            "-accuracy>85": {RESNET, WHISPER, BARE},
            "wer<5": {WHISPER},
            "wer@librispeech>5": {RESNET},
            "wer@imagenet<100": set(),
            "invented>0": set(),
            "accuracy@invented>0": set(),
        },
    )


@pytest.mark.parametrize(
    ("direction", "found"),
    [("higher", {">=90": True, "<=10": False}), ("lower", {">=90": False, "<=10": True})],
)
def test_of_several_versions_the_better_value_counts(finds, model, direction, found):
    made = model("m")
    measure(made, "score", 90, dataset="d", direction=direction)
    ModelVersion.objects.create(model=made, label="2", position=2)
    measure(made, "score", 10, dataset="d")
    assert made.versions.filter(evaluations__isnull=False).count() == 2
    for condition, is_there in found.items():
        assert bool(finds(f"score@d{condition}")) is is_there, condition


def test_each_slice_counts_by_itself(finds, model):
    made = model("m")
    measure(made, "score", 50, dataset="d")
    measure(made, "score", 90, dataset="d", slice="easy")
    assert finds("score@d>80") == finds("score@d<60") == ["m"]


def test_a_metric_of_an_archived_version_does_not_count(finds, model):
    made = model("m")
    measure(made, "score", 90, dataset="d")
    ModelVersion.objects.filter(model=made).update(stage="archived")
    check(finds, {"score>0": set(), "score@d>0": set(), "-score>0": {"m"}})
