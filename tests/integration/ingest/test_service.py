"""The ingest service with a real broker and a real database."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from contract.codec import encode
from contract.entries import QueueSample
from contract.messages import LedgerBatch, LineInfo
from ingest.database import Cursor, connect
from ingest.names import Names, Placed
from ingest.service import IngestService
from tests.support.clocks import wait_until
from tests.support.entries import NOON
from tests.support.ingesting import running_ingest
from tests.support.ledger import add_store, batch, count, ledger_topic, live, one, rows, status
from tests.support.mqtt import WireDevice, wire_device
from tests.support.servers import RunningBroker


@pytest.fixture
def service(store: str, broker: RunningBroker) -> Iterator[IngestService]:
    with running_ingest(store, broker.server_url) as running:
        yield running


@pytest.mark.usefixtures("service")
def test_a_batch_is_stored_and_its_receipt_retained(store: str, broker: RunningBroker, device: WireDevice) -> None:
    sent = batch(count=5)
    device.send(sent)
    wait_until(lambda: device.covers(sent), what="the receipt")
    assert count(store, "crossing") == 5
    with wire_device(broker) as newcomer:
        wait_until(lambda: newcomer.covers(sent), what="the retained receipt")


def test_a_redelivered_batch_changes_nothing_and_is_receipted_again(
    store: str, device: WireDevice, service: IngestService
) -> None:
    sent = batch(count=5)
    device.send(sent, sent)
    wait_until(lambda: device.covers(sent), what="the receipt")
    device.receipts.clear()
    device.send(sent)
    wait_until(lambda: device.covers(sent), what="the receipt once more")
    assert count(store, "crossing") == 5
    wait_until(lambda: (service.total.entries, service.total.duplicates) == (5, 10), what="the counts")


@pytest.mark.usefixtures("service")
def test_poison_becomes_a_dead_letter_and_the_rest_goes_on(store: str, device: WireDevice) -> None:
    good = batch()
    unstorable = batch(device="bad-box", entries=[QueueSample(at=NOON, zone="till", length=2**40)])
    device.raw(
        ("footfall/v1/riverside/door-box/ledger", b"not json"),
        (ledger_topic(unstorable), encode(unstorable)),
        (ledger_topic(good), encode(good)),
    )
    wait_until(lambda: device.covers(good), what="the good batch's receipt")
    wait_until(lambda: count(store, "dead_letter") == 2, what="both dead letters")
    reasons = [reason for (reason,) in rows(store, "SELECT reason FROM dead_letter ORDER BY topic")]
    assert "out of range" in reasons[0]
    assert "not JSON" in reasons[1]


@pytest.mark.usefixtures("service")
def test_an_unknown_field_is_never_stored_as_a_fact(store: str, device: WireDevice) -> None:
    payload = encode(batch()).replace(b'"line":', b'"track_id":17,"line":', 1)
    assert b"track_id" in payload
    device.raw(("footfall/v1/riverside/door-box/ledger", payload))
    wait_until(lambda: count(store, "dead_letter") == 1, what="the dead letter")
    assert count(store, "crossing") == 0
    (reason,) = one(store, "SELECT reason FROM dead_letter")
    assert "track_id" in reason


@pytest.mark.usefixtures("service")
def test_an_unknown_store_fills_no_table_however_often_its_device_tries(store: str, device: WireDevice) -> None:
    for attempt in range(3):
        device.send(batch(store="nowhere", sent_at=NOON + timedelta(seconds=attempt)))
    wait_until(lambda: rows(store, "SELECT times FROM dead_letter") == [(3,)], what="one letter, three times")
    add_store(store, "nowhere")
    again = batch(store="nowhere")
    device.send(again)
    wait_until(lambda: device.covers(again), what="the receipt once the store is there")
    assert count(store, "crossing") == 3


@pytest.mark.usefixtures("service")
def test_a_status_gives_lines_their_roles_and_says_how_the_device_is(store: str, device: WireDevice) -> None:
    sent = batch()
    device.send(sent)
    wait_until(lambda: device.covers(sent), what="the receipt")
    assert rows(store, "SELECT code, role FROM line") == [("front-door", None)]
    now = datetime.now(UTC)
    device.say(status(at=now + timedelta(seconds=90), last_seq=3))
    wait_until(lambda: count(store, "device_status") == 1, what="the status")
    assert rows(store, "SELECT l.code, role, c.code FROM line AS l JOIN camera AS c USING (camera_id)") == [
        ("front-door", "entrance", "door")
    ]
    state, model, offset_s, fps = one(
        store, "SELECT state, model, clock_offset_s, cameras->0->>'fps' FROM device_status"
    )
    assert (state, model, fps) == ("online", "yolox-nano", "10.0")
    assert 80 < offset_s < 91
    device.say(status(state="offline", at=now, lines=[LineInfo(line="front-door", role="internal", camera="door")]))
    wait_until(lambda: one(store, "SELECT state FROM device_status") == ("offline",), what="the last will")
    assert one(store, "SELECT role FROM line") == ("internal",)


def test_what_the_broker_kept_from_before_is_no_news(store: str, broker: RunningBroker, device: WireDevice) -> None:
    device.say(status(at=NOON, last_seq=4))
    device.say(live(at=NOON))
    with running_ingest(store, broker.server_url):
        wait_until(lambda: count(store, "device_live") + count(store, "device_status") == 2, what="both rows")
    assert one(store, "SELECT received_at, clock_offset_s FROM device_status") == (NOON, None)
    assert one(store, "SELECT received_at, zones->0->>'people' FROM device_live") == (NOON, "2")
    assert one(store, "SELECT missing FROM ledger_missing") == (4,)


@pytest.mark.usefixtures("service")
def test_live_values_are_replaced(store: str, device: WireDevice) -> None:
    for people in (1, 2, 3):
        device.say(live(people=people))
    wait_until(lambda: rows(store, "SELECT zones->0->>'people' FROM device_live") == [("3",)], what="the newest value")


@pytest.mark.usefixtures("service")
def test_a_device_that_comes_online_gets_its_receipt(store: str, device: WireDevice) -> None:
    device.say(status())
    wait_until(lambda: ("riverside", "door-box") in device.receipts, what="a receipt")
    assert device.receipts["riverside", "door-box"].epochs == []
    assert count(store, "device") == 1


def test_an_absent_broker_is_reported_and_found_when_it_comes(
    store: str, broker: RunningBroker, caplog: pytest.LogCaptureFixture
) -> None:
    broker.stop()
    with caplog.at_level(logging.INFO, "ingest"), running_ingest(store, broker.server_url, wait=False) as service:
        wait_until(lambda: "host and port in FOOTFALL_BROKER_URL" in caplog.text, what="the advice")
        broker.start()
        wait_until(lambda: service.connected, what="ingest has found it")


def test_a_wrong_password_is_reported(store: str, broker: RunningBroker, caplog: pytest.LogCaptureFixture) -> None:
    url = broker.server_url.replace(broker.broker.server.password, "guessed-wrong")
    with caplog.at_level(logging.INFO, "ingest"), running_ingest(store, url, wait=False):
        wait_until(lambda: "Check user and password in FOOTFALL_BROKER_URL" in caplog.text, what="the advice")
    assert "refuses user 'server'" in caplog.text
    assert "guessed-wrong" not in caplog.text


@pytest.mark.usefixtures("service")
def test_the_service_keeps_house_at_its_start(store: str) -> None:
    rows(store, "UPDATE store SET name = name RETURNING 1")
    wait_until(
        lambda: rows(store, "SELECT 1 FROM store_calendar WHERE business_date > current_date + 380") != [],
        what="the calendar reaches a year ahead",
    )


def test_stopping_while_the_database_is_gone_does_not_hang(
    broker: RunningBroker, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = "postgresql://footfall:no-such@127.0.0.1:9/footfall"
    with running_ingest(nowhere, broker.server_url), wire_device(broker) as device:
        device.send(batch())
        wait_until(lambda: "1 messages wait: the database does not answer" in caplog.text, what="a first attempt")


def test_stopping_does_not_wait_for_housekeeping(store: str, broker: RunningBroker) -> None:
    with closing(connect(store)) as holding, holding.cursor() as cursor:
        cursor.execute("LOCK TABLE store_calendar IN ACCESS EXCLUSIVE MODE")
        with running_ingest(store, broker.server_url):
            wait_until(
                lambda: rows(store, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'footfall-housekeeping'"
                    " AND datname = current_database() AND wait_event_type = 'Lock'") != [],
                what="housekeeping is at something that does not end",
            )  # fmt: skip
    assert rows(store, "SELECT name, error FROM job WHERE error IS NOT NULL") == []


def test_a_message_that_meets_a_fault_of_ours_is_set_aside_alone(
    store: str, broker: RunningBroker, device: WireDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_one = Names._place_one

    def faulty(self: Names, cursor: Cursor, index: int, message: LedgerBatch, epoch: tuple[int, str]) -> Placed:
        if message.device == "odd-box":
            raise ZeroDivisionError("nobody thought of this")
        return place_one(self, cursor, index, message, epoch)

    monkeypatch.setattr(Names, "_place_one", faulty)
    good, odd = batch(), batch(device="odd-box")
    with running_ingest(store, broker.server_url):
        device.send(odd, good)
        wait_until(lambda: device.covers(good), what="the good batch's receipt")
    (reason,) = one(store, "SELECT reason FROM dead_letter")
    assert "nobody thought of this" in reason
    assert count(store, "crossing") == 3
