"""A long backlog drains beside what is counted now: paced, and never in its way."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publishing.drain import Drain
from edge.publishing.outbox import Run
from edge.publishing.sender import LedgerSender
from edge.publishing.settings import PublisherSettings
from tests.support.entries import NOON, crossings, receipt
from tests.support.memory_outbox import MemoryOutbox

SETTINGS = PublisherSettings(
    flush_age_s=0.2, batch_entries=10, window=2, drain_from=50, drain_window=1, drain_entries_s=100, resend_after_s=10,
    resend_max_s=40,
)  # fmt: skip


class Line:
    """A sender and an ingest that takes what is sent and answers when it is told to."""

    def __init__(self) -> None:
        self.outbox = MemoryOutbox()
        self.sender = LedgerSender(self.outbox, SETTINGS, random.Random(1))  # noqa: S311
        self.received: set[int] = set()

    def sent(self, now: float) -> list[tuple[int, int]]:
        return [(run.first_seq, run.last_seq) for run in self.sender.due(now)]

    def answer(self, now: float, *runs: tuple[int, int]) -> None:
        for first, last in runs:
            self.received.update(range(first, last + 1))
        ranges = [(seq, seq) for seq in sorted(self.received)]
        self.outbox.apply_receipt(receipt(*ranges, epoch=self.outbox.epoch, at=NOON))
        self.sender.receipted(now)


@pytest.fixture
def line() -> Line:
    return Line()


def test_new_entries_leave_before_a_long_backlog_once_ingest_has_answered(line: Line) -> None:
    line.outbox.append(crossings(200))
    assert line.sent(0.0) == [(1, 10), (11, 20)]
    line.answer(0.1, (1, 10), (11, 20))
    assert line.sent(0.1) == [(21, 30)], "the backlog, in its small window"
    line.outbox.append(crossings(3))
    assert line.sent(0.2) == []
    assert line.sent(0.4) == [(201, 203)], "what is counted now does not wait behind 170 others"


def test_without_an_answer_nothing_is_sent_past_the_backlog(line: Line) -> None:
    line.outbox.append(crossings(200))
    seen: set[tuple[int, int]] = set()
    for second in range(400):
        line.outbox.append(crossings(1))
        seen.update(line.sent(float(second)))
    assert seen == {(1, 10), (11, 20)}


def test_the_backlog_keeps_its_pace(line: Line) -> None:
    line.outbox.append(crossings(500))
    line.answer(0.0, *line.sent(0.0))
    entries = 0
    for tick in range(1, 201):
        now = tick / 100
        for run in line.sent(now):
            entries += run[1] - run[0] + 1
            line.answer(now, run)
    assert entries == pytest.approx(200, abs=10), "100 entries a second for two seconds"


def test_a_backlog_that_has_drained_leaves_one_lane(line: Line) -> None:
    line.outbox.append(crossings(100))
    for tick in range(400):
        now = tick / 100
        line.answer(now, *line.sent(now))
    assert line.outbox.queue_depth == 0
    assert line.sender.under_way == 0
    assert line.sender.wait_s(4.0) == SETTINGS.resend_max_s


def test_a_server_that_forgets_amid_a_drain_gets_it_all_again(line: Line) -> None:
    line.outbox.append(crossings(200))
    line.answer(0.0, *line.sent(0.0))
    line.sent(0.1)
    line.received.clear()
    line.answer(0.2)
    assert line.sent(0.2) == [(1, 10), (11, 20)]


def test_slow_receipts_make_small_batches_and_quick_ones_large() -> None:
    settings = PublisherSettings()
    drain = Drain(settings, cursor=0, until=100_000)
    for _ in range(10):
        drain.answered(3.0)
    assert (drain.entries, drain.size) == (50, settings.batch_bytes * 50 // 1_000)
    drain.answered(0.5)
    assert drain.entries == 50
    for _ in range(10):
        drain.answered(0.1)
    assert (drain.entries, drain.size) == (1_000, settings.batch_bytes)


def test_the_next_batch_waits_for_as_long_as_the_last_one_may_take() -> None:
    drain = Drain(PublisherSettings(drain_entries_s=1_000), cursor=0, until=100_000)
    drain.took(Run(1, crossings(500)), 10.0)
    assert (drain.next_at, drain.cursor) == (10.5, 500)


@given(st.data())
def test_whatever_is_lost_or_late_everything_arrives_in_the_end(data: st.DataObject) -> None:
    line = Line()
    now = 0.0
    line.outbox.append(crossings(data.draw(st.integers(0, 150))))
    held: list[tuple[int, int]] = []
    for _ in range(data.draw(st.integers(0, 30))):
        now += data.draw(st.sampled_from([0.05, 0.3, 12.0]))
        held += line.sent(now)
        match data.draw(st.sampled_from(["count", "answer", "lose", "connect"])):
            case "count":
                line.outbox.append(crossings(data.draw(st.integers(1, 15))))
            case "answer":
                line.answer(now, *held)
                held = []
            case "lose":
                held = []
            case _:
                line.sender.connected(now)
    for _ in range(3_000):
        if not line.outbox.queue_depth:
            break
        now += 0.1
        line.answer(now, *line.sent(now))
    assert line.outbox.queue_depth == 0
