"""Enrolment: the one-time code that opens a box's way in, and what box and server say to each other over HTTPS.

    K7QF-2M9X-WD4T-JH | 8N-5C3R-VBXA-0GZ1 | PE
    secret, 70 bits     authority, 80 bits  check

The authority's part is the beginning of its certificate's SHA-256: so a box knows its server before it shows the
secret, without any public authority. The alphabet is Crockford's: no I, L, O, U; what looks alike is read alike.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta, Struct

from contract.errors import CodeError
from contract.types import Name

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SECRET, _AUTHORITY, _CHECK = 14, 16, 2
_LENGTH: Final = _SECRET + _AUTHORITY + _CHECK
_BITS: Final = 5
_GROUP: Final = 4

#: Nothing that is said here is longer than a few kilobytes, but for a site file.
ENROLMENT_BYTES_MAX: Final = 256 * 1024
_Pem = Annotated[str, Meta(min_length=1, max_length=8_192)]
_Site = Annotated[str, Meta(max_length=200_000)]


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A secret and the beginning of the fingerprint of the authority that knows it."""

    secret: str
    authority: str

    @classmethod
    def new(cls, fingerprint: bytes) -> "EnrolmentCode":
        """Return a fresh code of the authority whose certificate has this SHA-256."""
        return cls("".join(secrets.choice(_ALPHABET) for _ in range(_SECRET)), _spelt(fingerprint, _AUTHORITY))

    @classmethod
    def parse(cls, text: str) -> "EnrolmentCode":
        """Return the code in `text`; case, spaces and dashes do not matter.

        Raises:
            CodeError: it is none, or was mistyped.
        """
        plain = re.sub(r"[\s-]", "", text).upper().translate(_ALIKE)
        if len(plain) != _LENGTH or set(plain) - set(_ALPHABET):
            # What was typed is nearly a secret: it is not repeated, for this ends in logs.
            raise CodeError(f"enrolment code: expected {_LENGTH} letters and digits in groups of four, got others")
        body, check = plain[:-_CHECK], plain[-_CHECK:]
        if _check_of(body) != check:
            raise CodeError("enrolment code: a character is wrong or two are swapped; compare it with the original")
        return cls(body[:_SECRET], body[_SECRET:])

    def names(self, fingerprint: bytes) -> bool:
        """Return whether the code is of the authority whose certificate has this SHA-256."""
        return self.authority == _spelt(fingerprint, _AUTHORITY)

    @property
    def secret_sha256(self) -> bytes:
        """What the server keeps: 70 random bits that live for a day need no slow hash."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        body = self.secret + self.authority
        plain = body + _check_of(body)
        return "-".join(plain[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


class EnrolRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Box → server: the code, and a certificate request for a key that never leaves the box."""

    code: Annotated[str, Meta(max_length=64)]
    request: _Pem


class Enrolled(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Server → box: who it is now and where its numbers go.

    `broker_host` None: the host that was asked. `site` is its set-up in TOML without store, device and broker; None:
    nobody has written one yet.
    """

    store: Name
    device: Name
    certificate: _Pem
    broker_port: Annotated[int, Meta(ge=1, le=65_535)]
    broker_host: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    site: _Site | None = None


class RenewRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Box → server: a request for a new key, signed with the key of the certificate that it has.

    `signature` is ECDSA with SHA-256 over the bytes of `request`, DER in base64.
    """

    certificate: _Pem
    request: _Pem
    signature: Annotated[str, Meta(max_length=200)]


class Renewed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Server → box: its next certificate."""

    certificate: _Pem


def _spelt(data: bytes, length: int) -> str:
    number = int.from_bytes(data, "big") >> (len(data) * 8 - length * _BITS)
    return "".join(_ALPHABET[number >> _BITS * place & 31] for place in reversed(range(length)))


def _check_of(body: str) -> str:
    return _spelt(hashlib.sha256(body.encode()).digest(), _CHECK)
