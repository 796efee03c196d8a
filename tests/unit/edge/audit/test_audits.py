"""An audit from its first tap to the ledger: bounded, idempotent, alone on its line."""

import pytest

from contract.types import Direction
from edge.audit.audits import GRACE, SETTLE_S, SILENT_S, Audits
from edge.audit.errors import AuditRefusedError, EventConflictError
from edge.audit.event import AuditEvent, Kind
from edge.audit.heard import CrossingsHeard
from edge.audit.session import EVENTS_MAX, SESSION_MAX, AuditSession
from tests.support.auditing import LINES, ScriptedBox
from tests.support.clocks import ManualClock


class Bench:
    """A box without its page: audits, a clock, and a person who taps."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.box = ScriptedBox(self.clock)
        self.audits = Audits(
            LINES, self.box.heard, record=self.box.record, watching=lambda _line: self.box.up, clock=self.clock
        )
        self.sent = 0

    def begin(self, owner: str = "anna", line: str = "front-door") -> AuditSession:
        self.sent = 0
        return self.audits.begin(owner, line, "an", 15)

    def event(self, kind: Kind) -> AuditEvent:
        return AuditEvent(kind, round(self.clock.now().timestamp() * 1000))

    def does(self, session: AuditSession, kind: Kind) -> None:
        self.audits.take(session.owner, session.id, self.sent, [self.event(kind)])
        self.sent += 1

    def walk(self, session: AuditSession, direction: Direction, *, seen: bool = True, tapped: bool = True) -> None:
        self.clock.advance(10)
        if seen:
            self.box.cross(direction, line=session.line.name)
        self.clock.advance(0.5)
        if tapped:
            self.does(session, direction)

    def settle(self) -> None:
        self.clock.advance(SETTLE_S + 1)
        self.audits.sweep()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_audit_is_stored_with_misses_and_doubles_of_each_direction(bench: Bench) -> None:
    session = bench.begin()
    for _ in range(10):
        bench.walk(session, "in")
        bench.walk(session, "out")
    bench.walk(session, "in", seen=False)
    bench.walk(session, "out", tapped=False)
    bench.clock.advance(10)
    bench.does(session, "end")
    assert bench.box.audits == [], "the last crossings are not written down yet"
    bench.settle()
    (audit,) = bench.box.audits
    assert (audit.line, audit.auditor, audit.complete) == ("front-door", "an", True)
    assert (audit.ins.truth, audit.ins.counted, audit.ins.matched) == (11, 10, 10)
    assert (audit.outs.truth, audit.outs.counted, audit.outs.matched) == (10, 11, 10)
    assert audit.lag_s == pytest.approx(0.5, abs=0.01)
    assert audit.duration_s == pytest.approx(22 * 10.5 + 10)


def test_an_undone_tap_never_was(bench: Bench) -> None:
    session = bench.begin()
    for _ in range(8):
        bench.walk(session, "in")
    bench.walk(session, "in", seen=False)
    bench.does(session, "undo")
    bench.clock.advance(5)
    bench.does(session, "end")
    bench.settle()
    assert bench.box.audits[0].ins.truth == 8


def test_who_crosses_in_a_pause_does_not_count(bench: Bench) -> None:
    session = bench.begin()
    for _ in range(8):
        bench.walk(session, "in")
    bench.clock.advance(5)
    bench.does(session, "pause")
    for _ in range(3):
        bench.walk(session, "in", tapped=False)
    bench.clock.advance(5)
    bench.does(session, "resume")
    bench.walk(session, "in")
    bench.clock.advance(5)
    bench.does(session, "end")
    bench.settle()
    audit = bench.box.audits[0]
    assert audit.ins.counted == 9
    assert audit.duration_s == pytest.approx(8 * 10.5 + 5 + 10.5 + 5)


def test_events_that_come_twice_change_nothing_and_a_gap_is_refused(bench: Bench) -> None:
    session = bench.begin()
    taps = [bench.event("in") for _ in range(5)]
    assert len(bench.audits.take("anna", session.id, 0, taps).events) == 5
    assert len(bench.audits.take("anna", session.id, 3, [*taps[3:], bench.event("out")]).events) == 6
    with pytest.raises(AuditRefusedError, match="gap"):
        bench.audits.take("anna", session.id, 8, taps)


def test_another_event_under_a_known_number_is_refused_with_what_is_known_there(bench: Bench) -> None:
    session = bench.begin()
    first, second = bench.event("in"), bench.event("out")
    bench.audits.take("anna", session.id, 0, [first])
    with pytest.raises(EventConflictError) as refused:
        bench.audits.take("anna", session.id, 0, [second])
    assert refused.value.there == (first,)
    assert session.events == [first], "nothing was added"
    assert bench.audits.take("anna", session.id, 1, [second]).events == [first, second]


def test_there_is_one_audit_per_line_and_one_per_phone(bench: Bench) -> None:
    bench.begin()
    with pytest.raises(AuditRefusedError, match="busy"):
        bench.begin("ben")
    with pytest.raises(AuditRefusedError, match="running"):
        bench.begin(line="pavement")
    with pytest.raises(AuditRefusedError, match="unknown_line"):
        bench.begin("ben", line="nowhere")
    assert bench.begin("ben", line="pavement")


def test_another_phones_audit_cannot_be_written_to(bench: Bench) -> None:
    session = bench.begin()
    with pytest.raises(AuditRefusedError, match="no_session"):
        bench.audits.take("ben", session.id, 0, [bench.event("in")])


def test_an_abandoned_line_is_free_again_and_the_audit_is_kept_as_incomplete(bench: Bench) -> None:
    session = bench.begin()
    bench.walk(session, "in")
    bench.clock.advance(SILENT_S + 1)
    bench.begin("ben")
    assert [audit.complete for audit in bench.box.audits] == [False]


def test_an_audit_that_nobody_ends_is_given_up(bench: Bench) -> None:
    bench.begin()
    bench.clock.advance((SESSION_MAX + GRACE).total_seconds() + 1)
    bench.audits.sweep()
    assert [audit.complete for audit in bench.box.audits] == [False]


@pytest.mark.parametrize("last", ["discard", None])
def test_what_was_given_up_or_cut_by_a_stop_is_stored_as_incomplete(bench: Bench, last: Kind | None) -> None:
    session = bench.begin()
    for _ in range(8):
        bench.walk(session, "in")
    if last:
        bench.does(session, last)
    bench.audits.close()
    assert [audit.complete for audit in bench.box.audits] == [False]
    bench.audits.close()
    assert len(bench.box.audits) == 1


def test_an_audit_with_a_dark_camera_does_not_count(bench: Bench) -> None:
    session = bench.begin()
    for number in range(8):
        bench.box.up = number != 3
        bench.walk(session, "in")
    bench.does(session, "end")
    bench.settle()
    assert not bench.box.audits[0].complete
    assert session.outcome is not None
    assert session.outcome.dark


def test_an_audit_of_less_than_a_minute_does_not_count(bench: Bench) -> None:
    session = bench.begin()
    bench.walk(session, "in")
    bench.does(session, "end")
    bench.settle()
    assert not bench.box.audits[0].complete


def test_more_taps_than_an_audit_holds_are_refused_but_it_can_be_ended(bench: Bench) -> None:
    session = bench.begin()
    for first in range(0, EVENTS_MAX, 400):
        bench.audits.take("anna", session.id, first, [bench.event("in")] * min(400, EVENTS_MAX - first))
    with pytest.raises(AuditRefusedError, match="too_many"):
        bench.audits.take("anna", session.id, EVENTS_MAX, [bench.event("in")])
    assert bench.audits.take("anna", session.id, EVENTS_MAX, [bench.event("end")]).closed == "end"


def test_on_the_street_the_two_ways_may_be_named_either_way_round(bench: Bench) -> None:
    session = bench.begin(line="pavement")
    for number in range(12):
        bench.clock.advance(10)
        bench.box.cross("out" if number % 3 else "in", line="pavement")
        bench.clock.advance(0.5)
        bench.does(session, "in" if number % 3 else "out")
    bench.clock.advance(5)
    bench.does(session, "end")
    bench.settle()
    audit = bench.box.audits[0]
    assert (audit.outs.matched, audit.ins.matched) == (8, 4)


def test_only_lines_under_audit_are_overheard() -> None:
    box = ScriptedBox(ManualClock(), CrossingsHeard())
    box.cross("in")
    box.heard.begin("front-door")
    box.cross("in")
    box.cross("in", line="pavement")
    assert len(box.heard.crossings("front-door")) == 1
    assert box.heard.crossings("pavement") == []
