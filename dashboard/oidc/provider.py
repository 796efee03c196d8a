"""The provider: where to send a browser, and whom it means by what comes back.

Authlib does what the standards say: the code with PKCE (RFC 7636), the ID token against the provider's keys and with
our nonce (OpenID Connect Core 3.1.3.7). Addresses come from discovery alone.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from dashboard.accounts.linking import Ended
from dashboard.errors import OidcAnswerError, OidcRefusedError, OidcUnavailableError

_log = logging.getLogger(__name__)
#: Threads that wait for the provider answer nobody else.
_TIMEOUT_S: Final = 3.0
#: The provider's addresses and keys are asked for again after so long.
_KNOWN_FOR: Final = timedelta(hours=1)
#: Who did not answer is not asked again so soon.
_AWAY_FOR: Final = timedelta(seconds=15)
#: How long one waits for the addresses that another one is asking for.
_BESIDE_S: Final = 1.0
_LEEWAY_S: Final = 60
#: With a key pair: a token that our own secret signs would be as good as one that somebody with our settings made up.
_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
#: A logout token's event, and how old such a token may be.
_LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_S: Final = 300
#: The provider's keys are not asked for again so soon because of a key that nobody knows.
_KEYS_FOR: Final = timedelta(seconds=15)
_ENDPOINTS: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to the provider; without a secret a public client, which PKCE is enough for."""

    issuer: str
    client_id: str
    secret: str | None
    scope: str


