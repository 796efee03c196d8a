"""Ingest's small parts: the inbox, pauses, SQL blocks, SQLSTATE classes, receipts that would be too large."""

import random
from datetime import datetime
from itertools import islice
from uuid import UUID

import psycopg2
import psycopg2.errors
import pytest

from contract.codec import decode
from contract.messages import MESSAGE_BYTES_MAX, RECEIPT_RANGES_MAX, EpochReceipt, Receipt
from contract.topics import Topic
from ingest.backoff import pauses
from ingest.consumer import BrokerPlace
from ingest.database import translated
from ingest.deliveries import Delivery, Inbox
from ingest.errors import DatabaseError, MisconfiguredError, UnavailableError, UnstorableError
from ingest.receipts import encode_receipt
from ingest.sql_blocks import load_blocks, parse_blocks
from tests.support.entries import NOON
from tests.support.ledger import batch, delivery

STATUS = Topic("riverside", "door-box", "status")


def message(payload: bytes = b"x", at: datetime = NOON) -> Delivery:
    return Delivery("footfall/v1/riverside/door-box/ledger", payload, at)


def test_the_inbox_holds_no_more_than_its_window() -> None:
    inbox = Inbox(in_flight=2)
    assert [inbox.put_ledger(message()) for _ in range(3)] == [True, True, False]


def test_the_inbox_hands_out_at_most_so_many_bytes_in_order() -> None:
    inbox = Inbox(in_flight=10)
    sent = [message(bytes([number]) * 100) for number in range(5)]
    for each in sent:
        inbox.put_ledger(each)
    first = inbox.take(most_bytes=150, age_s=0, timeout_s=0)
    rest = inbox.take(most_bytes=10_000, age_s=0, timeout_s=0)
    assert [*first.ledger, *rest.ledger] == sent
    assert len(first.ledger) == 2


def test_the_inbox_keeps_only_the_newest_status() -> None:
    inbox = Inbox(in_flight=1)
    inbox.put_presence(STATUS, message(b"old"))
    inbox.put_presence(STATUS, message(b"new"))
    assert [each.payload for _, each in inbox.take(most_bytes=1, age_s=0, timeout_s=0).presence] == [b"new"]
    assert not inbox.take(most_bytes=1, age_s=0, timeout_s=0)


def test_the_inbox_holds_few_pictures_and_one_of_a_device() -> None:
    inbox = Inbox(in_flight=1)
    for number in range(40):
        inbox.put_picture(Topic("riverside", f"box-{number}", "picture"), message(b"first"))
    inbox.put_picture(Topic("riverside", "box-0", "picture"), message(b"second"))
    waiting = inbox.take(most_bytes=1, age_s=0, timeout_s=0)
    assert len(waiting.pictures) == 16
    assert waiting.pictures[0][1].payload == b"second"
    assert not inbox.take(most_bytes=1, age_s=0, timeout_s=0)


def test_a_lost_connections_messages_are_dropped_and_status_stays() -> None:
    inbox = Inbox(in_flight=2)
    inbox.put_ledger(delivery(batch()))
    inbox.put_presence(STATUS, message())
    inbox.drop_ledger()
    waiting = inbox.take(most_bytes=100, age_s=0, timeout_s=0)
    assert (waiting.ledger, len(waiting.presence)) == ([], 1)


def test_pauses_double_with_jitter_up_to_their_ceiling() -> None:
    made = list(islice(pauses(random.Random(1), first_s=1, most_s=8), 6))  # noqa: S311  # jitter, no secret
    for pause, ceiling in zip(made, (1, 2, 4, 8, 8, 8), strict=True):
        assert ceiling / 2 <= pause <= ceiling


def test_sql_blocks_are_found_by_name() -> None:
    blocks = parse_blocks("-- a file\n-- :name one\nSELECT 1;\n\n-- :name two\n-- why\nSELECT 2;\n", "sample")
    assert blocks == {"one": "SELECT 1;", "two": "-- why\nSELECT 2;"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("SELECT 1;\n-- :name a\nSELECT 2;", "before the first"), ("-- :name a\n1\n-- :name a\n2", "one block per name")],
)
def test_ambiguous_sql_blocks_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_blocks(text, "sample")


@pytest.mark.parametrize("name", ["dead_letters", "dimensions", "ledger", "orders", "presence", "verify"])
def test_every_sql_file_loads(name: str) -> None:
    assert all(load_blocks(name).values())


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("08006", UnavailableError),
        ("40001", UnavailableError),
        ("40P01", UnavailableError),
        ("53100", UnavailableError),
        ("57P01", UnavailableError),
        ("25006", UnavailableError),
        ("42P01", MisconfiguredError),
        ("28P01", MisconfiguredError),
        ("22003", UnstorableError),
        ("23514", UnstorableError),
        ("XX000", UnstorableError),
    ],
)
def test_errors_are_told_apart_by_their_sqlstate(state: str, kind: type[DatabaseError]) -> None:
    class Raised(psycopg2.Error):
        pgcode = state

    error = translated(Raised("something"))
    assert type(error) is kind
    assert error.sqlstate == state


def test_a_lost_connection_without_sqlstate_is_tried_again() -> None:
    assert type(translated(psycopg2.OperationalError("server closed the connection"))) is UnavailableError
    refused = translated(psycopg2.OperationalError('password authentication failed for user "x"'))
    assert type(refused) is MisconfiguredError
    assert "FOOTFALL_DATABASE_URL" in str(refused)


def test_a_receipt_of_torn_ledgers_fits_one_message() -> None:
    high = 2**53 - 10_000
    ranges = [(high + 4 * number, high + 4 * number + 1) for number in range(RECEIPT_RANGES_MAX)]
    epochs = [EpochReceipt(epoch=UUID(int=number), ranges=ranges) for number in range(8)]
    payload = encode_receipt(Receipt(store="riverside", device="door-box", at=NOON, epochs=epochs))
    assert len(payload) <= MESSAGE_BYTES_MAX
    kept = decode(payload, Receipt)
    assert all(each.ranges == ranges[: len(each.ranges)] for each in kept.epochs)
    assert len(kept.epochs[0].ranges) >= RECEIPT_RANGES_MAX // 2


def test_a_broker_url_is_taken_apart() -> None:
    place = BrokerPlace.of("mqtts://server:p%40ss@broker.example")
    assert (place.host, place.port, place.username, place.password, place.tls) == (
        "broker.example", 8883, "server", "p@ss", True,
    )  # fmt: skip
    assert BrokerPlace.of("mqtt://broker").port == 1883
