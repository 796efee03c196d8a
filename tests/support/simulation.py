"""Simulated stores, boxes and recorders with named defaults."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from deploy.simulation.crossings import line_crossings
from deploy.simulation.days import to_instant
from deploy.simulation.errors import TillError
from deploy.simulation.fleet import FRONT_BOX, Box, StoreProfile, fleet
from deploy.simulation.ledger import DayLedger
from deploy.simulation.model import DEFAULT_MODEL, Model
from deploy.simulation.orders import Order
from deploy.simulation.outages import Outage
from deploy.simulation.recorder import Recorder
from deploy.simulation.staff import Clocked
from deploy.simulation.store import SimulatedStore
from deploy.simulation.visits import Ints, StoreDay
from edge.publishing.outbox import Outbox
from tests.support.memory_outbox import MemoryOutbox

SATURDAY = date(2026, 11, 14)
#: A quiet one, so that a test is quick.
QUIET = 60.0
NO_OUTAGES: Model = replace(DEFAULT_MODEL, outage_share=0.0)


def profile(code: str = "nanjing-road", *, visitors: float | None = None) -> StoreProfile:
    found = next(store for store in fleet(20) if store.code == code)
    return found if visitors is None else replace(found, visitors=visitors)


def simulated(
    code: str = "nanjing-road", *, seed: int = 1, model: Model = DEFAULT_MODEL, visitors: float | None = QUIET
) -> SimulatedStore:
    return SimulatedStore(profile(code, visitors=visitors), model, seed)


def happened(store: SimulatedStore, on: date = SATURDAY) -> StoreDay:
    day = store.day(on)
    assert day is not None
    return day


def ledger(store: SimulatedStore, on: date = SATURDAY, *, box: Box = FRONT_BOX, live: bool = False) -> DayLedger:
    return store.ledger(on, box, live=live, totals={})


def ins(day: StoreDay, line: str) -> Ints:
    """Moments at which visitors crossed `line` inwards."""
    crossed = line_crossings(day, line, Outage())
    return crossed.at_ms[crossed.inward & ~crossed.staff]


def recorder(
    store: SimulatedStore,
    outbox: Outbox,
    folder: Path,
    *,
    first_day: date | None = SATURDAY,
    now_ms: int | None = None,
    box: Box = FRONT_BOX,
) -> Recorder:
    """A recorder whose first look is at `now_ms`: by default noon UTC of Saturday, two hours before closing."""
    now = to_instant(happened(store).day.closes_ms - 7_200_000 if now_ms is None else now_ms)
    return Recorder(store, box, outbox, folder / "journal.json", first_day=first_day, now=now)


def held(outbox: MemoryOutbox) -> list[object]:
    """Everything that an outbox without receipts holds."""
    entries: list[object] = []
    while (run := outbox.pending(after=len(entries))) is not None:
        entries += run.entries
    return entries


@dataclass
class RecordingRegister:
    """An orders API that keeps what it is given, by external id; refuses while `broken`."""

    broken: bool = False
    posts: list[int] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    heard: list[Clocked] = field(default_factory=list)

    def clock(self, store: str, heard: list[Clocked]) -> None:
        del store
        if self.broken:
            raise TillError("closed for stocktaking", retriable=True)
        self.heard += heard

    def post(self, orders: list[Order]) -> None:
        if self.broken:
            raise TillError("closed for stocktaking", retriable=True)
        self.posts.append(len(orders))
        self.orders.update({order.external_id: order for order in orders})
