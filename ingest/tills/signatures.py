"""Signatures of notifications: HMAC-SHA256 over what the vendor says, compared in constant time."""

import base64
import hashlib
import hmac

from ingest.errors import SignatureError
from ingest.tills.protocol import Heard


def check_base64(heard: Heard, header: str, signed: bytes, key: str) -> None:
    """Check a signature that is written in base64.

    Raises:
        SignatureError: it is missing, or another.
    """
    expected = base64.b64encode(_hmac(signed, key)).decode("ascii")
    _compare(heard.headers.get(header), expected, header)


def check_hex(given: str | None, header: str, signed: bytes, key: str) -> None:
    """Check a signature that is written in hexadecimal.

    Raises:
        SignatureError: it is missing, or another.
    """
    _compare(given.lower() if given else None, _hmac(signed, key).hex(), header)


def _hmac(signed: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), signed, hashlib.sha256).digest()


def _compare(given: str | None, expected: str, header: str) -> None:
    if not given:
        raise SignatureError(f"expected the header {header}, got none")
    if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode("ascii")):
        raise SignatureError(f"the signature in {header} is another: is the key of this till's notifications right?")