class Provider:
    """One provider. Methods raise OidcUnavailableError where it does not answer, OidcRefusedError where it says no."""

    def __init__(self, client: Client, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._known: tuple[datetime, dict[str, Any], KeySet] | None = None
        self._away: tuple[datetime, OidcUnavailableError] | None = None
        self._asking = threading.Lock()

    @property
    def issuer(self) -> str:
        """The provider's name for itself."""
        return self._client.issuer

    def way_in(self, *, state: str, nonce: str, verifier: str, back: str) -> str:
        """Return the address to send a browser to."""
        metadata, _ = self._discovered()
        with self._session(back) as session:
            address, _ = session.create_authorization_url(
                metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(address)

    def way_out(self, back: str) -> str | None:
        """Return the address that ends the session there, and leads `back`; None: the provider has none."""
        metadata, _ = self._discovered()
        end = metadata.get("end_session_endpoint")
        query = urlencode({"client_id": self._client.client_id, "post_logout_redirect_uri": back})
        return f"{end}{'&' if '?' in end else '?'}{query}" if isinstance(end, str) else None

    def claims(self, answer: Mapping[str, str], *, nonce: str, verifier: str, back: str) -> dict[str, Any]:
        """Return what the provider says of whom it sent back with `answer`: claims of the ID token and of userinfo.

        Raises:
            OidcAnswerError: no code came that the provider takes.
        """
        metadata, _ = self._discovered()
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207: the answer of another provider, mixed up
            raise OidcAnswerError(f"expected an answer of {self.issuer}, got one of {answer['iss'][:200]!r}")
        if "code" not in answer:
            raise OidcAnswerError(f"{answer.get('error', 'no code')}: {answer.get('error_description', '')}"[:200])
        with self._session(back) as session:
            try:
                token = self._asked(
                    lambda: session.fetch_token(
                        metadata["token_endpoint"], code=answer["code"], code_verifier=verifier, timeout=_TIMEOUT_S
                    )
                )
            except OidcRefusedError as error:
                raise OidcAnswerError(str(error)) from error
            claims = self._verified(token, nonce)
            if "userinfo_endpoint" in metadata:
                more = self._asked(lambda: _json(session.get(metadata["userinfo_endpoint"], timeout=_TIMEOUT_S)))
                if more.get("sub") != claims["sub"]:
                    raise OidcRefusedError("userinfo is about somebody else than the ID token")
                claims = {**more, **claims}
        return claims

    def ended(self, token: str) -> Ended:
        """Return what a logout token says has ended (OpenID Connect Back-Channel Logout 1.0, 2.6).

        Raises:
            OidcAnswerError: it is none of this provider's for us, or too old.
        """
        try:
            claims = self._decoded(token).claims
        except (JoseError, ValueError) as error:
            raise OidcAnswerError(f"a logout token that does not hold: {error}") from error
        now, said = int(self._now().timestamp()), {name: claims.get(name) for name in ("sub", "sid")}
        audience, events = claims.get("aud"), claims.get("events")
        at, until, jti = claims.get("iat"), claims.get("exp", now), claims.get("jti")
        whole = (
            claims.get("iss") == self.issuer
            and self._client.client_id in (audience if isinstance(audience, list) else [audience])
            and isinstance(events, dict) and _LOGOUT in events
            and "nonce" not in claims
            and all(one is None or isinstance(one, str) for one in said.values()) and any(said.values())
            and isinstance(jti, str) and jti and _moment(at) and _moment(until)
            and now - _LOGOUT_S <= at <= now + _LEEWAY_S and until + _LEEWAY_S >= now
        )  # fmt: skip
        if not whole:
            raise OidcAnswerError("a logout token that is not of this provider, not for us, or of another time")
        return Ended(said["sub"], said["sid"], datetime.fromtimestamp(at, UTC), jti)

    def _verified(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        text = token.get("id_token")
        if not isinstance(text, str):
            raise OidcRefusedError("expected an ID token: is “openid” in the scope?")
        try:
            decoded = self._decoded(text)
            options = {"iss": {"essential": True, "value": self.issuer},
                       "aud": {"essential": True, "value": self._client.client_id}}  # fmt: skip
            params = {"nonce": nonce, "client_id": self._client.client_id, "access_token": token.get("access_token")}
            found = CodeIDToken(decoded.claims, decoded.header, options, params)
            found.validate(now=int(self._now().timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise OidcRefusedError(f"an ID token that does not hold: {error}") from error
        return dict(found)

    def _decoded(self, text: str) -> Any:
        """Return a token that the provider has signed."""
        metadata, keys = self._discovered()
        said = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        registry = JWSRegistry(algorithms=sorted(_ALGORITHMS.intersection(said)), strict_check_header=False)
        try:
            return jwt.decode(text, keys, registry=registry)
        except InvalidKeyIdError:  # signed with a key that is newer than what we know
            if self._known and self._now() - self._known[0] < _KEYS_FOR:  # anybody can send a key's name
                raise
            return jwt.decode(text, self._discovered(again=True)[1], registry=registry)

    def _discovered(self, *, again: bool = False) -> tuple[dict[str, Any], KeySet]:
        """Return the provider's addresses and keys; old ones rather than none.

        Raises:
            OidcUnavailableError: none are known, and it does not answer or did not a moment ago.
        """
        known, now = self._known, self._now()
        if known is None or again or now - known[0] > _KNOWN_FOR:
            known = self._asked_anew(known, now, wait_s=_BESIDE_S if known is None or again else 0.0)
        return known[1], known[2]

    def _asked_anew(
        self, known: tuple[datetime, dict[str, Any], KeySet] | None, now: datetime, *, wait_s: float
    ) -> tuple[datetime, dict[str, Any], KeySet]:
        """Ask, unless somebody else does: one thread at most hangs with a provider that does."""
        mine = self._asking.acquire(timeout=wait_s)
        try:
            if mine and self._known is known and not (self._away and now - self._away[0] < _AWAY_FOR):
                self._known, self._away = (now, *self._described()), None
        except OidcUnavailableError as error:
            _log.warning("%s", error, extra={"action": "oidc"})
            self._away = (now, error)
        finally:
            if mine:
                self._asking.release()
        if self._known is None:
            raise OidcUnavailableError(str(self._away[1]) if self._away else f"{self.issuer} is still being asked")
        return self._known

    def _described(self) -> tuple[dict[str, Any], KeySet]:
        try:
            metadata = self._asked(
                lambda: _json(self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration"))
            )
            if any(not isinstance(metadata.get(name), str) for name in _ENDPOINTS) or metadata["issuer"] != self.issuer:
                raise OidcUnavailableError(
                    f"expected {self.issuer} to describe itself with {', '.join(_ENDPOINTS)}, got issuer "
                    f"{metadata.get('issuer')!r}: set FOOTFALL_OIDC_ISSUER exactly as the provider writes it"
                )
            keys = self._asked(lambda: _json(self._get(metadata["jwks_uri"])))
            return metadata, KeySet.import_key_set(cast("Any", keys))
        except (OidcRefusedError, JoseError, ValueError, KeyError) as error:
            raise OidcUnavailableError(f"{self.issuer} does not describe itself: {error}") from error

    def _session(self, back: str) -> OAuth2Session:
        return OAuth2Session(
            self._client.client_id, self._client.secret, scope=self._client.scope, redirect_uri=back,
            token_endpoint_auth_method="client_secret_basic" if self._client.secret else "none",
            code_challenge_method="S256",
        )  # fmt: skip

    def _get(self, address: str) -> requests.Response:
        return requests.get(address, timeout=_TIMEOUT_S)

    def _asked(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """Return what the provider answers, its errors as ours."""
        try:
            answer = ask()
        except requests.RequestException as error:
            raise OidcUnavailableError(f"{self.issuer} does not answer: {error}") from error
        except (AuthlibBaseError, ValueError) as error:
            raise OidcRefusedError(f"{self.issuer} refused: {error}") from error
        if not isinstance(answer, dict):
            raise OidcRefusedError(f"{self.issuer}: expected a JSON object")
        return answer


def _moment(said: object) -> bool:
    """Return whether a claim is a NumericDate (RFC 7519, 2): seconds, of which there may be parts."""
    return isinstance(said, int | float) and not isinstance(said, bool)


def _json(response: requests.Response) -> Any:
    response.raise_for_status()
    return response.json()
