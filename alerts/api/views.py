"""Rules, alerts, history, silences and webhooks in the API. All of it needs an account, even to read."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from accounts.models import Team
from alerts.access import get_endpoint, get_rule, managed_endpoints, require_manage, visible_silences
from alerts.api import shapes
from alerts.models import Endpoint, Rule
from alerts.selectors import alerts as reads
from alerts.selectors import rules as rule_reads
from alerts.selectors import words
from alerts.services import endpoints as endpoint_services
from alerts.services import rules as rule_services
from alerts.services import silences as silence_services
from catalog.access import get_project
from core.api.schema import describe
from core.errors import Invalid, NotVisible

FILTERS = {
    "severity": "critical, warning or info",
    "kind": "metric, drift, staleness or metadata",
    "project": "Slug of a project",
    "model": "project/model",
    "rule": "Number of a rule",
}


class SignedIn(ApiView):
    """Base of what needs an account even to read."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.viewer.is_signed_in:
            self.permission_denied(request)

    def wanted(self) -> reads.Filter:
        return reads.filter_of({name: self.parameter(name) for name in self.parameters})


class AlertList(SignedIn):
    parameters = {"state": "open (as without it), all, firing, silenced or ok", **FILTERS}
    is_paged = True

    @describe("list_alerts", shapes.AlertShape, paged=True)
    def get(self, request: Request) -> Response:
        """Alerts on models that you may see, the last ones first."""
        return self.page(reads.alert_rows(self.viewer, self.wanted()), shapes.alert_data, by=["-id"])


class AlertDetail(SignedIn):
    @describe("get_alert", shapes.AlertShape)
    def get(self, request: Request, alert: int) -> Response:
        """One alert."""
        found = reads.alert_rows(self.viewer, reads.Filter(state="all")).filter(pk=alert).first()
        if found is None:
            raise NotVisible
        return self.tagged(shapes.alert_data([found])[0])


class History(SignedIn):
    parameters = FILTERS
    is_paged = True

    @describe("list_alert_events", shapes.EventShape, paged=True)
    def get(self, request: Request) -> Response:
        """What fired and cleared, the newest first."""
        return self.page(reads.event_rows(self.viewer, self.wanted()), shapes.event_data, by=["-at", "-id"])


