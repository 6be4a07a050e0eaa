"""What rules compare: one class a kind, each giving numbers. A new kind is a class and a line here."""

from collections.abc import Mapping

from alerts.quantities.base import Pair, Quantity, Reading, Subject, comparison, number, with_unit
from alerts.quantities.drift import DriftQuantity
from alerts.quantities.metadata import MetadataQuantity
from alerts.quantities.metrics import MetricQuantity
from alerts.quantities.staleness import StalenessQuantity

QUANTITIES: Mapping[str, Quantity] = {
    "metric": MetricQuantity(),
    "drift": DriftQuantity(),
    "staleness": StalenessQuantity(),
    "metadata": MetadataQuantity(),
}

__all__ = [
    "QUANTITIES",
    "Pair",
    "Quantity",
    "Reading",
    "Subject",
    "comparison",
    "number",
    "with_unit",
]
