"""Words of data sets and metrics, mapped by the vocabulary's tables; new ones are kept, not lost."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from core.errors import Invalid
from core.text import clean, slug_of
from core.validation import validate_row
from vocabulary.folding import fold
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    MetricAlias,
    Source,
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A number in its metric's own unit, and the conditions its words imply.

    Without a metric, the words are no measurement: `parameter` is the name to keep the number under.
    """

    metric: Metric | None
    value: float
    split: str = ""
    slice: str = ""
    parameter: str = ""
    factor: float = 1.0  # from the number as stated to `value`


def datasets_named(names: Iterable[str], *, field: str) -> dict[str, Dataset | None]:
    """The data set each name stands for, by any of its aliases; unknown ones are made. None for words that the
    vocabulary says name none.

    Two queries when all are known, at most four and one for each new one; two people naming the same new one at
    once get one.

    Raises:
        Invalid: a name is empty or too long.
    """
    folds = {}
    for name in names:
        folds[name] = fold(name)
        if not folds[name] or len(name) > 300:
            raise Invalid("A data set needs a name of at most 300 characters.", field=field)
    if not folds:
        return {}
    known = _datasets(set(folds.values()))
    missing = {folded: " ".join(clean(name).split()) for name, folded in folds.items() if folded not in known}
    for folded, name in missing.items():
        dataset, is_new = Dataset.objects.get_or_create(name=name, defaults={"slug": _free_slug(name)})
        if is_new:
            # The folded words are unique: who names the same new one at the same moment waits here.
            DatasetAlias.objects.bulk_create(
                [DatasetAlias(dataset=dataset, words=name, folded=folded)], ignore_conflicts=True
            )
    if missing:
        known = _datasets(set(folds.values()))
    return {name: known[folded] for name, folded in folds.items()}


def _datasets(folds: set[str]) -> dict[str, Dataset | None]:
    """By aliases first, then by names (which may have no alias row of their own)."""
    aliases = DatasetAlias.objects.filter(folded__in=folds).select_related("dataset")
    found = {row.folded: row.dataset for row in aliases}
    if missing := folds - set(found):
        ids = {fold(name): pk for pk, name in Dataset.objects.values_list("pk", "name")}
        rows = Dataset.objects.in_bulk([ids[folded] for folded in missing if folded in ids])
        found |= {folded: rows[ids[folded]] for folded in missing if ids.get(folded) in rows}
    return found


def _free_slug(name: str) -> str:
    base = slug_of(name, longest=150)
    taken = set(
        Dataset.objects.filter(Q(slug=base) | Q(slug__startswith=f"{base}-")).values_list("slug", flat=True)
    )
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