class RuleView(SignedIn):
    """Base of what takes or gives rules."""

    def found(self, rule: int) -> Rule:
        return get_rule(self.viewer, rule)

    def shown(self, rule_id: int, status: int = 200) -> Response:
        row = rule_reads.rule_rows(self.viewer).get(pk=rule_id)
        headers = {"Location": f"/api/v1/alerts/rules/{rule_id}"} if status == 201 else {}
        return self.tagged(shapes.rule_data([row])[0], revision=row.revision, status=status, headers=headers)

    def fields(self, body: dict[str, Any]) -> dict[str, Any]:
        """The fields of the body that are the rule's own, with what they name looked up."""
        fields = {name: value for name, value in body.items() if name in rule_services.EDITABLE}
        if "metric" in fields:
            fields["metric"] = words.metric_named(self.viewer, fields["metric"])
        if fields.get("dataset"):
            fields["dataset"] = words.dataset_named(self.viewer, fields["dataset"])
        return fields

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        """Whom the rule tells, as far as the body says so."""
        found: dict[str, Any] = {}
        if "people" in body:
            found["people"] = words.people_named(body["people"])
        if "teams" in body:
            found["teams"] = words.teams_named(body["teams"])
        if "webhooks" in body:
            found["endpoints"] = list(managed_endpoints(self.viewer).filter(pk__in=body["webhooks"]))
            if len(found["endpoints"]) != len(set(body["webhooks"])):
                raise Invalid("There is no such webhook.", field="webhooks")
        return found

    def scope(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the body would have watched, which the viewer may.

        Raises:
            Invalid: it names several, or what does not exist for the viewer. NotAllowed: it is not theirs to watch.
        """
        found: dict[str, Any] = {}
        try:
            if body.get("project"):
                found["project"] = get_project(self.viewer, body["project"])
            if body.get("model"):
                found["model"] = words.model_named(self.viewer, body["model"])
        except NotVisible:
            name = "model" if body.get("model") else "project"
            raise Invalid(f"There is no such {name}, or none that you may see.", field=name) from None
        if body.get("team"):
            found["team"] = Team.objects.filter(slug=body["team"]).first()
            if found["team"] is None:
                raise Invalid("There is no such team.", field="team")
        if len(found) > 1:
            raise Invalid("Choose one of project, team and model.", field="project")
        require_manage(self.viewer, **{name: found.get(name) for name in rule_services.SCOPE})
        return found


class RuleList(RuleView):
    is_paged = True

    @describe("list_alert_rules", shapes.RuleShape, paged=True)
    def get(self, request: Request) -> Response:
        """Rules whose scope you may see, by name."""
        return self.page(rule_reads.rule_rows(self.viewer), shapes.rule_data, by=["name", "id"])

    @describe("create_alert_rule", shapes.RuleShape, body=shapes.NewRule, status=201)
    def post(self, request: Request) -> Response:
        """Make a rule on a project, a team's models, a model, or (as an administrator) on everything."""
        body = self.body(shapes.NewRule)
        scope = self.scope(body)
        made = rule_services.make_rule(
            viewer=self.viewer,
            kind=body["kind"],
            scope=scope,
            fields=self.fields(body),
            **self.told(body),
        )
        return self.shown(made.pk, 201)


class RuleTrial(RuleView):
    @describe("try_alert_rule", shapes.TrialShape, body=shapes.NewRule)
    def post(self, request: Request) -> Response:
        """On which models a rule would fire now. Nothing is saved and nobody is told."""
        body = self.body(shapes.NewRule)
        scope = self.scope(body)
        trial = rule_reads.tryout(
            self.viewer, rule_services.shaped(body["kind"], {**scope, **self.fields(body)})
        )
        first = [{"model": model.ref, "words": said} for model, said in trial.shown]
        return Response(
            {"looked_at": trial.looked_at, "firing": trial.firing, "first": first, "is_all": trial.is_all}
        )


class RuleDetail(RuleView):
    @describe("get_alert_rule", shapes.RuleShape)
    def get(self, request: Request, rule: int) -> Response:
        """One rule."""
        return self.shown(self.found(rule).pk)

    @describe("edit_alert_rule", shapes.RuleShape, body=shapes.RuleFields)
    def patch(self, request: Request, rule: int) -> Response:
        """Change a rule; its kind and scope stay."""
        found = self.found(rule)
        body = self.body(shapes.RuleFields, partial=True)
        rule_services.edit_rule(
            viewer=self.viewer,
            rule=found,
            fields=self.fields(body),
            expected=self.expected_revision(),
            **self.told(body),
        )
        return self.shown(found.pk)

    @describe("delete_alert_rule")
    def delete(self, request: Request, rule: int) -> Response:
        """Remove a rule; its history stays, for administrators."""
        found = self.found(rule)
        with transaction.atomic():
            expected = self.expected_revision()
            if expected is not None:
                rule_services.edit_rule(viewer=self.viewer, rule=found, fields={}, expected=expected)
            rule_services.remove_rule(viewer=self.viewer, rule=found)
        return Response(status=204)


class SilenceList(SignedIn):
    is_paged = True

    @describe("list_silences", shapes.SilenceShape, paged=True)
    def get(self, request: Request) -> Response:
        """Silences of what you may see, the last made first."""
        return self.page(visible_silences(self.viewer), shapes.silence_data, by=["-id"])

    @describe("create_silence", shapes.SilenceShape, body=shapes.SilenceBody, status=201)
    def post(self, request: Request) -> Response:
        """Have nothing delivered about a rule, a model or a project until a moment."""
        body = self.body(shapes.SilenceBody)
        thing: dict[str, Any] = {}
        if "rule" in body:
            thing["rule"] = get_rule(self.viewer, body["rule"])
        if "model" in body:
            thing["model"] = words.model_named(self.viewer, body["model"])
        if "project" in body:
            thing["project"] = get_project(self.viewer, body["project"])
        made = silence_services.silence(
            viewer=self.viewer, until=body["until"], reason=body["reason"], **thing
        )
        row = visible_silences(self.viewer).get(pk=made.pk)
        headers = {"Location": f"/api/v1/alerts/silences/{made.pk}"}
        return self.tagged(shapes.silence_data([row])[0], status=201, headers=headers)


class SilenceDetail(SignedIn):
    @describe("get_silence", shapes.SilenceShape)
    def get(self, request: Request, silence: int) -> Response:
        """One silence."""
        row = visible_silences(self.viewer).filter(pk=silence).first()
        if row is None:
            raise NotVisible
        return self.tagged(shapes.silence_data([row])[0])

    @describe("delete_silence")
    def delete(self, request: Request, silence: int) -> Response:
        """End a silence now."""
        silence_services.end_silence(viewer=self.viewer, silence_id=silence)
        return Response(status=204)


class WebhookView(SignedIn):
    """Base of what takes or gives webhooks."""

    def shown(self, endpoint: Endpoint) -> Response:
        row = get_endpoint(self.viewer, endpoint.pk)
        return self.tagged(shapes.webhook_data([row])[0], revision=row.revision)


class WebhookList(WebhookView):
    is_paged = True

    @describe("list_webhooks", shapes.WebhookShape, paged=True)
    def get(self, request: Request) -> Response:
        """Webhooks that you manage, by name."""
        return self.page(managed_endpoints(self.viewer), shapes.webhook_data, by=["name", "id"])

    @describe("create_webhook", shapes.WebhookSecret, body=shapes.NewWebhook, status=201)
    def post(self, request: Request) -> Response:
        """Make a webhook of a project, or (as an administrator) of the inventory. The secret is shown this once."""
        body = self.body(shapes.NewWebhook)
        slug = body.pop("project", None)
        project = get_project(self.viewer, slug) if slug else None
        made, secret = endpoint_services.make_endpoint(viewer=self.viewer, project=project, **body)
        row = get_endpoint(self.viewer, made.pk)
        return Response(
            {**shapes.webhook_data([row])[0], "secret": secret},
            status=201,
            headers={"Location": f"/api/v1/alerts/webhooks/{made.pk}", "Cache-Control": "no-store"},
        )


class WebhookDetail(WebhookView):
    @describe("get_webhook", shapes.WebhookShape)
    def get(self, request: Request, webhook: int) -> Response:
        """One webhook."""
        return self.shown(get_endpoint(self.viewer, webhook))

    @describe("edit_webhook", shapes.WebhookShape, body=shapes.WebhookFields)
    def patch(self, request: Request, webhook: int) -> Response:
        """Change its name or address, or turn it on or off."""
        found = get_endpoint(self.viewer, webhook)
        fields = self.body(shapes.WebhookFields, partial=True)
        endpoint_services.edit_endpoint(
            viewer=self.viewer, endpoint=found, fields=fields, expected=self.expected_revision()
        )
        return self.shown(found)

    @describe("delete_webhook")
    def delete(self, request: Request, webhook: int) -> Response:
        """Remove a webhook with what waits for it."""
        endpoint_services.remove_endpoint(viewer=self.viewer, endpoint=get_endpoint(self.viewer, webhook))
        return Response(status=204)


class WebhookSecretView(WebhookView):
    @describe("rotate_webhook", shapes.SecretShape, status=201)
    def post(self, request: Request, webhook: int) -> Response:
        """A new secret; for a day messages are signed by the old one, too."""
        found = get_endpoint(self.viewer, webhook)
        secret = endpoint_services.rotate_secret(viewer=self.viewer, endpoint=found)
        return Response({"secret": secret}, status=201, headers={"Cache-Control": "no-store"})


class WebhookTest(WebhookView):
    @describe("test_webhook", shapes.DeliveryShape, status=202)
    def post(self, request: Request, webhook: int) -> Response:
        """Queue a test message."""
        found = get_endpoint(self.viewer, webhook)
        made = endpoint_services.send_test(viewer=self.viewer, endpoint=found)
        made.refresh_from_db()
        return Response(shapes.delivery_data([made])[0], status=202)


class DeliveryList(WebhookView):
    is_paged = True

    @describe("list_webhook_deliveries", shapes.DeliveryShape, paged=True)
    def get(self, request: Request, webhook: int) -> Response:
        """Messages of a webhook with every attempt, the last ones first."""
        found = get_endpoint(self.viewer, webhook)
        return self.page(found.deliveries.all(), shapes.delivery_data, by=["-id"])


class DeliveryAgain(WebhookView):
    @describe("resend_delivery", shapes.DeliveryShape, status=202)
    def post(self, request: Request, delivery: int) -> Response:
        """Send a message again, under the same id."""
        found = endpoint_services.send_again(viewer=self.viewer, delivery_id=delivery)
        return Response(shapes.delivery_data([found])[0], status=202)
