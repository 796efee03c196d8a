import itertools
import logging
import random
from datetime import timedelta

import pytest

from contract.codec import decode, encode
from contract.messages import LedgerBatch, Status
from contract.topics import parse
from edge.publishing.connection import Accepted, Lost, Received, Rejected, Signal
from edge.publishing.outbox import LineTotal
from edge.publishing.publisher import Publisher
from edge.publishing.settings import PublisherSettings
from tests.support.clocks import ManualClock
from tests.support.entries import NOON, crossing, crossings, receipt
from tests.support.memory_outbox import MemoryOutbox
from tests.support.publishing import FakeDevice, FakeNetwork

RECEIPTS = "footfall/v1/riverside/door-box/receipt"
SETTINGS = PublisherSettings(batch_entries=10, window=3)


class Bench:
    """A publisher whose thread is the test."""

    def __init__(self, *, reachable: bool = True) -> None:
        self.clock = ManualClock()
        self.device = FakeDevice()
        self.outbox = MemoryOutbox(now=self.clock.now)
        self.network = FakeNetwork(reachable=reachable)
        self.publisher = Publisher(
            self.device,
            self.outbox,
            self.network,
            clock=self.clock,
            settings=SETTINGS,
            rng=random.Random(1),  # noqa: S311
        )

    def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.pump()

    def pump(self) -> None:
        while not self.publisher._signals.empty():
            self.publisher.step(self.publisher._signals.get())
        self.publisher.step()

    def report(self, signal: Signal) -> None:
        self.network.newest.report(signal)
        self.pump()

    def connect(self) -> None:
        self.pump()
        self.report(Accepted())

    def receive(self, *ranges: tuple[int, int], retained: bool = False) -> None:
        message = receipt(*ranges, epoch=self.outbox.epoch, at=self.clock.now())
        self.report(Received(RECEIPTS, encode(message), retained))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_last_will_is_an_offline_status_of_this_device(bench: Bench) -> None:
    bench.connect()
    session = bench.network.newest.session
    assert session.will is not None
    will = decode(session.will, Status, parse(session.will_topic))
    assert (will.state, will.at, will.epoch) == ("offline", NOON, bench.outbox.epoch)
    assert session.hears == (RECEIPTS,)


def test_the_birth_is_a_retained_status_with_lines_and_zones(bench: Bench) -> None:
    bench.connect()
    (sent,) = [sent for sent in bench.network.newest.sent if sent.topic.endswith("/status")]
    status = decode(sent.payload, Status, parse(sent.topic))
    assert (sent.qos, sent.retain, status.state) == (1, True, "online")
    assert [line.role for line in status.lines] == ["entrance"]
    assert [zone.role for zone in status.zones] == ["engagement"]
    assert (status.temperature_c, status.model) == (41.5, "yolox-nano")


def test_a_heartbeat_follows_every_30_seconds(bench: Bench) -> None:
    bench.connect()
    bench.outbox.append(crossings(4))
    for _ in range(61):
        bench.after(1.0)
    statuses = bench.network.newest.statuses()
    assert [status.uptime_s for status in statuses] == [0.0, 30.0, 60.0]
    assert [status.last_seq for status in statuses] == [0, 4, 4]


def test_an_entry_leaves_within_300_ms_in_a_batch_that_the_contract_accepts(bench: Bench) -> None:
    bench.connect()
    bench.after(5.0)
    bench.outbox.append([crossing()])
    bench.pump()
    bench.after(bench.publisher.wait_s())
    (sent,) = [sent for sent in bench.network.newest.sent if sent.topic.endswith("/ledger")]
    batch = decode(sent.payload, LedgerBatch, parse(sent.topic))
    assert (sent.qos, sent.retain) == (1, False)
    assert (batch.first_seq, batch.last_seq, batch.entries) == (1, 1, [crossing()])
    assert (batch.sent_at - NOON).total_seconds() <= 5.3


def test_a_receipt_opens_the_window(bench: Bench) -> None:
    bench.outbox.append(crossings(100))
    bench.connect()
    bench.after(1.0)
    assert [batch.first_seq for batch in bench.network.newest.batches()] == [1, 11, 21]
    bench.receive((1, 20))
    assert [batch.first_seq for batch in bench.network.newest.batches()][3:] == [31, 41]
    assert bench.outbox.queue_depth == 80


