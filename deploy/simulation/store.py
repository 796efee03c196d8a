"""One simulated store: its days on demand, each drawn once, and what of them its boxes and its till write down."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from contract.entries import Audit
from deploy.simulation.crossings import line_crossings
from deploy.simulation.days import generator
from deploy.simulation.fleet import Box, StoreProfile
from deploy.simulation.ledger import DayLedger, day_ledger
from deploy.simulation.model import Model
from deploy.simulation.orders import Order, day_orders
from deploy.simulation.outages import Outage, outage
from deploy.simulation.samples import floor_density
from deploy.simulation.sight import Seen, audit, seen
from deploy.simulation.staff import Clocked, clocked
from deploy.simulation.visits import StoreDay, store_day
from deploy.simulation.watch import Watch

_DAYS_KEPT: Final = 4
_T = TypeVar("_T")

Totals = Mapping[str, tuple[int, int]]


class SimulatedStore:
    """A store of the fleet. Safe to use from several threads."""

    def __init__(self, profile: StoreProfile, model: Model, seed: int) -> None:
        self.profile = profile
        self.model = model
        self.seed = seed
        self._density = floor_density(profile, model)
        self._days: dict[date, StoreDay | None] = {}
        self._orders: dict[date, list[Order]] = {}
        self._lock = threading.RLock()

    def day(self, business_date: date) -> StoreDay | None:
        """Return what happens on a date; None when closed."""
        with self._lock:
            return _remembered(
                self._days, business_date, lambda: store_day(self.profile, self.model, self.seed, business_date)
            )

    def orders(self, business_date: date) -> list[Order]:
        """Return the till's orders of a date by closing time; empty when closed."""
        with self._lock:
            return _remembered(self._orders, business_date, lambda: self._draw_orders(business_date))

    def clock(self, business_date: date) -> list[Clocked]:
        """Return what the time clock heard on a date, in order; empty when closed."""
        happened = self.day(business_date)
        return [] if happened is None else clocked(happened.staff.shifts)

    def outages(self, store_day: StoreDay, box: Box) -> dict[str, Outage]:
        """Return the outage of each camera of a box on a day."""
        return {
            camera: outage(self.profile, self.model, self.seed, store_day.day, camera) for camera in box.cameras
        }  # fmt: skip

    def ledger(self, business_date: date, box: Box, *, live: bool, totals: Totals) -> DayLedger:
        """Return what a box writes down on a date, empty when closed; `totals` are its lines' before the day."""
        happened = self.day(business_date)
        if happened is None:
            return DayLedger.empty()
        outages = self.outages(happened, box)
        sights = self.sights(happened, box)
        # Nobody audits a line whose camera is dark.
        audited = [sights[info.line] for info in box.lines if info.line in sights and not outages[info.camera].end_ms]
        watch = Watch(
            model=self.model, outages=outages, live=live, totals=totals, density=self._density, sights=sights,
            audits=self.audits(happened, audited),
        )  # fmt: skip
        return day_ledger(happened, box, watch)

    def sights(self, happened: StoreDay, box: Box) -> dict[str, Seen]:
        """Return what the cameras of a box made of everybody, by line; empty where the model's miss nobody."""
        if not (self.model.miss_share or self.model.double_share):
            return {}
        date_ = happened.day.business_date
        return {
            info.line: seen(self.profile, self.model, self.seed, date_, line_crossings(happened, info.line, Outage()))
            for info in box.lines
        }

    def audits(self, happened: StoreDay, lines: Sequence[Seen]) -> tuple[Audit, ...]:
        """Return the day's audits of these lines."""
        date_ = happened.day.business_date
        found = (
            audit(
                self.model, happened.day, one,
                generator(self.seed, self.profile.code, date_, f"audit {one.crossed.line}"),
            )
            for one in lines
        )  # fmt: skip
        return tuple(one for one in found if one is not None)

    def _draw_orders(self, business_date: date) -> list[Order]:
        happened = self.day(business_date)
        return [] if happened is None else day_orders(self.profile, self.model, self.seed, happened)


def _remembered(memory: dict[date, _T], key: date, draw: Callable[[], _T]) -> _T:
    if key not in memory:
        while len(memory) >= _DAYS_KEPT:
            del memory[next(iter(memory))]
        memory[key] = draw()
    return memory[key]
