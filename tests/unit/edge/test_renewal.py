"""When a box renews its certificate, and that a failure is no end."""

from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from deploy.trust.authority import DEVICE_LASTS, Authority
from edge.config import BrokerConfig
from edge.errors import EnrolmentError
from edge.identity import Identity, new_key, request_of
from edge.renewal import Renewal
from tests.support.clocks import ManualClock


def enrolled(folder: Path, clock: ManualClock) -> BrokerConfig:
    key = new_key(folder / "key")
    certificate = Authority(folder / "trust", now=clock.now, create=True).sign_device(request_of(key).encode(), "a.b.1")
    Identity.write(folder / "box.pem", key, certificate.public_bytes(Encoding.PEM).decode())
    return BrokerConfig(tls_cert=str(folder / "box.pem"), renew_url="https://localhost:1")


def test_a_certificate_is_renewed_when_a_third_of_its_time_is_left(tmp_path: Path) -> None:
    clock = ManualClock()
    broker = enrolled(tmp_path, clock)
    asked: list[BrokerConfig] = []

    def replace(which: BrokerConfig) -> Identity:
        asked.append(which)
        return Identity(tmp_path / "box.pem")

    renewal = Renewal(broker, clock, replace=replace)
    assert not renewal.look()
    clock.advance((DEVICE_LASTS * 2 / 3 - timedelta(hours=1)).total_seconds())
    assert not renewal.look()
    clock.advance(timedelta(hours=2).total_seconds())
    assert renewal.look()
    assert asked == [broker]


def test_a_server_that_is_away_is_asked_again_later(tmp_path: Path) -> None:
    clock = ManualClock()
    broker = enrolled(tmp_path, clock)
    clock.advance((DEVICE_LASTS * 0.9).total_seconds())

    def away(_broker: BrokerConfig) -> Identity:
        raise EnrolmentError("cannot be reached")

    assert not Renewal(broker, clock, replace=away).look()
    assert Renewal(broker, clock, replace=lambda _: Identity(tmp_path / "box.pem")).look()


def test_a_box_that_was_not_enrolled_runs_no_renewal() -> None:
    renewal = Renewal(BrokerConfig(), ManualClock())
    renewal.start()
    assert renewal._thread is None
    renewal.stop()
