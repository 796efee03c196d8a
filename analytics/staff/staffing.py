"""Staffing: visitors against the hours that staff worked, by hour of the week, held against the store's best weekday.

Hours worked come from a time clock or roster. What is told is a usual week: means over at least `WEEKS_MIN` weeks, in
whole visitors and half people of staff, an hour of few visitors on one day taken as half of what is withheld: so
neither a person's working day nor a small hour of one day can be read from it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np

from analytics import columns as c
from analytics.days import Slice, wall_minutes
from analytics.facts import JUST_PARTIAL, slice_facts
from analytics.figure import MEASURED_FROM, Figure, figure, suppressed
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.queries import Connection, rows
from analytics.staff.power_hours import WeekHour, power_hours
from analytics.statistics.intervals import Z95
from analytics.statistics.suppression import withheld
from analytics.stores import Store
from analytics.visits.kpis import ratio
from analytics.visits.traffic import read_traffic

#: A usual week is a mean over so many at least.
WEEKS_MIN: Final = 3
#: The target looks back so far, and needs so many of a weekday.
TARGET_WEEKS: Final = 8
TARGET_DAYS_MIN: Final = 6
#: An hour that was counted less is left out of what is usual.
_COUNTED_FROM: Final = 0.95
#: What staff on the floor are told to: a finer mean over three weeks and one over four would give back a single day.
_ON_FLOOR_STEP: Final = 0.5
#: People by which an hour is short of staff, and by which it has some to spare.
_SHORT_BY: Final = 0.5
_SPARE_BY: Final = 1.0
_HOUR_S: Final = 3600.0

Verdict = Literal["short", "enough", "spare"]


@dataclass(frozen=True, slots=True)
class HourCell:
    """One hour of one business day. None: not counted; nobody says who worked."""

    business_date: date
    hour: int
    open_s: float
    visitors: float | None
    completeness: float | None
    floor_s: float | None


@dataclass(frozen=True, slots=True)
class DayCell:
    """One business day, for the target."""

    business_date: date
    visitors: float
    transactions: float
    floor_h: float


@dataclass(frozen=True, slots=True)
class StaffedHour:
    """One hour of a usual week; `verdict` is None where it cannot be told."""

    weekday: int
    hour: int
    weeks: int
    visitors: Figure
    on_floor: Figure
    star: Figure
    needed: Figure
    power: bool
    verdict: Verdict | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The store's own: the STAR of the weekday (1: Monday) on which conversion is highest."""

    weekday: int
    conversion: float
    star: float
    days: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """A store's staffing over some business days; `hours` is empty where they make no usual week."""

    staff_hours: Figure
    star: Figure
    star_target: Figure
    power_hours: Figure
    hours_short: Figure
    hours_spare: Figure
    target: Target | None
    hours: tuple[StaffedHour, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Those of the whole store."""
        return (
            self.staff_hours, self.star, self.star_target, self.power_hours, self.hours_short, self.hours_spare,
        )  # fmt: skip


def staffing(
    cells: Sequence[HourCell],
    target: Target | None,
    *,
    as_of: datetime,
    k: int,
    audited: StoreAccuracy = UNAUDITED,
) -> Staffing:
    """Return the staffing that may be shown of the cells; none of fewer than `k` visitors can be told."""
    served = [one for one in cells if one.floor_s is not None and (one.visitors or 0.0) >= 1]
    known = [one for one in cells if one.floor_s is not None]
    floor_h = sum(one.floor_s or 0.0 for one in known) / _HOUR_S if known else None
    said = _share(known, cells)
    hours = _usual_week(cells, target, as_of=as_of, k=k)
    judged = [one for one in hours if one.verdict is not None]
    power = float(sum(one.power for one in hours)) if hours else None
    complete = hours[0].visitors.completeness if hours else None
    return Staffing(
        staff_hours=figure("staff_hours", floor_h, as_of=as_of, completeness=said),
        star=_star(served, as_of=as_of, audited=audited),
        star_target=figure(
            "star_target", None if target is None else target.star, as_of=as_of, completeness=1.0 if target else None
        ),
        power_hours=figure("power_hours", power, as_of=as_of, completeness=complete),
        hours_short=_counted("hours_short", judged, "short", as_of, complete),
        hours_spare=_counted("hours_spare", judged, "spare", as_of, complete),
        target=target,
        hours=hours,
    )


def best_weekday(days: Sequence[DayCell]) -> Target | None:
    """Return the target; None without `TARGET_DAYS_MIN` days of any weekday, or where nobody sold anything."""
    found: list[Target] = []
    for weekday in range(1, 8):
        own = [one for one in days if one.business_date.isoweekday() == weekday]
        visitors, floor_h = sum(one.visitors for one in own), sum(one.floor_h for one in own)
        conversion = ratio(sum(one.transactions for one in own), visitors)
        star = ratio(visitors, floor_h)
        if len(own) >= TARGET_DAYS_MIN and conversion and star:
            found.append(Target(weekday, conversion, star, len(own)))
    return max(found, key=lambda one: one.conversion, default=None)


def read_staffing(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    before: Sequence[Slice],
    *,
    now: datetime,
    as_of: datetime,
    k: int,
    audited: StoreAccuracy,
) -> Staffing:
    """Return the staffing over `slices`; the target is looked for in `before`, the finished days of the last 8 weeks.

    Raises:
        DatabaseError: the database could not be asked.
    """
    every = sorted({*slices, *before}, key=lambda one: one.from_at)
    cells = read_hours(connection, store, every, now=now)
    asked, past = ({one.business_date for one in some} for some in (slices, before))
    days = _days(connection, [one for one in before if one.business_date in past], cells, now=now)
    return staffing(
        [one for one in cells if one.business_date in asked], best_weekday(days), as_of=as_of, k=k, audited=audited
    )


def read_hours(connection: Connection, store: Store, slices: Sequence[Slice], *, now: datetime) -> list[HourCell]:
    """Return the hours of the slices' business days: exact, to be told only as `staffing` tells them.

    A day on which nobody's hours are known says nothing of staff: no shop is open with nobody in it.

    Raises:
        DatabaseError: the database could not be asked.
    """
    crossed = read_traffic(connection, store, slices, "hour", now=now, k=0, audited=UNAUDITED)
    if not crossed:
        return []
    spans = {"from_at": [one.from_at for one in crossed], "until": [one.until for one in crossed]}
    first_at, last_until = min(spans["from_at"]), max(spans["until"])
    of = {"of_store": store.store_id, "now": now, "first_at": first_at, "last_until": last_until}
    floor = dict(rows(connection, "floor_time", span=list(range(len(crossed))), **of, **spans))
    worked = {crossed[span].business_date for span in floor}
    return [
        HourCell(
            business_date=one.business_date,
            hour=wall_minutes(store, one.business_date, one.from_at) // 60,
            open_s=(one.until - one.from_at).total_seconds(),
            visitors=one.visitors.value,
            completeness=one.visitors.completeness,
            floor_s=floor.get(span, 0.0) if one.business_date in worked else None,
        )
        for span, one in enumerate(crossed)
    ]


def target_slices(slices: Iterable[Slice], *, now: datetime) -> list[Slice]:
    """Return the finished ones of the last `TARGET_WEEKS` weeks."""
    since = now - timedelta(weeks=TARGET_WEEKS)
    return [one for one in slices if one.over(now) and one.from_at >= since]


def _days(
    connection: Connection, slices: Sequence[Slice], cells: Sequence[HourCell], *, now: datetime
) -> list[DayCell]:
    facts = slice_facts(connection, slices, now=now)
    floor: dict[date, float] = {}
    for one in cells:
        if one.floor_s is not None and (one.visitors or 0.0) >= 1:
            floor[one.business_date] = floor.get(one.business_date, 0.0) + one.floor_s / _HOUR_S
    return [
        DayCell(one.business_date, float(row[c.INS]), float(row[c.TRANSACTIONS]), floor[one.business_date])
        for one, (_, row) in zip(slices, facts.iterrows(), strict=True)
        if one.business_date in floor
        and row[c.UP_S] >= _COUNTED_FROM * row[c.EXPECTED_S] > 0
        and not (math.isnan(row[c.INS]) or math.isnan(row[c.TRANSACTIONS]))
    ]


def _star(served: Sequence[HourCell], *, as_of: datetime, audited: StoreAccuracy) -> Figure:
    """Return visitors ÷ staff hours; its interval is that of the audited count."""
    visitors = sum(one.visitors or 0.0 for one in served)
    floor_h = sum(one.floor_s or 0.0 for one in served) / _HOUR_S
    value = ratio(visitors, floor_h)
    interval = None
    if value is not None and audited.visitors is not None:
        low, _, high = audited.visitors.truth_of(visitors)
        interval = (low / floor_h, high / floor_h)
    return figure("star", value, as_of=as_of, completeness=_completeness(served), interval=interval)


def _usual_week(
    cells: Sequence[HourCell], target: Target | None, *, as_of: datetime, k: int
) -> tuple[StaffedHour, ...]:
    """Return the hours of a usual week, without those that were counted in fewer than `WEEKS_MIN` weeks."""
    by_hour: dict[WeekHour, list[HourCell]] = {}
    for one in cells:
        by_hour.setdefault((one.business_date.isoweekday(), one.hour), []).append(one)
    counted = {
        hour: good
        for hour, some in sorted(by_hour.items())
        if len(good := [one for one in some if (one.completeness or 0.0) >= _COUNTED_FROM]) >= WEEKS_MIN
    }
    if not counted:
        return ()
    told = {hour: [_told(one, k) for one in some] for hour, some in counted.items()}
    hidden = withheld([round(sum(one.visitors or 0.0 for one in some)) for some in counted.values()], k=k)
    power = power_hours({hour: float(np.mean(counts)) for hour, counts in told.items()})
    return tuple(
        _hour(hour, (some, told[hour]), target, power=hour in power, hide=hide, as_of=as_of)
        for (hour, some), hide in zip(counted.items(), hidden, strict=True)
    )


def _hour(
    hour: WeekHour,
    told: tuple[Sequence[HourCell], Sequence[float]],
    target: Target | None,
    *,
    power: bool,
    hide: bool,
    as_of: datetime,
) -> StaffedHour:
    cells, counts = told
    complete = _completeness(cells)
    open_h = sum(one.open_s for one in cells) / _HOUR_S
    staffed = [one for one in cells if one.floor_s is not None]
    staffed_h = sum(one.open_s for one in staffed) / _HOUR_S
    exact = ratio(sum(one.floor_s or 0.0 for one in staffed) / _HOUR_S, staffed_h)
    on_floor = None if exact is None else round(exact / _ON_FLOOR_STEP) * _ON_FLOOR_STEP
    # Whole people: a mean to the decimal would give back the sum, and with it what is withheld of one day.
    usual = float(round(float(np.mean(counts))))
    per_hour = usual * len(cells) / open_h
    needed, between = None, None
    if target is not None:
        low, high = (end * len(cells) / open_h / target.star for end in _usual_range(counts))
        needed, between = _tenths(per_hour / target.star), (_tenths(low), _tenths(high))
    figures = (
        figure("usual_visitors", usual, as_of=as_of, completeness=complete),
        figure("star", ratio(per_hour, on_floor), as_of=as_of, completeness=complete),
        figure("staff_needed", needed, as_of=as_of, completeness=complete, interval=between),
    )
    visitors, star, need = (suppressed(one) if hide else one for one in figures)
    return StaffedHour(
        weekday=hour[0],
        hour=hour[1],
        weeks=len(cells),
        visitors=visitors,
        on_floor=figure("staff_on_floor", on_floor, as_of=as_of, completeness=1.0 if staffed else None),
        star=star,
        needed=need,
        power=power and not hide,
        verdict=None if hide else _verdict(need, on_floor),
        withheld=hide,
    )


def _told(cell: HourCell, k: int) -> float:
    """Return a count as it goes into a usual hour: one that is withheld on its own day says nothing but that."""
    count = cell.visitors or 0.0
    return k / 2 if 0 < count < k else count


def _usual_range(counts: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean count: Poisson, wider where weeks differ more than that (quasi-Poisson)."""
    mean = float(np.mean(counts))
    excess = max(1.0, float(np.var(counts, ddof=1)) / mean) if mean > 0 else 1.0
    # Sums of Poisson counts are nearly normal on the root scale (Anscombe 1948), near zero too.
    root, half = math.sqrt(sum(counts) + 3 / 8), Z95 / 2 * math.sqrt(excess)
    low, high = max(0.0, root - half) ** 2 - 3 / 8, (root + half) ** 2 - 3 / 8
    return max(0.0, low) / len(counts), high / len(counts)


def _tenths(staff: float) -> float:
    # Not `round(staff, 1)`, which goes by the exact binary value: this is what SQL does, too.
    return round(staff * 10) / 10


def _verdict(needed: Figure, on_floor: float | None) -> Verdict | None:
    if needed.low is None or needed.high is None or on_floor is None:
        return None
    if needed.low - on_floor >= _SHORT_BY:
        return "short"
    return "spare" if on_floor - max(needed.high, 1.0) >= _SPARE_BY else "enough"


def _counted(
    definition_id: str, judged: Sequence[StaffedHour], verdict: Verdict, as_of: datetime, complete: float | None
) -> Figure:
    value = float(sum(one.verdict == verdict for one in judged)) if judged else None
    return figure(definition_id, value, as_of=as_of, completeness=complete)


def _completeness(cells: Sequence[HourCell]) -> float | None:
    """Return the share of the cells' time that was counted, as `analytics.facts.completeness`; None without any."""
    share = ratio(sum(one.open_s * (one.completeness or 0.0) for one in cells), sum(one.open_s for one in cells))
    torn = any((one.completeness or 0.0) < MEASURED_FROM for one in cells)
    return share if share is None or not torn else min(share, JUST_PARTIAL)


def _share(some: Sequence[HourCell], every: Sequence[HourCell]) -> float | None:
    return ratio(sum(one.open_s for one in some), sum(one.open_s for one in every))
