"""Whatever is appended, receipted and asked for: pending = kept − covered."""

import itertools
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from edge.publishing.coverage import Coverage
from edge.publishing.outbox import Outbox
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import ManualClock
from tests.support.entries import NOON, crossings, receipt
from tests.support.memory_outbox import MemoryOutbox

SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=6)


def members(spans: list[tuple[int, int]], last_seq: int) -> set[int]:
    return {seq for first, last in spans for seq in range(first, min(last, last_seq) + 1)}


@given(SPANS, st.integers(0, 40), st.integers(1, 45), st.integers(0, 45))
def test_coverage_is_the_set_of_its_spans(spans: list[tuple[int, int]], last_seq: int, first: int, last: int) -> None:
    coverage = Coverage.of(spans, last_seq=last_seq)
    covered = members(spans, last_seq)
    assert {seq for a, b in coverage.ranges for seq in range(a, b + 1)} == covered
    assert all(b + 1 < c for (_, b), (c, _) in itertools.pairwise(coverage.ranges))
    gaps = {seq for a, b in coverage.gaps(first, last) for seq in range(a, b + 1)}
    assert gaps == set(range(first, last + 1)) - covered
    assert coverage.missing(first, last) == len(gaps)


def walked(outbox: Outbox, entries: int) -> list[int]:
    """Return the seqs of all runs, one after the other."""
    seqs: list[int] = []
    run = outbox.pending(entries=entries)
    while run is not None:
        assert 1 <= len(run.entries) <= entries
        seqs += range(run.first_seq, run.last_seq + 1)
        run = outbox.pending(after=run.last_seq, entries=entries)
    return seqs


class OutboxMachine(RuleBasedStateMachine):
    """Both outboxes against a set of seqs, under any order of appends, receipts, passing days and prunes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.outboxes: list[Outbox] = [
            MemoryOutbox(now=self.clock.now),
            SqliteOutbox(":memory:", monotonic=self.clock.monotonic),
        ]
        self.appended_s: list[float] = []
        self.covered: set[int] = set()
        self.newest: datetime | None = None
        self.pruned_to = 0

    @rule(count=st.integers(0, 12))
    def append(self, count: int) -> None:
        expected = range(len(self.appended_s) + 1, len(self.appended_s) + 1 + count)
        for outbox in self.outboxes:
            assert outbox.append(crossings(count)) == expected
        self.appended_s += [self.clock.monotonic()] * count

    @rule(spans=SPANS, minute=st.integers(-100, 100), old_copy=st.integers(0, 9))
    def receive(self, spans: list[tuple[int, int]], minute: int, old_copy: int) -> None:
        if old_copy:
            spans = [(first, min(last, len(self.appended_s))) for first, last in spans if self.appended_s]
        at = NOON + timedelta(minutes=minute)
        straggler = self.newest is not None and timedelta() < self.newest - at < timedelta(minutes=5)
        for outbox in self.outboxes:
            assert outbox.apply_receipt(receipt(*spans, epoch=outbox.epoch, at=at)) is not straggler
        last_seq = len(self.appended_s)
        if straggler:
            return
        if any(last > last_seq for first, last in spans):
            # An old copy: what is kept and not received begins a new epoch.
            kept = [seq for seq in range(self.pruned_to + 1, last_seq + 1) if seq not in self.covered]
            self.appended_s = [self.appended_s[seq - 1] for seq in kept]
            self.newest, self.covered, self.pruned_to = None, set(), 0
        else:
            self.newest, self.covered = at, members(spans, last_seq)

    @rule(days=st.integers(0, 40))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days * 86_400)
        cutoff_s = self.clock.monotonic() - 30 * 86_400
        while self.pruned_to + 1 in self.covered and self.appended_s[self.pruned_to] < cutoff_s:
            self.pruned_to += 1
        for outbox in self.outboxes:
            outbox.prune()

    @rule(entries=st.integers(1, 9))
    def pending_is_what_is_kept_and_not_covered(self, entries: int) -> None:
        expected = [seq for seq in range(self.pruned_to + 1, len(self.appended_s) + 1) if seq not in self.covered]
        for outbox in self.outboxes:
            assert (outbox.last_seq, outbox.pruned_to) == (len(self.appended_s), self.pruned_to)
            assert outbox.queue_depth == len(expected)
            assert walked(outbox, entries) == expected

    def teardown(self) -> None:
        for outbox in self.outboxes:
            outbox.close()


OutboxMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)

TestOutboxes = OutboxMachine.TestCase
