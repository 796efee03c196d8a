"""What is killed in the middle: the counts stay what was sent, `ledger_missing` ends empty."""

import random
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import Popen
from uuid import UUID

import psycopg2
import pytest

from contract.messages import LedgerBatch
from deploy.broker import Kind, installed_kind
from tests.support.clocks import wait_until
from tests.support.entries import crossings
from tests.support.ingesting import running_ingest, spawn_ingest
from tests.support.ledger import add_store, batch, count, rows
from tests.support.mqtt import WireDevice, wire_device
from tests.support.servers import Cluster, RunningBroker, running_cluster

pytestmark = pytest.mark.slow

BATCHES, EACH = 20, 25


def run_of_batches(*, device: str = "door-box", first: int = 0, many: int = BATCHES) -> list[LedgerBatch]:
    entries = crossings(EACH)
    return [
        batch(device=device, first_seq=number * EACH + 1, entries=entries, last_seq=(first + many) * EACH)
        for number in range(first, first + many)
    ]


def assert_complete(url: str, sent: Sequence[LedgerBatch]) -> None:
    assert count(url, "crossing") == sum(len(each.entries) for each in sent)
    assert rows(url, "SELECT * FROM ledger_missing") == []


def end(child: Popen[bytes]) -> None:
    child.kill()
    child.wait()


def test_ingest_killed_in_the_middle_of_a_transaction_loses_and_doubles_nothing(
    store: str, broker: RunningBroker, device: WireDevice, tmp_path: Path
) -> None:
    sent = run_of_batches()
    log = tmp_path / "ingest.log"
    child = spawn_ingest(store, broker.server_url, log)
    blocker = psycopg2.connect(store)
    try:
        device.send_until_covered(sent[:5])
        with blocker.cursor() as cursor:  # the next COPY waits here, its transaction half done
            cursor.execute("LOCK TABLE crossing IN ACCESS EXCLUSIVE MODE")
            device.send(*sent[5:])
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY crossing%%'"
            wait_until(lambda: rows(store, waits) != [], what="ingest is in the middle of a batch")
            end(child)
        blocker.rollback()
        child = spawn_ingest(store, broker.server_url, log)
        device.send_until_covered(sent)
        assert_complete(store, sent)
    finally:
        end(child)
        blocker.close()


def test_mosquitto_killed_with_acknowledged_messages_in_hand_loses_nothing(store: str, server_folder: Path) -> None:
    if installed_kind() != "mosquitto":
        pytest.skip("Mosquitto is not installed: iotcore keeps no session to kill")
    folder = Path(tempfile.mkdtemp(prefix="broker-", dir=server_folder))
    folder.chmod(0o755)
    broker = RunningBroker(folder, "mosquitto")
    broker.start()
    sent = run_of_batches()
    try:
        with wire_device(broker) as device:
            with running_ingest(store, broker.server_url, session_s=300):
                device.send_until_covered(sent[:2])
            device.send(*sent)  # acknowledged by the broker, waiting for a session whose owner is away
            broker.kill()
            broker.start()
            wait_until(device.client.is_connected, what="the device is back")
            with running_ingest(store, broker.server_url, session_s=300):
                device.receipts.clear()
                device.send_until_covered(sent)
        assert_complete(store, sent)
    finally:
        broker.stop()


def test_a_broker_killed_under_a_running_ingest_is_found_again(
    store: str, broker: RunningBroker, device: WireDevice
) -> None:
    sent = run_of_batches()
    with running_ingest(store, broker.server_url) as service:
        device.send_until_covered(sent[:5])
        broker.kill()
        wait_until(lambda: not service.connected, what="ingest has noticed")
        broker.start()
        wait_until(lambda: service.connected, what="ingest is back")
        wait_until(device.client.is_connected, what="the device is back")
        device.send_until_covered(sent)
    assert_complete(store, sent)


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="footfall-test-") as name:
        Path(name).chmod(0o755)
        with running_cluster(Path(name) / "postgres") as cluster:
            yield cluster


def test_a_database_killed_and_started_again_holds_each_entry_once(
    own_cluster: Cluster, broker: RunningBroker, device: WireDevice, caplog: pytest.LogCaptureFixture
) -> None:
    url = own_cluster.create()
    add_store(url)
    sent = run_of_batches()
    server = own_cluster.process
    with running_ingest(url, broker.server_url):
        device.send_until_covered(sent[:5])
        server.kill()
        device.send(*sent[5:])
        wait_until(lambda: "messages wait" in caplog.text, what="ingest has noticed")
        server.start()
        # No resend: unacknowledged, they are still in ingest's hands.
        wait_until(lambda: all(map(device.covers, sent)), what="everything is receipted", within_s=40)
        assert_complete(url, sent)


