"""What an adapter does for a maker's counters: understand one push, by a pure function.

HTTP request or MQTT message ──► Push ──► understand ──► Said ──► book ──► outbox ──► ledger
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ingest.counters.readings import Said


@dataclass(frozen=True, slots=True)
class Push:
    """A push as it came.

    Attributes:
        body: as sent; read once, and never kept.
        heard_at: when it came.
        zone: of times that the maker writes without an offset.
        path: what follows the counter's own topic, over MQTT; empty over HTTP.
    """

    body: bytes
    heard_at: datetime
    zone: ZoneInfo
    path: str = ""


class Vendor(Protocol):
    """One maker's way to push counts."""

    def understand(self, push: Push) -> Said:
        """Return what a push says of counts.

        Raises:
            PushError: it cannot be understood; says what was expected, what came and where, without its values.
        """
        ...
