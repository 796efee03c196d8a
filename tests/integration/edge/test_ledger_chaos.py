"""Device, broker, ingest and database together: whatever is killed, each entry is stored once."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.entries import crossings
from tests.support.ingesting import running_ingest, spawn_ingest
from tests.support.ledger import add_store, count, rows
from tests.support.real_publishing import broker_config, publishing
from tests.support.servers import RunningBroker


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield made
    made.close()


@pytest.fixture
def store(database: str) -> str:
    add_store(database)
    return database


def settled(url: str, outbox: SqliteOutbox) -> None:
    wait_until(lambda: outbox.queue_depth == 0, what="every entry is covered by a receipt", within_s=30)
    assert count(url, "crossing") == outbox.last_seq
    assert rows(url, "SELECT * FROM ledger_missing") == []
    assert count(url, "dead_letter") == 0


def test_a_broker_killed_while_the_device_counts_loses_and_doubles_nothing(
    store: str, broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    with (
        running_ingest(store, broker.server_url),
        publishing(outbox, broker_config(broker, tmp_path)) as publisher,
    ):
        wait_until(lambda: publisher.connected, what="connected")
        for _ in range(3):
            for _ in range(20):
                outbox.append(crossings(10))
                publisher.notify()
            broker.kill()
            outbox.append(crossings(100))
            broker.start()
            wait_until(lambda: publisher.connected, what="connected again")
        settled(store, outbox)


def test_an_ingest_killed_while_the_device_sends_loses_and_doubles_nothing(
    store: str, broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    with publishing(outbox, broker_config(broker, tmp_path)) as publisher:
        for _ in range(2):
            before = count(store, "crossing")
            child = spawn_ingest(store, broker.server_url, tmp_path / "ingest.log")
            outbox.append(crossings(1_000))
            publisher.notify()
            wait_until(lambda known=before: count(store, "crossing") > known, what="ingest has begun")  # type: ignore[misc]  # bound now
            child.kill()
            child.wait()
        with running_ingest(store, broker.server_url):
            settled(store, outbox)


def test_an_outbox_that_forgot_its_receipts_doubles_nothing(
    store: str, broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    config = broker_config(broker, tmp_path)
    with running_ingest(store, broker.server_url):
        with publishing(outbox, config):
            outbox.append(crossings(300))
            settled(store, outbox)
        outbox.close()
        copy = tmp_path / "copy.sqlite"
        shutil.copy(outbox.path, copy)
        db = sqlite3.connect(copy)
        db.executescript("DELETE FROM covered; UPDATE meta SET receipt_at = NULL")
        db.close()
        replayed = SqliteOutbox(copy)
        assert replayed.queue_depth == 300
        with publishing(replayed, config):
            settled(store, replayed)
        replayed.close()
    assert count(store, "crossing") == 300


def test_a_disk_image_put_back_goes_on_in_a_new_epoch(
    store: str, broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    config = broker_config(broker, tmp_path)
    outbox.append(crossings(5))
    outbox.close()
    image = tmp_path / "image.sqlite"
    shutil.copy(outbox.path, image)
    original = SqliteOutbox(outbox.path)
    restored = SqliteOutbox(image)
    with running_ingest(store, broker.server_url):
        with publishing(original, config):
            original.append(crossings(20))
            settled(store, original)
        restored.append(crossings(7))
        with publishing(restored, config):
            wait_until(lambda: restored.epoch != original.epoch and restored.queue_depth == 0, what="received anew")
    assert count(store, "crossing") == 25 + 7
    assert rows(store, "SELECT * FROM ledger_missing") == []
    original.close()
    restored.close()
