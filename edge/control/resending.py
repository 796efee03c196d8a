"""Resending: ledger entries that head office misses, once more from the rows that this box still has.

What it no longer has, it states as lost in its ledger: else nobody would ever know whether it may still come.
"""

from collections.abc import Callable
from uuid import UUID

from contract.control import Resend
from contract.entries import LOST_RANGES_MAX, Loss
from edge.clock import Clock
from edge.control.parts import Answering
from edge.errors import ControlError
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import Outbox


class Resending:
    """Does `Resend` on `outbox`; `again` tells the publisher to look at it anew."""

    def __init__(self, outbox: Outbox, again: Callable[[], None], clock: Clock) -> None:
        self._outbox = outbox
        self._again = again
        self._clock = clock
        #: What has been stated as lost: asked for again while that is on its way, it is not lost twice.
        self._stated: dict[UUID, Coverage] = {}

    def __call__(self, command: Resend, answer: Answering) -> None:
        """Take what is asked for as not received, so that it leaves once more; state what is not kept as lost.

        Raises:
            ControlError: it was never counted here.
            OutboxError: the disk refused.
        """
        asked = sum(last - first + 1 for first, last in command.ranges)
        kept = self._outbox.again(command.ranges) if command.epoch == self._outbox.epoch else 0
        gone = self._gone(command)
        if not kept and not gone.size:
            raise ControlError(f"nothing of it was ever counted here: the last entry is {self._outbox.last_seq}")
        self._state(command.epoch, gone)
        self._again()
        lost = f", {gone.size} are no longer kept and stated as lost" if gone.size else ""
        answer(done=True, reason=f"{kept} of {asked} entries leave once more{lost}")

    def _gone(self, command: Resend) -> Coverage:
        """Return what of the ranges this box had and has no more: of another epoch than its own all of them."""
        highest = max(last for _, last in command.ranges)
        if command.epoch == self._outbox.epoch:
            highest = self._outbox.pruned_to
        return Coverage.of(command.ranges, last_seq=highest)

    def _state(self, epoch: UUID, gone: Coverage) -> None:
        known = self._stated.get(epoch, Coverage())
        new = gone.without(known)
        if not new.size:
            return
        at = self._outbox.oldest_at() or self._clock.now()
        parts = [
            Coverage(new.ranges[start : start + LOST_RANGES_MAX])
            for start in range(0, len(new.ranges), LOST_RANGES_MAX)
        ]
        self._outbox.append([Loss(at, at, "pruned", part.size, epoch=epoch, seqs=list(part.ranges)) for part in parts])
        both = [*known.ranges, *new.ranges]
        self._stated[epoch] = Coverage.of(both, last_seq=max(last for _, last in both))
