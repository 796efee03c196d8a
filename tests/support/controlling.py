"""A box's control with a real authority, without a broker: what it says is kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from contract.codec import decode, encode
from contract.control import COMMAND_LASTS_MAX, CommandBase, ControlLeaf, Desired, Reported, Resend, body_of
from contract.topics import Leaf
from deploy.trust.authority import Authority
from edge.control.believing import Believing
from edge.control.control import Control
from edge.control.memory import Memory
from edge.control.parts import Handlers, Part
from tests.support.clocks import ManualClock

STORE, DEVICE = "riverside", "door-box"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Recorded:
    """A part that only remembers what was wanted of it."""

    def __init__(self) -> None:
        self.wanted: list[Desired] = []

    def want(self, desired: Desired) -> None:
        self.wanted.append(desired)

    def step(self) -> None:
        pass

    def tell(self, report: Reported) -> Reported:
        return report

    def stop(self) -> None:
        pass


class ControlBench:
    """Control of riverside/door-box in `folder`; `restart` as after a power cut."""

    def __init__(self, folder: Path, *, parts: Sequence[Part] = (), handlers: Handlers | None = None) -> None:
        self.folder = folder
        self.clock = ManualClock(NOON)
        self.authority = Authority(folder / "trust", now=self.clock.now, create=True)
        (folder / "authority.pem").write_bytes(self.authority.pem)
        self.site_file = folder / "site.toml"
        self.said: list[Reported] = []
        self.parts = parts
        self.handlers = handlers or {}
        self.control = self.restart()

    def restart(self) -> Control:
        self.control = Control(
            (STORE, DEVICE), self.site_file, Believing(self.folder / "authority.pem", STORE, DEVICE),
            Memory(self.folder / "control.json"), parts=self.parts, handlers=self.handlers, say=self._say,
            clock=self.clock,
        )  # fmt: skip
        self.control.resume()
        return self.control

    def signed(
        self, said: Desired | CommandBase, leaf: ControlLeaf, *, device: str = DEVICE, by: Authority | None = None
    ) -> bytes:
        return encode((by or self.authority).sign(leaf, STORE, device, body_of(said)))

    def desire(self, version: int, **more: Any) -> None:
        self.control.handle("config", self.signed(Desired(version=version, issued_at=NOON, **more), "config"))

    def resend(
        self,
        *,
        number: UUID | None = None,
        age: timedelta = timedelta(0),
        epoch: UUID | None = None,
        ranges: Sequence[tuple[int, int]] = ((1, 2),),
    ) -> Resend:
        at = self.clock.now() - age
        return Resend(
            id=number or uuid4(),
            issued_at=at,
            expires_at=at + COMMAND_LASTS_MAX,
            epoch=epoch or uuid4(),
            ranges=list(ranges),
        )

    def ask(self, command: CommandBase) -> None:
        self.control.handle("command", self.signed(command, "command"))

    def pump(self) -> None:
        while not self.control._queue.empty():
            self.control._queue.get()()

    def _say(self, leaf: Leaf, payload: bytes, retain: bool) -> None:
        assert leaf == "reported"
        assert retain
        self.said.append(decode(payload, Reported))
