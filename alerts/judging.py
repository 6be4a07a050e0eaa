"""Whether a rule fires on what was measured. Pure: no database here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alerts.models import Rule
from alerts.quantities.base import Reading, Subject


@dataclass(frozen=True, slots=True)
class Verdict:
    """The parts that fire now, and the worst value among them; else the value nearest to firing."""

    parts: tuple[str, ...]
    value: float | None
    part: str

    @property
    def fires(self) -> bool:
        return bool(self.parts)


def judge(rule: Rule, subject: Subject, firing: Collection[str] = ()) -> Verdict:
    """How a rule stands on a subject, of which the parts in `firing` fired before.

    A part begins to fire when its newest readings, as many as the rule asks for in a row, are all beyond the threshold.
    It goes on until the newest one has come back to where the rule clears: nothing in between moves it.
    """
    parts = [
        part
        for part, readings in subject.series.items()
        if (_goes_on if part in firing else _begins)(rule, readings)
    ]
    newest = {part: readings[0].value for part, readings in subject.series.items() if readings}
    among = {part: newest[part] for part in parts if part in newest} or newest
    if not among:
        return Verdict((), None, "")
    worst = (min if rule.op == Rule.Op.BELOW else max)(among, key=lambda part: among[part])
    return Verdict(tuple(sorted(parts)), among[worst], worst)


def is_beyond(rule: Rule, value: float) -> bool:
    return value < rule.threshold if rule.op == Rule.Op.BELOW else value > rule.threshold


def _begins(rule: Rule, readings: Sequence[Reading]) -> bool:
    row = readings[: rule.in_a_row]
    return len(row) == rule.in_a_row and all(is_beyond(rule, reading.value) for reading in row)


def _goes_on(rule: Rule, readings: Sequence[Reading]) -> bool:
    if not readings:
        return False
    value = readings[0].value
    back = rule.threshold if rule.clear_at is None else rule.clear_at
    return value < back if rule.op == Rule.Op.BELOW else value > back
