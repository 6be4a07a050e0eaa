"""Template tags for numbers that stand side by side. Python writes the cells, in `evaluations.cells`."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from catalog.selectors.facts import FactValue
from evaluations import cells
from evaluations.selectors.compare_page import Row
from evaluations.selectors.comparison import MetricRow, NotComparable
from vocabulary.models import Metric

register = template.Library()


@register.simple_tag
def numbers(row: Row) -> SafeString:
    """The cells of a comparison's row of numbers."""
    return cells.numbers(row)


@register.simple_tag
def fact_words(values: Iterable[FactValue]) -> SafeString:
    """The words of a fact, with commas."""
    return cells.words(values)


@register.simple_tag
def close_numbers(entry: NotComparable) -> SafeString:
    """A line of a table for each number that is not alike."""
    return cells.close_numbers(entry)


@register.simple_tag
def conditions(row: MetricRow) -> SafeString:
    """What a row of numbers was measured on, in one line."""
    return cells.conditions(row)


@register.simple_tag
def stated(values: Iterable[float], metric: Metric) -> str:
    """All numbers that a source states under the same conditions: 81.2 % or 82.0 %."""
    return cells.stated(values, metric)
