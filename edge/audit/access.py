"""Who may use the audit page: one PIN, a bounded number of tries, and a log-in that lasts a shift."""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from typing import Final

from edge.audit.errors import AuditRefusedError, LockedOutError
from edge.clock import Clock

#: Wrong PINs from one address before it must wait, and for how long first; each further wrong one doubles it.
TRIES: Final = 5
WAIT_S: Final = 60.0
WAIT_MAX_S: Final = 3_600.0
#: Wrong PINs from all addresses together within `ALL_WINDOW_S` before nobody may try.
TRIES_ALL: Final = 30
ALL_WINDOW_S: Final = 900.0
#: A shift; and what must be left of it for an audit to begin, so that no log-in ends under one.
LOGIN_S: Final = 12 * 3_600.0
LOGIN_LEFT_S: Final = 1.5 * 3_600.0
LOGINS_MAX: Final = 16
_ADDRESSES_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Login:
    """One phone that knows the PIN. `name` is no secret; `token` is the cookie's, `csrf` the page's."""

    name: str
    token: str
    csrf: str
    until_s: float


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    locked_until_s: float = 0.0


class Gate:
    """Checks PINs and remembers log-ins. The PIN itself is not kept, only a salted hash; from any thread."""

    def __init__(self, pin: str, clock: Clock) -> None:
        self._salt = secrets.token_bytes(16)
        self._hash = self._hashed(pin)
        self._clock = clock
        self._tries: dict[str, _Tries] = {}
        self._wrong_at_s: list[float] = []
        self._logins: dict[str, Login] = {}
        self._lock = threading.Lock()

    def login(self, pin: str, address: str) -> Login:
        """Return a log-in for a phone at `address` that knows the PIN.

        Raises:
            LockedOutError: too many wrong ones came, from there or from everywhere; the PIN was not even looked at.
            AuditRefusedError: this is not the PIN.
        """
        with self._lock:
            now_s = self._clock.monotonic()
            self._check_open(address, now_s)
            if not hmac.compare_digest(self._hashed(pin), self._hash):
                self._count_wrong(address, now_s)
                raise AuditRefusedError("wrong_pin")
            self._tries.pop(address, None)
            for token in [key for key, one in self._logins.items() if one.until_s <= now_s]:
                del self._logins[token]
            while len(self._logins) >= LOGINS_MAX:
                self._logins.pop(next(iter(self._logins)))
            made = Login(secrets.token_hex(8), secrets.token_urlsafe(32), secrets.token_urlsafe(32), now_s + LOGIN_S)
            self._logins[_key(made.token)] = made
            return made

    def who(self, token: str) -> Login | None:
        """Return the log-in of a cookie; None for none."""
        with self._lock:
            found = self._logins.get(_key(token))
            return found if found is not None and found.until_s > self._clock.monotonic() else None

    def lasts(self, login: Login) -> bool:
        """Return whether a log-in outlasts an audit that begins now."""
        return login.until_s - self._clock.monotonic() >= LOGIN_LEFT_S

    def logout(self, token: str) -> None:
        """Forget a log-in."""
        with self._lock:
            self._logins.pop(_key(token), None)

    def _check_open(self, address: str, now_s: float) -> None:
        self._wrong_at_s = [at for at in self._wrong_at_s if now_s - at < ALL_WINDOW_S]
        waits = [self._tries[address].locked_until_s - now_s] if address in self._tries else []
        if len(self._wrong_at_s) >= TRIES_ALL:
            waits.append(ALL_WINDOW_S - (now_s - self._wrong_at_s[0]))
        if waits and max(waits) > 0:
            raise LockedOutError(max(waits))

    def _count_wrong(self, address: str, now_s: float) -> None:
        self._wrong_at_s.append(now_s)
        if address not in self._tries and len(self._tries) >= _ADDRESSES_MAX:
            # Forgetting one is safe: all together are counted, too.
            self._tries.pop(next(iter(self._tries)))
        tries = self._tries.setdefault(address, _Tries())
        tries.wrong += 1
        if tries.wrong >= TRIES:
            tries.locked_until_s = now_s + min(WAIT_S * 2.0 ** (tries.wrong - TRIES), WAIT_MAX_S)

    def _hashed(self, pin: str) -> bytes:
        # Deliberately slow: with the memory's contents a short PIN would otherwise be found at once.
        plain = "".join(pin.split()).encode()
        return hashlib.scrypt(plain, salt=self._salt, n=2**12, r=8, p=1)


def new_pin() -> str:
    """Return a random PIN of eight digits."""
    return f"{secrets.randbelow(10**8):08d}"


def _key(token: str) -> str:
    """Return what a token is looked up by: its hash, so that looking up takes no time that depends on the secret."""
    return hashlib.sha256(token.encode()).hexdigest()
