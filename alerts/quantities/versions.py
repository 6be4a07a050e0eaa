"""Which versions a rule looks at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from alerts.models import Rule
from catalog.models import ModelVersion
from catalog.selectors.leading import in_leading_order


class VersionsOf:
    """The versions of models, the one that stands for each first. One query.

    `all_of` names the models whose every version is wanted; of the others, those in production and the leading one.
    """

    def __init__(self, model_ids: Iterable[int], all_of: Iterable[int] = ()) -> None:
        wanted = ModelVersion.objects.filter(model_id__in=list(model_ids)).defer("description", "notes")
        everything = set(all_of)
        self.by_model: dict[int, list[ModelVersion]] = defaultdict(list)
        for version in in_leading_order(wanted):
            held = self.by_model[version.model_id]
            if not held or version.stage == "production" or version.model_id in everything:
                held.append(version)

    def leading(self, model_id: int) -> ModelVersion | None:
        held = self.by_model.get(model_id)
        return held[0] if held else None

    def of(self, rule: Rule, model_id: int) -> Sequence[ModelVersion]:
        """Those of a model that the rule looks at."""
        held = self.by_model.get(model_id, [])
        if rule.versions == Rule.Versions.PRODUCTION:
            return [version for version in held if version.stage == "production"]
        return held if rule.versions == Rule.Versions.EVERY else held[:1]

    def looks_at_model(self, rule: Rule, model_id: int) -> bool:
        """Whether a rule about whole models looks at this one: all, or those with a version in production."""
        return rule.versions != Rule.Versions.PRODUCTION or bool(self.of(rule, model_id))
