"""The one resolver: what names of metrics, datasets and terms stand for, and which numbers a metric can hold.

Forms, API, importers and the demo ask it, so the same input means the same everywhere. The rules:

| given | becomes |
|---|---|
| a metric's name or alias | that metric; the closest alias wins: this source and unit, this source, this unit, any |
| an unknown metric | a new metric in the stated unit, without a better direction, of low importance |
| words that measure nothing (`Iter`) | a parameter of the version |
| a number in a known unit | the number in the metric's own unit (0.765 as a fraction is 76.5 %) |
| a name that means several metrics, without a unit that tells | refused, with the metrics |
| a number in an unknown unit | refused, with the units that are known |
| the same number under the same conditions twice | both are kept, numbered; neither silently wins |
| a number outside the metric's range, NaN, infinity | refused |
| a dataset's name or alias | that dataset; an unknown name becomes a new dataset; "n/a" and the like stand for none |
| a term's slug, name or alias | that term, or several where the words mean several; "n/a" and the like stand for none |
| an unknown term | refused: a controlled vocabulary grows only by its editors |

Refused means: not written, and reported with its place and reason. A form or a request that may write one thing is
refused whole; of a batch only the refused part is left out. The source's own words are kept beside what they stand for.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from core.errors import Invalid
from core.text import clean, free_slug, slug_of
from core.validation import validate_row
from vocabulary.folding import fold
from vocabulary.models import Dataset, DatasetAlias, Metric, MetricAlias, Source, Taxonomy, Term, TermAlias

LONGEST_METRIC = 200
LONGEST_DATASET = 300
# An unknown metric must not stand for a model before one that the vocabulary knows.
NEW_METRIC_IMPORTANCE = 20


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a metric's name stands for; without a metric, `parameter` is the name to keep the number under."""

    metric: Metric | None
    factor: float = 1.0
    split: str = ""
    slice: str = ""
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """One row of the aliases of a metric, as the resolver compares it."""

    source_id: int | None
    unit: str
    meaning: Meaning


