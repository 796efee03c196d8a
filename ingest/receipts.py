"""Receipts: what is committed for a device, told to it in one retained message."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby, islice
from typing import Final
from uuid import UUID

from contract.codec import encode
from contract.errors import OversizeError
from contract.messages import RECEIPT_EPOCHS_MAX, RECEIPT_RANGES_MAX, EpochReceipt, Receipt
from ingest.database import Cursor
from ingest.ranges import SeqSet, int_array
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("ledger")


def read_receipts(cursor: Cursor, device_ids: Iterable[int]) -> list[Receipt]:
    """Return the receipt of each device as this transaction sees it: its latest epochs, each with its lowest ranges."""
    cursor.execute(
        _SQL["receipts"], {"device_ids": int_array(sorted(set(device_ids))), "epochs_max": RECEIPT_EPOCHS_MAX}
    )
    return [
        _receipt(store, device, [(at, epoch, received) for _, _, at, epoch, received in rows])
        for (store, device), rows in groupby(cursor.fetchall(), key=lambda row: (row[0], row[1]))
    ]


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the receipt as bytes, leaving out the highest ranges where it would be too large.

    What is left out is sent again by the device and found to be here: too little in a receipt costs traffic, no more.
    """
    limit = RECEIPT_RANGES_MAX
    while True:
        try:
            return encode(_capped(receipt, limit))
        except OversizeError:
            limit //= 2


def _receipt(store: str, device: str, epochs: list[tuple[datetime, str | None, str]]) -> Receipt:
    return Receipt(
        store=store,
        device=device,
        at=epochs[0][0],
        epochs=[
            EpochReceipt(epoch=UUID(epoch), ranges=list(islice(SeqSet.parse(received), RECEIPT_RANGES_MAX)))
            for _, epoch, received in epochs
            if epoch is not None  # a device that has described itself but sent no ledger yet
        ],
    )


def _capped(receipt: Receipt, limit: int) -> Receipt:
    epochs = [EpochReceipt(epoch=each.epoch, ranges=each.ranges[:limit]) for each in receipt.epochs]
    return Receipt(store=receipt.store, device=receipt.device, at=receipt.at, epochs=epochs)
