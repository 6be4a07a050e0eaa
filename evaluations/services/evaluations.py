"""Writing measurements: mapped onto the vocabulary, the source's own words kept beside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from access.policy import require
from access.viewer import Viewer
from catalog.models import ModelVersion, Parameter
from catalog.services import activity
from catalog.services.registered import lock_model
from core.bulk import insert_rows, reserve_ids
from core.errors import Conflict, refuse
from core.validation import translate_db_errors, validate_row
from evaluations.models import Evaluation, MetricValue
from evaluations.services.drafts import Conditions, Draft, build_drafts, resolver_for
from evaluations.services.records import EvaluationIn

EVALUATION_COLUMNS = (
    "id",
    "version_id",
    "dataset_id",
    "dataset_words",
    "split",
    "split_is_assumed",
    "slice",
    "evaluated_at",
    "source_id",
    "created_at",
)
NUMBER_COLUMNS = (
    "evaluation_id",
    "metric_id",
    "value",
    "words",
    "raw_value",
    "raw_unit",
    "occurrence",
    "low",
    "high",
    "interval",
)


@dataclass(frozen=True, slots=True)
class Added:
    """Ids of the evaluations that hold what was handed in; `is_new` is false when all of it was stored already."""

    ids: tuple[int, ...]
    is_new: bool

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """The evaluations, in the order they were handed in. One query."""
        rows = Evaluation.objects.in_bulk(self.ids)
        return tuple(rows[pk] for pk in self.ids)


@transaction.atomic
def add_evaluation(*, viewer: Viewer, version: ModelVersion, evaluation: EvaluationIn) -> Added:
    """Add measurements to a version.

    Metric words may imply a slice or split (“mAP small”), so that one call may fill several evaluations.
    The same numbers handed in again change nothing.

    Raises:
        NotAllowed: less than a contributor. Conflict: other numbers are stored under the same conditions.
        Invalid: not a finite number, out of the metric's range, unknown unit; the field names the row.
    """
    require(viewer, "version.create", version.model)
    lock_model(version.model)
    added = write_evaluations(version, [evaluation], within="")
    if added.is_new:
        activity.record(
            viewer=viewer,
            verb="evaluated",
            model=version.model,
            version=version,
            label=version.label,
            metrics=len(evaluation.metrics),
        )
    return added


def write_evaluations(
    version: ModelVersion, evaluations: Sequence[EvaluationIn], *, within: str = "evaluations"
) -> Added:
    """Write the measurements of one version, all or none. The model's row is held by the caller.

    Raises:
        Conflict, Invalid: as `add_evaluation`.
    """
    if not evaluations:
        return Added((), False)
    taken = set(version.parameters.values_list("name", flat=True))
    drafts = build_drafts(evaluations, resolver_for(evaluations), within=within, taken_parameters=taken)
    refuse(drafts.refused)
    stored = stored_evaluations([version.pk]).get(version.pk, {})
    ids: dict[Conditions, int] = {}
    missing: dict[Conditions, Draft] = {}
    empty: dict[Conditions, int] = {}
    for conditions, draft in drafts.evaluations.items():
        found = stored.get(conditions)
        if found is None:
            missing[conditions] = draft
        elif not found.numbers:
            # It holds statistics only: the numbers join them.
            missing[conditions] = draft
            empty[conditions] = found.pk
        elif found.content != sorted(number.content for number in draft.numbers):
            raise Conflict(
                "Other numbers stand under these conditions. Say when these were measured (evaluated_at), "
                "or on which slice, to add them beside.",
                field="evaluated_at",
            )
        else:
            ids[conditions] = found.pk
    with translate_db_errors():
        ids |= insert_drafts(
            [(version.pk, conditions, draft) for conditions, draft in missing.items()], empty
        )
        rows = [
            validate_row(Parameter(version=version, name=name, value=value))
            for name, value in drafts.parameters.items()
        ]
        Parameter.objects.bulk_create(rows, ignore_conflicts=True)
    return Added(tuple(ids[conditions] for conditions in drafts.evaluations), bool(missing))


def insert_drafts(
    drafts: Sequence[tuple[int, Conditions, Draft]], reuse: Mapping[Conditions, int] | None = None
) -> dict[Conditions, int]:
    """Insert evaluations (version id, conditions, draft) with their numbers; the id of each. Three statements.

    `reuse` names evaluations of the same version that are there already and get only the numbers.
    """
    reuse = reuse or {}
    fresh = [entry for entry in drafts if entry[1] not in reuse]
    now = timezone.now()
    ids = reserve_ids(Evaluation, len(fresh))
    by_conditions = dict(reuse)
    evaluations: list[tuple[object, ...]] = []
    numbers: list[tuple[object, ...]] = []
    for pk, (version_id, where, draft) in zip(ids, fresh, strict=True):
        by_conditions[where] = pk
        evaluations.append((pk, version_id, *_columns(where, draft), now))
        numbers += [(pk, *number) for number in draft.numbers]
    for _, where, draft in drafts:
        if where in reuse:
            numbers += [(reuse[where], *number) for number in draft.numbers]
    insert_rows(Evaluation, EVALUATION_COLUMNS, evaluations)
    insert_rows(MetricValue, NUMBER_COLUMNS, numbers)
    return by_conditions


def _columns(where: Conditions, draft: Draft) -> tuple[object, ...]:
    return (
        where.dataset_id,
        draft.dataset_words,
        where.split,
        draft.split_is_assumed,
        where.slice,
        where.evaluated_at,
        where.source_id,
    )


@dataclass(slots=True)
class Stored:
    """An evaluation in the database, as far as a new reading is compared with it."""

    pk: int
    numbers: list[tuple[object, ...]]

    @property
    def content(self) -> list[tuple[object, ...]]:
        return sorted(self.numbers)  # type: ignore[type-var]


def stored_evaluations(version_ids: Iterable[int]) -> dict[int, dict[Conditions, Stored]]:
    """The evaluations of versions by their conditions. Two queries."""
    by_version: dict[int, dict[Conditions, Stored]] = {}
    by_id: dict[int, Stored] = {}
    rows = Evaluation.objects.filter(version__in=list(version_ids))
    columns = ("pk", "version_id", "dataset_id", "split", "slice", "evaluated_at", "source_id")
    for pk, version_id, *conditions in rows.values_list(*columns):
        stored = by_id[pk] = Stored(pk, [])
        by_version.setdefault(version_id, {})[Conditions(*conditions)] = stored
    if by_id:
        values = MetricValue.objects.filter(evaluation__in=list(by_id))
        for pk, *number in values.values_list(
            "evaluation_id", "metric_id", "occurrence", "value", "low", "high", "interval"
        ):
            by_id[pk].numbers.append((*number[:3], str(tuple(number[3:]))))
    return by_version
