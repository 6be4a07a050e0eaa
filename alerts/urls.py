"""Addresses of the pages of alerts, and of the dashboards."""

from django.urls import path

from alerts.views import alerts, dashboard, rules, silences, webhooks

app_name = "alerts"

urlpatterns = [
    path("dashboard", dashboard.of_inventory, name="dashboard"),
    path("dashboard/projects/<slug:project>", dashboard.of_project, name="project_dashboard"),
    path("dashboard/teams/<slug:team>", dashboard.of_team, name="team_dashboard"),
    path("alerts", alerts.alert_list, name="alerts"),
    path("alerts/history", alerts.history, name="history"),
    path("alerts/<int:alert>", alerts.alert, name="alert"),
    path("alerts/rules", rules.rule_list, name="rules"),
    path("alerts/rules/new", rules.rule_new, name="rule_new"),
    path("alerts/rules/<int:rule>", rules.rule, name="rule"),
    path("alerts/rules/<int:rule>/edit", rules.rule_edit, name="rule_edit"),
    path("alerts/rules/<int:rule>/remove", rules.rule_remove, name="rule_remove"),
    path("alerts/rules/<int:rule>/switch", rules.rule_switch, name="rule_switch"),
    path("alerts/silences", silences.silence_list, name="silences"),
    path("alerts/silences/new", silences.silence_new, name="silence_new"),
    path("alerts/silences/<int:silence>/end", silences.silence_end, name="silence_end"),
    path("alerts/webhooks", webhooks.webhook_list, name="webhooks"),
    path("alerts/webhooks/new", webhooks.webhook_new, name="webhook_new"),
    path("alerts/webhooks/<int:webhook>", webhooks.webhook, name="webhook"),
    path("alerts/webhooks/<int:webhook>/edit", webhooks.webhook_edit, name="webhook_edit"),
    path("alerts/webhooks/<int:webhook>/rotate", webhooks.webhook_rotate, name="webhook_rotate"),
    path("alerts/webhooks/<int:webhook>/test", webhooks.webhook_test, name="webhook_test"),
    path("alerts/webhooks/<int:webhook>/remove", webhooks.webhook_remove, name="webhook_remove"),
    path("alerts/deliveries/<int:delivery>/again", webhooks.send_again, name="send_again"),
]
