"""Roll-outs: a version of a standard, or a release, on its way to a share of the boxes, a few at once, watched.

start --to 1 % ──► members by hash ──► released while online, `at_once` at a time ──► runs | refused | rolled back
       --to 10 %   more members, none leaves                                          too many of these: stopped

The keeper calls `advance` every second; people start, widen, pause, resume, end and take back.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

from deploy.control.desires import Decision, desire, desire_each
from deploy.control.standards import standard_of
from deploy.errors import ControlError
from ingest.claims import SILENT_AFTER
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

logger = logging.getLogger(__name__)

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "rollouts")
AT_ONCE: Final = 20
TOLERATED: Final = 0.05
#: One box that refuses may be that box's own fault.
_FAILURES_MIN: Final = 1

Part: TypeAlias = Literal["standard", "model", "application"]
State: TypeAlias = Literal["running", "paused", "stopped", "finished", "ended", "taken back"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is rolled out: a standard's version `number`, or the release `name` in the words of `Desired`."""

    part: Part
    name: str
    number: int | None = None
    release: Mapping[str, Any] | None = None

    @property
    def words(self) -> str:
        """It in words."""
        return f"{self.name} {self.number}" if self.part == "standard" else f"{self.part} {self.name}"


@dataclass(frozen=True, slots=True)
class Rollout:
    """A roll-out and how far it is. Of its `boxes`, `waiting` have not had their turn or are offline."""

    rollout_id: int
    part: Part
    name: str
    number: int | None
    release: Mapping[str, Any] | None
    share: float
    stores: list[str] | None
    at_once: int
    tolerated: float
    state: State
    eligible: int
    boxes: int
    waiting: int
    pending: int
    pending_online: int
    runs: int
    refused: int
    rolled_back: int

    @property
    def subject(self) -> Subject:
        """What is rolled out."""
        return Subject(self.part, self.name, self.number, self.release)

    @property
    def words(self) -> str:
        """What is rolled out, in words."""
        return self.subject.words

    @property
    def failures(self) -> int:
        """How many boxes refused it or rolled it back."""
        return self.refused + self.rolled_back

    @property
    def failures_max(self) -> int:
        """So many it tolerates; one more stops it."""
        return max(_FAILURES_MIN, math.floor(self.tolerated * self.boxes))

    def as_dict(self) -> dict[str, Any]:
        """Return its fields for JSON."""
        return {**asdict(self), "failures_max": self.failures_max}


@dataclass(frozen=True, slots=True)
class Event:
    """What was decided about a roll-out; `by` is a person, or `roll-out`: by itself."""

    at: datetime
    action: str
    by: str
    detail: str | None


def start(
    database: Database, wanted: tuple[str, int | None] | Subject, *, share: float,
    stores: Sequence[str] | None = None, at_once: int | None = None, tolerated: float | None = None, decision: Decision,
) -> Rollout:  # fmt: skip
    """Roll a standard (name, number; None: the latest) or a release out to `share` of the boxes, or widen that.

    A roll-out of an older version of the same standard ends with this. None: as it is, or the default.

    Raises:
        ControlError: something else is on its way, no such standard or store, or nobody to roll it out to.
    """
    with database.transaction() as cursor:
        subject = wanted if isinstance(wanted, Subject) else _standard(cursor, *wanted)
        present = _active(cursor)
        if present is not None and present.subject == subject:
            if stores is not None and set(stores) != set(present.stores or ()):
                whose = f"for the stores {', '.join(present.stores)}" if present.stores else "for all stores"
                raise ControlError(f"the roll-out of {subject.words} is {whose}, and stays so: end it first")
            at_once, tolerated = at_once or present.at_once, present.tolerated if tolerated is None else tolerated
            return _widen(cursor, replace(present, at_once=at_once, tolerated=tolerated), share, decision)
        if present is not None:
            if (present.part, present.name) != ("standard", subject.name) or subject.part != "standard":
                raise ControlError(
                    f"{_kind(present)} {present.words} is on its way ({present.state}): end it first "
                    "(footfall config rollout end), or take it back (footfall config rollout back)"
                )
            _become(cursor, present, "ended", _because(decision, f"version {subject.number} took its place"))
        return _begin(
            cursor, subject, decision, share=share, stores=stores, at_once=at_once or AT_ONCE, tolerated=tolerated
        )


def widen(database: Database, share: float, decision: Decision, *, rollout_id: int | None = None) -> Rollout:
    """Widen the roll-out that is on its way, whatever it is of: what it brings is kept with it.

    `rollout_id` is the one that is meant, where somebody chose it a while ago.

    Raises:
        ControlError: none is on its way, it is another one, it has stopped, or the share is smaller than it has.
    """
    with database.transaction() as cursor:
        present = _meant(_active(cursor), rollout_id)
        return _widen(cursor, present, share, decision)


