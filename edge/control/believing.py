"""Believing: whether what stands on `config` or `command` is head office's, for this box and this leaf.

The broker only carries it. What is believed is the authority whose certificate came with the enrolment.
"""

import base64
import binascii
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from contract.codec import decode
from contract.control import ControlLeaf, Signed, signed_bytes
from contract.errors import ContractError
from contract.topics import Topic
from edge.errors import ConfigError, NotBelievedError


class Believing:
    """The pinned authority in the file `authority`, and whom we are.

    Raises:
        ConfigError: the file cannot be read, or holds something else.
    """

    def __init__(self, authority: Path, store: str, device: str) -> None:
        self._store = store
        self._device = device
        try:
            key = x509.load_pem_x509_certificate(authority.read_bytes()).public_key()
        except (OSError, ValueError) as error:
            raise ConfigError(
                "[broker]", "tls_ca", expected="the authority's certificate that came with the enrolment",
                got=str(error), advice="Enrol the box again: footfall edge enroll CODE --server …",
            ) from error  # fmt: skip
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise ConfigError("[broker]", "tls_ca", expected="an elliptic-curve authority", got="another kind")
        self._key = key

    def body(self, leaf: ControlLeaf, payload: bytes) -> str:
        """Return the body of a message on `leaf` that head office signed for it and for this box.

        Raises:
            NotBelievedError: it is malformed, or not signed so.
        """
        try:
            signed = decode(payload, Signed, Topic(self._store, self._device, leaf))
            signature = base64.b64decode(signed.signature, validate=True)
        except (ContractError, binascii.Error) as error:
            raise NotBelievedError("malformed", str(error)) from error
        try:
            said = signed_bytes(leaf, self._store, self._device, signed.body)
            self._key.verify(signature, said, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError) as error:
            raise NotBelievedError("forged", "it is not signed by head office for this box and this topic") from error
        return signed.body
