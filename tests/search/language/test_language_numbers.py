"""Numbers, dates and metrics: compared as people write them."""

from datetime import date

import pytest

from search.query import AnyOf, MetricKey, MetricRange, Not, Range, read_number, write_number
from search.query.values import read_signed
from tests.search.language.conftest import ON_IMAGENET, TOP1, said

# ── numbers and dates ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("params<50M", Range("parameters", None, 50e6, below=True)),
        ("parameters<=50M", Range("parameters", None, 50e6)),
        ("params > 1.5B", Range("parameters", 1.5e9, None, above=True)),
        ("params>=1.5b", Range("parameters", 1.5e9)),
        ("params=25_000_000", Range("parameters", 25e6, 25e6)),
        ("params:25,000,000", Range("parameters", 25e6, 25e6)),
        ("params!=50M", Not(Range("parameters", 50e6, 50e6))),
        ("params:10M..50M", Range("parameters", 10e6, 50e6)),
        ("params:10M..", Range("parameters", 10e6)),
        ("params:..50M", Range("parameters", None, 50e6)),
        ("params:(1M OR 2M)", AnyOf((Range("parameters", 1e6, 1e6), Range("parameters", 2e6, 2e6)))),
        ("size<90MB", Range("size", None, 90e6, below=True)),
        ("size<1.2GB", Range("size", None, 1.2e9, below=True)),
        ("flops<=4.1G", Range("flops", None, 4.1e9)),
        ("compute<=4.1GFLOPs", Range("flops", None, 4.1e9)),
        ("rating>=4", Range("rating", 4.0)),
        ("stars:4..5", Range("rating", 4.0, 5.0)),
        ("followers>10", Range("followers", 10.0, None, above=True)),
        ('params<"50 M"', Range("parameters", None, 50e6, below=True)),
    ],
)
def test_numbers_are_compared_as_people_write_them(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("released:2024", Range("released", date(2024, 1, 1), date(2024, 12, 31))),
        ("released=2024", Range("released", date(2024, 1, 1), date(2024, 12, 31))),
        ("released!=2024", Not(Range("released", date(2024, 1, 1), date(2024, 12, 31)))),
        ("released>2024", Range("released", date(2024, 12, 31), None, above=True)),
        ("released>=2024", Range("released", date(2024, 1, 1))),
        ("released<2024", Range("released", None, date(2024, 1, 1), below=True)),
        ("released<=2024", Range("released", None, date(2024, 12, 31))),
        ("released:2024-02", Range("released", date(2024, 2, 1), date(2024, 2, 29))),
        ("released>2024-02", Range("released", date(2024, 2, 29), None, above=True)),
        ("released<=2023-02", Range("released", None, date(2023, 2, 28))),
        ("released<=2024-12", Range("released", None, date(2024, 12, 31))),
        ("released=2024-06-30", Range("released", date(2024, 6, 30), date(2024, 6, 30))),
        ("released<2024-06-30", Range("released", None, date(2024, 6, 30), below=True)),
        ("released:2023..2024-06", Range("released", date(2023, 1, 1), date(2024, 6, 30))),
        ("released:2023..", Range("released", date(2023, 1, 1))),
        ("released:..2023", Range("released", None, date(2023, 12, 31))),
        ("released<=9999-12", Range("released", None, date(9999, 12, 31))),
        ("created>=2024", Range("created", date(2024, 1, 1))),
        ("added>=2024", Range("created", date(2024, 1, 1))),
        ("updated>=2024", Range("updated", date(2024, 1, 1))),
        ("changed>=2024", Range("updated", date(2024, 1, 1))),
    ],
)
def test_a_year_or_month_is_all_of_its_days(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize("hundredths", [115, 201, 229, 435, 819, 1005, 2556])
@pytest.mark.parametrize("unit", ["k", "M", "B"])
def test_a_number_with_a_unit_is_the_whole_number_it_says(hundredths, unit):
    factor = {"k": 10, "M": 10_000, "B": 10_000_000}[unit]
    assert read_number(f"{hundredths / 100}{unit}") == hundredths * factor


@pytest.mark.parametrize("number", [1e-300, -1.5e6, -0.001, 1e24, 123456.789, 0.0])
def test_any_number_is_written_so_that_it_is_read_alike(number):
    assert read_signed(write_number(number)) == number


# ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "top1@imagenet>=85",
        "acc1@imagenet-1k >= 85",
        "Top-1-Accuracy@ImageNet-1k>=85",
        '"top-1 accuracy"@imagenet>=85',
        '"Top 1 accuracy"@"ImageNet 1k">=85%',
        "top1@imagenet>=0.85",
        'top1@imagenet>="85 %"',
    ],
)
def test_a_metric_on_a_data_set_goes_by_any_of_their_names(text):
    assert said(text) == MetricRange(ON_IMAGENET, 85.0)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("top1>85", MetricRange(TOP1, 85.0, None, above=True)),
        ("top1<=85", MetricRange(TOP1, None, 85.0)),
        ("wer<5%", MetricRange(MetricKey("word-error-rate"), None, 5.0, below=True)),
        ("top1@imagenet=85", MetricRange(ON_IMAGENET, 85.0, 85.0)),
        ("top1@imagenet!=85", Not(MetricRange(ON_IMAGENET, 85.0, 85.0))),
        ("top1@imagenet != 85", Not(MetricRange(ON_IMAGENET, 85.0, 85.0))),
        ("loss<-3", MetricRange(MetricKey("loss"), None, -3.0, below=True)),
        ("recall@1>50", MetricRange(MetricKey("recall-at-1"), 50.0, None, above=True)),
        ("recall@1@coco>50", MetricRange(MetricKey("recall-at-1", "coco"), 50.0, None, above=True)),
        ('"recall@1"@coco>50', MetricRange(MetricKey("recall-at-1", "coco"), 50.0, None, above=True)),
        ("unheard@of>5", MetricRange(MetricKey("unheard", "of"), 5.0, None, above=True)),
        ("unheard>5", MetricRange(MetricKey("unheard"), 5.0, None, above=True)),
    ],
)
def test_metrics_are_compared(text, condition):
    assert said(text) == condition


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("top1>85", 85.0),
        ("top1>85%", 85.0),
        ("top1>0.85", 85.0),
        ("top1>0.5%", 0.5),
        ("top1>1%", 1.0),
        ("auc>0.85", 0.85),
        ("auc>85", 0.85),
        ("auc>85%", 0.85),
        ("auc>1", 1.0),
        ("auc>1%", 0.01),
        ("loss>0.85", 0.85),
        ("loss>85", 85.0),
        ("unheard>0.85", 0.85),
    ],
)
def test_a_share_is_said_as_85_85_percent_or_0_85(text, number):
    assert said(text).minimum == number
