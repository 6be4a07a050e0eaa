"""What stands in the cells of wide tables, as HTML. Python writes it, for a comparison has thousands of them."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from catalog.selectors.facts import FactValue
from core.formatting import measured
from evaluations.selectors.compare_page import Cell, Row
from evaluations.selectors.comparison import MetricRow, NotComparable
from vocabulary.models import Metric

NOT_STATED = "not stated"
MISSING = '<span class="soft">—<span class="visually-hidden">not measured</span></span>'
SEVERAL = '<span class="soft" title="Several numbers under the same stated conditions">{} values</span>'
ASSUMED = (
    ' <span title="The source does not state the split; this is the data set’s usual one">(assumed)</span>'
)
BEST = ' class="best"', '<span class="visually-hidden"> best</span>'
WORST = ' class="worst"', '<span class="visually-hidden"> worst</span>'
TO_THE_BASE = {
    None: ("", ""),
    True: (" good", '<span class="visually-hidden">, better than the base line</span>'),
    False: (" bad", '<span class="visually-hidden">, worse than the base line</span>'),
}


def words(values: Iterable[FactValue]) -> SafeString:
    """The words of a fact, with commas."""
    links = (
        f'<a href="{escape(value.url)}">{escape(value.text)}</a>' if value.url else escape(value.text)
        for value in values
    )
    return mark_safe(", ".join(links))  # nosec B308 B703 - what is not ours is escaped


def conditions(row: MetricRow) -> SafeString:
    """What a row of numbers was measured on, in one line."""
    split = escape(row.conditions.split)
    if split and row.split_is_assumed:
        split += ASSUMED
    parts = (escape(row.dataset), split, escape(row.conditions.slice))
    return mark_safe(" · ".join(part for part in parts if part))  # nosec B308 B703 - what is not ours is escaped


def numbers(row: Row) -> SafeString:
    """The cells of a row of numbers measured alike."""
    if row.metric is None:
        raise ValueError("this is no row of numbers")
    unit, digits = row.metric.metric.unit, row.metric.metric.precision
    cells = "".join(f'<td class="num">{_number(cell, unit, digits)}</td>' for cell in row.cells)
    return mark_safe(cells)  # nosec B308 B703 - what is not ours is escaped


def _number(cell: Cell, unit: str, digits: int) -> str:
    number = cell.number
    if number is None:
        return MISSING
    if number.is_ambiguous:
        return SEVERAL.format(len(number.stated))
    mark, said = BEST if cell.is_best else WORST if cell.is_worst else ("", "")
    text = f"<span{mark}>{escape(measured(number.value, unit, digits))}{said}</span>"
    if interval := number.interval:
        about = f' title="{escape(interval.about)}"' if interval.about else ""
        low, high = measured(interval.low, digits=digits), measured(interval.high, digits=digits)
        text += f'<small class="interval"{about}>{low} to {high}</small>'
    if cell.change is not None:
        mark, said = TO_THE_BASE[cell.is_gain]
        sign = "+" if cell.change > 0 else ""
        text += f'<small class="change{mark}">{sign}{measured(cell.change, digits=digits)}{said}</small>'
    return text


def stated(values: Iterable[float], metric: Metric) -> str:
    """All numbers that a source states under the same conditions, as text."""
    return " or ".join(measured(value, metric.unit, metric.precision) for value in values)


def close_numbers(entry: NotComparable) -> SafeString:
    """A line of a table for each number that is not alike: the model, split, slice and number."""
    lines = (
        f'<tr><th scope="row">{escape(entry.names[place])}</th><td>{escape(where.split or NOT_STATED)}</td>'
        f"<td>{escape(where.slice or NOT_STATED)}</td>"
        f'<td class="num">{escape(stated(number.stated, entry.metric))}</td></tr>'
        for place, where, number in entry.measurements
    )
    return mark_safe("".join(lines))  # nosec B308 B703 - what is not ours is escaped
