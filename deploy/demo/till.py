"""The till of the demo's own shop: who stayed long enough at the table buys something, through the real orders API.

Invented, but repeatable: the same stay always makes the same order, so posting it twice changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from deploy.demo.site import STORE
from ingest.database import Database
from ingest.errors import IngestError
from ingest.orders.client import OrdersClient

_log = logging.getLogger(__name__)

BUYS_AFTER_S: Final = 15.0
#: From the table to the till.
_WALK: Final = timedelta(seconds=5)
#: How far back stays may arrive late.
_REACH: Final = timedelta(hours=1)
_EVERY_S: Final = 5.0
_TAX: Final = Decimal("0.19")
_STAYS: Final = """
SELECT v.at, v.dwell_s FROM zone_visit AS v JOIN store AS s USING (store_id)
WHERE s.code = %(store)s AND NOT v.censored AND v.dwell_s >= %(least)s AND v.at BETWEEN %(since)s AND %(until)s
ORDER BY v.at
"""


class DemoTill:
    """Posts the orders that are due whenever it is asked to, at most every few seconds."""

    def __init__(
        self, database: Database, client: OrdersClient, *, now: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self._database = database
        self._client = client
        self._now = now
        self._monotonic = monotonic
        self._next_s = 0.0
        self._posted: set[datetime] = set()

    def ring(self) -> None:
        """Post what is due; what cannot be posted now, while a service comes back, is tried again."""
        if self._monotonic() < self._next_s:
            return
        self._next_s = self._monotonic() + _EVERY_S
        try:
            due = self._due()
            if due:
                self._client.post([sale(at, dwell_s) for at, dwell_s in due])
                self._posted.update(at for at, _ in due)
        except IngestError as error:
            _log.warning("demo orders wait: %s", error, extra={"action": "demo_orders_wait"})

    def _due(self) -> list[tuple[datetime, float]]:
        now = self._now()
        self._posted = {at for at in self._posted if at > now - 2 * _REACH}
        values = {"store": STORE, "least": BUYS_AFTER_S, "since": now - _REACH, "until": now - _WALK}
        with self._database.transaction() as cursor:
            cursor.execute(_STAYS, values)
            return [(at, dwell_s) for at, dwell_s in cursor.fetchall() if at not in self._posted]


def sale(at: datetime, dwell_s: float) -> dict[str, Any]:
    """Return the sale that a stay of `dwell_s` ending at `at` leads to: the longer, the dearer."""
    closed_at = (at + _WALK).astimezone(UTC)
    net = Decimal(round(dwell_s * 100)) / 100
    return {
        "store": STORE,
        "source": "demo",
        "external_id": f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}",
        "version": 1,
        "kind": "sale",
        "business_date": closed_at.date().isoformat(),
        "closed_at": closed_at.isoformat(),
        "gross": str(net),
        "discount": "0.00",
        "tax": str(round(net * _TAX, 2)),
        "net": str(net),
        "currency": "EUR",
        "units": 1 + int(dwell_s // 20),
        "channel": "in_store",
    }
