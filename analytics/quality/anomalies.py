"""Anomalies: what a door's own past says against what it counts now. Each is worth a look, none corrects a number.

    silent     nobody for so long that even the quietest of the last weeks had many by then
    stale      a camera's minutes stopped coming although its box talks
    shift      the last days all stand off from what their weekdays were, further than they ever stray

How often each is raised of doors without a fault, and how soon of doors with one, is measured on the simulated fleet
(tests/unit/analytics/test_anomalies.py, docs/operations.md).
"""

import math
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from analytics.comparison.holidays import country_of, special_days
from analytics.days import quarter
from analytics.facts import UPTIME_LAG
from analytics.figure import MEASURED_FROM
from analytics.fleet.devices import OFFLINE_AFTER
from analytics.queries import Connection, rows

#: A door is silent when in the same span of this many past weeks at least this many came, in the quietest of them.
SILENT_WEEKS: Final = 4
SILENT_PEOPLE_MIN: Final = 8
#: A span shorter than this is none: a quarter-hour's rows come when it is over.
SILENT_AFTER: Final = timedelta(minutes=45)
#: Minutes of a camera that talk is expected of are stale when the newest ended longer ago.
STALE_AFTER: Final = timedelta(minutes=10)
#: Older minutes than these are not looked for: how long a door was not counted today is said elsewhere.
_STALE_WITHIN: Final = timedelta(hours=3)
#: A shift: so many days in a row, off by at least so much as a factor and by so many of their usual strays.
SHIFT_DAYS: Final = 4
SHIFT_FACTOR: Final = 1.25
SHIFT_STRAYS: Final = 2.5
#: Days are held against the same weekday of so many weeks before; so many must be known.
USUAL_WEEKS: Final = 6
_USUAL_MIN: Final = 3
#: Strays are judged by so many earlier days at least; days are read so far back.
_EARLIER_MIN: Final = 14
READ_DAYS: Final = 84
#: A shift further back than this is the new normal, or known by now.
_RECENT: Final = timedelta(days=10)
#: MAD to standard deviation, of a normal distribution.
_MAD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Span:
    """One door today since it last counted somebody, and how many it counted in the same span of past weeks.

    A week in which it was not watched then is left out of `past`.
    """

    door: str
    since: datetime
    past: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DoorDay:
    """A business day that the door was counted in full: everybody who came in."""

    business_date: date
    ins: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The level of a door's days since `since` against what was usual: 0.6 is two fifths fewer."""

    since: date
    factor: float


def silent(span: Span, *, now: datetime) -> bool:
    """Return whether a door is silent although somebody should long have come."""
    known = len(span.past) >= _USUAL_MIN
    return known and now - span.since >= SILENT_AFTER and min(span.past) >= SILENT_PEOPLE_MIN


def level_shift(days: Iterable[DoorDay], special: Collection[date] = frozenset()) -> Shift | None:
    """Return the shift that a door's last days show; None where they stray no further than its days do.

    Holidays (`special`) take no part: they are held against nothing.
    """
    counts = {one.business_date: one.ins for one in days if one.business_date not in special}
    strays = [(day, stray) for day in sorted(counts) if (stray := _stray(day, counts)) is not None]
    recent, earlier = strays[-SHIFT_DAYS:], [stray for _, stray in strays[:-SHIFT_DAYS]]
    if len(recent) < SHIFT_DAYS or len(earlier) < _EARLIER_MIN or recent[-1][0] - recent[0][0] > _RECENT:
        return None
    off = [stray for _, stray in recent]
    usual = counts[recent[-1][0]] / math.exp(off[-1])
    spread = max(_spread(earlier), 1 / math.sqrt(max(usual, 1.0)))
    middle = statistics.median(off)
    # Each of them on that side, and no stray one: a sale of three days is over on the fourth.
    if abs(middle) < max(math.log(SHIFT_FACTOR), SHIFT_STRAYS * spread):
        return None
    if min(abs(stray) for stray in off) < spread or len({stray > 0 for stray in off}) > 1:
        return None
    return Shift(recent[0][0], math.exp(middle))


