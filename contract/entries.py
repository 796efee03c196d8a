"""Ledger entries: the only things a device may say about people.

Typed kinds, one class each, told apart by `kind`. No track id, no person id, no bytes, no embedding: a field that is
not listed here is refused at both ends. `None` means "this device does not assess it", never zero.
"""

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from contract.types import (
    NAME_PATTERN,
    Count,
    Direction,
    EntryName,
    Instant,
    LossReason,
    Name,
    QueueOutcome,
    Seconds,
    Seq,
)

#: Largest heat grid: coarse enough to say where people stand, never what they look like.
HEAT_COLUMNS_MAX = 32
HEAT_ROWS_MAX = 18
#: Most entries that one summary, and all entries of one batch, may stand for.
SUMMED_MAX = 20_000
#: Most ranges that one loss may name: as many as one command may ask for.
LOST_RANGES_MAX = 200

_Staff = Annotated[bool | None, Meta(description="a member of staff; null: not assessed")]
_Group = Annotated[int, Meta(ge=1, le=50)]
_Tapped = Annotated[int, Meta(ge=0, le=100_000)]


class Crossing(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="crossing"):
    """One person crossed a line.

    `at` is interpolated between the two frames around the crossing. `group_size` is the size of the buying unit the
    person crossed with, the same on each member's entry, so buying units = Σ 1 / group_size.
    """

    at: Instant
    line: EntryName
    direction: Direction
    staff: _Staff = None
    group_size: _Group | None = None


class ZoneVisit(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="zone_visit"):
    """One stay in a zone ended at `at` after `dwell_s`; `censored` when its true end was not seen."""

    at: Instant
    zone: EntryName
    dwell_s: Seconds
    censored: bool = False
    staff: _Staff = None


class QueueSample(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="queue_sample"):
    """So many people stood in a queue zone at `at`."""

    at: Instant
    zone: EntryName
    length: Count


class QueueExit(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="queue_exit"):
    """One person left a queue at `at` after waiting `wait_s`, served or not."""

    at: Instant
    zone: EntryName
    wait_s: Seconds
    outcome: QueueOutcome


class Occupancy(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="occupancy"):
    """So many people were seen inside a zone at `at`."""

    at: Instant
    zone: EntryName
    people: Count


class Heat(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="heat"):
    """Person-seconds per cell of a camera's view over the 15 minutes from `at`, row by row from the top left.

    Several entries of the same 15 minutes add up: a device may write a sum down part by part.
    """

    at: Instant
    camera: Name
    columns: Annotated[int, Meta(ge=1, le=HEAT_COLUMNS_MAX)]
    rows: Annotated[int, Meta(ge=1, le=HEAT_ROWS_MAX)]
    person_s: Annotated[list[Annotated[int, Meta(ge=0, le=90_000)]], Meta(max_length=HEAT_COLUMNS_MAX * HEAT_ROWS_MAX)]

    def __post_init__(self) -> None:
        """Refuse a grid whose cells do not fill it.

        Raises:
            ValueError: `person_s` does not hold `columns` × `rows` values.
        """
        if len(self.person_s) != self.columns * self.rows:
            raise ValueError(
                f"expected {self.columns} x {self.rows} = {self.columns * self.rows} cells in `person_s`, "
                f"got {len(self.person_s)}"
            )


class Flow(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="flow"):
    """So many people went from one zone straight to another in the 15 minutes from `at`, summed on the device.

    Null is outside the shop: from there they came in through an entrance line, to there they went out. Several entries
    of the same 15 minutes add up.
    """

    at: Instant
    from_zone: Name | None
    to_zone: Name | None
    people: Count


class Register(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="register"):
    """A line's cumulative counts at `at`, never reset within an epoch: they check and repair single crossings."""

    at: Instant
    line: Name
    in_total: Count
    out_total: Count