#: What a person may do with a roll-out, what becomes of it, and in which states.
Action: TypeAlias = Literal["pause", "resume", "end", "back"]
_BECOMES: Final[dict[Action, tuple[State, tuple[State, ...]]]] = {
    "pause": ("paused", ("running",)),
    "resume": ("running", ("paused", "stopped")),
    "end": ("ended", ("running", "paused", "stopped")),
    "back": ("taken back", ("running", "paused", "stopped", "finished", "ended")),
}


def change(database: Database, action: Action, decision: Decision, *, rollout_id: int | None = None) -> Rollout:
    """Pause, resume or end the roll-out that is on its way, or give its boxes back what they had before it.

    `rollout_id` is the one that is meant, where somebody chose it a while ago.

    Raises:
        ControlError: none is on its way, it is another one, or it is not in a state for that.
    """
    with database.transaction() as cursor:
        present = _meant(_active(cursor) or _latest(cursor), rollout_id)
        state, possible = _BECOMES[action]
        if present.state not in possible:
            raise ControlError(f"the roll-out of {present.words} is {present.state}")
        if action == "back":
            _give_back(cursor, present, decision, undecided_only=False)
        elif present.state == "stopped" and action == "resume":
            # Who resumes one that has stopped has seen why: those that failed have their turn again.
            cursor.execute(_SQL["forgive"], {"rollout_id": present.rollout_id})
        _become(cursor, present, state, decision)
        return _read(cursor, present.rollout_id)


def latest(database: Database) -> Rollout | None:
    """Return the roll-out that is on its way, or was last."""
    with database.transaction() as cursor:
        return _active(cursor) or _latest(cursor)


def told(database: Database, *, limit: int) -> list[tuple[Rollout, list[Event]]]:
    """Return the latest roll-outs, the newest first, each with what was decided about it, the oldest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["recent"], {"limit": limit})
        found = []
        for (rollout_id,) in cursor.fetchall():
            cursor.execute(_SQL["events"], {"rollout_id": rollout_id})
            events = [Event(*row) for row in cursor.fetchall()]
            found.append((_read(cursor, rollout_id), events))
        return found


def members(database: Database, rollout_id: int) -> list[dict[str, Any]]:
    """Return each box of a roll-out with what became of it there, in its order."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["members"], {"rollout_id": rollout_id})
        keys = ("store", "device", "outcome", "reason")
        return [dict(zip(keys, row, strict=True)) for row in cursor.fetchall()]


def advance(database: Database, now: datetime) -> Rollout | None:
    """Note what boxes say of the roll-out that is running, stop it if too many fail, and let the next ones have it."""
    with database.transaction() as cursor:
        present = _active(cursor)
        if present is None:
            return None
        decide = "decide" if present.part == "standard" else "decide_release"
        cursor.execute(_SQL[decide], {"rollout_id": present.rollout_id, "at": now})
        present = _read(cursor, present.rollout_id, heard_since=now - SILENT_AFTER)
        if present.state != "running":
            return present
        if present.failures > present.failures_max:
            return _stop(cursor, present, now)
        if present.runs + present.failures == present.boxes == present.eligible:
            _become(cursor, present, "finished", _itself(now, f"{present.runs} of {present.boxes} boxes run it"))
            return replace(present, state="finished")
        _release(cursor, present, now)
        return present


def _begin(
    cursor: Cursor,
    subject: Subject,
    decision: Decision,
    *,
    share: float,
    stores: Sequence[str] | None,
    at_once: int,
    tolerated: float | None,
) -> Rollout:
    _check(share)
    release = None if subject.release is None else msgspec.json.encode(dict(subject.release)).decode()
    cursor.execute(_SQL["start"], {
        "part": subject.part, "name": subject.name, "number": subject.number, "release": release, "share": share,
        "stores": list(stores) if stores else None, "at_once": at_once,
        "tolerated": TOLERATED if tolerated is None else tolerated,
    })  # fmt: skip
    ((rollout_id,),) = cursor.fetchall()
    _enlist(cursor, rollout_id)
    begun = _read(cursor, rollout_id)
    if not begun.boxes:
        raise ControlError("there is no enrolled box to roll it out to: footfall device list", column="rollout_boxes")
    _note(cursor, begun, "started", _because(decision, f"to {share:.0%}: {begun.boxes} boxes"))
    return begun


def _standard(cursor: Cursor, name: str, number: int | None) -> Subject:
    found = standard_of(cursor, name, number)
    return Subject("standard", str(found["name"]), int(found["number"]))


def _kind(rollout: Rollout) -> str:
    return "standard" if rollout.part == "standard" else "release"


def _release(cursor: Cursor, present: Rollout, now: datetime) -> None:
    values = {"rollout_id": present.rollout_id, "heard_since": now - SILENT_AFTER}
    cursor.execute(_SQL["next"], {**values, "most": max(0, present.at_once - present.pending_online)})
    ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return
    cursor.execute(_SQL["before"], {"rollout_id": present.rollout_id, "device_ids": ids})
    wanted = present.release or standard_of(cursor, present.name, present.number)
    versions = desire(cursor, ids, {present.part: wanted}, _itself(now, present.words))
    cursor.execute(_SQL["released"], {
        "rollout_id": present.rollout_id, "device_ids": list(versions), "versions": list(versions.values()), "at": now,
    })  # fmt: skip


