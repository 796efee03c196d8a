"""A box whose crossings a test scripts, with a real audit page on a free port."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from contract.entries import Audit, Crossing, Entry
from contract.types import Direction
from edge.audit.heard import CrossingsHeard
from edge.audit.service import AuditService
from edge.audit.session import AuditedLine
from edge.clock import Clock, SystemClock
from edge.config import AuditConfig

LINES = (AuditedLine("front-door", "entrance"), AuditedLine("pavement", "pass_by"))


@dataclass
class ScriptedBox:
    """What the device counts and writes down, in a test's hands."""

    clock: Clock
    heard: CrossingsHeard = field(default_factory=CrossingsHeard)
    recorded: list[Entry] = field(default_factory=list)
    up: bool = True
    service: AuditService = field(init=False)

    def cross(self, direction: Direction, *, line: str = "front-door", before_s: float = 0.0) -> None:
        """Count somebody who crossed `before_s` ago."""
        at = self.clock.now() - timedelta(seconds=before_s)
        self.heard.hear([Crossing(at=at, line=line, direction=direction)])

    @property
    def audits(self) -> list[Audit]:
        return [entry for entry in self.recorded if isinstance(entry, Audit)]

    def record(self, entries: Sequence[Entry]) -> None:
        self.recorded.extend(entries)


@contextmanager
def running_box(clock: Clock | None = None, lines: Sequence[AuditedLine] = LINES) -> Iterator[ScriptedBox]:
    """Run an audit page on loopback."""
    box = ScriptedBox(clock or SystemClock())
    box.service = AuditService(
        AuditConfig(enabled=True, listen="127.0.0.1:0"), lines, box.heard, record=box.record,
        watching=lambda _line: box.up, clock=box.clock,
    )  # fmt: skip
    box.service.start()
    try:
        yield box
    finally:
        box.service.stop()
