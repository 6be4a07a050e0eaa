"""The versions of a model, in pages, with the number that stands for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import prefetch_related_objects

from catalog.models import Metric, ModelVersion, RegisteredModel
from catalog.selectors.measurements import Conditions, Measured, Measurement, measured

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
    counts: dict[Conditions, int] = {}
    for column in numbers.by_version.values():
        for conditions, measurement in column.items():
            if not measurement.is_ambiguous:
                counts[conditions] = counts.get(conditions, 0) + 1
    if not counts:
        return None
    return min(counts, key=lambda c: (-numbers.metrics[c.metric].importance, -counts[c], c.split == "", c))


def key_numbers(numbers: Measured) -> dict[int, KeyNumber]:
    """Version id → its key number: the shared one where it has it, else its own most important."""
    shared = key_conditions(numbers)
    found = {}
    for version_id, column in numbers.by_version.items():
        single = {c: m for c, m in column.items() if not m.is_ambiguous}
        if not single:
            continue
        chosen = (
            shared
            if shared in single
            else min(single, key=lambda c: (-numbers.metrics[c.metric].importance, c))
        )
        assert chosen is not None  # nosec B101
        metric = numbers.metrics[chosen.metric]
        found[version_id] = KeyNumber(metric, numbers.datasets[chosen.dataset], chosen, single[chosen])
    return found


def version_lines(versions: Sequence[ModelVersion]) -> list[VersionLine]:
    """The versions with aliases and key numbers, in the order given. Three queries (aliases, measurements)."""
    prefetch_related_objects(list(versions), "aliases")
    keys = key_numbers(measured(versions))
    return [
        VersionLine(version, tuple(alias.name for alias in version.aliases.all()), keys.get(version.pk))
        for version in versions
    ]


def versions_page(model: RegisteredModel, number: int) -> tuple[Page[ModelVersion], list[VersionLine]]:
    """One page of a model's versions, newest first; a page that is not there gives the nearest. Five queries."""
    page = Paginator(model.versions.order_by("-position"), PAGE).get_page(number)
    versions = list(page.object_list)
    for version in versions:
        version.model = model
    return page, version_lines(versions)
