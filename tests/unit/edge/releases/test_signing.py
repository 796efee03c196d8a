"""Whose releases a box takes: keys, lists of keys, manifests, and everything that is wrong with them."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.releases import KEYS_DOMAIN, Manifest, SignedKeys, SignedManifest, version_key
from deploy.releases.keys import ReleaseKey, manifest_sha256
from deploy.trust.authority import Authority
from edge.errors import ReleaseError, UnknownKeyError
from edge.releases.signing import KeyRing, verified_manifest
from tests.support.clocks import ManualClock


class Office:
    """An authority and two release keys."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "trust", now=ManualClock().now, create=True)
        self.old = ReleaseKey.create(folder / "old.key")
        self.new = ReleaseKey.create(folder / "new.key")
        self.stranger = ReleaseKey.create(folder / "stranger.key")

    def keys(self, version: int, *keys: ReleaseKey, by: ReleaseKey, authority: Authority | None = None) -> bytes:
        signed = by.sign_keys(version, [key.public for key in keys])
        signature = (authority or self.authority).sign_text(KEYS_DOMAIN + signed.keys.encode())
        return msgspec.json.encode(msgspec.structs.replace(signed, authority=signature))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def ring(office: Office, tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "release-keys.json", office.authority.pem)


def manifest_text(**changed: Any) -> str:
    file = {"name": "model.onnx", "sha256": "0" * 64, "size": 10}
    now = datetime(2026, 11, 29, tzinfo=UTC).isoformat()
    fields = {"kind": "model", "name": "yolox-nano", "version": "1.1", "created_at": now, "files": [file],
              "entry": "model.onnx"} | changed  # fmt: skip
    return msgspec.json.encode(fields).decode()


def signed(by: ReleaseKey, **changed: Any) -> SignedManifest:
    return by.sign_manifest(SignedManifest(manifest=manifest_text(**changed)))


def take(release: SignedManifest, *keys: ReleaseKey, asked: str | None = None) -> Manifest:
    content = msgspec.json.encode(release)
    return verified_manifest(content, asked or manifest_sha256(release), [key.public for key in keys])


def test_a_release_of_a_trusted_key_is_taken(office: Office) -> None:
    assert take(signed(office.old), office.old).version == "1.1"
    both = office.new.sign_manifest(signed(office.old))
    assert take(both, office.new).version == take(both, office.old).version


def test_a_release_of_nobody_or_of_a_stranger_is_refused(office: Office) -> None:
    with pytest.raises(ReleaseError, match="expected a signature of a release key, got none"):
        take(SignedManifest(manifest=manifest_text()), office.old)
    with pytest.raises(UnknownKeyError, match="does not trust"):
        take(signed(office.stranger), office.old)


def test_a_release_that_was_tampered_with_is_refused(office: Office) -> None:
    good = signed(office.old)
    other = SignedManifest(manifest=good.manifest.replace("1.1", "1.2"), signatures=good.signatures)
    with pytest.raises(ReleaseError, match="tampered"):
        take(other, office.old)
    with pytest.raises(ReleaseError, match="changed on its way"):
        take(other, office.old, asked=manifest_sha256(good))
    # A key that is trusted, named beside a stranger's signature.
    borrowed = msgspec.structs.replace(signed(office.stranger).signatures[0], key=good.signatures[0].key)
    with pytest.raises(ReleaseError, match="tampered"):
        take(SignedManifest(manifest=good.manifest, signatures=[borrowed]), office.old)


