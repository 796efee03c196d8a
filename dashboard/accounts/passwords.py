"""Passwords: hashed with Argon2id, checked against a short list of rules, made up where a person needs a first one."""

import functools
import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboard.errors import AccountError

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 128
_DIFFERENT_MIN: Final = 5
#: RFC 9106's choice where memory is scarce: 64 MiB, three passes.
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
#: Each needs a processor and 64 MiB: a flood of attempts must leave room for the pages.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
#: Without letters and digits that are taken for one another.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4


def hashed(password: str) -> str:
    """Return the password's hash, with its parameters and a new salt."""
    with _AT_ONCE:
        return _HASHER.hash(password)


@functools.cache
def _nobody() -> str:
    """Return what an unknown name is compared with, so that it takes as long as a known one."""
    return hashed(secrets.token_urlsafe())


def fits(password: str, kept: str | None) -> bool:
    """Return whether the password is the one whose hash was `kept`; None: nobody's."""
    if len(password) > LENGTH_MAX:
        return False
    against = kept or _nobody()
    with _AT_ONCE:
        try:
            _HASHER.verify(against, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def check(password: str, login: str) -> None:
    """Check a password that somebody chose.

    Raises:
        AccountError: too short, too long, or too easily guessed.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise AccountError(
            f"password: expected {LENGTH_MIN} to {LENGTH_MAX} characters, got {len(password)}", what="password"
        )
    if len(set(password)) < _DIFFERENT_MIN or login.partition("@")[0] in password.lower():
        raise AccountError(
            f"password: expected at least {_DIFFERENT_MIN} different characters and not the account's name: "
            "a few words that belong together for nobody but you",
            what="password",
        )


def one_time() -> str:
    """Return a password for the first time: 79 random bits, to be read out on a telephone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS)) for _ in range(_GROUPS))
