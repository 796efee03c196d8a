"""Resending: ledger entries that head office misses, once more from the rows that this box still has."""

from collections.abc import Callable

from contract.control import Resend
from edge.control.parts import Answering
from edge.errors import ControlError
from edge.publishing.outbox import Outbox


class Resending:
    """Does `Resend` on `outbox`; `again` tells the publisher to look at it anew."""

    def __init__(self, outbox: Outbox, again: Callable[[], None]) -> None:
        self._outbox = outbox
        self._again = again

    def __call__(self, command: Resend, answer: Answering) -> None:
        """Take what is asked for as not received, so that it leaves once more.

        Raises:
            ControlError: another epoch, or nothing of it is kept.
        """
        if command.epoch != self._outbox.epoch:
            raise ControlError(f"this box counts in epoch {self._outbox.epoch}: of another one nothing is kept here")
        kept = self._outbox.again(command.ranges)
        if not kept:
            raise ControlError(f"nothing of it is kept here: the oldest entry is {self._outbox.pruned_to + 1}")
        self._again()
        asked = sum(last - first + 1 for first, last in command.ranges)
        answer(done=True, reason=f"{kept} of {asked} entries leave once more")
