"""Gaps in the ledger: what `footfall verify` misses of a box, asked for again until it came or is stated as lost.

A box sends by itself whatever no receipt covers. What stays missing all the same, after a server came back from an old
backup or of an outbox that is no more, is asked for by command: by a person, or by the trust keeper once it is some
minutes old, ever more seldom. The box sends it once more or says in its ledger that it is lost: the gap is gone.
"""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from contract.control import COMMAND_LASTS_MAX, RESEND_RANGES_MAX, Resend
from deploy.control.desires import Decision, command, device_id_of
from ingest.database import Cursor, Database
from ingest.ranges import SeqSet
from ingest.sql_blocks import parse_blocks

logger = logging.getLogger(__name__)

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "gaps")
#: A gap is asked for once it is so old, then after a pause that doubles each time.
ASKED_AFTER: Final = timedelta(minutes=5)
PAUSE: Final = 2 * COMMAND_LASTS_MAX
PAUSE_MAX: Final = timedelta(days=1)
#: Epochs asked for in one look, and commands for one epoch: the lowest ranges first, the next time the next ones.
_EPOCHS_MAX: Final = 20
_COMMANDS_MAX: Final = 5
BY_ITSELF: Final = "the server, by itself"


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing of one outbox file of a box; `ranges` are closed.

    `since`: when it was first seen missing, None: just now. `asked_at`, `times`: when and how often it was asked for;
    `outcome`, `answer`: what the box said to the last time. `state`: whether it is online; None: never heard of.
    """

    store: str
    device: str
    epoch: str
    missing: int
    ranges: list[tuple[int, int]]
    since: datetime | None
    asked_at: datetime | None
    times: int
    outcome: str | None
    answer: str | None
    state: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text."""
        moments = {"since": self.since, "asked_at": self.asked_at}
        return {**asdict(self), **{name: at and at.isoformat() for name, at in moments.items()}}


def listed(database: Database) -> list[Gap]:
    """Return what is missing, by store, device and epoch.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["listed"])
        return [
            Gap(store, device, epoch, missing, list(SeqSet.parse(ranges)), *rest)
            for store, device, epoch, missing, ranges, *rest in cursor.fetchall()
        ]


def ask(database: Database, store: str, device: str, decision: Decision) -> int:
    """Ask a box for what is missing of it; return how many entries that is. What a box states as lost is not missing.

    Raises:
        ControlError: the store has no such device.
    """
    with database.transaction() as cursor:
        device_id = device_id_of(cursor, store, device)
        cursor.execute(_SQL["missing_of"], {"device_id": device_id})
        return _ask(cursor, cursor.fetchall(), decision)


def look(database: Database, now: datetime) -> int:
    """Note what is missing and since when, and ask for what is due; return how many entries were asked for.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        for step in ("filled", "narrowed", "noted"):
            cursor.execute(_SQL[step], {"now": now})
        cursor.execute(_SQL["due"], {
            "now": now, "after": ASKED_AFTER, "pause": PAUSE, "pause_max": PAUSE_MAX, "most": _EPOCHS_MAX,
        })  # fmt: skip
        asked = _ask(cursor, cursor.fetchall(), Decision(by=BY_ITSELF, why="missing for a while", at=now))
    if asked:
        logger.info("asked boxes for %d entries that are missing", asked, extra={"action": "gaps_asked"})
    return asked


def _ask(cursor: Cursor, gaps: Iterable[tuple[int, int, str, str]], decision: Decision) -> int:
    asked = 0
    for device_id, epoch_id, epoch, missing in gaps:
        ranges = list(SeqSet.parse(missing))[: _COMMANDS_MAX * RESEND_RANGES_MAX]
        asked += sum(last - first + 1 for first, last in ranges)
        for start in range(0, len(ranges), RESEND_RANGES_MAX):
            said = Resend(
                id=uuid4(), issued_at=decision.at, expires_at=decision.at + COMMAND_LASTS_MAX,
                epoch=UUID(epoch), ranges=ranges[start : start + RESEND_RANGES_MAX],
            )  # fmt: skip
            command(cursor, device_id, said, decision)
        cursor.execute(_SQL["asked"], {"epoch_id": epoch_id, "now": decision.at})
    return asked
