"""Enrolments: which box speaks for which device, from the one-time code to the end, and the log of it all.

code issued ──used──► enrolment ──renewed every 20 days──► …
    └─ expired,            ├─ replaced: another box enrolled as the device
       withdrawn           ├─ revoked
                           └─ store closed
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contract.enrolment import EnrolmentCode, RenewRequest
from deploy.errors import TrustError
from deploy.trust.authority import Authority, Revoked, public_key_of
from deploy.trust.decisions import Decisions, note
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "enrolments")
_REFUSED: Final = "this code is not known here, was used, has expired or was taken back: ask for a new one"


@dataclass(frozen=True, slots=True)
class Identity:
    """A box that was let in: its name at the broker, and what to tell it."""

    name: str
    store: str
    device: str
    certificate: x509.Certificate
    site: str | None = None
    #: It ended the enrolment of another box.
    replaced: bool = False

    @property
    def pem(self) -> str:
        """The certificate as it travels."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A name that may speak for a device at the broker."""

    name: str
    store: str
    device: str


class Enrolments(Decisions):
    """The register of one installation, with the key that signs certificates."""

    def __init__(self, database: Database, authority: Authority) -> None:
        super().__init__(database, authority.fingerprint)
        self._authority = authority

    def redeem(self, code: EnrolmentCode, request_pem: bytes, *, now: datetime, address: str | None = None) -> Identity:
        """Let the box that made `request_pem` in as the code's device; whoever was it before is so no more.

        A code is good for one key: the box whose answer was lost may ask again until the code expires.

        Raises:
            TrustError: the code is not good, or the request is none.
        """
        key = _digest(public_key_of(request_pem))
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["code"], {"code": code.secret_sha256})
            row = cursor.fetchone()
            if row is None:
                raise TrustError(_REFUSED)
            device_id, store, device, site, expires_at, withdrawn_at, closed_at, enrolment_id, name, used_by, ended = (
                row
            )
            again = enrolment_id is not None and bytes(used_by) == key and ended is None
            if now > expires_at or withdrawn_at or closed_at or (enrolment_id is not None and not again):
                raise TrustError(_REFUSED)
            replaced = False
            if not again:
                ends = {"device_ids": [device_id], "at": now}
                cursor.execute(_SQL["end_enrolments"], {**ends, "by": "replaced"})
                replaced = cursor.rowcount > 0
                values = {"device_id": device_id, "prefix": f"{store}.{device}", "key": key, "at": now}
                cursor.execute(_SQL["add_enrolment"], values)
                ((enrolment_id, name),) = cursor.fetchall()
                cursor.execute(_SQL["use_code"], {"enrolment_id": enrolment_id, "code": code.secret_sha256})
            certificate = self._sign(cursor, request_pem, (enrolment_id, name), now)
            note(cursor, now, "enrolled", device_id=device_id, address=address, detail=name)
        return Identity(name, store, device, certificate, site, replaced)

    def renew(self, asked: RenewRequest, *, now: datetime, address: str | None = None) -> x509.Certificate:
        """Return the next certificate of the box that holds the key of its present one.

        Raises:
            TrustError: the certificate is not ours, over or ended, or the request is not signed with its key.
        """
        present = self._proven(asked.certificate, asked.signature, asked.request)
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["of_certificate"], {"serial": _serial(present)})
            row = cursor.fetchone()
            if row is None or row[3] is not None:
                raise TrustError(f"this box may not speak any more ({row[3] if row else 'unknown'}): enrol it anew")
            enrolment_id, name, device_id, _ = row
            certificate = self._sign(cursor, asked.request.encode(), (enrolment_id, name), now)
            note(cursor, now, "renewed", device_id=device_id, address=address, detail=name)
        return certificate

    def vouch(self, certificate: str, signature: str, said: str) -> str:
        """Return the name of the box that says `said`: its certificate (PEM) is good, its signature over it right.

        Raises:
            TrustError: the certificate is not ours, over or ended, or `said` is not signed with its key.
        """
        present = self._proven(certificate, signature, said)
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["of_certificate"], {"serial": _serial(present)})
            row = cursor.fetchone()
        if row is None or row[3] is not None:
            raise TrustError(f"this box may not speak any more ({row[3] if row else 'unknown'}): enrol it anew")
        return str(row[1])

    def refused(self, action: str, *, now: datetime, address: str, detail: str) -> None:
        """Note a refusal."""
        with self._database.transaction() as cursor:
            note(cursor, now, action, address=address, detail=detail[:200])

    def allowed(self) -> list[Allowed]:
        """Return who may speak now, by name."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["allowed"])
            return [Allowed(*row) for row in cursor.fetchall()]

    def revoked(self, *, now: datetime) -> list[Revoked]:
        """Return the certificates that would still be valid and must not be believed."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["revoked"], {"at": now})
            return [Revoked(int(serial, 16), at) for serial, at in cursor.fetchall()]

    def _sign(self, cursor: Cursor, request_pem: bytes, enrolment: tuple[int, str], now: datetime) -> x509.Certificate:
        certificate = self._authority.sign_device(request_pem, enrolment[1])
        values = {"serial": _serial(certificate), "enrolment_id": enrolment[0], "at": now}
        cursor.execute(_SQL["add_certificate"], {**values, "not_after": certificate.not_valid_after_utc})
        return certificate

    def _proven(self, pem: str, signature: str, said: str) -> x509.Certificate:
        """Return the certificate in `pem` if it is good and whoever says `said` holds its key."""
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key = certificate.public_key()
            plain = base64.b64decode(signature, validate=True)
            if not isinstance(key, ec.EllipticCurvePublicKey) or not self._authority.believes(certificate):
                raise TrustError("this certificate is not ours or has ended: enrol the box anew")
            key.verify(plain, said.encode(), ec.ECDSA(hashes.SHA256()))
        except (ValueError, InvalidSignature) as error:
            raise TrustError("expected a request signed with the key of the box's certificate") from error
        return certificate


def _serial(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:x}"


def _digest(key: ec.EllipticCurvePublicKey) -> bytes:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()