class CameraUptime(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="camera_uptime"):
    """A camera was watched `up_s` of the `period_s` from `at`. Without it, nobody would look like camera down."""

    at: Instant
    camera: Name
    period_s: Annotated[float, Meta(gt=0, le=900)]
    up_s: Annotated[float, Meta(ge=0, le=900)]

    def __post_init__(self) -> None:
        """Refuse more uptime than time.

        Raises:
            ValueError: `up_s` exceeds `period_s`.
        """
        if self.up_s > self.period_s:
            raise ValueError(f"expected `up_s` <= `period_s`, got {self.up_s} of {self.period_s}")


class AuditTally(Struct, frozen=True, forbid_unknown_fields=True):
    """One direction of an audit: `truth` people tapped by a person, `counted` by the device, `matched` one to one.

    Misses are `truth` - `matched`; doubles, counted without a tap, are `counted` - `matched`.
    """

    truth: _Tapped
    counted: _Tapped
    matched: _Tapped

    def __post_init__(self) -> None:
        """Refuse more pairs than either side has.

        Raises:
            ValueError: `matched` exceeds `truth` or `counted`.
        """
        if self.matched > min(self.truth, self.counted):
            raise ValueError(
                f"expected `matched` <= `truth` and `counted`, got {self.matched} of {self.truth} and {self.counted}"
            )


class Audit(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="audit"):
    """A person tapped everybody who crossed a line, from `at` for `duration_s` (pauses left out), without video.

    `lag_s` is how long the taps lay after the crossings: taken out before matching. `auditor` is what the person
    entered, initials at most. Not `complete`: abandoned or not to be trusted, kept as a record, counted nowhere.
    """

    at: Instant
    line: Name
    duration_s: Annotated[float, Meta(ge=0, le=3_600)]
    auditor: Annotated[str, Meta(min_length=1, max_length=12, pattern=NAME_PATTERN, description="lower-case initials")]
    ins: AuditTally
    outs: AuditTally
    lag_s: Annotated[float, Meta(ge=-10, le=10)]
    complete: bool


class Summary(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="summary"):
    """So many entries of one quarter-hour that were alike but for their moment; `entry.at` is the mean of theirs.

    A box whose disk budget is reached writes these in place of the single entries, before it drops any. Stays and waits
    are alike within a class of length; theirs is the mean, so that sums stay what they were.
    """

    times: Annotated[int, Meta(ge=1, le=SUMMED_MAX)]
    entry: Crossing | ZoneVisit | QueueSample | QueueExit | Occupancy

    @property
    def at(self) -> datetime:
        """Return the mean of their moments."""
        return self.entry.at


class LineLoss(Struct, frozen=True, forbid_unknown_fields=True):
    """How many crossings of one line are among what was lost."""

    line: Name
    ins: Count
    outs: Count


class Loss(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="loss"):
    """Entries from `at` to `until` that this box had to let go of: how many, and the crossings among them by line.

    `entries` is null where nobody can tell how many there were. `epoch` is the box's earlier epoch that ended with this
    loss, its outbox being damaged: nothing more comes of it, and what never came is among what is stated here. Where
    `seqs` is given, these closed ranges of `epoch` were asked for again and are no longer kept: they never come, others
    of it may; their moments are not known, `at` and `until` are that of the oldest entry that is. Both are left out
    otherwise, so that a server older than the box understands it.
    """

    at: Instant
    until: Instant
    reason: LossReason
    entries: Count | None
    lines: Annotated[list[LineLoss], Meta(max_length=64)] = []
    epoch: UUID | UnsetType = UNSET
    seqs: Annotated[list[tuple[Seq, Seq]], Meta(min_length=1, max_length=LOST_RANGES_MAX)] | UnsetType = UNSET


Entry: TypeAlias = (
    Crossing | ZoneVisit | QueueSample | QueueExit | Occupancy | Heat | Flow | Register | CameraUptime | Audit
    | Summary | Loss
)  # fmt: skip
ENTRY_KINDS: tuple[type[Entry], ...] = (
    Crossing, ZoneVisit, QueueSample, QueueExit, Occupancy, Heat, Flow, Register, CameraUptime, Audit, Summary, Loss,
)  # fmt: skip


def weight_of(entry: Entry) -> int:
    """Return how many counted things `entry` stands for: a loss is none."""
    if isinstance(entry, Summary):
        return entry.times
    return 0 if isinstance(entry, Loss) else 1