def test_a_signed_list_of_keys_is_no_manifest(office: Office) -> None:
    keys = office.old.sign_keys(1, [office.old.public])
    crossed = SignedManifest(manifest=keys.keys, signatures=keys.signatures)
    with pytest.raises(ReleaseError, match="tampered"):
        take(crossed, office.old)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"files": [{"name": "../../etc/passwd", "sha256": "0" * 64, "size": 1}]}, "files"),
        ({"files": [{"name": ".hidden", "sha256": "0" * 64, "size": 1}]}, "files"),
        ({"files": [{"name": "a", "sha256": "0" * 64, "size": 1}] * 2, "entry": "a"}, "each file name once"),
        ({"files": [{"name": "a", "sha256": "0" * 64, "size": 600 * 2**20}], "entry": "a"}, "at most"),
        ({"files": []}, "files"),
        ({"entry": "other.onnx"}, "entry"),
        ({"kind": "application"}, "python"),
        ({"version": "1.0-evil"}, "version"),
        ({"surprise": 1}, "surprise"),
        ({"v": 2}, "v"),
    ],
)
def test_a_manifest_outside_the_contract_is_refused_though_it_is_signed(
    office: Office, changed: dict[str, Any], what: str
) -> None:
    with pytest.raises(ReleaseError, match=what):
        take(signed(office.old, **changed), office.old)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\xff\xfe", b"[" * 5000, b"x" * 200_000])
def test_hostile_bytes_are_refused(office: Office, ring: KeyRing, content: bytes) -> None:
    with pytest.raises(ReleaseError):
        verified_manifest(content, hashlib.sha256(content).hexdigest(), [office.old.public])
    with pytest.raises(ReleaseError):
        ring.offer(content)


def test_a_first_list_of_keys_is_taken_from_the_authority_alone(office: Office, ring: KeyRing, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", now=ManualClock().now, create=True)
    with pytest.raises(ReleaseError, match="not signed by this installation's authority"):
        ring.offer(office.keys(1, office.old, by=office.old, authority=other))
    unsigned = msgspec.json.encode(office.old.sign_keys(1, [office.old.public]))
    with pytest.raises(ReleaseError, match="authority"):
        ring.offer(unsigned)
    assert ring.keys == []
    assert ring.offer(office.keys(1, office.old, by=office.old))
    assert ring.keys == [office.old.public]


def test_keys_are_changed_over_a_list_with_both(office: Office, ring: KeyRing) -> None:
    ring.offer(office.keys(1, office.old, by=office.old))
    assert ring.offer(office.keys(2, office.old, office.new, by=office.old))
    assert ring.offer(office.keys(3, office.new, by=office.new))
    assert ring.keys == [office.new.public]


def test_an_authority_without_a_release_key_changes_no_keys(office: Office, ring: KeyRing) -> None:
    """Whoever holds the server, its authority included."""
    ring.offer(office.keys(1, office.old, by=office.old))
    with pytest.raises(UnknownKeyError):
        ring.offer(office.keys(2, office.stranger, by=office.stranger))
    crossed = msgspec.json.decode(office.keys(2, office.stranger, by=office.stranger), type=SignedKeys)
    borrowed = office.old.sign_keys(1, [office.old.public]).signatures
    with pytest.raises(ReleaseError, match="tampered"):
        ring.offer(msgspec.json.encode(msgspec.structs.replace(crossed, signatures=borrowed)))
    assert ring.keys == [office.old.public]


def test_an_older_list_is_no_news(office: Office, ring: KeyRing) -> None:
    first = office.keys(1, office.old, by=office.old)
    ring.offer(first)
    ring.offer(office.keys(2, office.new, by=office.old))
    assert not ring.offer(first)
    assert ring.keys == [office.new.public]


def test_keys_that_are_none_are_refused(office: Office, ring: KeyRing) -> None:
    short = office.old.sign_keys(1, [b"short"])
    signature = office.authority.sign_text(KEYS_DOMAIN + short.keys.encode())
    with pytest.raises(ReleaseError):
        ring.offer(msgspec.json.encode(msgspec.structs.replace(short, authority=signature)))


def test_a_release_key_is_for_its_owner_alone_and_never_replaced(office: Office, tmp_path: Path) -> None:
    assert (tmp_path / "old.key").stat().st_mode & 0o777 == 0o600
    assert base64.b64encode(office.old.public).decode() not in (tmp_path / "old.key").read_text()
    with pytest.raises(Exception, match="is there already"):
        ReleaseKey.create(tmp_path / "old.key")


def test_versions_are_ordered_by_their_numbers() -> None:
    assert version_key("1.10") > version_key("1.9.9")
    assert version_key("1.0.0") == version_key("1.0") == version_key("1.0.dev3")
    assert version_key("0.2.0") > version_key("0.1.0")
