"""What the pages read, seen by whoever is signed in: only the stores that are theirs, only what their role may know."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from analytics.errors import StoreUnknownError
from analytics.fleet.alarms import OF_BOXES
from analytics.periods import PeriodName
from analytics.stores import Store, store_of
from analytics.visits.traffic import Cell
from dashboard.accounts.viewer import Right, Viewer
from dashboard.errors import ForbiddenError
from dashboard.reading.chain import ALL, Among, NetworkView
from dashboard.reading.fleet import AlarmsView, FleetView
from dashboard.reading.floor import Floor
from dashboard.reading.history import HistoryView
from dashboard.reading.live import LiveView
from dashboard.reading.pages import PagesReading
from dashboard.reading.report import ReportView
from dashboard.reading.trust import ChainTrust, StoreTrust

#: Returns who asks; raises where that cannot be known.
Who = Callable[[], Viewer]


class Refusals(Protocol):
    """Where refusals are written down."""

    def __call__(self, viewer: Viewer, subject: str) -> None:
        """Write down that the viewer may not see `subject`."""


class ViewerReading:
    """The only way of pages to what was counted: each method asks first who wants to know.

    Methods raise DatabaseUnavailableError while the database does not answer, and ForbiddenError where the viewer may
    not see what was asked for.
    """

    def __init__(self, pages: PagesReading, who: Who, refused: Refusals) -> None:
        self._pages = pages
        self._refused = refused
        self.who: Final = who

    def may(self, right: Right) -> bool:
        """Return whether the viewer has this right."""
        return self.who().may(right)

    def require(self, right: Right) -> Viewer:
        """Return the viewer, who has this right.

        Raises:
            ForbiddenError: the viewer has not.
        """
        viewer = self.who()
        if not viewer.may(right):
            self._refused(viewer, right)
            raise ForbiddenError(f"{viewer.login} ({viewer.role}) has no right to {right}")
        return viewer

    def stores(self) -> tuple[Store, ...]:
        """Return the viewer's stores by name."""
        viewer = self.who()
        return tuple(store for store in self._pages.directory.stores() if viewer.may_see(store))

    def store(self, code: str) -> Store:
        """Return one of the viewer's stores.

        Raises:
            StoreUnknownError: no store has this code.
        """
        viewer = self.who()
        try:
            store = store_of(self._pages.directory.stores(), code)
        except StoreUnknownError:
            # Perhaps it was opened since the stores were read.
            self._pages.directory.forget_stores()
            store = store_of(self._pages.directory.stores(), code)
        if not viewer.may_see(store):
            self._refused(viewer, code)
            raise ForbiddenError(f"{viewer.login} ({viewer.role}) may not see store {code}")
        return store

    def fleet(self, code: str | None = None) -> FleetView:
        """Return the boxes of the viewer's stores, or of one of them; for those who may mend it, the server's own work.

        Raises:
            StoreUnknownError: no store has this code.
        """
        viewer = self.require("devices")
        mine = self.stores() if code is None else (self.store(code),)
        now, boxes = self._pages.fleet.boxes()
        by_id = {store.store_id: store for store in mine}
        shown = tuple((by_id[box.store_id], box) for box in boxes if box.store_id in by_id)
        # The server is nobody's store: those who look after boxes look after it.
        jobs = self._pages.fleet.unwell_jobs() if code is None and viewer.may("set_up") else ()
        return FleetView(now, shown, jobs)

    def alarms(self, code: str | None = None) -> AlarmsView:
        """Return the alarms of the viewer's stores, or of one; without the right to figures those of boxes alone.

        Raises:
            StoreUnknownError: no store has this code.
        """
        viewer = self.require("devices")
        mine = self.stores() if code is None else (self.store(code),)
        now, looked_at, alarms = self._pages.fleet.alarms()
        by_id = {store.store_id: store for store in mine}
        shown = tuple(
            (by_id[one.store_id], one)
            for one in alarms
            if one.store_id in by_id and (viewer.may("figures") or one.finding.code in OF_BOXES)
        )
        return AlarmsView(now, looked_at, shown)

    def forget_stores(self) -> None:
        """Let the next question about stores see what was done to them just now."""
        self._pages.directory.forget_stores()

    def live(self, code: str) -> LiveView:
        """Return a store's day as it stands now.

        Raises:
            StoreUnknownError: no store has this code.
        """
        self.require("figures")
        return replace(self._pages.live.day(self.store(code)), others=self.stores())

    def quarters(self, view: LiveView) -> Sequence[Cell]:
        """Return a day's quarter-hours as far as they may be told; none before the store's first day."""
        self.require("figures")
        return self._pages.live.quarters(view)

    def floor(self, code: str) -> Floor:
        """Return what happened on a store's floor; sales by alias only to those who may see them.

        Raises:
            StoreUnknownError: no store has this code.
            BusyError: other stores' are being read.
        """
        viewer = self.require("figures")
        found = self._pages.live.floor(self.store(code))
        return found if viewer.may("staff") else found.without_staff

    def network(
        self, name: PeriodName | None, first: date | None = None, last: date | None = None, among: Among = ALL
    ) -> NetworkView:
        """Return the viewer's stores over a period, as `ChainReading.network`."""
        self.require("figures")
        return self._pages.chain.network(self.stores(), name, first, last, among)

    def store_trust(self, code: str) -> StoreTrust:
        """Return what the past days of one of the viewer's stores are worth.

        Raises:
            StoreUnknownError: no store has this code.
        """
        return self._pages.trust.store(self.live(code))

    def chain_trust(self, name: PeriodName | None, first: date | None = None, last: date | None = None) -> ChainTrust:
        """Return what the figures of the viewer's stores over a period are worth; without a name over four weeks."""
        return self._pages.trust.chain(self.network(name or "four_weeks", first, last))

    def history(
        self, code: str, name: PeriodName | None, first: date | None = None, last: date | None = None
    ) -> HistoryView:
        """Return one of the viewer's stores over a period; without a name over four weeks.

        Raises:
            StoreUnknownError: no store has this code.
        """
        self.require("figures")
        return self._pages.history.store(self.store(code), name or "four_weeks", first, last)

    def report(
        self, code: str, name: PeriodName | None, first: date | None = None, last: date | None = None
    ) -> ReportView:
        """Return what the one-page report of one of the viewer's stores says; without a name over four weeks.

        Raises:
            StoreUnknownError: no store has this code.
        """
        self.require("figures")
        return self._pages.report.store(self.store(code), name or "four_weeks", first, last)

    def plan_image(self, code: str) -> tuple[str, bytes] | None:
        """Return the drawing of one of the viewer's stores with its media type; None without one.

        Raises:
            StoreUnknownError: no store has this code.
        """
        if not self.may("set_up"):
            self.require("figures")
        return self._pages.history.plan_image(self.store(code))
