"""Release keys: Ed25519, kept by whoever makes releases, never on a box and better not on the server either."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contract.releases import KEYS_DOMAIN, MANIFEST_DOMAIN, KeySignature, ReleaseKeys, SignedKeys, SignedManifest
from deploy.errors import PublishError
from edge.identity import write_secret
from edge.releases.signing import key_id


class ReleaseKey:
    """The private key in the file `path`.

    Raises:
        PublishError: the file cannot be read, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise PublishError(f"expected a release key in {path}, got {error}: footfall release key create") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise PublishError(f"expected an Ed25519 key in {path}, got another kind: footfall release key create")
        self._key = key

    @classmethod
    def create(cls, path: Path) -> "ReleaseKey":
        """Make a key in `path`, for this user alone, and its public part beside it as `.pub`.

        Raises:
            PublishError: there is a file already, or it cannot be written.
        """
        if path.exists():
            raise PublishError(f"{path} is there already: a key that is lost cannot be made again, so none is replaced")
        key = Ed25519PrivateKey.generate()
        content = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            write_secret(path, content)
            path.with_name(path.name + ".pub").write_bytes(public_pem(key.public_key()))
        except OSError as error:
            raise PublishError(f"the key cannot be kept in {path}: {error}") from error
        return cls(path)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign_manifest(self, signed: SignedManifest) -> SignedManifest:
        """Return `signed` with this key's signature among the others."""
        mine = self._signature(MANIFEST_DOMAIN + signed.manifest.encode())
        others = [each for each in signed.signatures if each.key != mine.key]
        return SignedManifest(manifest=signed.manifest, signatures=[*others, mine])

    def sign_keys(self, version: int, keys: Sequence[bytes]) -> SignedKeys:
        """Return the list of `keys`, signed; the authority has to sign it, too."""
        listed = ReleaseKeys(version=version, keys=[base64.b64encode(key).decode("ascii") for key in keys])
        text = msgspec.json.encode(listed).decode()
        return SignedKeys(keys=text, signatures=[self._signature(KEYS_DOMAIN + text.encode())])

    def _signature(self, text: bytes) -> KeySignature:
        signature = base64.b64encode(self._key.sign(text)).decode("ascii")
        return KeySignature(key=key_id(self.public), signature=signature)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_public(path: Path) -> bytes:
    """Return the public key (32 bytes) in the file `path`.

    Raises:
        PublishError: it holds none.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PublishError(f"expected a public release key in {path}, got {error}: it is the file *.pub") from error
    if not isinstance(key, Ed25519PublicKey):
        raise PublishError(f"expected an Ed25519 key in {path}, got another kind")
    return key.public_bytes_raw()


def manifest_sha256(signed: SignedManifest) -> str:
    """Return what a release is called: the SHA-256 of its manifest's text."""
    return hashlib.sha256(signed.manifest.encode()).hexdigest()
