"""Addresses of the API of alerts, below /api/v1/."""

from django.urls import path

from alerts.api import views

app_name = "alerts_api"

urlpatterns = [
    path("alerts", views.AlertList.as_view(), name="alerts"),
    path("alerts/history", views.History.as_view(), name="history"),
    path("alerts/<int:alert>", views.AlertDetail.as_view(), name="alert"),
    path("alerts/rules", views.RuleList.as_view(), name="rules"),
    path("alerts/rules/try", views.RuleTrial.as_view(), name="rule_try"),
    path("alerts/rules/<int:rule>", views.RuleDetail.as_view(), name="rule"),
    path("alerts/silences", views.SilenceList.as_view(), name="silences"),
    path("alerts/silences/<int:silence>", views.SilenceDetail.as_view(), name="silence"),
    path("alerts/webhooks", views.WebhookList.as_view(), name="webhooks"),
    path("alerts/webhooks/<int:webhook>", views.WebhookDetail.as_view(), name="webhook"),
    path("alerts/webhooks/<int:webhook>/secret", views.WebhookSecretView.as_view(), name="webhook_secret"),
    path("alerts/webhooks/<int:webhook>/test", views.WebhookTest.as_view(), name="webhook_test"),
    path("alerts/webhooks/<int:webhook>/deliveries", views.DeliveryList.as_view(), name="deliveries"),
    path("alerts/deliveries/<int:delivery>/again", views.DeliveryAgain.as_view(), name="delivery_again"),
]
