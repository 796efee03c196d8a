"""The authority: what it signs, how long, and what it believes."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.errors import TrustError
from deploy.trust.authority import DEVICE_LASTS, SERVER_LASTS, SERVER_LEFT_MIN, Authority, Revoked
from deploy.trust.broker_files import rules_of
from deploy.trust.enrolments import Allowed
from edge.identity import new_key, request_of
from tests.support.clocks import ManualClock


def request(folder: Path) -> bytes:
    return request_of(new_key(folder / "box.key")).encode()


def test_it_is_made_once_and_its_key_is_for_its_user_alone(tmp_path: Path) -> None:
    clock = ManualClock()
    made = Authority(tmp_path / "trust", now=clock.now, create=True)
    assert Authority(tmp_path / "trust", now=clock.now, create=True).fingerprint == made.fingerprint
    assert stat.S_IMODE((tmp_path / "trust" / "root.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "trust").stat().st_mode) == 0o700


@pytest.mark.parametrize("lost", ["root.key", "root.pem"])
def test_a_half_lost_authority_is_not_replaced_behind_everybody_s_back(tmp_path: Path, lost: str) -> None:
    Authority(tmp_path, now=ManualClock().now, create=True)
    (tmp_path / lost).unlink()
    with pytest.raises(TrustError, match="put both back from the backup"):
        Authority(tmp_path, now=ManualClock().now, create=True)


def test_a_box_s_certificate_names_it_and_is_believed_for_thirty_days(tmp_path: Path) -> None:
    clock = ManualClock()
    authority = Authority(tmp_path / "trust", now=clock.now, create=True)
    certificate = authority.sign_device(request(tmp_path), "riverside.door-box.1")
    assert certificate.subject.rfc4514_string() == "CN=riverside.door-box.1"
    assert authority.believes(certificate)
    clock.advance(DEVICE_LASTS.total_seconds() + 1)
    assert not authority.believes(certificate)


def test_another_authority_s_certificate_is_not_believed(tmp_path: Path) -> None:
    clock = ManualClock()
    ours, theirs = (Authority(tmp_path / name, now=clock.now, create=True) for name in ("ours", "theirs"))
    assert not ours.believes(theirs.sign_device(request(tmp_path), "riverside.door-box.1"))


@pytest.mark.parametrize(
    "pem", [b"", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_what_is_no_request_is_refused(tmp_path: Path, pem: bytes) -> None:
    with pytest.raises(TrustError, match="expected a certificate request"):
        Authority(tmp_path, now=ManualClock().now, create=True).sign_device(pem, "riverside.door-box.1")


def test_a_request_for_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65_537, 2_048)
    pem = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    with pytest.raises(TrustError, match="P-256"):
        Authority(tmp_path, now=ManualClock().now, create=True).sign_device(
            pem.public_bytes(Encoding.PEM), "riverside.door-box.1"
        )


def test_the_server_s_certificate_is_kept_until_its_end_is_near_or_it_is_reached_otherwise(tmp_path: Path) -> None:
    clock = ManualClock()
    authority = Authority(tmp_path, now=clock.now, create=True)
    first = authority.server_identity(["localhost", "127.0.0.1"])[0].read_bytes()
    assert authority.server_identity(["localhost"])[0].read_bytes() == first
    second = authority.server_identity(["localhost", "mqtt.example.com"])[0].read_bytes()
    assert second != first
    clock.advance((SERVER_LASTS - SERVER_LEFT_MIN + timedelta(days=1)).total_seconds())
    assert authority.server_identity(["localhost", "mqtt.example.com"])[0].read_bytes() != second


def test_the_list_of_revoked_certificates_names_them_and_does_not_end_before_the_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path, now=ManualClock().now, create=True)
    pem = authority.revocations([Revoked(4_711, datetime(2026, 11, 21, tzinfo=UTC))])
    listed = x509.load_pem_x509_crl(pem)
    assert [each.serial_number for each in listed] == [4_711]
    assert listed.next_update_utc == authority.certificate.not_valid_after_utc
    assert listed.is_signature_valid(authority.certificate.public_key())  # type: ignore[arg-type]  # ours: P-256


def test_a_box_s_rules_are_its_own_topics_and_no_pattern() -> None:
    rules = rules_of([Allowed("riverside.door-box.1", "riverside", "door-box")])
    topics = [line.rsplit(" ", 1)[1] for line in rules.splitlines() if line.startswith("topic")]
    assert len(topics) == 8
    assert all(topic.startswith("footfall/v1/riverside/door-box/") for topic in topics)
    assert not {"+", "#", "%"} & set(rules)


def test_none_comes_to_be_by_the_way_on_a_machine_that_has_none(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="footfall trust init"):
        Authority(tmp_path / "trust", now=ManualClock().now)
    assert not (tmp_path / "trust").exists()
