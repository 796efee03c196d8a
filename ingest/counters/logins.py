"""Who pushes: a counter's password, over HTTP as basic or digest authentication or as a bearer token.

None of the makers signs its pushes, so the password is all there is: made by us, long, and kept as hashes only.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ingest.counters.register import Counter
from ingest.errors import UnknownCounterError

REALM: Final = "footfall"
_NONCE_LASTS: Final = timedelta(minutes=10)
_FIELD: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def new_password() -> str:
    """Return a password of 24 characters: some counters take no more than 32."""
    return secrets.token_urlsafe(18)


def token_sha256(password: str) -> bytes:
    """Return what a password is kept as."""
    return hashlib.sha256(password.encode()).digest()


def digest_ha1(login: str, password: str) -> str:
    """Return what digest authentication needs to know of a password (RFC 7616, A1)."""
    return _md5(f"{login}:{REALM}:{password}")


class Logins:
    """Checks requests. Its nonces are its own: another process asks anew."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._key = secrets.token_bytes(32)

    def challenges(self) -> tuple[str, ...]:
        """Return what a request without a good password is answered with."""
        nonce = self._nonce(int(self._now().timestamp()))
        return f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{nonce}"', f'Basic realm="{REALM}"'

    def check(self, counter: Counter, authorization: str, method: str, uri: str) -> None:
        """Check the header `Authorization` of a request.

        Raises:
            UnknownCounterError: it does not prove that the counter sent it; says what was expected.
        """
        scheme, _, rest = authorization.strip().partition(" ")
        match scheme.lower():
            case "bearer":
                good = self._is_password(counter, rest.strip())
            case "basic":
                good = self._basic(counter, rest.strip())
            case "digest":
                good = self._digest(counter, rest, method, uri)
            case _:
                raise UnknownCounterError("expected basic or digest authentication, or a bearer token; got none")
        if not good:
            raise UnknownCounterError("another password than footfall counters add has printed, or another user name")

    @staticmethod
    def _is_password(counter: Counter, password: str) -> bool:
        return hmac.compare_digest(token_sha256(password), counter.token_sha256)

    def _basic(self, counter: Counter, encoded: str) -> bool:
        try:
            login, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return self._is_password(counter, password) and login == counter.login

    def _digest(self, counter: Counter, fields: str, method: str, uri: str) -> bool:
        said = {key: quoted or plain for key, quoted, plain in _FIELD.findall(fields)}
        nonce = said.get("nonce", "")
        if said.get("username") != counter.login or said.get("uri") != uri or not self._is_ours(nonce):
            return False
        parts = [nonce, said.get("nc", ""), said.get("cnonce", ""), said.get("qop", ""), _md5(f"{method}:{uri}")]
        expected = _md5(":".join([counter.digest_ha1, *(parts if said.get("qop") else [nonce, parts[-1]])]))
        return hmac.compare_digest(expected.encode(), said.get("response", "").lower().encode("utf-8", "replace"))

    def _nonce(self, at: int) -> str:
        return f"{at:x}-{hmac.new(self._key, str(at).encode(), hashlib.sha256).hexdigest()[:32]}"

    def _is_ours(self, nonce: str) -> bool:
        at = nonce.partition("-")[0]
        if not re.fullmatch(r"[0-9a-f]{1,16}", at):
            return False
        fresh = abs(self._now().timestamp() - int(at, 16)) <= _NONCE_LASTS.total_seconds()
        return fresh and hmac.compare_digest(self._nonce(int(at, 16)).encode(), nonce.encode("utf-8", "replace"))


def _md5(text: str) -> str:
    # RFC 7616's own; counters know no other. What it guards is 24 random characters.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
