"""Whom a rule tells of a model: never anybody who may not see it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from accounts.models import Membership
from alerts.models import Event, Recipient
from catalog.models import Ownership, RegisteredModel
from social.audience import audience


def recipients_of(events: Sequence[Event]) -> dict[int, list[int]]:
    """The people to be told of each event, by its id. Three queries, and one for each project."""
    named: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for row in Recipient.objects.filter(rule_id__in={event.rule_id for event in events}):
        _add(named[row.rule_id], row.user_id, row.team_id)
    owned: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    of_models = {event.model_id for event in events if event.rule and event.rule.tell_owners}
    for own in Ownership.objects.filter(model_id__in=of_models, kind=Ownership.Kind.OWNER):
        _add(owned[own.model_id], own.user_id, own.team_id)
    teams = {team for held in (*named.values(), *owned.values()) for team in held[1]}
    members: dict[int, set[int]] = defaultdict(set)
    for team_id, user_id in Membership.objects.filter(team_id__in=teams).values_list("team_id", "user_id"):
        members[team_id].add(user_id)
    wished: dict[int, set[int]] = {}
    for event in events:
        found = _people(named[event.rule_id or 0], members)
        if event.rule and event.rule.tell_owners:
            found |= _people(owned[event.model_id], members)
        wished[event.pk] = found
    return _who_may_see(events, wished)


def _add(held: tuple[set[int], set[int]], user_id: int | None, team_id: int | None) -> None:
    if user_id is not None:
        held[0].add(user_id)
    if team_id is not None:
        held[1].add(team_id)


def _people(held: tuple[set[int], set[int]], members: dict[int, set[int]]) -> set[int]:
    return held[0] | {user for team in held[1] for user in members[team]}


def _who_may_see(events: Iterable[Event], wished: dict[int, set[int]]) -> dict[int, list[int]]:
    """A project's models are seen by the same people, so each project is asked about once."""
    models: dict[int, RegisteredModel] = {}
    candidates: dict[int, set[int]] = defaultdict(set)
    for event in events:
        models[event.model.project_id] = event.model
        candidates[event.model.project_id] |= wished[event.pk]
    seeing = {
        project_id: set(audience(models[project_id]).filter(pk__in=ids).values_list("pk", flat=True))
        for project_id, ids in candidates.items()
        if ids
    }
    return {
        event.pk: sorted(wished[event.pk] & seeing.get(event.model.project_id, set())) for event in events
    }
