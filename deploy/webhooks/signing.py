"""Signatures and secrets by the Standard Webhooks specification (https://www.standardwebhooks.com), `v1`.

A secret is derived, not kept: whoever has the database alone can sign nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"


def secret_of(hash_secret: str, endpoint_id: str, generation: int) -> str:
    """Return an endpoint's secret, as it is shown to its owner: `whsec_` and 32 bytes in base64."""
    said = f"footfall webhook secret\n{endpoint_id}\n{generation}".encode()
    derived = hmac.new(hash_secret.encode(), said, hashlib.sha256).digest()
    return PREFIX + base64.b64encode(derived).decode()


def headers_of(event_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of one attempt at `at`, signed with each of `secrets`: two while one replaces the other."""
    timestamp = str(int(at.timestamp()))
    said = f"{event_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(said, secret) for secret in secrets),
    }


def _signature(said: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