def test_a_garbled_receipt_is_ignored_with_a_reason(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.connect()
    bench.report(Received(RECEIPTS, b'{"v":1,"store":"riverside"', retained=True))
    wrong_device = receipt((1, 1), device="other-box")
    bench.report(Received(RECEIPTS, encode(wrong_device), retained=True))
    assert "receipt ignored: Receipt: not JSON" in caplog.text
    assert "the message for riverside/other-box" in caplog.text
    assert bench.publisher.connected


def test_an_absent_broker_is_tried_again_with_growing_jittered_pauses() -> None:
    bench = Bench(reachable=False)
    moments: list[float] = []
    for _ in range(3_000):
        before = len(bench.network.made)
        bench.after(0.1)
        if len(bench.network.made) > before:
            moments.append(bench.clock.monotonic())
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert pauses[0] < 1.1
    assert all(pause <= SETTINGS.backoff_max_s + 0.1 for pause in pauses)
    assert max(pauses) > 15
    assert len({round(pause, 1) for pause in pauses[6:]}) > 1, "no jitter: a fleet would come back at one moment"


def test_an_absent_broker_is_logged_with_what_waits(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(reachable=False)
    bench.outbox.append(crossings(7))
    with caplog.at_level(logging.WARNING):
        bench.pump()
    assert "cannot be reached. Counting goes on, 7 entries wait in the outbox" in caplog.text


def test_a_broker_that_comes_back_gets_everything_uncovered(bench: Bench) -> None:
    bench.outbox.append(crossings(20))
    bench.connect()
    bench.after(1.0)
    bench.receive((1, 10))
    first = bench.network.newest
    bench.report(Lost("the cable was pulled"))
    assert first.closed
    bench.outbox.append(crossings(5))
    bench.after(1.0)
    assert bench.network.newest is not first, "a new connection, nothing of the old session lingers"
    bench.report(Accepted())
    bench.after(1.0)
    bench.after(0.3)
    assert [(batch.first_seq, len(batch.entries)) for batch in bench.network.newest.batches()] == [(11, 10), (21, 5)]
    assert bench.network.newest.statuses()[0].state == "online"


def test_a_broker_that_never_answers_is_given_up(bench: Bench) -> None:
    bench.pump()
    bench.after(SETTINGS.connect_timeout_s)
    assert bench.network.newest.closed
    bench.after(1.0)
    assert len(bench.network.made) == 2


def test_signals_of_an_old_connection_are_ignored(bench: Bench) -> None:
    bench.connect()
    old = bench.network.newest
    bench.report(Lost("gone"))
    bench.after(1.0)
    bench.report(Accepted())
    old.report(Lost("gone again"))
    bench.pump()
    assert bench.publisher.connected


def test_live_values_are_sent_when_they_change_and_not_more_often_than_set(bench: Bench) -> None:
    bench.connect()
    assert [live.lines[0].in_total for live in bench.network.newest.lives()] == [0]
    for _ in range(20):
        bench.after(0.1)
    assert len(bench.network.newest.lives()) == 1, "nothing has changed"
    for _ in range(20):
        bench.outbox.append([crossing()])
        bench.device.inside["table"] = 2
        bench.after(0.1)
    lives = bench.network.newest.lives()[1:]
    assert 4 <= len(lives) <= 5
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(lives)]
    assert all(gap >= timedelta(seconds=0.49) for gap in gaps)
    assert (lives[-1].zones[0].zone, lives[-1].zones[0].people) == ("table", 2)
    retained = [sent.retain for sent in bench.network.newest.sent if sent.topic.endswith("/live")]
    assert all(retained)


def test_live_values_hold_who_waits_for_a_group_and_the_ledger_does_not(bench: Bench) -> None:
    bench.connect()
    bench.outbox.append([crossing()])
    bench.device.held[crossing().line] = LineTotal(1, 1)
    bench.after(1.0)
    (line, *_) = bench.network.newest.lives()[-1].lines
    assert (line.in_total, line.out_total) == (2, 1)
    assert bench.outbox.totals()[line.line] == LineTotal(1, 0)


def test_the_clock_offset_is_taken_from_fresh_receipts_only(bench: Bench) -> None:
    bench.connect()
    late = receipt(epoch=bench.outbox.epoch, at=bench.clock.now() - timedelta(hours=3))
    bench.report(Received(RECEIPTS, encode(late), retained=True))
    bench.after(30.0)
    assert bench.network.newest.statuses()[-1].clock_offset_s is None
    ahead = receipt(epoch=bench.outbox.epoch, at=bench.clock.now() - timedelta(seconds=2))
    bench.report(Received(RECEIPTS, encode(ahead), retained=False))
    bench.after(30.0)
    assert bench.network.newest.statuses()[-1].clock_offset_s == 2.0


def test_a_message_thrown_away_by_the_broker_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.connect()
    bench.report(Rejected("Not authorized"))
    assert "Not authorized. Allow this user to publish under footfall/v1/riverside/door-box/ledger" in caplog.text


def test_stopping_sends_what_is_pending_and_says_stopped(bench: Bench) -> None:
    bench.connect()
    bench.after(2.0)
    bench.outbox.append(crossings(3))
    bench.publisher.stop()
    connection = bench.network.newest
    assert [len(batch.entries) for batch in connection.batches()] == [3]
    assert [status.state for status in connection.statuses()] == ["online", "stopped"]
    assert connection.sent[-1].retain
    assert connection.closed


def test_old_received_entries_are_pruned_with_the_heartbeat(bench: Bench) -> None:
    bench.outbox.append(crossings(3))
    bench.connect()
    bench.receive((1, 3))
    bench.after(31 * 86_400)
    assert bench.outbox.pruned_to == 3


def test_a_session_taken_over_is_told_with_what_to_do(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.connect()
    bench.report(Lost("connection ended: Session taken over", taken_over=True))
    assert "another agent took over: it runs as riverside/door-box, too" in caplog.text
    assert "Stop one, or give it another `device` in its site file" in caplog.text


def test_a_connection_that_ends_once_accuses_nobody(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.connect()
    bench.report(Lost("connection ended"))
    assert "another agent" not in caplog.text


def test_what_is_asked_for_again_leaves_at_once(bench: Bench) -> None:
    bench.connect()
    bench.outbox.append(crossings(10))
    bench.after(2)
    bench.receive((1, 10))
    sent = len(bench.network.newest.batches())
    assert sent == 1
    assert bench.outbox.again([(2, 3)]) == 2
    bench.publisher.again()
    bench.after(0.1)
    (batch,) = bench.network.newest.batches()[sent:]
    assert (batch.first_seq, len(batch.entries)) == (2, 2)
