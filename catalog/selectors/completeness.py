"""How much of what readers look for is written down, and the next best thing to add. Never a blame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Ownership, RegisteredModel
from catalog.selectors.facts import Fact


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to fill in: what it adds, in points of a hundred, and the field it is edited by."""

    words: str
    points: int
    field: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """A share of a hundred, and the missing steps, the most telling first."""

    percent: int
    missing: tuple[Step, ...]

    @property
    def next_steps(self) -> tuple[Step, ...]:
        return self.missing[:2]


# What is asked for, and its points; they add up to a hundred.
STEPS = (
    Step("say what it is for", 14, "intended_use"),
    Step("name an owner", 14, "owners"),
    Step("say what it is not for", 8, "unintended_use"),
    Step("write one plain sentence", 8, "summary"),
    Step("name the license", 12, "license"),
    Step("name the task", 12, "task"),
    Step("record an evaluation", 12, "evaluations"),
    Step("name the training data", 8, "training_data"),
    Step("record the number of parameters", 6, "parameters"),
    Step("name the framework", 6, "framework"),
)


def completeness_of(
    model: RegisteredModel, facts: Mapping[str, Fact], owners: Sequence[Ownership], measurements: object
) -> Completeness:
    """How complete a model's metadata is, from what its page already holds. No query."""
    present = {key for key, fact in facts.items() if fact.is_recorded}
    present |= {name for name in ("intended_use", "unintended_use", "summary") if getattr(model, name)}
    if any(owner.kind == Ownership.Kind.OWNER for owner in owners):
        present.add("owners")
    if measurements:
        present.add("evaluations")
    missing = tuple(step for step in STEPS if step.field not in present)
    return Completeness(100 - sum(step.points for step in missing), missing)
