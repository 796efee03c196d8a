"""However pushes of counters are shuffled and repeated, what is counted is the same, and never falls."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.entries import SUMMED_MAX, CameraUptime, Crossing, Summary
from ingest.counters.counting import Counted, interval_adds, quarters, spread, step, total_adds
from ingest.counters.entries import entries_of, runs_of

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
#: Spans in minutes that lie in one another or apart, never across: as one counter's reports of 5, 15 and 60 minutes.
SPANS = [(at, at + wide) for wide in (5, 15, 60) for at in range(0, 120, wide)]


class IntervalBook:
    """What the book keeps of one line, in memory."""

    def __init__(self) -> None:
        self.known: dict[tuple[datetime, datetime], Counted] = {}
        self.ins = self.outs = 0
        self.watched = timedelta(0)

    def note(self, from_min: int, until_min: int, ins: int, outs: int) -> None:
        new = Counted(START + from_min * MINUTE, START + until_min * MINUTE, ins, outs)
        touching = [each for each in self.known.values() if each.from_at < new.until and each.until > new.from_at]
        adds, counted = interval_adds(new, touching)
        assert min(adds.ins, adds.outs) >= 0
        self.known[new.from_at, new.until] = counted
        self.ins, self.outs = self.ins + adds.ins, self.outs + adds.outs
        self.watched += sum((until - since for since, until in adds.watched), timedelta(0))


@given(
    moments=st.lists(st.tuples(st.integers(0, 119), st.booleans()), max_size=60),
    pushes=st.lists(st.sampled_from(SPANS), max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_intervals_in_any_order_count_everybody_within_their_union_once(
    moments: list[tuple[int, bool]], pushes: list[tuple[int, int]], order: object
) -> None:
    shuffled = list(pushes) * 2
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    book = IntervalBook()
    for since, until in shuffled:
        within = [inward for at, inward in moments if since <= at < until]
        book.note(since, until, sum(within), len(within) - sum(within))
    minutes = {minute for since, until in pushes for minute in range(since, until)}
    assert book.ins == sum(inward for at, inward in moments if at in minutes)
    assert book.outs == sum(not inward for at, inward in moments if at in minutes)
    assert book.watched == len(minutes) * MINUTE


@given(
    said=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 20), st.integers(0, 20)), max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_of_intervals_said_differently_the_most_counts_whatever_came_last(
    said: list[tuple[int, int, int]], order: object
) -> None:
    def total(pushes: list[tuple[int, int, int]]) -> tuple[int, int]:
        book = IntervalBook()
        for quarter, ins, outs in pushes:
            book.note(15 * quarter, 15 * quarter + 15, ins, outs)
        return book.ins, book.outs

    shuffled = said + said
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    most = [
        sum(max((each[place] for each in said if each[0] == quarter), default=0) for quarter in range(8))
        for place in (1, 2)
    ]
    assert total(said) == total(shuffled) == tuple(most)


@given(
    readings=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_readings_of_a_total_in_any_order_count_its_steps_over_every_reset(
    readings: list[tuple[int, int]], order: object
) -> None:
    shuffled = readings + readings
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    known: list[tuple[datetime, int]] = []
    counted = 0
    watched = timedelta(0)
    for minute, total in shuffled:
        new = (START + minute * MINUTE, total)
        if new in known:
            continue
        before = max((each for each in known if each < new), default=None)
        after = min((each for each in known if each > new), default=None)
        adds = total_adds(new, before, after, 15 * MINUTE)
        assert adds.ins >= 0
        counted += adds.ins
        watched += sum((until - since for since, until in adds.watched), timedelta(0))
        known.append(new)
    ordered = sorted(known)
    assert counted == sum(step(a[1], b[1]) for a, b in pairwise(ordered))
    assert watched <= timedelta(minutes=300)


@given(count=st.integers(0, 5_000), since=st.integers(-7_200, 7_200), length=st.integers(1, 86_400))
def test_whoever_is_divided_among_quarter_hours_is_still_all_of_them(count: int, since: int, length: int) -> None:
    at = START + timedelta(seconds=since)
    pieces = quarters((at, at + timedelta(seconds=length)))
    shares = spread(count, pieces)
    assert (sum(shares), min(shares) >= 0) == (count, True)
    assert pieces[0][0] == at
    assert pieces[-1][1] == at + timedelta(seconds=length)
    assert all(a[1] == b[0] for a, b in pairwise(pieces))
    fair = [count * (until - start) / timedelta(seconds=length) for start, until in pieces]
    assert all(abs(share - exact) < 1 for share, exact in zip(shares, fair, strict=True))


@settings(max_examples=30)
@given(ins=st.integers(0, 3 * SUMMED_MAX), outs=st.integers(0, 50), length=st.integers(60, 86_400))
def test_runs_stand_for_exactly_as_many_seqs_as_they_say_people_and_time(ins: int, outs: int, length: int) -> None:
    new = Counted(START, START + timedelta(seconds=length), ins, outs)
    entries = list(entries_of(interval_adds(new, ())[0], "front", "cam"))
    sums = [each for each in entries if isinstance(each, Summary)]
    assert sum(each.times for each in sums if isinstance(each.entry, Crossing) and each.entry.direction == "in") == ins
    assert sum(each.up_s for each in entries if isinstance(each, CameraUptime)) == length
    runs = list(runs_of(entries))
    assert sum(run.covers for run in runs) == ins + outs + len(entries) - len(sums)
    assert all(run.covers <= SUMMED_MAX for run in runs)
