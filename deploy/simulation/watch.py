"""What a box knows besides what happens: its cadence, its cameras' outages, its totals; and what it writes down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from contract.entries import Audit, Entry
from deploy.simulation.model import Model
from deploy.simulation.outages import Outage
from deploy.simulation.sight import Seen
from deploy.simulation.traffic import Floats, Millis
from deploy.simulation.visits import StoreDay


@dataclass(frozen=True, slots=True)
class Written:
    """Entries of one kind and when each is written; of one length."""

    at_ms: Millis
    entries: list[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a box watches one day.

    Attributes:
        outages: of each camera.
        live: chooses the cadence.
        totals: each line's (in, out) totals before the day; a line that is not listed begins at zero.
        sights: what each line's camera made of everybody; a line that is not listed misses nobody.
        audits: the day's audits.
        density: share of the floor's person-seconds in each cell of the heat grid, shape (rows × columns,), sum 1.
    """

    model: Model
    outages: Mapping[str, Outage]
    live: bool
    totals: Mapping[str, tuple[int, int]]
    density: Floats
    sights: Mapping[str, Seen] = field(default_factory=dict)
    audits: tuple[Audit, ...] = ()

    @property
    def period_ms(self) -> int:
        """Return the cadence of registers, uptime and occupancy."""
        return 1000 * (self.model.live_period_s if self.live else self.model.history_period_s)

    @property
    def queue_ms(self) -> int:
        """Return the cadence of queue samples."""
        return 1000 * (self.model.live_period_s if self.live else self.model.history_queue_s)


def periods(store_day: StoreDay, period_ms: int) -> Millis:
    """Return the start of each period of the watch: shape (periods,)."""
    start_ms, end_ms = store_day.day.watch_ms
    return np.arange(start_ms, end_ms, period_ms, dtype=np.int64)


def instants(at_ms: Millis) -> list[datetime]:
    """Return Unix milliseconds as instants in UTC."""
    naive: list[datetime] = at_ms.astype("datetime64[ms]").astype("datetime64[us]").tolist()
    return [moment.replace(tzinfo=UTC) for moment in naive]
