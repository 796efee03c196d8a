"""Accuracy: how well each line counts, by the audits of the last 90 days, in and out apart.

    accuracy = matched ÷ (matched + misses + doubles)     found = matched ÷ truth     genuine = matched ÷ counted

Each with its Wilson interval. Netting misses against doubles, or in against out, hides errors and is no accuracy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.figure import Figure
from analytics.queries import Connection, rows
from analytics.statistics.intervals import wilson
from analytics.statistics.miscount import Miscount, Part, Tally, pooled
from analytics.statistics.sampling import Basket, read_baskets

#: An older audit says little: cameras are knocked, shelves moved, lines drawn anew.
AUDITED_WITHIN: Final = timedelta(days=90)
#: The lines' shares of a store's traffic are those of the last two weeks.
SHARES_OVER: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LineAccuracy:
    """One line's audits; `last_at` is None where there was none.

    `maker` is whose counter counts it, None: our own cameras; it leaves staff out itself, or `with_staff` counts them.
    """

    line: str
    role: str
    ins: tuple[Tally, ...] = ()
    outs: tuple[Tally, ...] = ()
    last_at: datetime | None = None
    last_by: str | None = None
    maker: str | None = None
    with_staff: bool = False

    @property
    def audits(self) -> int:
        """How many audits there were."""
        return len(self.ins)


@dataclass(frozen=True, slots=True)
class StoreAccuracy:
    """One store's lines, and the miscounts that follow; None where a line that counts was not audited enough.

    `visitors` is of the entrance lines' ins, `leavers` of their outs, `passers` of the street lines both ways.
    `basket` is how the store's last baskets differ, None where it sold too little to say.
    """

    lines: tuple[LineAccuracy, ...] = ()
    visitors: Miscount | None = None
    leavers: Miscount | None = None
    passers: Miscount | None = None
    basket: Basket | None = None


UNAUDITED: Final = StoreAccuracy()


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the plain sum of audits."""
    known = list(tallies)
    return Tally(sum(t.truth for t in known), sum(t.counted for t in known), sum(t.matched for t in known))


def accuracy(tallies: Sequence[Tally], *, as_of: datetime) -> Figure:
    """Return matched ÷ (matched + misses + doubles) over audits; no value where nobody crossed."""
    whole = total(tallies)
    return _share("accuracy", whole.matched, whole.matched + whole.misses + whole.doubles, as_of)


def found(tallies: Sequence[Tally], *, as_of: datetime) -> Figure:
    """Return the share of people that were counted: 1 - it is the rate of misses."""
    whole = total(tallies)
    return _share("audit_found", whole.matched, whole.truth, as_of)


def genuine(tallies: Sequence[Tally], *, as_of: datetime) -> Figure:
    """Return the share of counts with a person behind them: 1 - it is the rate of doubles."""
    whole = total(tallies)
    return _share("audit_genuine", whole.matched, whole.counted, as_of)


def read_accuracy(connection: Connection, store_ids: Sequence[int], *, now: datetime) -> Mapping[int, StoreAccuracy]:
    """Return the accuracy of each store that was audited or sells; the others are missing.

    Raises:
        DatabaseError: the database could not be asked.
    """
    audits: dict[int, dict[str, list[Any]]] = {}
    span = {"since": now - AUDITED_WITHIN, "until": now}
    for store_id, line, *audit in rows(connection, "audits", store_ids=list(store_ids), **span):
        audits.setdefault(store_id, {}).setdefault(line, []).append(audit)
    traffic: dict[int, list[tuple[str, str, int, int]]] = {}
    if audits:
        range_ = {"from_at": now - SHARES_OVER, "until": now}
        for store_id, line, role, ins, outs in rows(connection, "line_traffic", store_ids=list(audits), **range_):
            traffic.setdefault(store_id, []).append((line, role, ins, outs))
    baskets = read_baskets(connection, store_ids, now=now)
    return {
        store_id: replace(
            store_accuracy(
                [_line(line, some) for line, some in audits.get(store_id, {}).items()], traffic.get(store_id, [])
            ),
            basket=baskets.get(store_id),
        )
        for store_id in store_ids
        if store_id in audits or store_id in baskets
    }


def store_accuracy(lines: Sequence[LineAccuracy], traffic: Sequence[tuple[str, str, int, int]]) -> StoreAccuracy:
    """Return a store's accuracy from its audited lines and what each line (name, role, ins, outs) counted lately."""
    audited = {one.line: one for one in lines}
    doors = [one for one in traffic if one[1] == "entrance"]
    streets = [one for one in traffic if one[1] == "pass_by"]
    visitors = [(ins, _tallies(audited, line, inward=True)) for line, _, ins, _ in doors]
    leavers = [(outs, _tallies(audited, line, inward=False)) for line, _, _, outs in doors]
    passers = [(ins, _tallies(audited, line, inward=True)) for line, _, ins, _ in streets]
    passers += [(outs, _tallies(audited, line, inward=False)) for line, _, _, outs in streets]
    return StoreAccuracy(tuple(lines), _miscount(visitors), _miscount(leavers), _miscount(passers))


def read_lines(connection: Connection, store_id: int, audited: StoreAccuracy) -> tuple[LineAccuracy, ...]:
    """Return every counting line of a store with its audits, entrances first; those never audited included.

    Raises:
        DatabaseError: the database could not be asked.
    """
    known = {one.line: one for one in audited.lines}
    return tuple(
        replace(known.get(line, LineAccuracy(line, role)), maker=maker, with_staff=staff == "counted")
        for line, role, maker, staff in rows(connection, "lines", store_id=store_id)
    )


def _line(line: str, audits: Sequence[Sequence[Any]]) -> LineAccuracy:
    role, last_at, last_by = audits[-1][:3]
    return LineAccuracy(
        line=line,
        role=role,
        ins=tuple(Tally(*audit[3:6]) for audit in audits),
        outs=tuple(Tally(*audit[6:9]) for audit in audits),
        last_at=last_at,
        last_by=last_by,
    )


def _tallies(audited: Mapping[str, LineAccuracy], line: str, *, inward: bool) -> tuple[Tally, ...]:
    one = audited.get(line)
    return () if one is None else one.ins if inward else one.outs


def _miscount(counts: Sequence[tuple[int, Sequence[Tally]]]) -> Miscount | None:
    counted = [(count, pooled(tallies)) for count, tallies in counts if count > 0]
    whole = sum(count for count, _ in counted)
    if not counted or not all(tally.enough for _, tally in counted):
        return None
    return Miscount(tuple(Part(count / whole, tally) for count, tally in counted))


def _share(definition_id: str, part: float, whole: float, as_of: datetime) -> Figure:
    if whole <= 0:
        return Figure(None, None, None, "manual", None, definition_id, as_of)
    low, high = wilson(round(part), round(whole))
    return Figure(part / whole, low, high, "manual", None, definition_id, as_of)
