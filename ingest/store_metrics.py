"""Metrics of the store of record, read from the database when they are asked for, at most every few seconds.

Each worker tells the same: in a query take `max by`, not the sum.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.database import Database
from ingest.errors import DatabaseError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("metrics")
STATES: Final = ("online", "stopped", "offline", "silent", "never_heard")
#: Boxes that are named one by one: those that miss most. Whatever happens, there are no more series than that.
NAMED_MAX: Final = 50
_FRESH_S: Final = 10.0


class StoreCollector(Collector):
    """Asks the database at `url` on a connection of its own; may be read by several threads."""

    def __init__(self, url: str, *, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._database = Database(url, name="footfall-metrics")
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._known: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        """Return the families as the database has them; `footfall_store_up` alone while it does not answer."""
        with self._lock:
            if self._read_at is None or self._monotonic() - self._read_at >= _FRESH_S:
                self._known = self._read()
                self._read_at = self._monotonic()
            return self._known

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._database.close()

    def _read(self) -> list[Metric]:
        up = GaugeMetricFamily("footfall_store_up", "1: the database answers.")
        try:
            with self._database.transaction() as cursor:
                cursor.execute(_SQL["boxes"], {"now": self._now()})
                boxes = dict(cursor.fetchall())
                cursor.execute(_SQL["missing"])
                missing = cursor.fetchall()
                cursor.execute(_SQL["kept"])
                letters, stores, jobs = cursor.fetchone() or (0, 0, 0)
        except DatabaseError:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [
            up,
            _boxes(boxes),
            *_missing(missing),
            GaugeMetricFamily("footfall_dead_letters", "Dead letters kept.", value=letters),
            GaugeMetricFamily("footfall_jobs_unwell", "Jobs of the database that fail or are overdue.", value=jobs),
            GaugeMetricFamily("footfall_stores", "Stores that are open for business.", value=stores),
        ]


def _boxes(counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(
        "footfall_devices", "Boxes by presence; silent: online, but not heard for five minutes.", labels=["state"]
    )
    for state in STATES:
        family.add_metric([state], counts.get(state, 0))
    return family


def _missing(rows: list[tuple[str, str, int]]) -> list[Metric]:
    each = GaugeMetricFamily(
        "footfall_ledger_missing_device_entries",
        f"Ledger entries that a box has and the store lacks, for the {NAMED_MAX} boxes that lack most.",
        labels=["store", "device"],
    )
    for store, device, number in rows[:NAMED_MAX]:
        each.add_metric([store, device], number)
    total = sum(number for _, _, number in rows)
    return [
        GaugeMetricFamily("footfall_ledger_missing_entries", "Ledger entries that the store lacks.", value=total),
        GaugeMetricFamily("footfall_ledger_incomplete_devices", "Boxes of which entries are missing.", value=len(rows)),
        each,
    ]
