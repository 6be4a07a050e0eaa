"""What is not written down of a model, told by the same steps as the completeness on its page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import timezone

from alerts.models import Rule
from alerts.quantities.base import Pair, Reading, Subject, number
from alerts.quantities.versions import VersionsOf
from catalog.models import Ownership, RegisteredModel
from catalog.selectors.completeness import STEPS, Completeness, completeness_of
from catalog.selectors.facts import facts_of
from evaluations.models import Evaluation

PERCENT = "percent"
NAMES = {
    "intended_use": "an intended use",
    "owners": "an owner",
    "unintended_use": "a word on what it is not for",
    "summary": "a summary",
    "license": "a license",
    "task": "a task",
    "evaluations": "an evaluation",
    "training_data": "training data",
    "parameters": "a number of parameters",
    "framework": "a framework",
}


class MetadataQuantity:
    """A rule on one piece of metadata (1 where it is missing, 0 where it is there), or on how complete all are."""

    measures: Mapping[str, str] = {
        **{step.field: f"No {NAMES[step.field].partition(' ')[2]}" for step in STEPS if step.field in NAMES},
        PERCENT: "Share of the metadata that is there",
    }

    def measure(self, pairs: Sequence[Pair]) -> Mapping[tuple[int, int], Sequence[Subject]]:
        """Nine queries."""
        models = {model.pk: model for _, model in pairs}
        versions = VersionsOf(models)
        complete = completeness(list(models.values()), versions)
        now = timezone.now()
        found: dict[tuple[int, int], list[Subject]] = {}
        for rule, model in pairs:
            if not versions.looks_at_model(rule, model.pk):
                found[rule.pk, model.pk] = []
                continue
            held = complete[model.pk]
            is_missing = any(step.field == rule.measure for step in held.missing)
            value = float(held.percent) if rule.measure == PERCENT else float(is_missing)
            found[rule.pk, model.pk] = [Subject(None, {"": [Reading(now, value)]})]
        return found

    def words(self, rule: Rule, value: float | None, part: str) -> str:
        if rule.measure == PERCENT:
            share = "unknown" if value is None else f"{number(value)} %"
            return f"Metadata is {share} complete; the rule says {rule.op} {number(rule.threshold)} %"
        name = NAMES.get(rule.measure, rule.measure)
        where = "In production without" if rule.versions == Rule.Versions.PRODUCTION else "Without"
        return f"{where} {name}" if value is None or value > 0 else f"Has {name} now"

    def unit(self, rule: Rule) -> str:
        return "%" if rule.measure == PERCENT else ""


def completeness(models: Sequence[RegisteredModel], versions: VersionsOf) -> dict[int, Completeness]:
    """How complete each model's metadata is, by its id, as its page says it. Eight queries for all."""
    leading = {model.pk: versions.leading(model.pk) for model in models}
    facts = facts_of([(model, leading[model.pk]) for model in models])
    owners: dict[int, list[Ownership]] = defaultdict(list)
    for row in Ownership.objects.filter(model__in=models):
        owners[row.model_id].append(row)
    measured = set(
        Evaluation.objects.filter(version__in=[version for version in leading.values() if version])
        .filter(values__isnull=False)
        .values_list("version_id", flat=True)
        .distinct()
    )
    return {
        model.pk: completeness_of(
            model, fact, owners[model.pk], version is not None and version.pk in measured
        )
        for model, fact in zip(models, facts, strict=True)
        for version in [leading[model.pk]]
    }
