"""Re-entry: which share of the entries are people who had gone out a moment before, from moments alone.

Nobody is followed. Who comes back within `WITHIN_S` enters soon after an exit, so entries are more frequent after exits
than chance has it. How frequent is counted by the lag from each exit to each later entry:

    pairs │▄▄
     per  │███▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄   ← by chance: other days' entries after this day's exits, scaled to this day's number,
    minute│█████████████████████     and a straight line through what is left of the long lags
          └──┴───┴──────────────► lag
      WITHIN_S  CHANCE_FROM_S  LAG_S

What stands out above chance below `WITHIN_S` are the re-entries. The same weekday's other days take out the shape of
the day (the shuffle predictor of spike trains: Perkel, Gerstein and Moore 1967), the line takes out what this day had
of its own, as long as that changes more slowly than the lags. The interval comes from the days' own spread.

It is a share over weeks: one day is never enough, and a busy door tells no more than a quiet one. What moves both ways
through the door within minutes, other than at the same time every week, is taken for re-entries: `docs/kpis.md` says by
how much.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.days import BusinessDay, Calendar, wall_minutes
from analytics.facts import completenesses, slice_facts
from analytics.figure import MEASURED_FROM, Figure, figure
from analytics.queries import Connection, rows
from analytics.stores import Store

Moments = NDArray[np.float64]

#: Who is back within this was only outside for a moment: a smoke, a forgotten umbrella, the wrong way.
WITHIN_S: Final = 600.0
#: Lags from `CHANCE_FROM_S` on, up to `LAG_S`, say what chance makes. Between lie those who were away a little longer.
CHANCE_FROM_S: Final = 900.0
LAG_S: Final = 3_600.0
#: So many days are looked at; single crossings are kept hardly longer.
DAYS: Final = 84
#: Fewer days than this have no spread to speak of.
DAYS_MIN: Final = 10
#: A wider interval than this to either side says nothing.
HALF_WIDTH_MAX: Final = 0.10

BIN_S: Final = 60.0
EDGES: Final = np.arange(0.0, LAG_S + BIN_S / 2, BIN_S)


@dataclass(frozen=True, slots=True)
class DoorDay:
    """The crossings of one fully counted business day, staff left out.

    Attributes:
        kind: days of one kind have one shape: the same weekday and hours.
        ins, outs: moments in seconds since opening; `ins` ascending.
        sizes: of the group that each of `outs` belonged to, 1 where that is not known.
        length_s: opening hours.
        in_sizes: the same of `ins`.
    """

    kind: Hashable
    ins: Moments
    outs: Moments
    sizes: Moments
    length_s: float
    in_sizes: Moments | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """The days that were counted in full, and which share of all days they are; None where there were too few."""

    days: tuple[DoorDay, ...]
    counted: float | None


@dataclass(frozen=True, slots=True)
class Reentry:
    """The share of entries that are re-entries, its 95 % interval, and the days and entries that it is from."""

    share: float
    low: float
    high: float
    days: int
    entries: int


def reentry(days: Sequence[DoorDay]) -> Reentry | None:
    """Return the share of re-entries; None where there are too few days or the interval is too wide to say anything.

    The share is within 0 to 1, the interval, too.
    """
    estimate = estimated(days)
    if estimate is None or estimate.high - estimate.low > 2 * HALF_WIDTH_MAX:
        return None
    share, low, high = (min(1.0, max(0.0, value)) for value in (estimate.share, estimate.low, estimate.high))
    return Reentry(share, low, high, estimate.days, estimate.entries)


def unique_visits(footfall: Figure, found: Reentry | None) -> Figure:
    """Return visitors × (1 - share of re-entries); no value where the share is not known.

    The interval is the share's alone: the footfall's own comes on top.
    """
    value, interval = None, None
    if footfall.value is not None and found is not None:
        value = footfall.value * (1 - found.share)
        interval = footfall.value * (1 - found.high), footfall.value * (1 - found.low)
    return figure("unique_visits", value, as_of=footfall.as_of, completeness=footfall.completeness, interval=interval)


def read_door_days(connection: Connection, store: Store, days: Calendar, day: date, *, now: datetime) -> Doors:
    """Return the `DAYS` before `day` that were counted in full; none where there are too few of any.

    Raises:
        DatabaseError: the database could not be asked.
    """
    known = [
        one
        for one in days.of(store.store_id).values()
        if day - timedelta(days=DAYS) <= one.business_date < day and one.closes_at <= now
    ]
    if len(known) < DAYS_MIN:
        return Doors((), None)
    facts = slice_facts(connection, [days.whole(one) for one in known], now=now)
    whole = [one for one, share in zip(known, completenesses(facts), strict=True) if (share or 0.0) >= MEASURED_FROM]
    return Doors(tuple(_door_days(connection, store, whole)), len(whole) / len(known))


def _door_days(connection: Connection, store: Store, days: Sequence[BusinessDay]) -> list[DoorDay]:
    found = rows(
        connection,
        "door_moments",
        store_id=store.store_id,
        slice=list(range(len(days))),
        from_at=[one.opens_at for one in days],
        until=[one.closes_at for one in days],
    )
    moments = {(index, inward): np.array([seconds, sizes], np.float64) for index, inward, seconds, sizes in found}
    nobody = np.empty((2, 0), np.float64)
    return [
        DoorDay(
            kind=(
                one.business_date.weekday(),
                wall_minutes(store, one.business_date, one.opens_at),
                wall_minutes(store, one.business_date, one.closes_at),
            ),
            ins=moments.get((index, True), nobody)[0],
            outs=moments.get((index, False), nobody)[0],
            sizes=moments.get((index, False), nobody)[1],
            length_s=(one.closes_at - one.opens_at).total_seconds(),
            in_sizes=moments.get((index, True), nobody)[1],
        )
        for index, one in enumerate(days)
    ]


def estimated(days: Sequence[DoorDay]) -> Reentry | None:
    """Return the unbounded estimate, which may be below zero by chance; None where there are too few days."""
    table = by_day(days, _weights(EDGES))
    used = table[1] > 0
    if not table[2][used].sum():
        return None
    per_entry = float(table[3][used].sum() / table[2][used].sum())
    return share_of(table, per=per_entry)


def share_of(table: Moments, *, per: float = 1.0) -> Reentry | None:
    """Return what stands out of `by_day` as a share of what it may follow, times `per`; None of too few days."""
    excess, exits, entries, _ = table
    used = exits > 0
    count = int(used.sum())
    if count < DAYS_MIN or entries[used].sum() == 0:
        return None
    returning = excess[used].sum() / exits[used].sum()
    spread = excess[used] - returning * exits[used]
    error = np.sqrt(count / (count - 1) * np.sum(spread**2)) / exits[used].sum()
    half = _t95(count - 1) * error * per
    share = returning * per
    return Reentry(share, share - half, share + half, count, int(entries[used].sum()))


def by_day(days: Sequence[DoorDay], weights: Moments) -> Moments:
    """Return per day: what stands out above chance after exits, the exits that it may follow, all entries, all exits.

    `weights` says how much each lag counts, by bins of `BIN_S`.
    """
    kinds: dict[Hashable, list[DoorDay]] = defaultdict(list)
    for day in days:
        kinds[day.kind].append(day)
    pools = {kind: np.sort(np.concatenate([day.ins for day in same])) for kind, same in kinds.items()}
    edges = EDGES
    rows = []
    for day in days:
        pool, own = pools[day.kind], len(day.ins)
        early = (day.outs >= 0) & (day.outs <= day.length_s - LAG_S)
        outs, shares = day.outs[early], 1 / day.sizes[early]
        if len(pool) == own or not own or not len(outs):
            rows.append((0.0, 0.0, 0.0, 0.0))
            continue
        mine = _pairs(outs, shares, day.ins, edges)
        others = (_pairs(outs, shares, pool, edges) - mine) * own / (len(pool) - own)
        rows.append((float(weights @ (mine - others)), float(len(outs)), float(own), float(len(day.outs))))
    return np.array(rows, np.float64).reshape(-1, 4).T


def _pairs(exits: Moments, shares: Moments, entries: Moments, edges: Moments) -> Moments:
    """Return how many entries come after each exit, by lag, summed over the exits.

    Each exit counts for its share of its group: k people who come back together are k re-entries, not k × k pairs.
    """
    before = np.searchsorted(entries, exits[:, None] + edges[None, :])
    return np.asarray(shares @ np.diff(before, axis=1), np.float64)


def _weights(edges: Moments) -> Moments:
    """Return what each lag adds to the excess: 1 below `WITHIN_S`, less the straight line through the lags above."""
    middle = (edges[:-1] + edges[1:]) / 2
    early = middle < WITHIN_S
    chance = middle > CHANCE_FROM_S
    late = middle[chance]
    spread = np.sum((late - late.mean()) ** 2)
    line = 1 / len(late) + np.outer(middle[early] - late.mean(), late - late.mean()) / spread
    weights = early.astype(np.float64)
    weights[chance] = -line.sum(axis=0)
    return weights


def _t95(degrees: int) -> float:
    """Return the two-sided 95 % quantile of Student's t (Cornish and Fisher 1960), good to 0.002 from 9 degrees on."""
    z = 1.959963984540054
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
