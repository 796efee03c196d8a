"""The arithmetic of counters: what one more reading adds to what was counted before.

The ledger only grows. So what counts is defined such that one more reading never takes anything away, and the order in
which readings come, or how often, changes nothing: of one interval the most that was ever said of it; of a total the
steps between its readings in the order of their time. See docs/adr on counters of other makers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from ingest.errors import OverlappingError

#: From, until; half open.
Span: TypeAlias = tuple[datetime, datetime]

_QUARTER: Final = timedelta(minutes=15)
_EPOCH: Final = datetime.fromisoformat("2000-01-03T00:00:00+00:00")
#: Between two readings of a total that are further apart nobody knows whether the counter was watching.
WATCHED_MAX: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """An interval that is counted already, with all that is counted within it."""

    from_at: datetime
    until: datetime
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class Addition:
    """What one more reading adds: so many, at some time within `spans`; `watched` is time that is now known."""

    spans: tuple[Span, ...] = ()
    ins: int = 0
    outs: int = 0
    watched: tuple[Span, ...] = ()


def interval_adds(new: Counted, known: Sequence[Counted]) -> tuple[Addition, Counted]:
    """Return what an interval adds to `known`, those that touch it, and what is counted within it then.

    An interval around finer ones adds what they lack; one within a wider one adds nothing, as that is counted whole.

    Raises:
        OverlappingError: it overlaps another in part, so that nobody can tell who would be counted twice.
    """
    same = [each for each in known if (each.from_at, each.until) == (new.from_at, new.until)]
    others = [each for each in known if each not in same]
    around = [each for each in others if each.from_at <= new.from_at and each.until >= new.until]
    inside = _widest(each for each in others if each.from_at >= new.from_at and each.until <= new.until)
    if any(not (each in around or (each.from_at >= new.from_at and each.until <= new.until)) for each in others):
        raise OverlappingError(new.from_at, new.until)
    if around:
        return Addition(), same[0] if same else new
    before = same or inside
    ins, outs = sum(each.ins for each in before), sum(each.outs for each in before)
    left = _without((new.from_at, new.until), inside)
    adds = Addition(
        spans=left or ((new.from_at, new.until),),
        ins=max(0, new.ins - ins),
        outs=max(0, new.outs - outs),
        watched=() if same else left,
    )
    return adds, Counted(new.from_at, new.until, max(new.ins, ins), max(new.outs, outs))


def step(before: int, after: int) -> int:
    """Return how many a total counted from one reading to the next: one that fell was reset, and counted since."""
    return after - before if after >= before else after


def total_adds(
    new: tuple[datetime, int],
    before: tuple[datetime, int] | None,
    after: tuple[datetime, int] | None,
    reported_every: timedelta,
) -> Addition:
    """Return what one more reading of a total adds, between its neighbours in time; `ins` is its one direction.

    They crossed at most `reported_every` before it was read, as far as anybody can tell. The first reading of all adds
    nothing: it is where counting begins.
    """
    at, total = new
    reached = (step(before[1], total) if before else 0) + (step(total, after[1]) if after else 0)
    crossed = reached - (step(before[1], after[1]) if before and after else 0)
    since = at - reported_every if before is None else max(before[0], at - reported_every)
    known = before is not None and after is not None and _went_on(before, after)
    pairs = [pair for pair in ((before, new), (new, after)) if pair[0] and pair[1]]
    watched = () if known else tuple((a[0], b[0]) for a, b in pairs if a and b and a[0] < b[0] and _went_on(a, b))
    return Addition(((since, at),) if since < at else ((at - timedelta(seconds=1), at),), crossed, 0, watched)


def _went_on(before: tuple[datetime, int], after: tuple[datetime, int]) -> bool:
    return after[1] >= before[1] and after[0] - before[0] <= WATCHED_MAX


def quarters(span: Span) -> list[Span]:
    """Return a span cut at the quarter-hours of UTC."""
    found = []
    at, until = span
    while at < until:
        end = min(until, at + _QUARTER - (at - _EPOCH) % _QUARTER)
        found.append((at, end))
        at = end
    return found


def spread(count: int, spans: Sequence[Span]) -> list[int]:
    """Return `count` divided among spans by their length, in whole people; the largest remainders are rounded up."""
    lengths = [(until - at) / timedelta(seconds=1) for at, until in spans]
    shares = [count * each / sum(lengths) for each in lengths]
    found = [int(each) for each in shares]
    by_remainder = sorted(range(len(spans)), key=lambda index: (found[index] - shares[index], index))
    for index in by_remainder[: count - sum(found)]:
        found[index] += 1
    return found


def _widest(intervals: Iterable[Counted]) -> list[Counted]:
    """Return those of nested intervals that lie in no other, ascending."""
    found: list[Counted] = []
    for each in sorted(intervals, key=lambda one: (one.from_at, one.from_at - one.until)):
        if not found or each.from_at >= found[-1].until:
            found.append(each)
    return found


def _without(span: Span, inside: Sequence[Counted]) -> tuple[Span, ...]:
    left = []
    at, until = span
    for each in inside:
        if at < each.from_at:
            left.append((at, each.from_at))
        at = each.until
    if at < until:
        left.append((at, until))
    return tuple(left)
