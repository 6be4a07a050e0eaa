"""Conditions in words, for the chips of the page."""

from datetime import date

from core.formatting import short
from search.query import (
    NUMBER_RANGES,
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    Filter,
    MetricKey,
    MetricRange,
    Not,
    Phrase,
    Range,
    Words,
)
from search.query.lexicon import Lexicon

FIELDS = {**{name: label.lower() for name, label in NUMBER_RANGES.items()}, "created": "added"}


def in_words(part: Condition, known: Lexicon) -> str:
    """`license: MIT`, `not license: MIT`, `parameters < 50 M`, `Top-1 accuracy on ImageNet-1k ≥ 85 %`."""
    match part:
        case Filter(facet, values):
            label = known.facets.get(facet, facet).lower()
            if values == ("*",):
                return f"any {label}"
            return f"{label}: {', '.join(value_label(known, facet, value) for value in values[:3])}" + (
                f" and {len(values) - 3} more" if len(values) > 3 else ""
            )
        case Range():
            billion = "B" if part.field == "parameters" else "G"
            return _between(FIELDS.get(part.field, part.field), part, "", billion)
        case MetricRange():
            metric = known.metric_info(part.key.metric)
            unit = f" {metric.unit}" if metric and metric.unit not in ("", "ratio") else ""
            return _between(metric_label(known, part.key), part, unit)
        case Attribute():
            if part.value is None:
                return _between(part.slug, part, "")
            return f"{part.slug}: {_shown(part.value)}"
        case Phrase(text):
            return f"“{text}”"
        case Words(text, in_name):
            return f"named {text}" if in_name else text
        case Not(inner):
            return f"not {_grouped(inner, known)}"
        case AllOf(parts):
            return " and ".join(_grouped(one, known) for one in parts)
        case AnyOf(parts):
            # An architecture is also told by short forms in names; the first of the ways says what is meant.
            match parts[0]:
                case Filter("architecture") if all(
                    isinstance(one, Words) and one.in_name for one in parts[1:]
                ):
                    return in_words(parts[0], known)
            return " or ".join(_grouped(one, known) for one in parts)


def _grouped(part: Condition, known: Lexicon) -> str:
    words = in_words(part, known)
    return f"({words})" if isinstance(part, AllOf | AnyOf) else words


def value_label(known: Lexicon, facet: str, value: str) -> str:
    """What a value of the vocabulary is called; other values as they were written."""
    return known.label(facet, value)


def metric_label(known: Lexicon, key: MetricKey) -> str:
    metric = known.metric_info(key.metric)
    name = metric.name if metric else key.metric
    return f"{name} on {known.label('dataset', key.dataset)}" if key.dataset else name


def _between(name: str, ends: Range | MetricRange | Attribute, unit: str, billion: str = "B") -> str:
    low, high = ends.minimum, ends.maximum
    if low is not None and low == high:
        return f"{name} = {_shown(low, billion)}{unit}"
    if low is not None and high is not None:
        return f"{name} {_shown(low, billion)} to {_shown(high, billion)}{unit}"
    if low is not None:
        return f"{name} {'>' if ends.above else '≥'} {_shown(low, billion)}{unit}"
    return f"{name} {'<' if ends.below else '≤'} {_shown(high, billion)}{unit}"


def _shown(value: object, billion: str = "B") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return short(value, billion) if isinstance(value, float) else str(value)
