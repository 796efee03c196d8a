"""The broker's passwords of counters of other makers, hashed, as a file in its folder.

Mosquitto's own form: PBKDF2 with SHA-512. The passwords are random and long, so its few rounds are enough.
"""

import base64
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FILE: Final = "counters.passwords"
_ROUNDS: Final = 101
_SALT_BYTES: Final = 12


class CounterLogins:
    """The logins in the broker's folder; the broker itself has them in `passwords`, which it reads anew at SIGHUP."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hashed(self) -> str:
        """Return a line for each login, as Mosquitto reads them."""
        file = self._folder / _FILE
        return file.read_text(encoding="ascii") if file.exists() else ""

    def put(self, login: str, password: str) -> None:
        """Let a counter in, with this password and no other."""
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
        words = (base64.b64encode(part).decode("ascii") for part in (salt, digest))
        self._rewrite(login, f"{login}:$7${_ROUNDS}${'$'.join(words)}\n")

    def drop(self, login: str) -> None:
        """Let a counter in no more."""
        self._rewrite(login, "")

    def _rewrite(self, login: str, line: str) -> None:
        with self._locked():
            for name in (_FILE, "passwords"):
                path = self._folder / name
                if name == _FILE or path.exists():
                    _replace(path, login, line)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "counters.lock").open("a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(path: Path, login: str, line: str) -> None:
    """Replace a login's line, whole or not at all; the file stays whose it was, and closed to others."""
    before = path.read_text(encoding="ascii") if path.exists() else ""
    kept = "".join(each for each in before.splitlines(keepends=True) if not each.startswith(f"{login}:"))
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(kept + line, encoding="ascii")
    if path.exists():
        owner = path.stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)
    fresh.replace(path)
