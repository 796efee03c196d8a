"""Verification: what devices say they counted, minus what is here; and registers beside single crossings."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.database import Database
from ingest.ranges import SeqSet
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("verify")
#: A crossing is written down this long after it happened at most: the frame queue and the tracker's confirmation.
REGISTER_SLACK: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Missing:
    """Seqs of one epoch that its device has assigned and that are not here; `ranges` are closed."""

    store: str
    device: str
    epoch: str
    last_seq: int
    missing: int
    ranges: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class RegisterMismatch:
    """A line's register that rose by other numbers than its crossings can explain (between `least` and `most`)."""

    store: str
    line: str
    epoch: str
    since: datetime
    until: datetime
    ins: int
    in_least: int
    in_most: int
    outs: int
    out_least: int
    out_most: int


@dataclass(frozen=True, slots=True)
class StatedLoss:
    """Entries that a box says it let go of; None: nobody can tell how many.

    `of_epoch` ended with it; `never_came` of its seqs that the box had told of are not here: lost or, where it could
    salvage them, here under `epoch`. Where `seqs` are given, it did not: these closed ranges of it are what is lost.
    """

    store: str
    device: str
    epoch: str
    since: datetime
    until: datetime
    reason: str
    entries: int | None
    of_epoch: str | None
    never_came: int | None
    seqs: list[tuple[int, int]] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what was found. Stated losses are known, not missing: nothing can bring them back."""

    devices: int
    epochs: int
    entries: int
    dead_letters: int
    missing: list[Missing] = field(default_factory=list)
    registers: list[RegisterMismatch] = field(default_factory=list)
    losses: list[StatedLoss] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and every register agrees."""
        return not self.missing and not self.registers

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text."""
        return {
            **asdict(self),
            "registers": [_dated(each) for each in self.registers],
            "losses": [_dated(each) for each in self.losses],
            "complete": self.complete,
        }


def _dated(found: RegisterMismatch | StatedLoss) -> dict[str, Any]:
    return {**asdict(found), "since": found.since.isoformat(), "until": found.until.isoformat()}


def _stated(*row: Any) -> StatedLoss:
    *rest, seqs = row
    return StatedLoss(*[*rest, seqs and list(SeqSet.parse(seqs))])


def verify(database: Database) -> Verdict:
    """Return expected − received per device and epoch, and the registers that single crossings do not explain.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")  # one moment for all questions
        cursor.execute(_SQL["scope"])
        devices, epochs, entries, dead_letters = cursor.fetchone() or (0, 0, 0, 0)
        cursor.execute(_SQL["missing"])
        missing = [
            Missing(store, device, epoch, last_seq, int(number), list(SeqSet.parse(ranges)))
            for store, device, epoch, last_seq, number, ranges in cursor.fetchall()
        ]
        cursor.execute(_SQL["registers"], {"slack": REGISTER_SLACK})
        registers = [RegisterMismatch(*row) for row in cursor.fetchall()]
        cursor.execute(_SQL["losses"])
        losses = [_stated(*row) for row in cursor.fetchall()]
    return Verdict(devices, epochs, entries, dead_letters, missing, registers, losses)
