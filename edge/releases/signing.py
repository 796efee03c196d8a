"""Whose releases a box takes: signatures of release keys (Ed25519), and the list of keys that it trusts.

first list   signed by the installation's authority, whose certificate was pinned at enrolment
later lists  signed by the authority and by a key that is trusted already

So neither the broker, nor whoever holds the server without a release key, makes a box run code.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contract.releases import (
    KEYS_DOMAIN,
    MANIFEST_DOMAIN,
    SIGNED_BYTES_MAX,
    KeySignature,
    Manifest,
    ReleaseKeys,
    SignedKeys,
    SignedManifest,
)
from edge.errors import ReleaseError, UnknownKeyError
from edge.identity import write_secret

_S = TypeVar("_S", Manifest, ReleaseKeys, SignedManifest, SignedKeys)
_SHOWN: Final = 12


def key_id(public: bytes) -> str:
    """Return the name of a public key (32 bytes): its SHA-256 in hex."""
    return hashlib.sha256(public).hexdigest()


def decoded(content: str | bytes, kind: type[_S]) -> _S:
    """Return what `content` (JSON) says.

    Raises:
        ReleaseError: too long, or not what it should be.
    """
    if len(content) > SIGNED_BYTES_MAX:
        raise ReleaseError(f"expected at most {SIGNED_BYTES_MAX} bytes of {kind.__name__}, got {len(content)}")
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReleaseError(f"expected {kind.__name__}, got something else: {error}") from error


def verified_manifest(content: bytes, asked: str, keys: Iterable[bytes]) -> Manifest:
    """Return the manifest in `content`, a `SignedManifest`, if it is the one of SHA-256 `asked` and a key signed it.

    Raises:
        UnknownKeyError: nobody whom we trust signed it.
        ReleaseError: another manifest, a wrong signature, or none at all.
    """
    signed = decoded(content, SignedManifest)
    text = signed.manifest.encode()
    if hashlib.sha256(text).hexdigest() != asked:
        raise ReleaseError(f"expected the manifest {asked[:_SHOWN]}, got another one: it was changed on its way")
    _check_signed(MANIFEST_DOMAIN + text, signed.signatures, keys)
    return decoded(signed.manifest, Manifest)


def _check_signed(text: bytes, signatures: Sequence[KeySignature], keys: Iterable[bytes]) -> None:
    """Check that one of `keys` signed `text`; a wrong signature in the name of one of them is no signature."""
    if not signatures:
        raise ReleaseError("expected a signature of a release key, got none")
    trusted = {key_id(key): key for key in keys}
    for each in signatures:
        if each.key not in trusted:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(trusted[each.key]).verify(_plain(each.signature), text)
        except (InvalidSignature, ValueError) as error:
            raise ReleaseError(f"the signature of {each.key[:_SHOWN]} is wrong: it was tampered with") from error
        return
    who = ", ".join(each.key[:_SHOWN] for each in signatures)
    raise UnknownKeyError(f"signed by release key {who}, which this box does not trust")


class KeyRing:
    """The release keys that this box trusts, in the file `path`; `authority` is the root certificate, as PEM."""

    def __init__(self, path: Path, authority: bytes) -> None:
        self._path = path
        self._authority = authority

    @property
    def keys(self) -> list[bytes]:
        """The public keys, 32 bytes each; none where this box trusts nobody yet.

        Raises:
            ReleaseError: the file cannot be read, or is damaged.
        """
        pinned = self._pinned()
        return keys_of(pinned) if pinned else []

    def offer(self, content: bytes) -> bool:
        """Trust the list in `content`, a `SignedKeys`, from now on; return whether it was news.

        Raises:
            ReleaseError: not signed as it has to be, or the list cannot be kept. The present one stays.
        """
        signed = decoded(content, SignedKeys)
        text = KEYS_DOMAIN + signed.keys.encode()
        self._check_authority(text, signed.authority)
        offered, pinned = decoded(signed.keys, ReleaseKeys), self._pinned()
        if pinned is not None:
            if offered.version <= pinned.version:
                return False
            _check_signed(text, signed.signatures, keys_of(pinned))
        keys_of(offered)
        try:
            write_secret(self._path, content)
        except OSError as error:
            raise ReleaseError(f"the list of release keys cannot be kept in {self._path}: {error}") from error
        return True

    def _pinned(self) -> ReleaseKeys | None:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReleaseError(f"the list of release keys in {self._path} cannot be read: {error}") from error
        return decoded(decoded(content, SignedKeys).keys, ReleaseKeys)

    def _check_authority(self, text: bytes, signature: str) -> None:
        try:
            key = x509.load_pem_x509_certificate(self._authority).public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise ReleaseError("the authority's certificate is for another kind of key")
            key.verify(_plain(signature), text, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError) as error:
            raise ReleaseError("the list of release keys is not signed by this installation's authority") from error


def keys_of(listed: ReleaseKeys) -> list[bytes]:
    """Return the public keys of a list.

    Raises:
        ReleaseError: one is none.
    """
    try:
        keys = [_plain(key) for key in listed.keys]
        for key in keys:
            Ed25519PublicKey.from_public_bytes(key)
    except ValueError as error:
        raise ReleaseError(f"expected Ed25519 keys of 32 bytes in the list of release keys: {error}") from error
    return keys


def _plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
