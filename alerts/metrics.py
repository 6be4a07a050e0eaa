"""The numbers of alerts for Prometheus, read when it asks, so that any process answers for all; no name is there."""

from collections.abc import Iterable

from django.db import Error, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.models import Rule

NUMBERS = """
SELECT
    (SELECT count(*) FROM alerts_touched),
    (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0) FROM alerts_touched),
    (SELECT count(*) FROM alerts_alert WHERE state = 'silenced'),
    (SELECT count(*) FROM alerts_delivery d JOIN alerts_endpoint e ON e.id = d.endpoint_id
        WHERE d.state = 'waiting' AND e.is_enabled),
    (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(d.waiting_since)), 0) FROM alerts_delivery d
        JOIN alerts_endpoint e ON e.id = d.endpoint_id WHERE d.state = 'waiting' AND e.is_enabled),
    (SELECT count(*) FROM alerts_delivery WHERE state = 'failed'),
    (SELECT count(*) FROM alerts_endpoint WHERE is_enabled AND failures > 0),
    (SELECT count(*) FROM alerts_mailitem WHERE done_at IS NULL)
"""
GAUGES = (
    ("touched_rows", "Changes that the rules have not looked at yet."),
    ("touched_lag_seconds", "Age of the oldest of them."),
    ("silenced", "Alerts that fire in silence."),
    ("deliveries_waiting", "Webhook messages that wait to be sent."),
    ("deliveries_lag_seconds", "Age of the oldest of them."),
    ("deliveries_failed", "Webhook messages that were given up."),
    ("endpoints_failing", "Webhooks whose last message failed."),
    ("mail_waiting", "News that wait for somebody's next mail."),
)
FIRING = """
SELECT r.severity, count(*) FROM alerts_alert a JOIN alerts_rule r ON r.id = a.rule_id
WHERE a.state = 'firing' GROUP BY 1
"""


class AlertsCollector(Collector):
    """Two statements for each scrape."""

    def collect(self) -> Iterable[Metric]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(NUMBERS)
                numbers = cursor.fetchone()
                cursor.execute(FIRING)
                firing = dict(cursor.fetchall())
        except Error:
            return
        for (name, about), value in zip(GAUGES, numbers, strict=True):
            yield GaugeMetricFamily(f"vitrine_alerts_{name}", about, value=float(value))
        family = GaugeMetricFamily("vitrine_alerts_firing", "Alerts that fire.", labels=["severity"])
        for severity in Rule.Severity.values:
            family.add_metric([str(severity)], firing.get(severity, 0))
        yield family


registry = CollectorRegistry()
registry.register(AlertsCollector())


def text() -> bytes:
    """In Prometheus's text format."""
    return generate_latest(registry)
