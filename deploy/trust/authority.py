"""The certificate authority of one installation: a root key in FOOTFALL_HOME, and what it signs.

root (20 years, signs only) ─┬─ server certificate: broker and enrolment, by host name and address
                             ├─ box certificates: 30 days, by the name that the access rules are written for
                             ├─ list of revoked certificates
                             └─ what head office says to a box: contract/control.py

Elliptic curve P-256 throughout: every TLS 1.3 library has it.
"""

import base64
import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from contract.control import ControlLeaf, Signed, signed_bytes
from deploy.errors import TrustError
from edge.identity import pem_of, write_secret

ROOT_LASTS: Final = timedelta(days=20 * 365)
#: Most TLS clients refuse a server certificate that lasts longer than 825 days.
SERVER_LASTS: Final = timedelta(days=800)
#: A server certificate is made anew so long before its end.
SERVER_LEFT_MIN: Final = timedelta(days=100)
DEVICE_LASTS: Final = timedelta(days=30)
#: A box's clock may be behind ours.
_BACKDATED: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that is not to be believed any more."""

    serial: int
    at: datetime


class Authority:
    """The authority in `folder`; with `create` made there where there is none, its key readable by this user alone.

    Raises:
        TrustError: the folder holds no authority, or something else, or cannot be written.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime], create: bool = False) -> None:
        self.folder = folder
        self._now = now
        try:
            if not self._certificate_file.exists() and not self._key_file.exists():
                if not create:
                    # One that came to be by the way, on the wrong machine, would sign what no broker believes.
                    raise TrustError(
                        f"there is no authority in {folder}: run this on the machine of `footfall up`, with its "
                        "FOOTFALL_HOME, or make one with footfall trust init"
                    )
                self._create()
            self.certificate = x509.load_pem_x509_certificate(self._certificate_file.read_bytes())
            self._key = _load_key(self._key_file)
        except (OSError, ValueError) as error:
            raise TrustError(
                f"the authority in {folder} cannot be used: {error}. It is the files root.pem and root.key: put both "
                "back from the backup. With a new authority every box has to be enrolled again."
            ) from error

    @property
    def pem(self) -> bytes:
        """The root certificate; public."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the root certificate: what a box pins."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).digest()

    def server_identity(self, hosts: Sequence[str]) -> tuple[Path, Path]:
        """Return certificate and key files for a server that is reached as any of `hosts` (names, addresses).

        Made anew where there is none, it is for others, or it ends soon.
        """
        certificate, key = self.folder / "server.pem", self.folder / "server.key"
        if not (certificate.exists() and key.exists() and self._still_good(certificate, hosts)):
            private = ec.generate_private_key(ec.SECP256R1())
            names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
            signed = (
                self._builder("footfall server", private.public_key(), lasts=SERVER_LASTS)
                .add_extension(names, critical=False)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                .sign(self._key, hashes.SHA256())
            )
            # The key first: a certificate without its key would be taken for good at the next start.
            write_secret(key, pem_of(private))
            write_secret(certificate, signed.public_bytes(serialization.Encoding.PEM))
        return certificate, key

    def sign_device(self, request_pem: bytes, name: str, *, lasts: timedelta = DEVICE_LASTS) -> x509.Certificate:
        """Return a certificate for the box that made `request_pem`; of the request only its public key is used.

        Raises:
            TrustError: it is no certificate request, not signed with its own key, or not for a P-256 key.
        """
        return (
            self._builder(name, public_key_of(request_pem), lasts=lasts)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def sign(self, leaf: ControlLeaf, store: str, device: str, body: str) -> Signed:
        """Return what head office says to one leaf of one device, signed; its box believes nothing else."""
        signature = self.sign_text(signed_bytes(leaf, store, device, body))
        return Signed(store=store, device=device, body=body, signature=signature)

    def sign_text(self, text: bytes) -> str:
        """Return the authority's signature over `text`, which says itself what it is about: ECDSA, DER in base64."""
        return base64.b64encode(self._key.sign(text, ec.ECDSA(hashes.SHA256()))).decode("ascii")

    def revocations(self, revoked: Iterable[Revoked]) -> bytes:
        """Return the signed list of revoked certificates as PEM.

        It lasts as long as the root: it is a file beside the broker, and one that ended would shut out every box.
        """
        now = self._now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - _BACKDATED)
            .next_update(self.certificate.not_valid_after_utc)
        )
        for each in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(each.serial).revocation_date(each.at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def believes(self, certificate: x509.Certificate) -> bool:
        """Return whether we signed `certificate` and it is valid now; whether it was revoked is not looked at."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return certificate.not_valid_before_utc <= self._now() <= certificate.not_valid_after_utc

    @property
    def _certificate_file(self) -> Path:
        return self.folder / "root.pem"

    @property
    def _key_file(self) -> Path:
        return self.folder / "root.key"

    def _create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "footfall authority")])
        now = self._now()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(now + ROOT_LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        write_secret(self._key_file, pem_of(key))
        write_secret(self._certificate_file, certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: str, key: ec.EllipticCurvePublicKey, *, lasts: timedelta) -> x509.CertificateBuilder:
        now = self._now()
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(min(now + lasts, self.certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(issuer, critical=False)
        )

    def _still_good(self, file: Path, hosts: Sequence[str]) -> bool:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        left = certificate.not_valid_after_utc - self._now()
        return (
            set(names) >= {_general_name(host) for host in hosts}
            and left >= SERVER_LEFT_MIN
            and certificate.issuer == self.certificate.subject
            and self.believes(certificate)
        )


def public_key_of(request_pem: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key of a certificate request.

    Raises:
        TrustError: it is none, not signed with its own key, or not for a P-256 key.
    """
    try:
        request = x509.load_pem_x509_csr(request_pem)
        key = request.public_key()
        proven = request.is_signature_valid
    except ValueError as error:
        raise TrustError(f"expected a certificate request in PEM, got something else: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TrustError("expected a certificate request for an elliptic-curve key on P-256")
    if not proven:
        raise TrustError("expected a certificate request signed with its own key: this box does not hold that key")
    return key


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds no elliptic-curve key")  # noqa: TRY004  # a wrong file, told as TrustError above
    return key
