"""Lateness: of which quarter-hours what counts came late, noted in the transaction that writes it (`day_touched`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias

from contract.entries import CameraUptime, Crossing, Entry

#: A past business day is counted, and its figures recorded, six hours after it ended at the earliest; a transaction may
#: take three.
LATE_AFTER: Final = timedelta(hours=3)
_QUARTER_MIN: Final = 15
_AT: Final = attrgetter("at")

Reason: TypeAlias = Literal["late_counts", "gap_filled", "late_uptime"]
_Key: TypeAlias = tuple[int, datetime, Reason]


@dataclass(slots=True)
class Late:
    """Late entries of one transaction by store, quarter-hour and reason: those before `before`."""

    before: datetime
    rows: Counter[_Key] = field(default_factory=Counter)

    def note(self, kind: type[Entry], entries: Sequence[Any], *, store_id: int, filling: bool) -> None:
        """Count those of the entries that are late; `filling`: later ones of their outbox were here before them."""
        if kind is Crossing:
            reason: Reason = "gap_filled" if filling else "late_counts"
        elif kind is CameraUptime:
            reason = "late_uptime"
        else:
            return
        # Nearly always nothing is late: one pass tells.
        if min(map(_AT, entries)) < self.before:
            self.rows.update((store_id, _quarter(one.at), reason) for one in entries if one.at < self.before)

    def columns(self) -> dict[str, list[Any]]:
        """Return the notes as columns, for the statement that writes them."""
        return {
            "store_ids": [store_id for store_id, _, _ in self.rows],
            "ats": [at for _, at, _ in self.rows],
            "reasons": [reason for _, _, reason in self.rows],
            "rows": list(self.rows.values()),
        }


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // _QUARTER_MIN * _QUARTER_MIN, second=0, microsecond=0)