class MetricWords:
    """Maps metric words, read in bulk: two queries for all the words of a batch, more only for new metrics."""

    def __init__(self, words: Iterable[str]) -> None:
        self.folds = {word: fold(word) for word in words}
        wanted = set(self.folds.values())
        self.aliases: dict[str, list[MetricAlias]] = {}
        for alias in MetricAlias.objects.filter(folded__in=wanted).select_related("metric"):
            self.aliases.setdefault(alias.folded, []).append(alias)
        self.named = {}
        for metric in Metric.objects.only("pk", "name", "unit", "minimum", "maximum"):
            if (folded := fold(metric.name)) in wanted:
                self.named[folded] = metric

    def map(self, words: str, value: float, *, unit: str, source: Source | None, field: str) -> Mapped:
        """The number in the metric's own unit.

        Raises:
            Invalid: not a finite number, out of the metric's range, or in a unit that is not known for it.
        """
        if not math.isfinite(value):
            raise Invalid(f"“{words[:80]}” must be a finite number.", field=field)
        folded = self.folds[words]
        if not folded or len(words) > 200:
            raise Invalid("A metric needs a name of at most 200 characters.", field=field)
        found = self._alias(folded, unit, source)
        if found is None:
            metric = self._metric(words, folded, unit)
            if not _same_unit(unit, metric.unit):
                raise _unit(metric, [metric.unit], unit, field)
            return Mapped(metric, _in_range(metric, value, value, field))
        if found.metric is None:
            return Mapped(None, value, parameter=found.parameter)
        # An entry for a source, or for this unit, knows the factor; a general one only serves the metric's own unit.
        knows = found.source_id is not None or _same_unit(unit, found.unit)
        if not knows and not _same_unit(unit, found.metric.unit):
            raise _unit(
                found.metric, [found.metric.unit, *(a.unit for a in self.aliases[folded])], unit, field
            )
        factor = found.factor if knows else 1.0
        canonical = scaled(value, factor)
        if not math.isfinite(canonical):
            raise Invalid(f"“{words[:80]}” must be a finite number.", field=field)
        canonical = _in_range(found.metric, canonical, value, field)
        return Mapped(found.metric, canonical, found.split, found.slice, factor=factor)

    def _alias(self, folded: str, unit: str, source: Source | None) -> MetricAlias | None:
        """The closest entry: for this source and unit, for this source, for any and this unit, for any."""
        candidates = {(alias.source_id, fold(alias.unit)): alias for alias in self.aliases.get(folded, ())}
        source_id, unit_key = source.pk if source else None, fold(unit)
        for key in ((source_id, unit_key), (source_id, ""), (None, unit_key), (None, "")):
            if key in candidates:
                return candidates[key]
        own = [alias for (of, _), alias in candidates.items() if of in (None, source_id)]
        # Words known only with a unit: what is said without one is taken to be in the metric's own.
        fitting = [
            alias for alias in own if alias.metric is None or _same_unit(alias.unit, alias.metric.unit)
        ]
        return next(iter(fitting or own), None)

    def _metric(self, words: str, folded: str, unit: str) -> Metric:
        if folded not in self.named:
            name = " ".join(clean(words).split())
            base = slug_of(name, longest=110)
            slug = base
            number = 1
            while Metric.objects.filter(slug=slug).exclude(name=name).exists():
                number += 1
                slug = f"{base}-{number}"
            made = validate_row(Metric(name=name, slug=slug, unit=unit, direction=Metric.Direction.NONE))
            metric, _ = Metric.objects.get_or_create(
                name=made.name, defaults={"slug": made.slug, "unit": made.unit, "direction": made.direction}
            )
            MetricAlias.objects.get_or_create(
                folded=folded, source=None, unit="", defaults={"metric": metric, "words": name}
            )
            self.named[folded] = metric
        return self.named[folded]


def _same_unit(one: str, other: str) -> bool:
    """Whether a number stated in unit `one`, or in none, is one in `other`."""
    return not one or fold(one) == fold(other)


def scaled(value: float, factor: float) -> float:
    """`value` times `factor` without the noise of binary fractions: 0.765 × 100 is 76.5."""
    return value if factor == 1.0 else float(f"{value * factor:.12g}")


def _in_range(metric: Metric, value: float, stated: float, field: str) -> float:
    low, high = metric.minimum, metric.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        limits = (
            f"from {low:g}"
            if high is None
            else f"up to {high:g}"
            if low is None
            else f"from {low:g} to {high:g}"
        )
        unit = f" {metric.unit}" if metric.unit else ""
        shown = "" if value == stated else f" (that is {value:g}{unit})"
        raise Invalid(f"{metric.name} goes {limits}{unit}; {stated:g}{shown} was given.", field=field)
    return value


def _unit(metric: Metric, known: Sequence[str], unit: str, field: str) -> Invalid:
    listed = ", ".join(f"“{name}”" for name in dict.fromkeys(known) if name) or "no unit"
    return Invalid(
        f"The unit “{unit[:40]}” is not known for {metric.name}. Known: {listed}.", field=f"{field}.unit"
    )
