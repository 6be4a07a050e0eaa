"""Puts news of alerts into the outboxes of each way there is, in the transaction of the alert. Nothing is sent here."""

from collections import defaultdict
from collections.abc import Sequence

from alerts.delivery.messages import body_of, message_id
from alerts.delivery.people import recipients_of
from alerts.models import Delivery, Endpoint, Event, MailItem, Rule
from social.services.notifications import AlertNews, announce_alerts


def deliver(events: Sequence[Event]) -> None:
    """Have people and endpoints told of events, by the ways of each rule. Some eight queries, one a project more."""
    told = [event for event in events if event.rule is not None]
    people = recipients_of(told)
    _to_app(told, people)
    MailItem.objects.bulk_create(
        [
            MailItem(recipient_id=user_id, event=event)
            for event in told
            if event.rule and event.rule.by_mail
            for user_id in people[event.pk]
        ],
        ignore_conflicts=True,
    )
    _to_endpoints(told)


def _to_app(events: Sequence[Event], people: dict[int, list[int]]) -> None:
    """One piece of news for each person, rule and kind: many models of one rule are one line under the bell."""
    grouped: dict[tuple[int, int | None, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.rule and event.rule.by_app:
            for user_id in people[event.pk]:
                grouped[user_id, event.rule_id, event.kind].append(event)
    announce_alerts(
        news=[
            AlertNews(
                recipient_id=user_id,
                model_id=held[-1].model_id,
                words=f"{held[-1].rule_name}: {held[-1].words}"[:400]
                if kind == Event.Kind.FIRED
                else f"Cleared: {held[-1].rule_name}. {held[-1].words}"[:400],
                url=f"/alerts/{held[-1].alert_id}" if len(held) == 1 else f"/alerts?rule={rule_id}",
                many_url=f"/alerts?rule={rule_id}",
                group=f"alert-{rule_id}-{kind}",
                count=len(held),
            )
            for (user_id, rule_id, kind), held in grouped.items()
        ]
    )


def _to_endpoints(events: Sequence[Event]) -> None:
    """Two queries, one of them the write. An endpoint of a project hears of that project's models only."""
    chosen = Rule.endpoints.through.objects.filter(rule_id__in={event.rule_id for event in events})
    by_rule: dict[int | None, list[Endpoint]] = defaultdict(list)
    for row in chosen.filter(endpoint__is_enabled=True).select_related("endpoint"):
        by_rule[row.rule_id].append(row.endpoint)
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=endpoint,
                event=event,
                message_id=message_id(),
                type=f"alert.{event.kind}",
                body=body_of(event),
            )
            for event in events
            for endpoint in by_rule[event.rule_id]
            if endpoint.project_id in (None, event.model.project_id)
        ],
        ignore_conflicts=True,
    )
