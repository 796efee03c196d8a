"""The identity of a box: its private key, made here and never sent, and the certificate that says whose it is.

Both stand in one file, readable by this user alone, that is replaced as a whole: a power cut leaves the old pair or
the new one.
"""

import base64
import os
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.errors import EnrolmentError


def new_key(pending: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key in `pending`, made there where there is none.

    It stays until a certificate has come for it: a box whose answer was lost asks again with the same key.

    Raises:
        EnrolmentError: the file cannot be written, or holds something else.
    """
    try:
        if pending.exists():
            return _private(pending.read_bytes(), pending)
        key = ec.generate_private_key(ec.SECP256R1())
        write_secret(pending, pem_of(key))
    except (OSError, ValueError) as error:
        raise EnrolmentError(f"the key of this box cannot be kept in {pending}: {error}") from error
    return key


def request_of(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a certificate request for `key`, as PEM. It names nobody: whose it is, the server decides."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode("ascii")


class Identity:
    """The pair in one file.

    Raises:
        EnrolmentError: the file cannot be read, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            content = path.read_bytes()
            self._key = _private(content, path)
            self._certificate = x509.load_pem_x509_certificate(content)
        except (OSError, ValueError) as error:
            raise EnrolmentError(
                f"expected this box's key and certificate in {path}, got {error}: footfall edge enroll"
            ) from error

    @classmethod
    def write(cls, path: Path, key: ec.EllipticCurvePrivateKey, certificate_pem: str) -> "Identity":
        """Keep a new pair.

        Raises:
            EnrolmentError: the certificate is for another key, or the file cannot be written.
        """
        try:
            certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
            if certificate.public_key() != key.public_key():
                raise EnrolmentError("the server sent a certificate for another key; nothing was changed")
            write_secret(path, pem_of(key) + certificate.public_bytes(serialization.Encoding.PEM))
        except (OSError, ValueError) as error:
            raise EnrolmentError(f"the certificate cannot be kept in {path}: {error}") from error
        return cls(path)

    @property
    def not_before(self) -> datetime:
        """When the certificate began."""
        return self._certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """When the certificate ends."""
        return self._certificate.not_valid_after_utc

    @property
    def pem(self) -> str:
        """The certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def pem_line(self) -> str:
        """The certificate on one line, in base64, as it stands in a header."""
        return base64.b64encode(self.pem.encode()).decode("ascii")

    def sign(self, text: str) -> str:
        """Return this box's signature over `text`, in base64."""
        return base64.b64encode(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))).decode("ascii")


def write_secret(path: Path, content: bytes, *, owner: tuple[int, int] | None = None) -> None:
    """Write a file that is readable by `owner` (uid, gid; None: this user) alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if owner:
        os.chown(scratch, *owner)
    scratch.replace(path)


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return `key` as PEM, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _private(content: bytes, path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EnrolmentError(f"expected an elliptic-curve key in {path}: move the file away and enrol again")
    return key
