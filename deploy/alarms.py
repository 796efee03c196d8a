"""Alarms on record: what the watcher's looks find, from when it was seen first until it was seen no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from analytics.quality.findings import Finding
from ingest.database import Cursor
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "alarms")
KEPT: Final = timedelta(days=90)

Kind = Literal["device", "gap", "finding"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding that is so now; `subject` tells it from others of its kind in the store."""

    store_id: int
    subject: str
    finding: Finding


def record(cursor: Cursor, kind: Kind, seen: Sequence[Seen], *, at: datetime, store_id: int | None = None) -> None:
    """Write down what has begun and what is over; `seen` is all of a kind that is so at `at`, or all of one store's."""
    one_each = {(each.store_id, each.subject): each for each in seen}.values()
    found = [each.finding for each in one_each]
    values = {
        "kind": kind, "at": at, "store_id": store_id,
        "store_ids": [each.store_id for each in one_each], "subjects": [each.subject for each in one_each],
        "codes": [one.code for one in found], "places": [one.subject for one in found],
        "details": [one.detail for one in found], "numbers": [one.number for one in found],
        "sinces": [one.since for one in found],
    }  # fmt: skip
    cursor.execute(_SQL["over"], values)
    cursor.execute(_SQL["seen"], values)


def looked(cursor: Cursor, kind: Kind, *, at: datetime) -> None:
    """Write down that all stores were looked at for a kind."""
    cursor.execute(_SQL["looked"], {"kind": kind, "at": at})


def tidy(cursor: Cursor, *, at: datetime) -> None:
    """End what is open in stores that are closed for good, and forget what ended long ago."""
    cursor.execute(_SQL["closed_stores"], {"at": at})
    cursor.execute(_SQL["prune"], {"before": at - KEPT})
