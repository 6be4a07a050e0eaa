"""The numbers in documents: rows of plain values, the most important where they are too many."""

import json
from importlib import import_module

from django.db import connection

from search.documents import builder, numbers
from search.indexing import outbox
from search.models import SearchDocument
from tests.search.conftest import measure
from vocabulary.models import Metric


def rows(made):
    """By column."""
    found = builder.build([made.pk])[made.pk]["metrics"]
    return [dict(zip(numbers.COLUMNS, row, strict=True)) for row in found]


def test_a_row_tells_of_one_metric_under_the_same_conditions(model):
    made = model()
    measure(made, "acc", 81, dataset="imagenet", slice="easy")
    assert rows(made) == [
        {
            "metric": "acc",
            "dataset": "imagenet",
            "split": "test",
            "slice": "easy",
            "best": 81.0,
            "latest": 81.0,
            "version": "1",
        }
    ]


def test_what_is_cut_is_the_least_important(model, monkeypatch):
    monkeypatch.setattr(numbers, "MOST", 3)
    made = model()
    measure(made, "minor", 1, dataset="a")
    for slice in ("", "easy", "hard"):
        measure(made, "major", 2, dataset="b", slice=slice)
    measure(made, "major", 2, dataset="a")
    Metric.objects.filter(slug="major").update(importance=90)
    Metric.objects.filter(slug="minor").update(importance=10)
    kept = [(row["metric"], row["dataset"], row["slice"]) for row in rows(made)]
    assert kept == [("major", "a", ""), ("major", "b", ""), ("major", "b", "easy")]
    assert builder.build([made.pk])[made.pk]["hit"]["measurements_left_out"] == 2


def test_rows_written_with_names_become_rows_without(model):
    made = model()
    measure(made, "acc", 81, dataset="imagenet")
    measure(made, "loss", 0.5, direction="lower")
    bare = model("bare")
    outbox.drain_all()
    is_now = {pk: SearchDocument.objects.get(pk=pk).body["metrics"] for pk in (made.pk, bare.pk)}
    assert len(is_now[made.pk]) == 2
    was = [
        dict(zip(numbers.COLUMNS, row, strict=True)) | {"name": "A", "values": 1} for row in is_now[made.pk]
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_searchdocument SET body = jsonb_set(body, '{metrics}', %s) WHERE model_id = %s",
            [json.dumps(was), made.pk],
        )
        cursor.execute(import_module("search.migrations.0006_rows_of_numbers").ROWS)
    assert SearchDocument.objects.get(pk=made.pk).body["metrics"] == is_now[made.pk]
    assert SearchDocument.objects.get(pk=bare.pk).body["metrics"] == []
