"""Builders of ledger entries, receipts and batches with named defaults."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contract.entries import Crossing, Entry, Occupancy
from contract.messages import EpochReceipt, Receipt
from contract.types import Direction

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EPOCH = UUID("5d7a1c0e-9a44-4c3b-8f2e-0b6f5f3f9d10")


def crossing(*, line: str = "front-door", direction: Direction = "in", after_s: float = 0.0) -> Crossing:
    return Crossing(at=NOON + timedelta(seconds=after_s), line=line, direction=direction)


def crossings(count: int, *, line: str = "front-door", direction: Direction = "in") -> list[Entry]:
    return [crossing(line=line, direction=direction, after_s=index) for index in range(count)]


def occupancy(*, zone: str = "table", people: int = 1, after_s: float = 0.0) -> Occupancy:
    return Occupancy(at=NOON + timedelta(seconds=after_s), zone=zone, people=people)


def receipt(
    *ranges: tuple[int, int],
    epoch: UUID = EPOCH,
    at: datetime = NOON,
    store: str = "riverside",
    device: str = "door-box",
    others: Iterable[EpochReceipt] = (),
) -> Receipt:
    mine = EpochReceipt(epoch=epoch, ranges=list(ranges))
    return Receipt(store=store, device=device, at=at, epochs=[mine, *others])
