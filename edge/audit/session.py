"""One audit of one line: what the phone did, event by event, and what came of it.

The phone numbers its events and sends them in order, again and again until they are acknowledged. Taking an event twice
changes nothing, a gap is refused, and so is another event under a known number (the audit is open in two tabs): neither
a lost connection nor a second tab loses a tap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from contract.entries import Audit
from contract.types import Direction, LineRole
from edge.audit.errors import AuditRefusedError, EventConflictError
from edge.audit.event import AuditEvent, Kind
from edge.audit.matching import DIRECTIONS, Compared, Moments, compare, mirrored

#: More taps, pauses and take-backs of one audit than this are refused.
EVENTS_MAX: Final = 5_000
#: An audit lasts at most so long, pauses included.
SESSION_MAX: Final = timedelta(minutes=60)
#: A shorter audit says nothing and counts nowhere.
SHORTEST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class AuditedLine:
    """A line that can be audited."""

    name: str
    role: LineRole


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an audit found; `dark` when the camera was not watching at some moment of it."""

    audit: Audit
    dark: bool


@dataclass(slots=True)
class AuditSession:
    """An audit under way. `owner` is the log-in that began it; `minutes` how long it is meant to last."""

    id: str
    owner: str
    line: AuditedLine
    auditor: str
    minutes: int
    started_at: datetime
    contact_s: float
    events: list[AuditEvent] = field(default_factory=list)
    dark: bool = False
    ended_s: float | None = None
    outcome: Outcome | None = None

    @property
    def closed(self) -> Kind | None:
        """Return how the person closed it; None while it is open."""
        last = self.events[-1].kind if self.events else None
        return last if last in ("end", "discard") else None

    def take(self, first: int, events: Sequence[AuditEvent]) -> int:
        """Add the events from number `first` on, passing over those known; return how many there are now.

        Raises:
            AuditRefusedError: events are missing before `first`, or there are too many.
            EventConflictError: other events are known under these numbers; nothing was added.
        """
        known = len(self.events)
        if first > known:
            raise AuditRefusedError("gap")
        if any(old != new for old, new in zip(self.events[first:], events, strict=False)):
            raise EventConflictError(self.events[first:])
        for event in events[known - first :]:
            if self.closed:
                break
            if len(self.events) >= EVENTS_MAX and event.kind not in ("end", "discard"):
                raise AuditRefusedError("too_many")
            self.events.append(event)
        return len(self.events)

    def moments(self) -> tuple[Moments, list[tuple[float, float]]]:
        """Return the taps that stand, and the stretches between pauses, in seconds from the begin."""
        taps: list[tuple[Direction, float]] = []
        windows: list[tuple[float, float]] = []
        since: float | None = 0.0
        for event in self.events:
            at = self._seconds(event)
            if event.kind in DIRECTIONS:
                taps.append(("in" if event.kind == "in" else "out", at))
            elif event.kind == "undo" and taps:
                taps.pop()
            elif event.kind == "resume" and since is None:
                since = at
            elif event.kind in ("pause", "end", "discard") and since is not None:
                windows.append((since, max(at, since)))
                since = None
        if since is not None:
            windows.append((since, max(since, self._seconds(self.events[-1]) if self.events else since)))
        return {way: sorted(at for direction, at in taps if direction == way) for way in DIRECTIONS}, windows

    def evaluate(self, crossings: Sequence[tuple[datetime, Direction]]) -> Outcome:
        """Return what came of it, given the device's crossings."""
        taps, windows = self.moments()
        counted: Moments = {
            way: sorted((at - self.started_at).total_seconds() for at, direction in crossings if direction == way)
            for way in DIRECTIONS
        }
        found = self._compare(taps, counted, windows)
        duration_s = round(sum(end - start for start, end in windows), 3)
        whole = self.closed == "end" and duration_s >= SHORTEST_S and not self.dark
        audit = Audit(
            at=self.started_at, line=self.line.name, duration_s=min(duration_s, SESSION_MAX.total_seconds()),
            auditor=self.auditor, ins=found.ins, outs=found.outs, lag_s=found.lag_s, complete=whole,
        )  # fmt: skip
        return Outcome(audit, self.dark)

    def _compare(self, taps: Moments, counted: Moments, windows: Sequence[tuple[float, float]]) -> Compared:
        found = compare(taps, counted, windows)
        if self.line.role == "entrance":
            return found
        # Which way along a street is "in" nobody in the street can know: the better of both readings is meant.
        turned = compare(mirrored(taps), counted, windows)
        return max(found, turned, key=lambda one: one.ins.matched + one.outs.matched)

    def _seconds(self, event: AuditEvent) -> float:
        """Return the event's moment in seconds from the begin, within what the audit may last."""
        at = event.at_ms / 1000 - self.started_at.timestamp()
        return min(max(at, 0.0), SESSION_MAX.total_seconds())
