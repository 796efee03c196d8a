import itertools
import random

import pytest

from edge.publishing.sender import LedgerSender
from edge.publishing.settings import PublisherSettings
from tests.support.entries import crossings, receipt
from tests.support.memory_outbox import MemoryOutbox

SETTINGS = PublisherSettings(
    flush_age_s=0.2, batch_entries=10, window=3, resend_after_s=10, resend_max_s=40, receipt_grace_s=1.0
)


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


@pytest.fixture
def sender(outbox: MemoryOutbox) -> LedgerSender:
    return LedgerSender(outbox, SETTINGS, random.Random(1))  # noqa: S311


def sent(sender: LedgerSender, now: float, *, flush: bool = False) -> list[tuple[int, int]]:
    return [(run.first_seq, run.last_seq) for run in sender.due(now, flush=flush)]


def cover(outbox: MemoryOutbox, sender: LedgerSender, now: float, *ranges: tuple[int, int]) -> None:
    outbox.apply_receipt(receipt(*ranges, epoch=outbox.epoch))
    sender.receipted(now)


def test_a_single_entry_leaves_when_it_is_old_enough(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(1))
    assert sent(sender, 0.0) == []
    assert sender.wait_s(0.0) == pytest.approx(0.2)
    assert sent(sender, 0.19) == []
    assert sent(sender, 0.2) == [(1, 1)]
    assert sent(sender, 0.3) == [], "it is under way"


def test_a_full_batch_leaves_at_once(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(10))
    assert sent(sender, 0.0) == [(1, 10)]


def test_at_most_a_window_of_batches_is_under_way(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(100))
    assert sent(sender, 0.0) == [(1, 10), (11, 20), (21, 30)]
    assert sent(sender, 1.0) == []
    cover(outbox, sender, 1.0, (1, 10))
    assert sent(sender, 1.0) == [(31, 40)]


def test_what_no_receipt_covers_is_sent_again_ever_more_slowly(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(10))
    moments: list[float] = []
    for tenth in range(2_000):
        now = tenth / 10
        if sent(sender, now):
            moments.append(now)
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert pauses[0] == pytest.approx(10, rel=0.26)
    assert pauses[1] == pytest.approx(20, rel=0.26)
    assert all(40 <= pause <= 50.1 for pause in pauses[2:])
    assert len(pauses) >= 4


def test_only_the_uncovered_part_is_sent_again(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(30))
    sent(sender, 0.0)
    cover(outbox, sender, 1.0, (1, 10), (21, 30))
    assert sent(sender, 5.0) == []
    assert sent(sender, 14.0) == [(11, 20)]


def test_a_run_that_was_lost_is_sent_again_however_busy_the_shop_is(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(10))
    sent(sender, 0.0)
    again: list[float] = []
    for second in range(1, 200):
        last = outbox.append(crossings(10))[-1]
        runs = sent(sender, float(second))
        again += [float(second)] if (1, 10) in runs else []
        cover(outbox, sender, second + 0.1, (11, last))
    pauses = [later - earlier for earlier, later in itertools.pairwise([0.0, *again])]
    assert pauses[0] == pytest.approx(10, abs=1)
    assert pauses[1] == pytest.approx(20, abs=1)
    assert pauses[2:] == pytest.approx([40] * len(pauses[2:]), abs=1), "one that is refused is no burden"
    cover(outbox, sender, 200.0, (1, outbox.last_seq))
    outbox.append(crossings(20))
    assert sent(sender, 201.0) == [(outbox.last_seq - 19, outbox.last_seq - 10), (outbox.last_seq - 9, outbox.last_seq)]
    assert sent(sender, 210.0) == []
    assert len(sent(sender, 214.0)) == 2, "once it has arrived, all is as it was"


def test_progress_puts_the_resend_off(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(20))
    sent(sender, 0.0)
    cover(outbox, sender, 9.0, (1, 10))
    assert sent(sender, 18.0) == []
    assert sent(sender, 19.1) == [(11, 20)]


def test_what_the_server_has_forgotten_is_sent_at_once(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(20))
    sent(sender, 0.0)
    cover(outbox, sender, 1.0, (1, 20))
    assert sent(sender, 2.0) == []
    cover(outbox, sender, 3.0, (1, 5))
    assert sent(sender, 3.0) == [(6, 15), (16, 20)]


def test_a_new_connection_waits_for_its_retained_receipt(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(20))
    sender.connected(100.0)
    assert sent(sender, 100.5) == []
    assert sender.wait_s(100.5) == pytest.approx(0.5)
    cover(outbox, sender, 100.6, (1, 10))
    assert sent(sender, 100.9) == [(11, 20)]


def test_a_new_connection_does_not_wait_for_ever(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(10))
    sent(sender, 0.0)
    sender.connected(5.0)
    assert sent(sender, 6.0) == [(1, 10)], "sent again without waiting for the time-out of the old connection"


def test_flush_waits_for_no_company(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(1))
    assert sent(sender, 0.0, flush=True) == [(1, 1)]


def test_an_idle_sender_asks_for_no_attention(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    assert sender.wait_s(0.0) == SETTINGS.resend_max_s
    outbox.append(crossings(10))
    sent(sender, 0.0)
    cover(outbox, sender, 0.1, (1, 10))
    sent(sender, 0.1)
    assert sender.wait_s(0.1) == SETTINGS.resend_max_s
    sender.connected(1.0)
    assert sent(sender, 2.1) == []
    assert sender.wait_s(2.1) == SETTINGS.resend_max_s, "everything is covered: nothing to look for"


def test_a_new_epoch_is_sent_from_its_beginning(outbox: MemoryOutbox, sender: LedgerSender) -> None:
    outbox.append(crossings(20))
    sent(sender, 0.0)
    cover(outbox, sender, 1.0, (1, 10))
    cover(outbox, sender, 2.0, (1, 500))
    assert sent(sender, 2.3) == [(1, 10)], "seqs 11 to 20 of the old epoch"
