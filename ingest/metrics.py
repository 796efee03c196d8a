"""Metrics of the ingest service, in Prometheus's conventions: what came, what became of it, how far behind it is.

No label takes its values from a message: a device can make no new series.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ingest.dead_letters import KINDS
from ingest.deliveries import Waiting
from ingest.errors import DatabaseError
from ingest.intake import Taken

_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0)
_ENTRIES: Final = (1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 50_000)


class IngestMetrics:
    """The metrics of one worker, in a registry of their own. `begin` and `committed` are the writing thread's."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._batches = Counter("footfall_ingest_batches", "Ledger batches committed.", registry=registry)
        self._entries = Counter("footfall_ingest_entries", "Ledger entries committed that were new.", registry=registry)
        self._duplicates = Counter(
            "footfall_ingest_duplicates", "Ledger entries that came again and changed nothing.", registry=registry
        )
        self._letters = Counter(
            "footfall_ingest_dead_letters", "Messages kept as dead letters.", ["reason"], registry=registry
        )
        self._receipts = Counter("footfall_ingest_receipts", "Receipts handed to the broker.", registry=registry)
        self._retries = Counter(
            "footfall_ingest_database_retries",
            "Transactions tried again, by the class (first two characters) of the SQLSTATE; none: no connection.",
            ["sqlstate_class"],
            registry=registry,
        )
        self._transaction_s = Histogram(
            "footfall_ingest_transaction_duration_seconds",
            "From taking what waited to its commit, retries included.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._transaction_entries = Histogram(
            "footfall_ingest_transaction_entries", "New entries per commit.", buckets=_ENTRIES, registry=registry
        )
        self._commit_s = Histogram(
            "footfall_ingest_commit_lag_seconds",
            "From a ledger message's arrival to its commit.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._last = Gauge(
            "footfall_ingest_last_commit_timestamp_seconds",
            "When something was last committed; 0: not since the start.",
            registry=registry,
        )
        self._oldest: datetime | None = None
        for kind in KINDS:
            self._letters.labels(reason=kind)

    def watch(self, *, connected: Callable[[], bool], waiting: Callable[[], int], now: Callable[[], datetime]) -> None:
        """Ask these whenever the metrics are read."""
        Gauge("footfall_ingest_broker_connected", "1: the broker delivers to us.", registry=self.registry).set_function(
            lambda: float(connected())
        )
        Gauge(
            "footfall_ingest_waiting_messages", "Ledger messages taken from the broker that wait.",
            registry=self.registry,
        ).set_function(waiting)  # fmt: skip
        Gauge(
            "footfall_ingest_lag_seconds",
            "Age of the oldest ledger message that is being committed; grows while the database is away.",
            registry=self.registry,
        ).set_function(lambda: self._lag_s(now()))

    def begin(self, waiting: Waiting) -> None:
        """Note that these are to be committed now."""
        self._oldest = min((each.received_at for each in waiting.ledger), default=None)

    def committed(self, waiting: Waiting, taken: Taken, *, took_s: float, at: datetime) -> None:
        """Note what became of them at `at`, after `took_s`."""
        self._oldest = None
        self._batches.inc(taken.batches)
        self._entries.inc(taken.entries)
        self._duplicates.inc(taken.duplicates)
        self._receipts.inc(len(taken.receipts))
        for kind, many in taken.letters.items():
            self._letters.labels(reason=kind).inc(many)
        if waiting.ledger:
            self._transaction_s.observe(took_s)
            self._transaction_entries.observe(taken.entries)
            self._last.set(at.timestamp())
        for delivery in waiting.ledger:
            self._commit_s.observe((at - delivery.received_at).total_seconds())

    def retry(self, error: DatabaseError) -> None:
        """Note that the database did not take it."""
        self._retries.labels(sqlstate_class=error.sqlstate[:2] if error.sqlstate else "none").inc()

    def _lag_s(self, now: datetime) -> float:
        oldest = self._oldest
        return (now - oldest).total_seconds() if oldest else 0.0
