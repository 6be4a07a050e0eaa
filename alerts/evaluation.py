"""Looks at models under their rules and writes what changed: states, history, and what is to be delivered.

Whoever looks at a model holds its lock until the transaction ends, and reads only after having it; so two workers look
one after the other, the second one at everything the first one saw, and a transition is written once.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from alerts.delivery import deliver
from alerts.judging import Verdict, judge
from alerts.models import Alert, Event, Rule, Silence
from alerts.quantities import QUANTITIES, Pair, Subject
from catalog.models import Ownership, RegisteredModel

log = logging.getLogger(__name__)

# Model → the rules to look at it under; None for all.
Wanted = Mapping[int, Collection[int] | None]
Key = tuple[int, int, int | None]  # rule, model, version
LOCKS = 0x616C << 40  # the advisory locks of this app: this and the model's id

FIRED, CLEARED = Event.Kind.FIRED, Event.Kind.CLEARED


@transaction.atomic
def look_at(wanted: Wanted) -> int:
    """Look at models under their rules; the number of transitions. A constant number of queries, and delivery's."""
    _lock(wanted)
    found = RegisteredModel.objects.filter(pk__in=list(wanted)).select_related("project", "source")
    models = {model.pk: model for model in found}
    standing = _standing(wanted, models)
    pairs = _pairs(wanted, models)
    if not pairs and not standing:
        return 0
    subjects = measure(pairs)
    looking = _Looking(models, standing, _silences(models), timezone.now())
    for rule, model in pairs:
        for subject in subjects.get((rule.pk, model.pk), ()):
            looking.judge(rule, model, subject)
    looking.let_go()
    return looking.write()


def measure(pairs: Sequence[Pair]) -> dict[tuple[int, int], Sequence[Subject]]:
    """What the rules measure on their models, by the ids of both. Queries by the kinds of the rules."""
    by_kind: dict[str, list[Pair]] = defaultdict(list)
    for rule, model in pairs:
        by_kind[rule.kind].append((rule, model))
    found: dict[tuple[int, int], Sequence[Subject]] = {}
    for kind, held in by_kind.items():
        if kind in QUANTITIES:
            found |= QUANTITIES[kind].measure(held)
    return found


def _lock(model_ids: Collection[int]) -> None:
    with connection.cursor() as cursor:
        # One after another in one order, so that two who look at several models never wait for each other.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s + id) FROM unnest(%s::bigint[]) AS id",
            [LOCKS, sorted(model_ids)],
        )


def _standing(wanted: Wanted, models: Mapping[int, RegisteredModel]) -> dict[Key, Alert]:
    """The alerts that are there. One query."""
    rows = Alert.objects.filter(model_id__in=models).select_related(
        "rule__metric", "rule__dataset", "version"
    )
    found = {(row.rule_id, row.model_id, row.version_id): row for row in rows.select_for_update(of=("self",))}
    return {key: row for key, row in found.items() if _is_wanted(wanted, row.model_id, row.rule_id)}


def _is_wanted(wanted: Wanted, model_id: int, rule_id: int) -> bool:
    rules = wanted[model_id]
    return rules is None or rule_id in rules


def _pairs(wanted: Wanted, models: Mapping[int, RegisteredModel]) -> list[Pair]:
    """Enabled rules with the models they are about; archived models are watched no more. Two queries."""
    if not models:
        return []
    projects = {model.project_id for model in models.values()}
    teams = {model.project.team_id for model in models.values() if model.project.team_id}
    owning: dict[int, set[int]] = defaultdict(set)
    owners = Ownership.objects.filter(model_id__in=models, kind=Ownership.Kind.OWNER, team__isnull=False)
    for model_id, team_id in owners.values_list("model_id", "team_id"):
        owning[model_id].add(team_id or 0)
        teams.add(team_id)
    rules = Rule.objects.filter(is_enabled=True).filter(
        Q(project=None, team=None, model=None)
        | Q(project_id__in=projects)
        | Q(team_id__in=teams)
        | Q(model_id__in=models)
    )
    if all(held is not None for held in wanted.values()):
        rules = rules.filter(pk__in={pk for held in wanted.values() if held for pk in held})
    return [
        (rule, model)
        for rule in rules.select_related("metric", "dataset")
        for model in models.values()
        if model.status != RegisteredModel.Status.ARCHIVED
        and _is_wanted(wanted, model.pk, rule.pk)
        and is_about(rule, model, owning[model.pk])
    ]


def is_about(rule: Rule, model: RegisteredModel, owning_teams: Collection[int]) -> bool:
    """Whether a model lies in the rule's scope; a team's are those of its projects and those it owns."""
    if rule.model_id:
        return rule.model_id == model.pk
    if rule.project_id:
        return rule.project_id == model.project_id
    if rule.team_id:
        return rule.team_id == model.project.team_id or rule.team_id in owning_teams
    return True


def scope_of(rule: Rule) -> Q:
    """The condition that a model lies in the rule's scope."""
    if rule.model_id:
        return Q(pk=rule.model_id)
    if rule.project_id:
        return Q(project_id=rule.project_id)
    if rule.team_id:
        return models_of_team(rule.team_id)
    return Q(pk__isnull=False)  # not an empty Q, which `|` would forget


def models_of_team(team_id: int) -> Q:
    """The condition that a model is a team's: in one of its projects, or owned by it."""
    owned = Ownership.objects.filter(model_id=OuterRef("pk"), kind=Ownership.Kind.OWNER, team_id=team_id)
    return Q(project__team_id=team_id) | Q(Exists(owned))


