"""The seams of control: parts of the desired state, and handlers of commands.

A part (the set-up, the model, the application) moves the box towards what is desired of it, at its own pace, over
restarts. A handler does one kind of command. Both run on control's own thread, one at a time: what takes long goes on
in `step`, or in a thread of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from contract.control import CommandBase, Desired, Reported


class Part(Protocol):
    """One part of the desired state. Its state survives a power cut at any instant: what it needs, it notes first."""

    def want(self, desired: Desired) -> None:
        """Begin to move towards `desired`; called with each new version, and after a start with the last one again.

        Raises:
            EdgeError: it cannot; control logs it. What head office should know, `tell` says.
        """
        ...

    def step(self) -> None:
        """Go on with what takes time; called about once a second.

        Raises:
            EdgeError: as `want`.
        """
        ...

    def tell(self, report: Reported) -> Reported:
        """Return `report` with how far this part is; called after each of the others, cheap."""
        ...

    def stop(self) -> None:
        """Leave things so that the next start finds its way."""
        ...


class Answering(Protocol):
    """How a handler says what became of its command; from any thread."""

    def __call__(self, *, done: bool, reason: str | None = None) -> None:
        """Say that it is done, or was refused and why (any text: it is made plain and short)."""
        ...


#: Does one command of its kind and says so through `Answering`, now or later. Raises ControlError where it refuses.
Handler: TypeAlias = Callable[[Any, Answering], None]
Handlers: TypeAlias = Mapping[type[CommandBase], Handler]
