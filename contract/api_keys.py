"""API keys as they travel: `ffk_` and 256 random bits. What is kept of one is its first characters and its SHA-256."""

import hashlib
import hmac
import secrets
from typing import Final, Literal

#: What a key may be for: posting and reading orders, reading figures, and beside these sales by staff alias.
Scope = Literal["orders", "kpis", "staff"]

PREFIX: Final = "ffk_"
#: Characters of a key by which it is found and shown: 48 bits, no secret.
_SHOWN: Final = len(PREFIX) + 8


def new_key() -> str:
    """Return a new key."""
    return PREFIX + secrets.token_urlsafe(32)


def shown(key: str) -> str:
    """Return the first characters of a key, by which it is found; NUL, which no database takes, left out."""
    return key[:_SHOWN].replace("\x00", "")


def digest(key: str) -> bytes:
    """Return what is kept of a key. It is 256 random bits, so a fast hash is safe."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def matches(key: str, kept: bytes) -> bool:
    """Return whether `kept` is what is kept of this key, in the same time whatever it is."""
    return hmac.compare_digest(kept, digest(key))