@dataclass(slots=True)
class Resolver:
    """Names in memory: all of the vocabulary for a batch (`load`), or what a single write names (`load_for`)."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    aliases: dict[str, list[Alias]] = field(default_factory=lambda: defaultdict(list))
    datasets: dict[str, Dataset | None] = field(default_factory=dict)
    taxonomies: dict[str, Taxonomy] = field(default_factory=dict)
    terms: dict[str, dict[str, list[Term]]] = field(default_factory=dict)
    term_slugs: dict[str, dict[str, Term]] = field(default_factory=dict)
    _meanings: dict[tuple[str, str, int | None], Meaning | Invalid] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Resolver":
        """Read the whole vocabulary. Seven queries."""
        resolver = cls()
        resolver._read_metrics(None)
        resolver._read_datasets(None)
        resolver._read_terms(None)
        return resolver

    @classmethod
    def load_for(
        cls,
        *,
        metrics: Collection[str] = (),
        datasets: Collection[str] = (),
        taxonomies: Collection[str] = (),
    ) -> "Resolver":
        """Read what stands for these names of metrics and datasets, and these taxonomies by slug.

        Two queries for each kind that is asked for, three for taxonomies.
        """
        resolver = cls()
        if metrics:
            resolver._read_metrics({fold(name) for name in metrics})
        if datasets:
            resolver._read_datasets({fold(name) for name in datasets})
        if taxonomies:
            resolver._read_terms(set(taxonomies))
        return resolver

    # ── metrics ───────────────────────────────────────────────────────────────────────────────────

    def _read_metrics(self, wanted: set[str] | None) -> None:
        rows = MetricAlias.objects.select_related("metric").order_by("pk")
        for row in rows if wanted is None else rows.filter(folded__in=wanted):
            meaning = Meaning(row.metric, row.factor, row.split, row.slice, row.parameter)
            self.aliases[row.folded].append(Alias(row.source_id, fold(row.unit), meaning))
        for metric in Metric.objects.all():
            folded = fold(metric.name)
            if wanted is None or folded in wanted:
                self.metrics[folded] = metric

    def resolve_metric(self, name: str, unit: str, source: Source | None) -> Meaning:
        """What a number called `name` in `unit` from `source` is; an unknown metric is created.

        Raises:
            Invalid: no name or too long a one; the unit is not known for the metric (field `unit`).
        """
        key = (name, unit, source.pk if source else None)
        meaning = self._meanings.get(key)
        if meaning is None:
            try:
                meaning = self._find_meaning(name, unit, key[2])
            except Invalid as error:
                meaning = error
            self._meanings[key] = meaning
        if isinstance(meaning, Invalid):
            raise meaning
        return meaning

    def _find_meaning(self, name: str, unit: str, source_id: int | None) -> Meaning:
        folded = fold(name)
        if not folded or max(len(name), len(folded)) > LONGEST_METRIC:
            raise Invalid(f"A metric needs a name of at most {LONGEST_METRIC} characters.", field="")
        unit_key = fold(unit)
        alias = self._closest_alias(folded, unit_key, source_id)
        if alias is None:
            metric = self.metrics.get(folded) or self._create_metric(name, folded, unit)
            if not _fits(unit, metric.unit):
                raise _unknown_unit(metric, [metric.unit], unit)
            return Meaning(metric)
        metric_or_none = alias.meaning.metric
        if metric_or_none is None:
            return alias.meaning
        # An alias for a source, or for this unit, knows the factor; a general one serves only the metric's own unit.
        if alias.source_id is not None or not unit_key or unit_key == alias.unit:
            return alias.meaning
        if not _fits(unit, metric_or_none.unit):
            units = MetricAlias.objects.filter(folded=folded).values_list("unit", flat=True)
            raise _unknown_unit(metric_or_none, [metric_or_none.unit, *units], unit)
        return Meaning(metric_or_none, 1.0, alias.meaning.split, alias.meaning.slice)

    def _closest_alias(self, folded: str, unit_key: str, source_id: int | None) -> Alias | None:
        """For this source and unit, for this source, for any source and this unit, for any."""
        by_key = {(alias.source_id, alias.unit): alias for alias in self.aliases.get(folded, ())}
        for key in ((source_id, unit_key), (source_id, ""), (None, unit_key), (None, "")):
            if key in by_key:
                return by_key[key]
        # A name that is known only with a unit: a number without one is taken to be in the metric's own.
        own = [alias for alias in by_key.values() if alias.source_id in (None, source_id)]
        fitting = [
            alias
            for alias in own
            if alias.meaning.metric is None or not alias.unit or alias.unit == fold(alias.meaning.metric.unit)
        ]
        fits = fitting or own
        if len({alias.meaning.metric.pk for alias in fits if alias.meaning.metric is not None}) > 1:
            metrics = sorted(
                {alias.meaning.metric.name for alias in fits if alias.meaning.metric is not None}
            )
            raise Invalid(
                f"This name may mean {' or '.join(metrics)}: give the unit, or another name.", field=""
            )
        return next(iter(fits), None)

    def _create_metric(self, name: str, folded: str, unit: str) -> Metric:
        name = " ".join(clean(name).split())
        base = slug_of(name, longest=110)
        taken = set(
            Metric.objects.filter(slug__startswith=base).exclude(name=name).values_list("slug", flat=True)
        )
        draft = validate_row(
            Metric(
                name=name,
                slug=free_slug(name, taken, longest=110),
                unit=unit,
                direction=Metric.Direction.NONE,
                importance=NEW_METRIC_IMPORTANCE,
            )
        )
        fields = ("slug", "unit", "direction", "importance")
        metric, _ = Metric.objects.get_or_create(
            name=draft.name, defaults={name: getattr(draft, name) for name in fields}
        )
        MetricAlias.objects.get_or_create(
            folded=folded, source=None, unit="", defaults={"metric": metric, "words": name}
        )
        self.metrics[folded] = metric
        return metric

    # ── datasets ──────────────────────────────────────────────────────────────────────────────────

    def _read_datasets(self, wanted: set[str] | None) -> None:
        """By aliases first, then by names, which may have no alias of their own."""
        rows = DatasetAlias.objects.select_related("dataset")
        for row in rows if wanted is None else rows.filter(folded__in=wanted):
            self.datasets[row.folded] = row.dataset
        if wanted is None:
            for dataset in Dataset.objects.all():
                self.datasets.setdefault(fold(dataset.name), dataset)
        elif missing := wanted - set(self.datasets):
            ids = {fold(name): pk for pk, name in Dataset.objects.values_list("pk", "name")}
            by_id = Dataset.objects.in_bulk([ids[folded] for folded in missing if folded in ids])
            self.datasets |= {folded: by_id[ids[folded]] for folded in missing if ids.get(folded) in by_id}

    def create_datasets(self, names: Iterable[str]) -> None:
        """Create a dataset for each name that stands for none yet, whoever else names it at the same moment.

        At most five queries. Names that no dataset can have are left to `resolve_dataset` to refuse.
        """
        missing: dict[str, str] = {}
        for name in names:
            folded = fold(name)
            if folded and folded not in self.datasets and max(len(name), len(folded)) <= LONGEST_DATASET:
                missing.setdefault(folded, " ".join(clean(name).split()))
        if not missing:
            return
        bases = {slug_of(name, longest=150) for name in missing.values()}
        alike = Q(slug__in=bases)
        if len(bases) <= 50:
            for base in bases:
                alike |= Q(slug__startswith=f"{base}-")
        else:
            alike = Q()
        taken = set(Dataset.objects.filter(alike).values_list("slug", flat=True))
        Dataset.objects.bulk_create(
            [Dataset(name=name, slug=free_slug(name, taken, longest=150)) for name in missing.values()],
            ignore_conflicts=True,
        )
        by_name = {row.name: row for row in Dataset.objects.filter(name__in=list(missing.values()))}
        # The folded name is unique: who names the same new dataset at the same moment waits here.
        DatasetAlias.objects.bulk_create(
            [
                DatasetAlias(dataset=by_name[name], words=name, folded=folded)
                for folded, name in missing.items()
                if name in by_name
            ],
            ignore_conflicts=True,
        )
        self._read_datasets(set(missing))

    def resolve_dataset(self, name: str, *, field: str) -> Dataset | None:
        """The dataset of a name that `create_datasets` has seen; None for names that stand for none.

        Raises:
            Invalid: no dataset can have this name.
        """
        folded = fold(name)
        if folded not in self.datasets:
            raise Invalid(f"A data set needs a name of at most {LONGEST_DATASET} characters.", field=field)
        return self.datasets[folded]

    # ── terms ─────────────────────────────────────────────────────────────────────────────────────

    def _read_terms(self, slugs: set[str] | None) -> None:
        taxonomies = Taxonomy.objects.all() if slugs is None else Taxonomy.objects.filter(slug__in=slugs)
        by_id = {taxonomy.pk: taxonomy for taxonomy in taxonomies}
        self.taxonomies |= {taxonomy.slug: taxonomy for taxonomy in by_id.values()}
        for taxonomy in by_id.values():
            self.terms[taxonomy.slug] = {}
            self.term_slugs[taxonomy.slug] = {}
        terms = {term.pk: term for term in Term.objects.filter(taxonomy__in=list(by_id))}
        for term in terms.values():
            slug = by_id[term.taxonomy_id].slug
            self.term_slugs[slug][term.slug] = term
            self.terms[slug].setdefault(fold(term.slug), [term])
            self.terms[slug][fold(term.name)] = [term]
        aliases: dict[tuple[str, str], list[Term]] = defaultdict(list)
        rows = TermAlias.objects.filter(taxonomy__in=list(by_id)).order_by("id")
        for taxonomy_id, folded, term_id in rows.values_list("taxonomy_id", "folded", "term_id"):
            stands_for = aliases[by_id[taxonomy_id].slug, folded]
            if term_id is not None:
                stands_for.append(terms[term_id])
        for (slug, folded), stands_for in aliases.items():
            self.terms[slug][folded] = stands_for

    def find_terms(self, taxonomy: str, name: str) -> list[Term] | None:
        """The terms of a taxonomy that a name stands for: by slug, alias, name. None where it is unknown, an empty
        list where the vocabulary says that it stands for none."""
        by_slug = self.term_slugs.get(taxonomy, {}).get(name)
        if by_slug is not None:
            return [by_slug]
        return self.terms.get(taxonomy, {}).get(fold(name))


def to_own_unit(value: float, factor: float) -> float:
    """`value` times `factor` without the noise of binary fractions: 0.765 × 100 is 76.5."""
    return value if factor == 1.0 else float(f"{value * factor:.12g}")


def check_number(meaning: Meaning, name: str, value: float) -> float:
    """The number in the metric's own unit.

    Raises:
        Invalid: it is not finite, or outside the metric's range.
    """
    if not math.isfinite(value):
        raise Invalid(f"“{name[:80]}” must be a finite number.", field="")
    metric = meaning.metric
    if metric is None:
        return value
    own = to_own_unit(value, meaning.factor)
    if not math.isfinite(own):
        raise Invalid(f"“{name[:80]}” must be a finite number.", field="")
    if not metric.holds(own):
        raise _out_of_range(metric, own, value)
    return own


def _out_of_range(metric: Metric, value: float, stated: float) -> Invalid:
    low, high = metric.minimum, metric.maximum
    if high is None:
        limits = f"from {low:g}"
    elif low is None:
        limits = f"up to {high:g}"
    else:
        limits = f"from {low:g} to {high:g}"
    unit = f" {metric.unit}" if metric.unit else ""
    shown = "" if value == stated else f" (that is {value:g}{unit})"
    return Invalid(f"{metric.name} goes {limits}{unit}; {stated:g}{shown} was given.", field="")


def _fits(unit: str, own: str) -> bool:
    """Whether a number stated in `unit`, or in none, is one in `own`."""
    return not unit or fold(unit) == fold(own)


def _unknown_unit(metric: Metric, known: Iterable[str], unit: str) -> Invalid:
    listed = ", ".join(f"“{name}”" for name in dict.fromkeys(known) if name) or "no unit"
    return Invalid(f"The unit “{unit[:40]}” is not known for {metric.name}. Known: {listed}.", field="unit")