@dataclass(frozen=True, slots=True)
class Silenced:
    """What is silent now: ids of rules, models and projects."""

    rules: frozenset[int]
    models: frozenset[int]
    projects: frozenset[int]

    def holds(self, rule_id: int, model: RegisteredModel) -> bool:
        return rule_id in self.rules or model.pk in self.models or model.project_id in self.projects


def _silences(models: Mapping[int, RegisteredModel]) -> Silenced:
    """One query."""
    rows = Silence.objects.filter(ended_at=None, until__gt=timezone.now())
    held = list(rows.values_list("rule_id", "model_id", "project_id"))
    return Silenced(*(frozenset(row[place] for row in held if row[place]) for place in range(3)))


@dataclass(slots=True)
class _Looking:
    """What is known and what comes of it, for one look."""

    models: Mapping[int, RegisteredModel]
    standing: dict[Key, Alert]
    silences: Silenced
    now: datetime
    seen: set[Key] = field(default_factory=set)
    changed: dict[Key, Alert] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def judge(self, rule: Rule, model: RegisteredModel, subject: Subject) -> None:
        key = (rule.pk, model.pk, subject.version.pk if subject.version else None)
        self.seen.add(key)
        alert = self.standing.get(key)
        verdict = judge(rule, subject, alert.parts if alert else ())
        if alert is None:
            if not verdict.fires:
                return
            alert = Alert(rule=rule, model=model, version=subject.version)
        self.move(alert, key, verdict, QUANTITIES[rule.kind].words(rule, verdict.value, verdict.part))

    def let_go(self) -> None:
        """Clear what is looked at no longer: another version leads, the rule is off or about others."""
        for key, alert in self.standing.items():
            if key not in self.seen:
                self.move(alert, key, Verdict((), None, ""), "No longer watched by this rule")

    def move(self, alert: Alert, key: Key, verdict: Verdict, words: str) -> None:
        was, fires = bool(alert.parts), verdict.fires
        if not (was or fires):  # what it cleared with stays; only the news of it may be owed
            if not self.silences.holds(key[0], self.models[key[1]]) and self._owes(alert):
                self.changed[key] = alert
            return
        silenced = self.silences.holds(key[0], self.models[key[1]])
        if len(verdict.parts) > 1:
            others = len(verdict.parts) - 1
            words += f" (and under {others} other condition{'s' if others > 1 else ''})"
        before = (alert.state, alert.parts, alert.value, alert.words)
        alert.parts = list(verdict.parts)
        alert.state = (
            Alert.State.OK if not fires else Alert.State.SILENCED if silenced else Alert.State.FIRING
        )
        alert.value, alert.words = verdict.value, words[:400]
        if fires and not was:
            alert.episode += 1
            alert.fired_at = self.now
        if was and not fires:
            alert.cleared_at = self.now
        if fires != was:
            self.events.append(self._event(alert, FIRED if fires else CLEARED, silenced))
        if fires != was or before != (alert.state, alert.parts, alert.value, alert.words):
            self.changed[key] = alert
        if not silenced and self._owes(alert):
            self.changed[key] = alert

    def _owes(self, alert: Alert) -> bool:
        """Whether what was told last is not so any more. Nobody hears the end of what they never heard of."""
        now = Alert.Told.FIRED if alert.parts else Alert.Told.CLEARED
        return alert.told != now and not (now == Alert.Told.CLEARED and alert.told == Alert.Told.NOTHING)

    def _event(self, alert: Alert, kind: str, silenced: bool) -> Event:
        return Event(
            alert=alert,
            rule=alert.rule,
            rule_name=alert.rule.name,
            severity=alert.rule.severity,
            model=self.models[alert.model_id],
            version=alert.version,
            kind=kind,
            episode=alert.episode,
            value=alert.value,
            words=alert.words,
            was_silenced=silenced,
            at=self.now,
        )

    def write(self) -> int:
        """Write all of it; the number of transitions."""
        owing = [
            alert
            for key, alert in self.changed.items()
            if self._owes(alert) and not self.silences.holds(key[0], self.models[key[1]])
        ]
        for alert in owing:
            alert.told = Alert.Told.FIRED if alert.parts else Alert.Told.CLEARED
        new = [alert for alert in self.changed.values() if alert.pk is None]
        old = [alert for alert in self.changed.values() if alert.pk is not None]
        Alert.objects.bulk_create(new)
        columns = ["state", "parts", "episode", "value", "words", "fired_at", "cleared_at", "told"]
        Alert.objects.bulk_update(old, columns, batch_size=500)
        Event.objects.bulk_create(self.events)
        if owing:
            deliver(self._to_tell(owing))
        return len(self.events)

    def _to_tell(self, owing: Sequence[Alert]) -> list[Event]:
        """The event that each alert's news is about: what it did last. One query where it was not just now."""
        fresh = {(event.alert_id, event.kind): event for event in self.events}
        late = [alert for alert in owing if (alert.pk, alert.told) not in fresh]
        rows = (
            Event.objects.filter(alert__in=late)
            .select_related("alert__rule__metric", "rule", "model__project", "version")
            .order_by("at", "pk")
        )
        latest = {(row.alert_id, row.kind): row for row in (rows if late else ())}
        both = latest | fresh
        return [both[alert.pk, alert.told] for alert in owing if (alert.pk, alert.told) in both]
