"""The bridge: what waits in the outbox into the ledger, each counter as a device of its store.

A run is written as a camera box's is: its seqs are subtracted from what was received, in one transaction with its rows.
So where the bridge dies between that and taking it out of the outbox, writing it again changes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

from contract.codec import decode_entries
from contract.messages import CameraHealth, LedgerBatch, Status
from contract.types import DeviceState
from ingest.counters.book import KEPT
from ingest.counters.register import Counter, counters
from ingest.database import Database
from ingest.errors import RejectedError
from ingest.names import Names
from ingest.presence import Heard, Presence
from ingest.sql_blocks import load_blocks
from ingest.writer import LedgerWriter

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("counters")
_AT_ONCE: Final = 200
#: A counter is down once it has not been heard for so many of its reports, but not before a while.
_REPORTS_MISSED: Final = 3
_SILENT_MIN: Final = timedelta(minutes=5)
#: What was forgotten must have been refused for a while: clocks differ.
_TIDY_SLACK: Final = timedelta(days=1)


class Bridge:
    """Carries counters' entries into the ledger through one connection. Not shared between threads."""

    def __init__(self, url: str, *, now: Callable[[], datetime]) -> None:
        self._database = Database(url, name="footfall-counters", on_connect=self._forget)
        self._now = now
        self._names = Names()
        self._presence = Presence(self._database, self._names)
        self._writer = LedgerWriter(self._database, self._names)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def deliver(self) -> int:
        """Write what waits into the ledger; return how many runs.

        Raises:
            DatabaseError: try again; what was written will be found to be here.
        """
        done = 0
        while waiting := self._waiting():
            batches = [batch for _, batch in waiting]
            written = self._writer.write(batches)
            self._say_refused(batches, written.refused)
            keys = [key for index, (key, _) in enumerate(waiting) if index not in written.refused]
            with self._database.transaction() as cursor:
                cursor.execute(_SQL["delivered"], {
                    "counter_ids": [key[0] for key in keys], "first_seqs": [key[1] for key in keys],
                })  # fmt: skip
            done += len(keys)
            if written.refused:
                break
        return done

    def heartbeat(self) -> None:
        """Say of every counter that it is there, which lines it counts, and whether it is heard from.

        Raises:
            DatabaseError: try again.
        """
        for each in counters(self._database):
            self.say(each, "online")

    def say(self, counter: Counter, state: DeviceState) -> None:
        """Say how one counter is; one that has `stopped` for good counts no line any more.

        Raises:
            DatabaseError: try again.
        """
        now = self._now()
        lines = counter.lines if state == "online" else []
        up = "up" if state == "online" and not silent(counter, now) else "down"
        status = Status(
            store=counter.store,
            device=counter.login,
            state=state,
            at=now,
            version=version("footfall"),
            epoch=counter.epoch,
            last_seq=counter.last_seq,
            queue_depth=counter.waiting,
            lines=lines,
            cameras=[CameraHealth(camera=camera, state=up, fps=0) for camera in _cameras(counter)],  # type: ignore[arg-type]  # up or down
            model=counter.vendor,
        )
        self._presence.store_status(status, Heard(now))

    def tidy(self) -> None:
        """Forget what was said so long ago that it is not taken any more.

        Raises:
            DatabaseError: try again.
        """
        with self._database.transaction() as cursor:
            for block in ("tidy_intervals", "tidy_totals"):
                cursor.execute(_SQL[block], {"before": self._now() - KEPT - _TIDY_SLACK})

    def _forget(self) -> None:
        self._writer.forget()
        self._presence.forget()

    def _waiting(self) -> list[tuple[tuple[int, int], LedgerBatch]]:
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["waiting"], {"limit": _AT_ONCE})
            return [self._batch(row) for row in cursor.fetchall()]

    def _batch(self, row: Sequence[Any]) -> tuple[tuple[int, int], LedgerBatch]:
        store, login, epoch, last_seq, counter_id, first_seq, covers, entries = row
        batch = LedgerBatch(
            store=store,
            device=login,
            epoch=UUID(epoch),
            first_seq=first_seq,
            last_seq=last_seq,
            sent_at=self._now(),
            entries=decode_entries(entries),
            covers=covers,
        )
        return (counter_id, first_seq), batch

    def _say_refused(self, batches: Sequence[LedgerBatch], refused: dict[int, RejectedError]) -> None:
        for index, error in refused.items():
            logger.error(
                "counter %s: the ledger does not take what it counted: %s. It waits",
                batches[index].device, error, extra={"action": "counter_waits"},
            )  # fmt: skip


def silent(counter: Counter, now: datetime) -> bool:
    """Whether a counter has not been heard from for longer than it should."""
    since = counter.heard_at or counter.added_at
    return now - since > max(_SILENT_MIN, _REPORTS_MISSED * timedelta(seconds=counter.reports_s))


def _cameras(counter: Counter) -> list[str]:
    return list(dict.fromkeys(counter.camera_of(each.line) for each in counter.feeds))
