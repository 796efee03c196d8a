"""The floor over the last full weeks, as programs are told of it: staffing by hour, sales by alias, categories."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from analytics.days import Calendar
from analytics.facts import add_up, slice_facts
from analytics.periods import comparison, past_weeks
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection
from analytics.staff.staff_sales import StaffSales, read_staff_sales
from analytics.staff.staffing import Staffing, read_staffing, target_slices
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.categories import Category, read_categories
from analytics.visits.kpis import group_size, kpis
from analytics.visits.zone_funnel import ZoneFunnel, read_zone_funnels
from analytics.visits.zone_watch import read_zone_watch
from dashboard.reading.parts import Parts

WEEKS: Final = 4


@dataclass(frozen=True, slots=True)
class Floor:
    """What the page says of staff and categories; `staff` only for those who may see it."""

    staffing: Staffing | None
    staff: tuple[StaffSales, ...]
    categories: tuple[Category, ...]
    zones: tuple[ZoneFunnel, ...] = ()
    #: Names of cards whose numbers could not be read.
    failed: frozenset[str] = frozenset()

    @property
    def without_staff(self) -> "Floor":
        """The same for somebody who may not see sales by alias."""
        return replace(self, staff=(), failed=self.failed - {"staff"})


def read_floor(connection: Connection, store: Store, days: Calendar, *, now: datetime, audited: StoreAccuracy) -> Floor:
    """Return the floor of the last `WEEKS` calendar weeks that are over.

    Raises:
        DatabaseError: the database could not be asked.
    """
    slices = comparison(days, store, past_weeks(days, store, WEEKS, now=now), now=now).current
    whole = [days.whole(day) for day in days.of(store.store_id).values() if day.opens_at < now]
    as_of = max((one.until for one in slices), default=now)
    base = kpis(add_up(slice_facts(connection, slices, now=now)), as_of=as_of)
    group, watch = group_size(base), read_zone_watch(connection, slices, now=now)
    parts, store_id = Parts(connection), store.store_id
    before = target_slices(whole, now=now)
    found = Floor(
        staffing=parts.read("staffing", lambda: read_staffing(
            connection, store, slices, before, now=now, as_of=as_of, k=K_INSIDE, audited=audited
        ), None),
        staff=parts.read("staff", lambda: read_staff_sales(
            connection, store_id, slices, now=now, as_of=as_of, k=K_INSIDE
        ), ()),
        categories=parts.read("categories", lambda: read_categories(
            connection, store_id, slices, as_of=as_of, watch=watch, group=group, k=K_INSIDE
        ), ()),
        zones=parts.read("zone-funnels", lambda: read_zone_funnels(
            connection, store_id, slices, as_of=as_of, watch=watch, group=group, k=K_INSIDE
        ), ()),
    )  # fmt: skip
    return replace(found, failed=parts.failed)
