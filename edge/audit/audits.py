"""All audits of one box: one per line at a time, each bounded, each ending in the ledger, the abandoned ones too."""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from contract.entries import Entry
from edge.audit.errors import AuditRefusedError
from edge.audit.event import AuditEvent
from edge.audit.heard import CrossingsHeard
from edge.audit.session import SESSION_MAX, AuditedLine, AuditSession
from edge.clock import Clock

logger = logging.getLogger(__name__)

#: A crossing is written down at most this long after it happened: frames queue, a track is confirmed.
SETTLE_S: Final = 10.0
#: Who has not been heard from for so long has given up: somebody else may audit the line.
SILENT_S: Final = 300.0
#: A phone that was out of reach at the end has so long to bring its last taps.
GRACE: Final = timedelta(minutes=15)
#: How long a result can be looked at.
_KEPT_S: Final = 3_600.0


class Audits:
    """Audits under way and just finished; from any thread."""

    def __init__(
        self,
        lines: Sequence[AuditedLine],
        heard: CrossingsHeard,
        *,
        record: Callable[[Sequence[Entry]], None],
        watching: Callable[[str], bool],
        clock: Clock,
    ) -> None:
        self.lines = tuple(lines)
        self._heard = heard
        self._record = record
        self._watching = watching
        self._clock = clock
        self._sessions: dict[str, AuditSession] = {}
        self._lock = threading.RLock()

    def busy(self, line: str) -> bool:
        """Return whether somebody audits `line`."""
        with self._lock:
            self.sweep()
            return self._open(line) is not None

    def begin(self, owner: str, line: str, auditor: str, minutes: int) -> AuditSession:
        """Begin an audit for the log-in `owner`.

        Raises:
            AuditRefusedError: no such line, somebody audits it, or the owner has an audit under way.
        """
        known = {one.name: one for one in self.lines}
        if line not in known:
            raise AuditRefusedError("unknown_line")
        with self._lock:
            self.sweep()
            if any(one.owner == owner and one.outcome is None for one in self._sessions.values()):
                raise AuditRefusedError("running")
            there = self._open(line)
            if there is not None:
                if self._clock.monotonic() - there.contact_s < SILENT_S:
                    raise AuditRefusedError("busy")
                self._finish(there)
            self._heard.begin(line)
            session = AuditSession(
                secrets.token_hex(8), owner, known[line], auditor, minutes, self._clock.now(), self._clock.monotonic()
            )
            self._sessions[session.id] = session
            return session

    def of(self, owner: str) -> AuditSession | None:
        """Return the newest audit of a log-in; None where it has none that is remembered."""
        with self._lock:
            self.sweep()
            mine = [one for one in self._sessions.values() if one.owner == owner]
            return mine[-1] if mine else None

    def take(self, owner: str, session_id: str, first: int, events: Sequence[AuditEvent]) -> AuditSession:
        """Add events to an audit of `owner`.

        Raises:
            AuditRefusedError: it is not this log-in's, or the events do not continue what is there.
        """
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None or session.owner != owner:
                raise AuditRefusedError("no_session")
            if session.outcome is None:
                session.contact_s = self._clock.monotonic()
                session.dark = session.dark or not self._watching(session.line.name)
                session.take(first, events)
                if session.closed and session.ended_s is None:
                    session.ended_s = session.contact_s
            self.sweep()
            return session

    def sweep(self) -> None:
        """Evaluate what has settled, give up what was abandoned, forget what is old."""
        with self._lock:
            now_s = self._clock.monotonic()
            for session in list(self._sessions.values()):
                if session.outcome is None:
                    settled = session.ended_s is not None and now_s - session.ended_s >= SETTLE_S
                    if settled or self._clock.now() - session.started_at > SESSION_MAX + GRACE:
                        self._finish(session)
                elif now_s - session.contact_s > _KEPT_S:
                    del self._sessions[session.id]

    def close(self) -> None:
        """Finish all that is under way: what was not ended is kept as incomplete."""
        with self._lock:
            for session in self._sessions.values():
                if session.outcome is None:
                    self._finish(session)

    def _open(self, line: str) -> AuditSession | None:
        return next((one for one in self._sessions.values() if one.line.name == line and one.outcome is None), None)

    def _finish(self, session: AuditSession) -> None:
        session.outcome = session.evaluate(self._heard.crossings(session.line.name))
        self._heard.end(session.line.name)
        audit = session.outcome.audit
        self._record([audit])
        logger.info(
            "audit of line %s by %s: in %d of %d, out %d of %d found%s",
            audit.line, audit.auditor, audit.ins.matched, audit.ins.truth, audit.outs.matched, audit.outs.truth,
            "" if audit.complete else " (incomplete: it counts nowhere)", extra={"action": "audit_finished"},
        )  # fmt: skip
