"""Metrics of the tills that are asked: by the till's name, of which the file of tills has a few."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from ingest.tills.keeping import Kept


class TillMetrics:
    """The metrics of all tills of one process, in a registry of their own; shared by their threads."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._orders = Counter(
            "footfall_tills_orders", "Orders that a till brought.", ["till", "outcome"], registry=registry
        )
        self._refused = Counter(
            "footfall_tills_refused", "Documents of a till that could not be taken.", ["till"], registry=registry
        )
        self._failures = Counter(
            "footfall_tills_failed_rounds", "Rounds that the database, or a fault of ours, ended.", ["till"],
            registry=registry,
        )  # fmt: skip
        self._last = Gauge(
            "footfall_tills_last_round_timestamp_seconds", "When a till was last dealt with.", ["till"],
            registry=registry,
        )  # fmt: skip

    def done(self, till: str, kept: Kept, at: datetime) -> None:
        """Note what a round brought."""
        self._orders.labels(till=till, outcome="created").inc(kept.created)
        self._orders.labels(till=till, outcome="updated").inc(kept.updated)
        self._refused.labels(till=till).inc(len(kept.refused))
        self._failures.labels(till=till)
        self._last.labels(till=till).set(at.timestamp())

    def failed(self, till: str) -> None:
        """Note that a round ended early."""
        self._failures.labels(till=till).inc()