def _stop(cursor: Cursor, present: Rollout, now: datetime) -> Rollout:
    detail = f"{present.failures} of {present.boxes} boxes refused it or rolled it back"
    logger.error("the roll-out of %s stops: %s", present.words, detail, extra={"action": "rollout_stopped"})
    # Those that have not heard of it yet, or are still trying, get back what they had.
    _give_back(cursor, present, _itself(now, f"{present.words} stopped"), undecided_only=True)
    _become(cursor, present, "stopped", _itself(now, detail))
    return replace(present, state="stopped")


def _give_back(cursor: Cursor, present: Rollout, decision: Decision, *, undecided_only: bool) -> None:
    cursor.execute(_SQL["to_give_back"], {"rollout_id": present.rollout_id, "undecided_only": undecided_only})
    changes: dict[int, dict[str, Any]] = {
        device_id: {present.part: _before(present, before)} for device_id, before in cursor.fetchall()
    }
    desire_each(cursor, changes, decision)
    cursor.execute(_SQL["given_back"], {"rollout_id": present.rollout_id, "undecided_only": undecided_only})


def _before(present: Rollout, before: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what to want of a box that had `before`: no standard is None, no release is one without a manifest."""
    if present.release is None:
        return before
    if before is None or before.get("manifest") == present.release["manifest"]:
        return before or {}
    # It was good enough before, and it is older: neither a comparison nor its number is to keep it out.
    return {key: value for key, value in before.items() if key != "shadow"} | {"rollback": True}


def _meant(found: Rollout | None, rollout_id: int | None) -> Rollout:
    """Return the roll-out if there is one, and it is the one that is meant."""
    if found is None:
        raise ControlError("no roll-out is on its way: footfall config rollout start STANDARD --to 1%")
    if rollout_id not in (None, found.rollout_id):
        raise ControlError(f"another roll-out has begun meanwhile: {found.words} ({found.state})")
    return found


def _check(share: float) -> None:
    if not 0 < share <= 1:
        raise ControlError(f"expected a share above 0 % and up to 100 %, got {share:.0%}", column="rollout_share")


def _widen(cursor: Cursor, present: Rollout, share: float, decision: Decision) -> Rollout:
    _check(share)
    if present.state == "stopped":
        raise ControlError(
            f"the roll-out of {present.words} has stopped, {present.failures} boxes failed: look "
            "(footfall config rollout status), then resume it or take it back"
        )
    if share < present.share:
        raise ControlError(
            f"it is at {present.share:.0%} already, and who has it keeps it: "
            "footfall config rollout back takes it back",
            column="rollout_share",
        )
    values = {"rollout_id": present.rollout_id, "at_once": present.at_once, "tolerated": present.tolerated}
    cursor.execute(_SQL["widen"], {**values, "share": share})
    _enlist(cursor, present.rollout_id)
    widened = _read(cursor, present.rollout_id)
    _note(cursor, widened, "widened", _because(decision, f"to {share:.0%}: {widened.boxes} boxes"))
    return widened


def _enlist(cursor: Cursor, rollout_id: int) -> None:
    """Take in as many boxes as the share asks for, by a hash of their names: a fair sample, and always the same."""
    present = _read(cursor, rollout_id)
    wanted = math.ceil(present.share * present.eligible - 1e-9)
    cursor.execute(_SQL["enlist"], {"rollout_id": rollout_id, "most": max(0, wanted - present.boxes)})


def _active(cursor: Cursor) -> Rollout | None:
    cursor.execute(_SQL["active"])
    row = cursor.fetchone()
    return None if row is None else _read(cursor, row[0])


def _latest(cursor: Cursor) -> Rollout | None:
    cursor.execute(_SQL["latest"])
    row = cursor.fetchone()
    return None if row is None else _read(cursor, row[0])


def _read(cursor: Cursor, rollout_id: int, *, heard_since: datetime | None = None) -> Rollout:
    cursor.execute(_SQL["read"], {"rollout_id": rollout_id, "heard_since": heard_since})
    (row,) = cursor.fetchall()
    return Rollout(*row)


def _become(cursor: Cursor, present: Rollout, state: State, decision: Decision) -> None:
    cursor.execute(_SQL["become"], {"rollout_id": present.rollout_id, "state": state})
    _note(cursor, present, "resumed" if state == "running" else state, decision)


def _note(cursor: Cursor, present: Rollout, action: str, decision: Decision) -> None:
    values = {"rollout_id": present.rollout_id, "action": action, "at": decision.at, "by": decision.by}
    cursor.execute(_SQL["event"], {**values, "detail": decision.why})


def _because(decision: Decision, said: str) -> Decision:
    """Return the decision with what it comes to, and the person's reason behind it."""
    return replace(decision, why=f"{said}. {decision.why}" if decision.why else said)


def _itself(now: datetime, why: str) -> Decision:
    return Decision(by="roll-out", why=why, at=now)