def test_a_session_ended_by_an_administrator_is_opened_again(
    store: str, broker: RunningBroker, device: WireDevice
) -> None:
    sent = run_of_batches()
    with running_ingest(store, broker.server_url):
        device.send_until_covered(sent[:5])
        rows(
            store,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'footfall-ingest'",
        )
        device.send(*sent[5:])
        wait_until(lambda: all(map(device.covers, sent)), what="everything is receipted")
    assert_complete(store, sent)


def test_two_workers_share_the_ledger(store: str, broker: RunningBroker, device: WireDevice) -> None:
    sent = [each for number in range(4) for each in run_of_batches(device=f"box-{number}")]
    with (
        running_ingest(store, broker.server_url, name="first") as first,
        running_ingest(store, broker.server_url, name="second") as second,
    ):
        device.send_until_covered(sent)
        assert_complete(store, sent)
    assert first.total.entries + second.total.entries == len(sent) * EACH
    assert min(first.total.entries, second.total.entries) > 0


def test_three_workers_lose_and_double_nothing_whatever_is_killed(
    own_cluster: Cluster, broker: RunningBroker, device: WireDevice, tmp_path: Path
) -> None:
    url = own_cluster.create()
    add_store(url)
    sent = [each for number in range(3) for each in run_of_batches(device=f"box-{number}")]
    random.Random(3).shuffle(sent)  # noqa: S311  # one device's batches at any worker, in any order
    workers = [spawn_ingest(url, broker.server_url, tmp_path / f"{n}.log", name=f"worker-{n}") for n in range(3)]
    blocker = psycopg2.connect(url)
    try:
        device.send_until_covered(sent[:9])
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE crossing IN ACCESS EXCLUSIVE MODE")
            device.send(*sent[9:30])
            wait_until(lambda: len(rows(url, _WAITING)) == len(workers), what="each is in the middle of a transaction")
            end(workers[0])
        blocker.rollback()
        blocker.close()
        broker.kill()
        broker.start()
        wait_until(device.client.is_connected, what="the device is back")
        device.send_until_covered(sent[:30])
        own_cluster.process.kill()
        before = [resident_mb(worker.pid) for worker in workers[1:]]
        for _ in range(3):
            device.send(*sent)  # nobody stores anything: what comes again and again must not pile up
        own_cluster.process.start()
        device.send_until_covered(sent)
        assert_complete(url, sent)
        assert [worker.poll() for worker in workers[1:]] == [None, None], "and nobody had to start them again"
        grown = [resident_mb(worker.pid) - mb for worker, mb in zip(workers[1:], before, strict=True)]
        assert max(grown) < 40
    finally:
        for worker in workers:
            end(worker)


_WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'footfall-ingest'"
    " AND (query LIKE 'COPY crossing%%' OR query LIKE '%%ledger_epoch%%FOR UPDATE%%')"
)


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


@pytest.mark.parametrize("kind", ["mosquitto", "iotcore"])
def test_either_broker_delivers_the_shared_subscription_to_one_ingest_after_another(
    store: str, server_folder: Path, kind: Kind
) -> None:
    if kind == "mosquitto" and installed_kind() != kind:
        pytest.skip("Mosquitto is not installed")
    folder = Path(tempfile.mkdtemp(prefix="broker-", dir=server_folder))
    folder.chmod(0o755)
    broker = RunningBroker(folder, kind)
    broker.start()
    sent = run_of_batches()
    try:
        with wire_device(broker) as device:
            for part in (sent[:5], sent):
                with running_ingest(store, broker.server_url):
                    device.send_until_covered(part)
        assert_complete(store, sent)
    finally:
        broker.stop()


def test_an_outbox_replayed_twice_changes_nothing(store: str, broker: RunningBroker, device: WireDevice) -> None:
    other = UUID("00000000-0000-4000-8000-0000000000aa")
    sent = [*run_of_batches(), batch(epoch=other, first_seq=1, count=7)]
    with running_ingest(store, broker.server_url) as service:
        device.send_until_covered(sent)
        device.send(*sent)
        device.send(*reversed(sent))
        wait_until(lambda: service.total.duplicates >= 2 * (BATCHES * EACH + 7), what="both replays are dealt with")
    assert_complete(store, sent)
