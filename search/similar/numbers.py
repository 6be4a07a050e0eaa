"""The number by which similar models are compared: one that both have, measured under the same conditions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from search.documents.numbers import COLUMNS
from search.results import SameNumber

Conditions = tuple[str, str, str, str]  # metric, data set, split, slice
Rows = Mapping[Conditions, Sequence[Any]]  # the rows of a document
BEST = COLUMNS.index("best")

NUMBERS_AND_NAMES = """
WITH asked AS (
    SELECT m ->> 0 AS metric, m ->> 1 AS dataset
    FROM search_searchdocument d, jsonb_array_elements(d.body -> 'metrics') AS m WHERE d.model_id = %s
)
SELECT model_id, body -> 'metrics' FROM search_searchdocument WHERE model_id = ANY(%s)
UNION ALL
SELECT 0, jsonb_object_agg(slug, name) FROM catalog_dataset
WHERE slug = ANY(%s) OR slug IN (SELECT dataset FROM asked)
UNION ALL
SELECT -1, jsonb_object_agg(slug, jsonb_build_object(
    'metric', slug, 'name', name, 'unit', unit, 'direction', direction, 'precision', precision, 'importance', importance
)) FROM catalog_metric WHERE slug IN (SELECT metric FROM asked)
"""
OF_METRIC = ("metric", "name", "unit", "direction", "precision")


@dataclass(frozen=True, slots=True)
class Known:
    """The asked model's numbers and those of others, what its metrics are, and what data sets are called."""

    mine: Rows
    others: Mapping[int, Rows]
    metrics: Mapping[str, Mapping[str, Any]]
    datasets: Mapping[str, str]

    def order_of_conditions(self) -> list[Conditions]:
        """The conditions the asked model was measured under: of its most important metric, those most others share.

        So that numbers can be compared down the list too, as far as that goes.
        """
        shared = (key for rows in self.others.values() for key in rows if key in self.mine)
        held = Counter(key for key in shared if key[0] in self.metrics)
        return sorted(
            held, key=lambda key: (-self.metrics[key[0]]["importance"], key[3] != "", -held[key], key)
        )

    def same_number(self, other: int, order: Sequence[Conditions]) -> SameNumber | None:
        """The first of the numbers that both were measured by under the same conditions."""
        theirs = self.others.get(other, {})
        key = next((key for key in order if key in theirs), None)
        if key is None:
            return None
        metric, dataset, split, part = key
        return SameNumber(
            **{name: self.metrics[metric][name] for name in OF_METRIC},
            dataset=dataset,
            dataset_name=self.datasets.get(dataset, ""),
            split=split,
            slice=part,
            value=theirs[key][BEST],
            asked=self.mine[key][BEST],
        )


def read(asked: int, others: Sequence[int], datasets: Sequence[str]) -> Known:
    """The numbers of these models, what the asked one's are called, and these data sets. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS_AND_NAMES, [asked, [asked, *others], list(datasets)])
        found = {key: orjson.loads(value) if value else None for key, value in cursor.fetchall()}
    named, metrics = found.pop(0, None) or {}, found.pop(-1, None) or {}
    rows = {key: _by_conditions(value or []) for key, value in found.items()}
    return Known(rows.pop(asked, {}), rows, metrics, named)


def _by_conditions(rows: Iterable[Sequence[Any]]) -> Rows:
    return {(row[0], row[1], row[2], row[3]): row for row in rows}
