"""Metrics of the webhooks: attempts by outcome, and what waits."""

import threading

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from deploy.webhooks.register import SQL
from ingest.database import Database
from ingest.errors import DatabaseError


class WebhookMetrics:
    """The metrics of one process of senders, in a registry of their own."""

    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        self._attempts = Counter(
            "footfall_webhooks_attempts", "Attempts to deliver a webhook.", ["outcome"], registry=self.registry
        )
        for outcome in ("delivered", "failed"):
            self._attempts.labels(outcome=outcome)
        self.registry.register(_Waiting(database))

    def attempted(self, outcome: str) -> None:
        """Note how an attempt went."""
        self._attempts.labels(outcome=outcome).inc()


class _Waiting(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()

    def collect(self) -> list[GaugeMetricFamily]:
        try:
            with self._lock, self._database.transaction() as cursor:
                cursor.execute(SQL["state"])
                waiting, disabled, endpoints = cursor.fetchone() or (0, 0, 0)
        except DatabaseError:
            return []
        return [
            GaugeMetricFamily("footfall_webhooks_waiting", "Deliveries under way.", value=waiting),
            GaugeMetricFamily("footfall_webhooks_endpoints", "Endpoints registered.", value=endpoints),
            GaugeMetricFamily(
                "footfall_webhooks_disabled_endpoints", "Endpoints told nothing any more.", value=disabled
            ),
        ]
