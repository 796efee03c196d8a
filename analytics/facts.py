"""Facts: what was counted and sold in slices of time, one row each, ready to be added up.

A ratio over days or stores is always worked out from the sums of these rows, never from ratios.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import columns as c
from analytics.days import Slice
from analytics.figure import MEASURED_FROM
from analytics.queries import Connection, records, rows

#: Sums of the additive columns by name, NaN where nothing is known.
Sums: TypeAlias = "pd.Series[float] | Mapping[str, float]"
#: Rows × the columns `ADDITIVE`, in their order.
Table: TypeAlias = NDArray[np.float64]
_DOWN_OF: Final = {c.EXPECTED_S: c.DOORS_DOWN, c.STREET_EXPECTED_S: c.STREETS_DOWN}
#: What is shown of a share that must not be called measured: the last whole permille below.
JUST_PARTIAL: Final = MEASURED_FROM - 0.001
#: Devices report their uptime afterwards: time younger than this is not expected to be covered yet.
UPTIME_LAG: Final = timedelta(minutes=2)


class Crossed(NamedTuple):
    """Visitors and staff in and out within a 15-minute bucket of a slice, which is told by its place."""

    slice: int
    bucket: datetime
    ins: int
    outs: int
    staff_ins: int
    staff_outs: int


class Looked(NamedTuple):
    """Seconds of all cameras together within a bucket, expected and counted; `lost`: a box lost some of it."""

    slice: int
    bucket: datetime
    expected_s: float
    up_s: float
    lost: bool


def slice_facts(connection: Connection, slices: Sequence[Slice], *, now: datetime) -> pd.DataFrame:
    """Return one row per slice, in their order, with the columns `STORE_ID`, `BUSINESS_DATE` and `ADDITIVE`.

    What is not known is NaN: passers-by of a store without a pass-by line, sales before its first order, buying units
    where no device assesses groups. `EXPECTED_S` is 0 where no camera was expected to count.

    Raises:
        DatabaseError: the database could not be asked.
    """
    kept = _kept(connection, slices, now)
    others = [(place, one) for place, one in enumerate(slices) if place not in kept]
    counted = _counted(connection, others, now)
    found = [kept[place] if place in kept else counted[place] for place in range(len(slices))]
    table = np.array([values[:-1] for values in found], np.float64).reshape(-1, len(c.ADDITIVE))
    till_known = np.array([values[-1] for values in found], np.bool_)
    # As arrays at once: a page asks for facts a dozen times, and pandas takes longer to put frames together.
    return pd.DataFrame({
        c.SLICE: np.arange(len(slices)),
        c.STORE_ID: [one.store_id for one in slices],
        c.BUSINESS_DATE: [one.business_date for one in slices],
        **dict(zip(c.ADDITIVE, _with_unknowns(table, till_known).T, strict=True)),
        c.TILL_KNOWN: till_known,
    })  # fmt: skip


def _kept(connection: Connection, slices: Sequence[Slice], now: datetime) -> dict[int, tuple[Any, ...]]:
    """Return by place those slices that are whole past days of which nothing has changed since they were kept."""
    past = [(place, one) for place, one in enumerate(slices) if one.over(now)]
    if not past:
        return {}
    stores, dates = {one.store_id for _, one in past}, {one.business_date for _, one in past}
    # The same day asked for up to another moment, or under other hours, is another slice.
    days = {
        found[:5]: found[5:] for found in rows(connection, "kept_days", store_ids=sorted(stores), dates=sorted(dates))
    }
    keys = [(place, (one.store_id, one.business_date, one.from_at, one.until, one.till_until)) for place, one in past]
    return {place: days[key] for place, key in keys if key in days}


def _counted(
    connection: Connection, numbered: Sequence[tuple[int, Slice]], now: datetime
) -> dict[int, tuple[Any, ...]]:
    """Return by place the facts of the slices, counted from the rollups and the orders."""
    if not numbered:
        return {}
    places, slices = [place for place, _ in numbered], [one for _, one in numbered]
    watched = [min(one.until, now - UPTIME_LAG) for one in slices]
    found = {
        one[c.SLICE]: one
        for one in records(connection, "traffic_of_slices", **_ranges(places, slices, [one.until for one in slices]))
    }
    sold_until = [one.till_until for one in slices]
    more = records(connection, "uptime_of_slices", measured_from=MEASURED_FROM, **_ranges(places, slices, watched))
    more += records(connection, "sales_of_slices", **_ranges(places, slices, sold_until))
    for one in more:
        found[one[c.SLICE]] |= one
    # Where nothing was expected to count there is no row.
    return {place: tuple(one.get(name) for name in (*c.ADDITIVE, c.TILL_KNOWN)) for place, one in found.items()}


def bucket_facts(connection: Connection, slices: Sequence[Slice]) -> list[Crossed]:
    """Return visitors and staff in and out per slice and 15-minute bucket, in order.

    A bucket in which nobody crossed has no row.

    Raises:
        DatabaseError: the database could not be asked.
    """
    until = [one.until for one in slices]
    return [
        Crossed(*one) for one in rows(connection, "traffic_of_buckets", **_ranges(range(len(slices)), slices, until))
    ]


def bucket_uptime(connection: Connection, slices: Sequence[Slice], *, until: Sequence[datetime]) -> list[Looked]:
    """Return how the entrances' cameras were watched per slice and 15-minute bucket, each slice up to its `until`.

    The slices are of one store, and there is one at least. A bucket in which no camera was expected to count has no
    row.

    Raises:
        DatabaseError: the database could not be asked.
    """
    ends = [max(end, one.from_at) for one, end in zip(slices, until, strict=True)]
    found = rows(
        connection,
        "uptime_of_slice_buckets",
        of_store=slices[0].store_id,
        slice=list(range(len(slices))),
        from_at=[one.from_at for one in slices],
        until=ends,
        first_at=min(one.from_at for one in slices),
        last_until=max(ends),
    )
    return [Looked(*one) for one in found]


def add_up(facts: pd.DataFrame) -> "pd.Series[float]":
    """Return the sums of the additive columns; a column without a single known value stays NaN."""
    return pd.Series(add_up_table(additive(facts)))


def add_up_groups(facts: pd.DataFrame, sizes: Sequence[int]) -> list[dict[str, float]]:
    """Return `add_up` of each so many rows that follow one another; `sizes` add up to the rows there are."""
    table, ends = additive(facts), np.cumsum(sizes, dtype=int)
    starts = ends - np.asarray(sizes, dtype=int)
    return [add_up_table(table[at:end]) for at, end in zip(starts, ends, strict=True)]


def additive(facts: pd.DataFrame) -> Table:
    """Return the additive columns as one table of numbers, NaN where nothing is known."""
    return facts[list(c.ADDITIVE)].to_numpy(dtype=float, na_value=np.nan)


def add_up_table(table: Table) -> dict[str, float]:
    """Return `add_up` of a table: for hundreds of stores Series take longer than the arithmetic."""
    sums = np.where(np.isnan(table).all(axis=0), np.nan, np.nansum(table, axis=0))
    return dict(zip(c.ADDITIVE, sums.tolist(), strict=True))


def completeness(facts: Sums, *, up: str = c.UP_S, expected: str = c.EXPECTED_S) -> float | None:
    """Return up-seconds ÷ expected seconds of opening time, 0 to 1; None where no camera was expected to count.

    One door that was down hides among many, or among many days: as long as there is one, the share stays below
    `MEASURED_FROM`, so that no figure counts as measured.
    """
    should = facts[expected]
    if pd.isna(should) or should <= 0:
        return None
    did = facts[up]
    share = float(min(1.0, 0.0 if pd.isna(did) else did / should))
    return min(share, JUST_PARTIAL) if facts[_DOWN_OF[expected]] > 0 else share


def completenesses(facts: pd.DataFrame) -> list[float | None]:
    """Return `completeness` of the doors of each row."""
    up, expected, down = (
        facts[name].to_numpy(dtype=float, na_value=np.nan) for name in (c.UP_S, c.EXPECTED_S, c.DOORS_DOWN)
    )
    known = expected > 0
    share = np.minimum(1.0, np.divide(np.nan_to_num(up), expected, out=np.zeros_like(expected), where=known))
    share = np.where(down > 0, np.minimum(share, JUST_PARTIAL), share)
    return [one if yes else None for one, yes in zip(share.tolist(), known.tolist(), strict=True)]


def orders(facts: pd.DataFrame) -> "pd.Series[float]":
    """Return how many orders there were at least: sales and refunds; one where exchanges alone made the sums."""
    counted = facts[c.TRANSACTIONS] + facts[c.REFUNDS]
    return counted.mask((counted == 0) & ((facts[c.NET_SALES] != 0) | (facts[c.UNITS] != 0)), 1.0)


def with_unknowns(facts: pd.DataFrame) -> pd.DataFrame:
    """Return facts as the database has them with NaN where its 0 means that nobody looked."""
    # As one table of numbers: column by column pandas takes longer than the database.
    till_known = facts[c.TILL_KNOWN].fillna(value=False).to_numpy(dtype=bool)
    numbers = pd.DataFrame(_with_unknowns(additive(facts), till_known), index=facts.index, columns=pd.Index(c.ADDITIVE))
    return pd.concat([facts.drop(columns=list(c.ADDITIVE)), numbers], axis="columns")[facts.columns]


def _with_unknowns(known: Table, till_known: NDArray[np.bool_]) -> Table:
    table = known.copy()
    column = dict(zip(c.ADDITIVE, table.T, strict=True))
    for name in (c.UP_S, c.EXPECTED_S, c.DOORS_DOWN, c.STREET_UP_S, c.STREET_EXPECTED_S, c.STREETS_DOWN):
        np.nan_to_num(column[name], copy=False)
    unseen = (column[c.UP_S] <= 0) & (column[c.INS] + column[c.OUTS] + column[c.STAFF_INS] <= 0)
    unknown = {
        **dict.fromkeys((c.INS, c.OUTS, c.STAFF_INS), unseen),
        c.PASSERS: (column[c.STREET_UP_S] <= 0) & (column[c.PASSERS] <= 0),
        **dict.fromkeys((c.GROUPED_INS, c.BUYING_UNITS), column[c.GROUPED_INS] <= 0),
        **dict.fromkeys((c.TRANSACTIONS, c.REFUNDS, c.NET_SALES, c.UNITS), ~till_known),
    }
    for name, where in unknown.items():
        column[name][where] = np.nan
    return table


def _ranges(places: Sequence[int], slices: Sequence[Slice], until: Sequence[datetime]) -> dict[str, list[Any]]:
    return {
        "slice": list(places),
        "store_id": [one.store_id for one in slices],
        "from_at": [one.from_at for one in slices],
        "until": list(until),
    }
