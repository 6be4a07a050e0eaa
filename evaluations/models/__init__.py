"""Tables of what was measured. Import them from here."""

from .evaluation import Evaluation, MetricValue
from .statistics import DriftPoint, Series, SeriesPoint, Statistic

__all__ = ["DriftPoint", "Evaluation", "MetricValue", "Series", "SeriesPoint", "Statistic"]
