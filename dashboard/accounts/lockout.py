"""How often a password may be wrong before one has to wait, so that nobody guesses and nobody is locked out by others.

Who tries                                   counted by           wrong in 15 minutes
a browser that signed in as this account    that browser         10
any other                                   the account's name   10
any other                                   its address          30

So somebody who guesses, from however many addresses, locks an account only where it never signed in before, and a
whole address (an office, a proxy) only for browsers that are new to it.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.database import Cursor
from dashboard.accounts.sql import SQL

WINDOW: Final = timedelta(minutes=15)
WRONG_MAX: Final = 10
ADDRESS_MAX: Final = 30
_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who tries: the name as typed, the address, and the digest of a browser known to the account."""

    login: str
    address: str
    browser: bytes | None

    @property
    def keys(self) -> dict[str, object]:
        """What attempts are counted by."""
        name = int.from_bytes(hashlib.sha256(self.login.encode()).digest()[:4], signed=True)
        return {"name": name, "address": network(self.address), "browser": self.browser}


def wait(cursor: Cursor, attempt: Attempt, *, now: datetime) -> timedelta:
    """Return how long this one has to wait; zero: may try."""
    limits = (("browser", WRONG_MAX),) if attempt.browser else (("name", WRONG_MAX), ("address", ADDRESS_MAX))
    longest = timedelta(0)
    for by, most in limits:
        cursor.execute(SQL["failures"], {**attempt.keys, "by": by, "since": now - WINDOW, "most": most})
        ((count, oldest),) = cursor.fetchall()
        if count >= most:
            longest = max(longest, oldest + WINDOW - now)
    return longest


def wrong(cursor: Cursor, attempt: Attempt, *, now: datetime) -> bool:
    """Count a wrong password; return whether this one has to wait from now on."""
    cursor.execute(SQL["prune_failures"], {"before": now - _KEPT})
    cursor.execute(SQL["add_failure"], {**attempt.keys, "at": now})
    return wait(cursor, attempt, now=now) > timedelta(0)


def right(cursor: Cursor, attempt: Attempt) -> None:
    """Forget what this one had wrong."""
    cursor.execute(SQL["forget_failures"], attempt.keys)


def network(address: str) -> str:
    """Return what counts as one address: of IPv6 the 64 bits that a house gets."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address  # noqa: PLR2004
