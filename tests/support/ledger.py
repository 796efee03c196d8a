"""Builders of batches, statuses and stores for ingest's tests, and looks into its tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
from msgspec import UNSET, UnsetType

from contract.codec import encode
from contract.entries import Entry
from contract.messages import CameraHealth, LedgerBatch, LineInfo, Live, LiveLine, LiveZone, Status, ZoneInfo
from contract.topics import topic
from contract.types import DeviceState
from ingest.deliveries import Delivery, Waiting
from tests.support.entries import EPOCH, NOON, crossings


def batch(
    *,
    first_seq: int = 1,
    entries: Sequence[Entry] | None = None,
    count: int = 3,
    last_seq: int | None = None,
    store: str = "riverside",
    device: str = "door-box",
    epoch: UUID = EPOCH,
    sent_at: datetime = NOON,
    covers: int | UnsetType = UNSET,
) -> LedgerBatch:
    run = crossings(count) if entries is None else list(entries)
    seqs = len(run) if covers is UNSET else covers
    return LedgerBatch(
        store=store,
        device=device,
        epoch=epoch,
        first_seq=first_seq,
        last_seq=last_seq or first_seq + seqs - 1,
        sent_at=sent_at,
        entries=run,
        covers=covers,
    )


def status(
    *,
    state: DeviceState = "online",
    at: datetime = NOON,
    store: str = "riverside",
    device: str = "door-box",
    last_seq: int = 0,
    lines: Sequence[LineInfo] = (LineInfo(line="front-door", role="entrance", camera="door"),),
    zones: Sequence[ZoneInfo] = (ZoneInfo(zone="table", role="engagement", camera="door"),),
) -> Status:
    return Status(
        store=store,
        device=device,
        state=state,
        at=at,
        version="0.1.0",
        epoch=EPOCH,
        last_seq=last_seq,
        queue_depth=0,
        lines=list(lines),
        zones=list(zones),
        cameras=[CameraHealth(camera="door", state="up", fps=10.0)],
        model="yolox-nano",
    )


def live(*, people: int = 2, at: datetime = NOON, store: str = "riverside", device: str = "door-box") -> Live:
    return Live(
        store=store,
        device=device,
        epoch=EPOCH,
        at=at,
        lines=[LiveLine(line="front-door", in_total=7, out_total=5)],
        zones=[LiveZone(zone="table", people=people)],
    )


def ledger_topic(message: LedgerBatch) -> str:
    return topic(message.store, message.device, "ledger")


def delivery(message: LedgerBatch) -> Delivery:
    return Delivery(ledger_topic(message), encode(message), NOON)


def waiting(*batches: LedgerBatch) -> Waiting:
    return Waiting(ledger=[delivery(each) for each in batches])


def add_store(url: str, code: str = "riverside", *, timezone: str = "Europe/Berlin", currency: str = "EUR") -> int:
    (store_id,) = one(
        url,
        "INSERT INTO store (code, name, timezone, currency) VALUES (%s, %s, %s, %s) RETURNING store_id",
        code, code.title(), timezone, currency,
    )  # fmt: skip
    rows(
        url,
        "INSERT INTO store_hours SELECT %s, day, 600, 1260 FROM generate_series(1, 7) AS day RETURNING store_id",
        store_id,
    )
    rows(url, "SELECT fill_store_calendar(%s, DATE '2026-10-01', DATE '2026-12-31')", store_id)
    return int(store_id)


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def one(url: str, query: str, *values: object) -> tuple[Any, ...]:
    (row,) = rows(url, query, *values)
    return row


def execute(url: str, statement: str, *values: object) -> None:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
    finally:
        connection.close()


def count(url: str, table: str) -> int:
    (number,) = one(url, f"SELECT count(*) FROM {table}")  # noqa: S608  # our own table names
    return int(number)
