"""Messages: what stands on each topic.

`LedgerBatch` (device → ingest, QoS 1), `Receipt` (ingest → device, retained), `Live` and `Status` (device → all,
retained). `Signed` (head office → device) and `Reported` (device → head office) are in contract.control.
"""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from contract.control import Reported, Signed
from contract.entries import SUMMED_MAX, Entry, Summary, weight_of
from contract.types import SCHEMA_VERSION, Count, DeviceState, Instant, LineRole, Name, Seq, ZoneRole

#: Most entries in one batch, and most bytes in one message of any kind.
BATCH_ENTRIES_MAX = 2_000
MESSAGE_BYTES_MAX = 256 * 1024
#: Most ranges per epoch and epochs in a receipt: one retained message stays small however torn a ledger is.
RECEIPT_RANGES_MAX = 1_000
RECEIPT_EPOCHS_MAX = 8

_Version = Literal[1]
#: Digits first, lower case: a release number, and too plain to carry anything else.
_SoftwareVersion = Annotated[str, Meta(max_length=40, pattern=r"^[0-9]+(?:\.[0-9]+){0,3}[a-z0-9.+-]{0,20}(?!\n)$")]
_Reading = Annotated[float, Meta(ge=-1e6, le=1e9)]


class LedgerBatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One contiguous run of ledger entries: entry i of the list has seq `first_seq` + i.

    `last_seq` is the highest seq the device has assigned in this epoch when it sends, so the receiver knows what to
    expect even before it arrives.

    Where `covers` is given, the entries stand together for that many seqs, all or none: summaries, or a loss, in place
    of what the device could not keep. It is left out otherwise, so that a server older than the box understands it.
    """

    v: _Version = SCHEMA_VERSION
    store: Name
    device: Name
    epoch: UUID
    first_seq: Seq
    last_seq: Seq
    sent_at: Instant
    entries: Annotated[list[Entry], Meta(min_length=1, max_length=BATCH_ENTRIES_MAX)]
    covers: Seq | UnsetType = UNSET

    @property
    def run_end(self) -> int:
        """Return the last seq that the entries stand for."""
        return self.first_seq + (len(self.entries) if self.covers is UNSET else self.covers) - 1

    def __post_init__(self) -> None:
        """Refuse a run that ends beyond the last assigned seq, or sums up more than it has seqs for.

        Raises:
            ValueError: `first_seq` + seqs - 1 > `last_seq`, or the entries stand for more than seqs or `SUMMED_MAX`.
        """
        if self.run_end > self.last_seq:
            raise ValueError(f"expected the run to end at or before `last_seq` {self.last_seq}, got {self.run_end}")
        if self.covers is UNSET and Summary not in set(map(type, self.entries)):
            return  # each has a seq of its own and stands for no more
        seqs = self.run_end - self.first_seq + 1
        weight = sum(map(weight_of, self.entries))
        if weight > min(seqs, SUMMED_MAX):
            raise ValueError(f"expected entries that stand for at most {min(seqs, SUMMED_MAX)} others, got {weight}")


class EpochReceipt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The seqs of one epoch that ingest has committed, as closed ranges in ascending order."""

    epoch: UUID
    ranges: Annotated[list[tuple[Seq, Seq]], Meta(max_length=RECEIPT_RANGES_MAX)]


class Receipt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ingest has committed for one device: the only proof of delivery."""

    v: _Version = SCHEMA_VERSION
    store: Name
    device: Name
    at: Instant
    epochs: Annotated[list[EpochReceipt], Meta(max_length=RECEIPT_EPOCHS_MAX)]


class LiveLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line's cumulative counts in this epoch."""

    line: Name
    in_total: Count
    out_total: Count


class LiveZone(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """People inside a zone now."""

    zone: Name
    people: Count


class Live(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The last value of everything a device counts: best effort, retained, for freshness only."""

    v: _Version = SCHEMA_VERSION
    store: Name
    device: Name
    epoch: UUID
    at: Instant
    lines: Annotated[list[LiveLine], Meta(max_length=64)]
    zones: Annotated[list[LiveZone], Meta(max_length=64)]


class LineInfo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A line as the device has it configured.

    `door` is which of the store's doors an entrance line counts; None: one of the line's own name. It is left out where
    it is None, so that a server older than the box understands what the box says.
    """

    line: Name
    role: LineRole
    camera: Name
    door: Name | None = None


class ZoneInfo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A zone as the device has it configured.

    A stay of at least `engaged_after_s` is an engagement; None, left out: the device does not say.
    """

    zone: Name
    role: ZoneRole
    camera: Name
    engaged_after_s: Annotated[float, Meta(ge=0, le=3_600)] | None = None


#: What may be wrong with the pictures of a camera that still sends some.
Trouble: TypeAlias = Literal["dark", "covered", "frozen", "moved", "overexposed", "blurred"]


class CameraHealth(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How one camera is doing.

    `trouble` is what is wrong with its pictures: with `down` they cannot be counted on, with `up` they can. It is left
    out where it is None, so that a server older than the box understands what the box says.
    """

    camera: Name
    state: Literal["up", "down"]
    fps: Annotated[float, Meta(ge=0, le=1_000)]
    trouble: Trouble | None = None


class Crashes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often the box's agent was started without having been stopped: it crashed, was killed, or lost its power."""

    ten_minutes: Count
    day: Count


class Status(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A device's presence (birth, heartbeat, last will) and what it is set up to count.

    `at` is when the message was made: for a last will, when the device connected. None means "not known". `crashes` is
    left out while there are few of them, so that a server older than the box understands what the box says.
    """

    v: _Version = SCHEMA_VERSION
    store: Name
    device: Name
    state: DeviceState
    at: Instant
    version: _SoftwareVersion
    epoch: UUID
    last_seq: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    queue_depth: Count
    lines: Annotated[list[LineInfo], Meta(max_length=64)] = []
    zones: Annotated[list[ZoneInfo], Meta(max_length=64)] = []
    cameras: Annotated[list[CameraHealth], Meta(max_length=16)] = []
    model: Name | None = None
    uptime_s: Annotated[float, Meta(ge=0)] | None = None
    temperature_c: _Reading | None = None
    disk_free_mb: Count | None = None
    clock_offset_s: _Reading | None = None
    crashes: Crashes | UnsetType = UNSET


Message: TypeAlias = LedgerBatch | Receipt | Live | Status | Signed | Reported
