"""What a stranger or a stolen box may try at the boxes' listener: each is refused, and nobody else notices.

Another store's topic and a revoked box: test_trust.py. Mosquitto tells a box that it may not say something, and writes
that down at no level that a server can run at; all else that is refused stands in its log or among the dead letters.
"""

import random
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from analytics.clock import utc_now
from contract.codec import encode
from contract.enrolment import Enrolled, EnrolRequest
from contract.messages import MESSAGE_BYTES_MAX
from deploy.trust.authority import Authority
from edge.config import load_site
from edge.enrolment import ask
from edge.errors import EnrolmentError
from edge.identity import Identity, new_key, request_of
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.entries import crossings
from tests.support.ingesting import running_ingest
from tests.support.ledger import batch, one
from tests.support.publishing import FakeDevice
from tests.support.real_publishing import publishing
from tests.support.trusted import Box, House

pytestmark = pytest.mark.skipif(shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None,
                                reason="Mosquitto is not installed")  # fmt: skip

OWN = "footfall/v1/riverside/door-box/ledger"
SEED = 20_261_122
FLOOD = 40_000


@pytest.fixture
def honest(house: House, tmp_path: Path) -> Iterator[Box]:
    """A box that is connected through it all; at the end it still is, and is still heard."""
    identity = house.enrol(tmp_path / "honest", "hilltop").identity.path
    with house.box(identity, client_id="footfall-hilltop-door-box") as box:
        yield box
        assert box.say("footfall/v1/hilltop/door-box/ledger") == "Success"
        assert box.ended is None


def identity_of(authority: Authority, folder: Path, name: str, lasts: timedelta = timedelta(days=1)) -> Path:
    folder.mkdir(exist_ok=True)
    key = new_key(folder / "key")
    certificate = authority.sign_device(request_of(key).encode(), name, lasts=lasts)
    pem = certificate.public_bytes(Encoding.PEM).decode()
    return Identity.write(folder / "box.pem", key, pem).path


