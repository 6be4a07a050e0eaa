"""The versions of a model, in pages, with the number that stands for each."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import prefetch_related_objects

from catalog.models import ModelVersion, RegisteredModel
from evaluations.selectors.measurements import VALUE, Conditions, Measured, Measurement, measured
from vocabulary.models import Metric

PAGE = 25


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """The one number shown for a version, with its definition and conditions."""

    metric: Metric
    dataset: str
    conditions: Conditions
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in a list."""

    version: ModelVersion
    aliases: tuple[str, ...]
    key: KeyNumber | None


def key_conditions(numbers: Measured) -> Conditions | None:
    """The measurement that most versions share on the most important metric; None when nothing was measured."""
    counts = Counter(
        conditions
        for column in numbers.by_version.values()
        for conditions, row in column.items()
        if row[VALUE] is not None
    )
    return min(_most_important(counts, numbers), key=lambda c: (-counts[c], c.split == "", c), default=None)


def _most_important(found: Collection[Conditions], numbers: Measured) -> list[Conditions]:
    """Those of the metrics than which none is more important."""
    importance = {slug: numbers.metrics[slug].importance for slug in {c.metric for c in found}}
    top = max(importance.values(), default=0)
    return [conditions for conditions in found if importance[conditions.metric] == top]


def key_numbers(numbers: Measured) -> dict[int, KeyNumber]:
    """Version id → its key number: the shared one where it has it, else its own most important."""
    shared = key_conditions(numbers)
    found = {}
    for version_id, column in numbers.by_version.items():
        chosen = shared
        if chosen not in column or column[chosen][VALUE] is None:
            single = [conditions for conditions, row in column.items() if row[VALUE] is not None]
            chosen = min(_most_important(single, numbers), default=None)
        if chosen is not None:
            metric = numbers.metrics[chosen.metric]
            number = Measurement(*column[chosen])
            found[version_id] = KeyNumber(metric, numbers.datasets[chosen.dataset], chosen, number)
    return found


def version_lines(versions: Sequence[ModelVersion], numbers: Measured) -> list[VersionLine]:
    """The versions with aliases and key numbers, in the order given. One query, for the aliases."""
    prefetch_related_objects(list(versions), "aliases")
    keys = key_numbers(numbers)
    return [
        VersionLine(version, tuple(alias.name for alias in version.aliases.all()), keys.get(version.pk))
        for version in versions
    ]


def versions_page(model: RegisteredModel, number: int) -> tuple[Page[ModelVersion], list[VersionLine]]:
    """One page of a model's versions, newest first; a page that is not there gives the nearest. Six queries."""
    page = Paginator(model.versions.order_by("-position"), PAGE).get_page(number)
    versions = list(page.object_list)
    for version in versions:
        version.model = model
    return page, version_lines(versions, measured(versions))
