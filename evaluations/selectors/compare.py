"""Models side by side, honestly: one row holds only numbers that were measured alike."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.viewer import Viewer
from catalog.access import can_read_sensitive
from catalog.models import (
    AttributeValue,
    ModelTag,
    ModelVersion,
    Ownership,
    Package,
    Parameter,
    RegisteredModel,
)
from catalog.selectors.facts import Fact, FactValue, facts_of
from catalog.selectors.refs import resolve_versions
from evaluations.selectors.comparison import (
    FEWEST,
    MOST,
    Column,
    Comparison,
    FactRow,
    MetricRow,
    NotComparable,
    ParameterRow,
    WrongNumber,
    plain,
)
from evaluations.selectors.measurements import VALUE, Conditions, Measured, Row, measured

Pairs = Sequence[tuple[RegisteredModel, ModelVersion | None]]
Columns = Sequence[Mapping[Conditions, Row]]


def compare(viewer: Viewer, refs: Sequence[str]) -> Comparison:
    """Put 2 to 12 models or versions side by side, in the order named. Fifteen queries at most.

    Raises:
        WrongNumber: too few or too many.
        UnknownRef: a reference names nothing this viewer may see.
    """
    if len(set(refs)) > MOST or not refs:
        raise WrongNumber(len(set(refs)))
    pairs = resolve_versions(viewer, refs)
    if len(pairs) < FEWEST:
        raise WrongNumber(len(pairs))
    return side_by_side(viewer, pairs, measured(version for _, version in pairs if version is not None))


def side_by_side(viewer: Viewer, pairs: Pairs, numbers: Measured) -> Comparison:
    """The comparison of models and versions that the viewer may see, with what was measured for them. Ten queries.

    Sources must be at hand.
    """
    versions = [version for _, version in pairs if version is not None]
    rows, close, once = _metric_rows(pairs, numbers)
    return Comparison(
        columns=tuple(Column(model, version) for model, version in pairs),
        facts=_fact_rows(viewer, pairs),
        parameters=_named_rows(pairs, Parameter.objects.filter(version__in=versions), "value"),
        packages=_named_rows(pairs, Package.objects.filter(version__in=versions), "specifier"),
        metrics=rows,
        not_comparable=close,
        measured_once=once,
    )


def _fact_rows(viewer: Viewer, pairs: Pairs) -> tuple[FactRow, ...]:
    columns = facts_of(pairs)
    models = [model for model, _ in pairs]
    tags: dict[int, list[FactValue]] = defaultdict(list)
    for link in ModelTag.objects.filter(model__in=models).select_related("tag").order_by("tag__name"):
        tags[link.model_id].append(FactValue(link.tag.name, link.tag.get_absolute_url()))
    people: dict[tuple[int, str], list[FactValue]] = defaultdict(list)
    for own in Ownership.objects.filter(model__in=models).select_related("user", "team").order_by("id"):
        holder = own.user or own.team
        found = FactValue(str(holder), holder.get_absolute_url() if holder else "")
        people[own.model_id, own.kind].append(found)
    for column, (model, version) in zip(columns, pairs, strict=True):
        stage = version.get_stage_display() if version and version.stage else ""
        extra = {
            "stage": Fact("stage", "Stage", values=(FactValue(stage),) if stage else ()),
            "status": Fact("status", "Status", values=(FactValue(model.get_status_display()),)),
            **{
                kind: Fact(kind, str(label), values=tuple(people[model.pk, kind]))
                for kind, label in Ownership.Kind.choices
            },
            "tags": Fact("tags", "Tags", values=tuple(tags[model.pk])),
        }
        column.update(extra)
    for key, label, facts in _attributes(viewer, pairs):
        for position, column in enumerate(columns):
            column[key] = facts.get(position, Fact(key, label))
    rows = (
        FactRow(key, fact.label, fact.kind, tuple(column[key] for column in columns))
        for key, fact in columns[0].items()
    )
    return tuple(row for row in rows if any(fact.is_recorded for fact in row.facts))


def _attributes(viewer: Viewer, pairs: Pairs) -> list[tuple[str, str, dict[int, Fact]]]:
    """The organisation's attributes, by key and label; sensitive ones only for those who may read them."""
    found: dict[str, tuple[str, dict[int, Fact]]] = {}
    position_of = {model.pk: position for position, (model, _) in enumerate(pairs)}
    trusted = {model.pk for model, _ in pairs if can_read_sensitive(viewer, model)}
    rows = AttributeValue.objects.filter(model__in=list(position_of)).select_related("definition", "user")
    for row in rows.order_by("definition__position", "definition__name"):
        if row.definition.is_sensitive and row.model_id not in trusted:
            continue
        label, facts = found.setdefault(f"attribute:{row.definition.slug}", (row.definition.name, {}))
        for position, (model, version) in enumerate(pairs):
            if model.pk == row.model_id and row.version_id in (None, version.pk if version else None):
                key = f"attribute:{row.definition.slug}"
                facts[position] = Fact(key, label, values=(FactValue(plain(row.value)),))
    return [(key, label, facts) for key, (label, facts) in found.items()]