@pytest.mark.usefixtures("honest")
def test_a_certificate_of_another_authority_is_refused(house: House, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign", now=utc_now, create=True)
    with house.box(identity_of(foreign, tmp_path / "box", "riverside.door-box.1")) as box:
        assert not box.accepted
        assert box.ended is not None


@pytest.mark.usefixtures("honest")
def test_a_certificate_that_has_ended_is_refused(house: House, tmp_path: Path) -> None:
    house.enrol(tmp_path / "real")
    expired = identity_of(house.authority, tmp_path / "box", "riverside.door-box.1", timedelta(seconds=-1))
    with house.box(expired) as box:
        assert not box.accepted


@pytest.mark.usefixtures("honest")
def test_a_certificate_of_ours_that_nobody_enrolled_with_may_say_nothing(house: House, tmp_path: Path) -> None:
    with house.box(identity_of(house.authority, tmp_path / "box", "riverside.door-box.77")) as box:
        assert box.say(OWN) == "Not authorized"


@pytest.mark.usefixtures("honest")
def test_a_box_cannot_ask_for_a_name(house: House, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    request = x509.CertificateSigningRequestBuilder().subject_name(server).sign(key, hashes.SHA256())
    asked = EnrolRequest(code=str(house.code()), request=request.public_bytes(Encoding.PEM).decode())
    answer = ask(house.url, "/v1/enrol", asked, Enrolled, authority=house.authority.pem.decode())
    with house.box(Identity.write(tmp_path / "box.pem", key, answer.certificate).path) as box:
        assert box.say(OWN) == "Success"
        assert box.say("footfall/v1/riverside/door-box/receipt") == "Not authorized"
    with pytest.raises(EnrolmentError, match="unknown field"):
        _post(house, b'{"code": "x", "request": "y", "name": "server"}')


@pytest.mark.usefixtures("honest")
def test_without_a_certificate_a_password_is_no_way_in(house: House) -> None:
    context = ssl.create_default_context(cadata=house.authority.pem.decode())
    with house.box(None, tls=context) as box:
        assert not box.accepted


@pytest.mark.usefixtures("honest")
@pytest.mark.parametrize("who", ["of another authority", "whose certificate has ended", "without one", "revoked"])
def test_a_stranger_is_noted_once_in_the_broker_s_log(house: House, tmp_path: Path, who: str) -> None:
    name, foreign = "riverside.door-box.1", Authority(tmp_path / "foreign", now=utc_now, create=True)
    enrolled = house.enrol(tmp_path / "box").identity.path
    if who == "revoked":
        house.office.revoke("riverside", "door-box")
    identities: dict[str, Callable[[], Path | None]] = {
        "of another authority": lambda: identity_of(foreign, tmp_path / "own", name),
        "whose certificate has ended": lambda: identity_of(house.authority, tmp_path / "own", name, timedelta(0)),
        "without one": lambda: None,
        "revoked": lambda: enrolled,
    }
    identity = identities[who]()
    log = house.folder / "broker" / "broker.log"

    def complaints() -> list[str]:
        # Mosquitto words it one way when it refuses at once, another when the box's answer came a moment later.
        said = ("OpenSSL Error", "Client connection from")
        return [line for line in log.read_text().splitlines() if any(words in line for words in said)]

    before = len(complaints())
    with house.box(identity, client_id="a-stranger") as box:
        assert not box.accepted
    wait_until(lambda: len(complaints()) > before, what="a line in the log", within_s=60)
    (line,) = complaints()[before:]
    assert "certificate verify failed" in line or "did not return a certificate" in line
    assert "a-stranger" not in log.read_text(), "it was refused before it could say a word"


@pytest.mark.usefixtures("honest")
def test_tls_1_2_is_refused(house: House, tmp_path: Path) -> None:
    identity = house.enrol(tmp_path / "box").identity.path
    context = ssl.create_default_context(cadata=house.authority.pem.decode())
    context.load_cert_chain(identity)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", house.tls_port), timeout=10) as plain,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.usefixtures("honest")
def test_without_tls_the_listener_does_not_speak(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.tls_port), timeout=10) as plain:
        plain.sendall(b"\x10\x10\x00\x04MQTT\x05\x02\x00<\x00\x00\x03abc")
        try:
            answer = plain.recv(1024)
        except ConnectionResetError:
            answer = b""
    assert answer[:1] != b"\x20"  # CONNACK


@pytest.mark.usefixtures("honest")
def test_a_message_that_is_too_large_ends_its_sender_s_connection_alone(house: House, tmp_path: Path) -> None:
    identity = house.enrol(tmp_path / "box").identity.path
    with house.server() as server, house.box(identity) as box:
        box.client.publish(OWN, bytes(MESSAGE_BYTES_MAX + 2_048), qos=1)
        wait_until(lambda: box.ended is not None, what="the connection is cut")
        assert server.heard == []


@pytest.mark.parametrize("random_payloads", [100, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("honest")
def test_replayed_malformed_and_random_messages_of_a_real_box_change_no_count(
    house: House, database: str, tmp_path: Path, random_payloads: int
) -> None:
    identity = house.enrol(tmp_path / "box").identity.path
    wire = encode(batch(count=5))
    dice = random.Random(SEED)  # noqa: S311  # noise, no secret
    with running_ingest(database, house.broker.url(house.broker.server)), house.box(identity) as box:
        for _ in range(20):
            assert box.say(OWN, wire) == "Success"
        foreign = encode(batch(count=5, store="hilltop"))
        broken = [wire[:-1], wire.replace(b'"in"', b'"IN"'), foreign, b"", b"\xff" * 64, b"[" * 5_000]
        noise = [dice.randbytes(dice.randrange(1, 400)) for _ in range(random_payloads)]
        for payload in [*broken, *noise]:
            box.client.publish(OWN, payload, qos=1)
        later = encode(batch(first_seq=6, count=2))

        def counted() -> bool:
            box.say(OWN, later)  # again and again, as an outbox does without a receipt
            return one(database, "SELECT count(*) FROM crossing") == (7,)

        wait_until(counted, what="both batches, once each", within_s=120)
        wait_until(lambda: one(database, "SELECT count(*) FROM dead_letter")[0] > 100, what="the rest put aside")
    assert one(database, "SELECT count(*) FROM crossing") == (7,)


@pytest.mark.slow
def test_a_flood_of_one_box_holds_up_no_other(
    house: House, database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stolen = house.enrol(tmp_path / "stolen").identity.path
    house.enrol(tmp_path / "honest", "hilltop")
    broker = load_site(tmp_path / "honest" / "site.toml").broker
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    dice = random.Random(SEED)  # noqa: S311  # noise, no secret
    replay, ended = encode(batch(count=20)), threading.Event()
    sent = 0
    with (
        running_ingest(database, house.broker.url(house.broker.server)) as ingest,
        house.box(stolen) as flood,
        publishing(outbox, broker, FakeDevice(store="hilltop")) as honest,
    ):

        def pour() -> None:
            nonlocal sent
            while not ended.is_set() and sent < FLOOD:
                flood.client.publish(OWN, replay if sent % 2 else dice.randbytes(300), qos=0)
                sent += 1

        pourer = threading.Thread(target=pour)
        pourer.start()
        slowest_s = 0.0
        for _ in range(20):
            began_s = time.monotonic()
            outbox.append(crossings(5))
            honest.notify()
            wait_until(lambda: outbox.queue_depth == 0, what="the honest box's entries are received", within_s=60)
            slowest_s = max(slowest_s, time.monotonic() - began_s)
        ended.set()
        pourer.join()
        wait_until(lambda: ingest.total.dead_letters > 0, what="the rubbish is put aside")
        wait_until(lambda: counted_in(database, "riverside") == 20, what="what it replayed is counted, once")
    outbox.close()
    assert sent > 1_000, "it was a flood"
    assert slowest_s < 20
    assert counted_in(database, "hilltop") == 100
    assert len(caplog.records) < sent / 10, "no log that one sender can fill"


def counted_in(database: str, store: str) -> int:
    query = "SELECT count(*) FROM crossing JOIN store USING (store_id) WHERE code = %s"
    return int(one(database, query, store)[0])


def _post(house: House, body: bytes) -> bytes:
    from edge.enrolment import _exchange  # noqa: PLC0415 - the way that a box takes, with a body that no box sends

    context = ssl.create_default_context(cadata=house.authority.pem.decode())
    return _exchange(house.url, "POST", "/v1/enrol", body, context)
