"""Ages in days: of the newest version, of the newest evaluation, of what is in production."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from alerts.models import Rule
from alerts.quantities.base import Pair, Reading, Subject, number
from alerts.quantities.versions import VersionsOf
from catalog.models import ModelVersion
from evaluations.models import Evaluation

DAY = 86400.0


class StalenessQuantity:
    """A rule on an age. Ages grow by themselves, so they are looked at by the hour, too."""

    measures: Mapping[str, str] = {
        "version": "Days since a version was added",
        "evaluation": "Days since it was evaluated",
        "production": "Days since the version in production was added",
    }

    def measure(self, pairs: Sequence[Pair]) -> Mapping[tuple[int, int], Sequence[Subject]]:
        """Three queries."""
        ids = {model.pk for _, model in pairs}
        versions = VersionsOf(ids)
        newest = dict(
            ModelVersion.objects.filter(model_id__in=ids)
            .order_by()
            .values_list("model_id")
            .annotate(at=Max("created_at"))
        )
        evaluated = dict(
            Evaluation.objects.filter(version__model_id__in=ids)
            .order_by()
            .values_list("version__model_id")
            .annotate(at=Max(Coalesce("evaluated_at", "created_at")))
        )
        now = timezone.now()
        found: dict[tuple[int, int], list[Subject]] = {}
        for rule, model in pairs:
            subjects: list[Subject] = []
            if rule.measure == "production":
                subjects = [
                    _aged(version.created_at, now, version)
                    for version in versions.by_model.get(model.pk, [])
                    if version.stage == ModelVersion.Stage.PRODUCTION
                ]
            elif versions.looks_at_model(rule, model.pk):
                last = (newest if rule.measure == "version" else evaluated).get(model.pk)
                subjects = [_aged(last or model.created_at, now)]
            found[rule.pk, model.pk] = subjects
        return found

    def words(self, rule: Rule, value: float | None, part: str) -> str:
        days = "an unknown number of" if value is None else number(float(int(value)))
        what = {
            "version": f"No new version for {days} days",
            "evaluation": f"Not evaluated for {days} days",
            "production": f"In production since {days} days without a successor",
        }[rule.measure]
        return f"{what}; the rule allows {number(rule.threshold)}"

    def unit(self, rule: Rule) -> str:
        return "days"


def _aged(moment: datetime, now: datetime, version: ModelVersion | None = None) -> Subject:
    return Subject(version, {"": [Reading(now, max(0.0, (now - moment).total_seconds() / DAY))]})