def _stray(day: date, counts: dict[date, int]) -> float | None:
    """Return the logarithm of a day against the median of its weekday's weeks before."""
    weeks = [counts.get(day - timedelta(weeks=back)) for back in range(1, USUAL_WEEKS + 1)]
    known = [count for count in weeks if count is not None]
    if len(known) < _USUAL_MIN:
        return None
    usual = statistics.median(known)
    return math.log((counts[day] + 1) / (usual + 1))


def _spread(strays: Sequence[float]) -> float:
    middle = statistics.median(strays)
    return _MAD * statistics.median(abs(stray - middle) for stray in strays)


def read_silent(connection: Connection, store_id: int, *, from_at: datetime, until: datetime) -> list[Span]:
    """Return the doors that have been silent up to `until` although their camera watched; none before `from_at`.

    Raises:
        DatabaseError: the database could not be asked.
    """
    end = quarter(until)
    span = {"store_id": store_id, "from_at": from_at, "until": end}
    if end - from_at < SILENT_AFTER:
        return []
    # Nearly always somebody crossed lately: then the weeks before need not be asked about.
    ((quiet_since,),) = rows(connection, "quiet_since", **span)
    if quiet_since is None or end - quiet_since < SILENT_AFTER:
        return []
    found = rows(connection, "doors_since", weeks=SILENT_WEEKS, measured_from=MEASURED_FROM, **span)
    spans = (Span(door, since, tuple(past)) for door, since, past in found)
    return [span for span in spans if silent(span, now=end)]


def read_stale(
    connection: Connection, store_id: int, *, from_at: datetime, now: datetime
) -> list[tuple[str, datetime]]:
    """Return the cameras whose minutes stopped coming since `from_at`, and when the newest ended.

    A counter that tells once a quarter-hour is given twice that long.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(
        connection, "minutes_of_cameras", store_id=store_id, since=max(from_at, now - _STALE_WITHIN), until=now,
        heard_since=now - OFFLINE_AFTER,
    )  # fmt: skip
    return [
        (camera, until)
        for camera, until, period_s in found
        if now - until > max(STALE_AFTER, timedelta(seconds=2 * period_s))
    ]


def read_shifts(connection: Connection, store_id: int, *, now: datetime) -> list[tuple[str, Shift]]:
    """Return the doors whose level shifted in the last days.

    Raises:
        DatabaseError: the database could not be asked.
    """
    zone, doors = read_door_days(connection, store_id, now=now)
    country = country_of(zone) if zone else None
    years = {one.business_date.year for days in doors.values() for one in days} if country else set()
    special = {day for year in years for day in special_days(country or "", year)}
    found = ((door, level_shift(days, special)) for door, days in doors.items())
    return [(door, shift) for door, shift in found if shift is not None]


def read_door_days(connection: Connection, store_id: int, *, now: datetime) -> tuple[str, dict[str, list[DoorDay]]]:
    """Return the store's zone, and by door the days of the last `READ_DAYS` that its camera watched all of.

    Raises:
        DatabaseError: the database could not be asked.
    """
    doors: dict[str, list[DoorDay]] = {}
    zone = ""
    days = rows(
        connection, "kept_door_days", store_id=store_id, measured_from=MEASURED_FROM,
        since=now - timedelta(days=READ_DAYS), until=now - UPTIME_LAG,
    )  # fmt: skip
    counted = _counted(connection, store_id, [opens_at for *_, opens_at, ins, _ in days if ins is None], now=now)
    for zone, line_id, door, day, _, kept, watched in days:  # noqa: B007  # the zone is the same in every row
        ins = counted.get((line_id, day)) if kept is None else kept if watched else None
        if ins is not None:
            doors.setdefault(door, []).append(DoorDay(day, ins))
    return zone, doors


def _counted(
    connection: Connection, store_id: int, opened: Sequence[datetime], *, now: datetime
) -> dict[tuple[int, date], int]:
    """Return who came in by line and watched day since the first of these days, which are not kept yet."""
    if not opened:
        return {}
    found = rows(
        connection, "door_days", store_id=store_id, measured_from=MEASURED_FROM, since=quarter(min(opened)),
        until=now - UPTIME_LAG,
    )  # fmt: skip
    return {(line_id, day): ins for line_id, day, ins in found}
