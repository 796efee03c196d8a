"""Resending: only what is asked for and still here leaves once more; what is not is stated as lost."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from contract.control import Resend
from contract.entries import Entry, Loss
from edge.control.resending import Resending
from tests.support.clocks import ManualClock
from tests.support.controlling import ControlBench
from tests.support.entries import NOON, crossings, receipt
from tests.support.memory_outbox import MemoryOutbox


@pytest.fixture
def outbox() -> MemoryOutbox:
    made = MemoryOutbox()
    made.append(crossings(10))
    made.apply_receipt(receipt((1, 10), epoch=made.epoch))
    return made


def resending(outbox: MemoryOutbox, folder: Path, told: list[bool] | None = None) -> ControlBench:
    again = [] if told is None else told
    handler = Resending(outbox, lambda: again.append(True), ManualClock(NOON))
    return ControlBench(folder, handlers={Resend: handler})


def answer_to(bench: ControlBench, command: Resend) -> tuple[str, str | None]:
    bench.ask(command)
    bench.pump()
    answer = bench.said[-1].answers[-1]
    return answer.outcome, answer.reason


def losses_in(outbox: MemoryOutbox) -> list[Loss]:
    run = outbox.pending()
    return [entry for entry in run.entries if isinstance(entry, Loss)] if run else []


def test_what_is_missing_at_head_office_leaves_once_more(tmp_path: Path, outbox: MemoryOutbox) -> None:
    told: list[bool] = []
    bench = resending(outbox, tmp_path, told)
    command = bench.resend(epoch=outbox.epoch, ranges=[(2, 3), (9, 12)])
    assert answer_to(bench, command) == ("done", "4 of 6 entries leave once more")
    assert (outbox.queue_depth, told) == (4, [True])


def test_what_was_never_counted_here_is_refused_with_the_reason(tmp_path: Path, outbox: MemoryOutbox) -> None:
    bench = resending(outbox, tmp_path)
    outcome, reason = answer_to(bench, bench.resend(epoch=outbox.epoch, ranges=[(11, 12)]))
    assert outcome == "refused"
    assert "the last entry is 10" in (reason or "")
    assert outbox.queue_depth == 0


def test_what_is_no_longer_kept_is_stated_as_lost_once(tmp_path: Path) -> None:
    clock = ManualClock(NOON)
    outbox = MemoryOutbox(now=clock.now)
    outbox.append(crossings(6))
    outbox.apply_receipt(receipt((1, 6), epoch=outbox.epoch))
    clock.advance(31 * 86_400)
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 10), epoch=outbox.epoch, at=NOON + timedelta(days=31)))
    assert outbox.prune() == 6
    bench = resending(outbox, tmp_path)
    ranges = [(2, 3), (5, 8)]
    said = answer_to(bench, bench.resend(epoch=outbox.epoch, ranges=ranges))
    assert said == ("done", "2 of 6 entries leave once more, 4 are no longer kept and stated as lost")
    answer_to(bench, bench.resend(epoch=outbox.epoch, ranges=ranges))
    (loss,) = [entry for entry in pending_beyond(outbox, 10) if isinstance(entry, Loss)]
    assert (loss.reason, loss.entries, loss.epoch, loss.seqs) == ("pruned", 4, outbox.epoch, [(2, 3), (5, 6)])


def pending_beyond(outbox: MemoryOutbox, seq: int) -> list[Entry]:
    run = outbox.pending(after=seq)
    return run.entries if run else []


def test_all_of_another_epoch_is_stated_as_lost(tmp_path: Path, outbox: MemoryOutbox) -> None:
    bench = resending(outbox, tmp_path)
    gone = uuid4()
    said = answer_to(bench, bench.resend(epoch=gone, ranges=[(7, 9)]))
    assert said == ("done", "0 of 3 entries leave once more, 3 are no longer kept and stated as lost")
    (loss,) = losses_in(outbox)
    assert (loss.entries, loss.epoch, loss.seqs) == (3, gone, [(7, 9)])
    assert loss.at == loss.until == outbox.oldest_at()