def _named_rows(pairs: Pairs, rows: Any, column: str) -> tuple[ParameterRow, ...]:
    values: dict[str, dict[int, Any]] = defaultdict(dict)
    for version_id, name, value in rows.order_by("name").values_list("version_id", "name", column):
        values[name][version_id] = value
    return tuple(
        ParameterRow(name, tuple(by_version.get(version.pk) if version else None for _, version in pairs))
        for name, by_version in values.items()
    )


def _metric_rows(
    pairs: Pairs, numbers: Measured
) -> tuple[tuple[MetricRow, ...], tuple[NotComparable, ...], int]:
    """The rows measured alike, what is close to being so, and how many conditions are those of one column only."""
    columns: Columns = [numbers.by_version[version.pk] if version else {} for _, version in pairs]
    names = tuple(model.name for model, _ in pairs)
    shared: list[MetricRow] = []
    close: list[NotComparable] = []
    several: list[Conditions] = []
    once: list[Conditions] = []
    for group in numbers.groups({conditions for column in columns for conditions in column}):
        metric, dataset = numbers.metrics[group[0].metric], numbers.datasets[group[0].dataset]
        alone = []
        for conditions in group:
            rows = [column.get(conditions) for column in columns]
            values = [row[VALUE] if row else None for row in rows]
            missing = values.count(None)
            if missing > rows.count(None):
                several.append(conditions)
            if len(values) - missing >= FEWEST:
                shared.append(MetricRow(conditions, metric, dataset, values, rows))
            else:
                alone.append(conditions)
        # The numbers that share a row are told again beside the others, so that a reader sees what differs.
        found = tuple(_found(columns, group)) if alone and len(group) > 1 else ()
        if len({position for position, _, _ in found}) < FEWEST:
            once += alone
            continue
        differs = tuple(name for name in ("split", "slice") if len({getattr(c, name) for c in group}) > 1)
        close.append(NotComparable(metric, dataset, group[0].dataset, differs, found, names))
    for conditions in sorted(several):
        metric, dataset = numbers.metrics[conditions.metric], numbers.datasets[conditions.dataset]
        found = tuple(one for one in _found(columns, [conditions]) if one[2][VALUE] is None)
        close.append(NotComparable(metric, dataset, conditions.dataset, ("value",), found, names))
    return tuple(shared), tuple(close), len(set(once) - set(several))


def _found(columns: Columns, group: Sequence[Conditions]) -> Iterator[tuple[int, Conditions, Row]]:
    """What the columns have of a group: position, conditions and number."""
    for position, column in enumerate(columns):
        for conditions in group:
            if conditions in column:
                yield position, conditions, column[conditions]
