"""Resending: only what is asked for and still here leaves once more."""

from pathlib import Path
from uuid import uuid4

import pytest

from contract.control import Resend
from edge.control.resending import Resending
from edge.publishing.memory_outbox import MemoryOutbox
from tests.support.controlling import ControlBench
from tests.support.entries import crossings, receipt


@pytest.fixture
def outbox() -> MemoryOutbox:
    made = MemoryOutbox()
    made.append(crossings(10))
    made.apply_receipt(receipt((1, 10), epoch=made.epoch))
    return made


def test_what_is_missing_at_head_office_leaves_once_more(tmp_path: Path, outbox: MemoryOutbox) -> None:
    told: list[bool] = []
    bench = ControlBench(tmp_path, handlers={Resend: Resending(outbox, lambda: told.append(True))})
    command = bench.resend(epoch=outbox.epoch, ranges=[(2, 3), (9, 12)])
    bench.ask(command)
    bench.pump()
    (answer,) = bench.said[-1].answers
    assert (answer.outcome, answer.reason, told) == ("done", "4 of 6 entries leave once more", [True])
    assert outbox.queue_depth == 4


def test_another_epoch_or_what_is_gone_is_refused_with_the_reason(tmp_path: Path, outbox: MemoryOutbox) -> None:
    bench = ControlBench(tmp_path, handlers={Resend: Resending(outbox, lambda: None)})
    for command, reason in (
        (bench.resend(epoch=uuid4()), "nothing is kept here"),
        (bench.resend(epoch=outbox.epoch, ranges=[(11, 12)]), "the oldest entry is 1"),
    ):
        bench.ask(command)
        answer = bench.said[-1].answers[-1]
        assert answer.outcome == "refused"
        assert reason in (answer.reason or "")
    assert outbox.queue_depth == 0
