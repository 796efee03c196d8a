"""The door to the provider and back: addresses outside of Dash, beside the form with name and password."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import flask

from analytics.clock import Clock
from analytics.errors import DatabaseError, DatabaseUnavailableError
from dashboard.accounts.linking import ATTEMPT_LASTS, Attempt, Linking, Person, drawn, login_of
from dashboard.accounts.sessions import Sessions
from dashboard.errors import AccountError, OidcAnswerError, OidcRefusedError, OidcUnavailableError
from dashboard.guard import Guard, address, local
from dashboard.oidc.provider import Provider
from dashboard.oidc.rules import Rules
from dashboard.routes import OIDC, OIDC_BACK, OIDC_LOGOUT, SIGN_IN

_log = logging.getLogger(__name__)
_STATE: Final = "oidc"
#: More than any token of a few claims.
_TOKEN_BYTES_MAX: Final = 16_384
_ELSEWHERE: Final = '<!DOCTYPE html><title>…</title><meta http-equiv="refresh" content="0; url={0}"><a href="{0}">…</a>'


@dataclass(frozen=True, slots=True)
class OidcEntrance:
    """The addresses around a provider; `name` is what people know it by."""

    name: str
    guard: Guard
    linking: Linking
    sessions: Sessions
    provider: Provider
    rules: Rules
    clock: Clock

    def install(self, server: flask.Flask) -> None:
        """Serve the addresses."""
        self.guard.let_pass(OIDC, OIDC_BACK)
        server.add_url_rule(OIDC, "oidc", self.leave)
        server.add_url_rule(OIDC_BACK, "oidc_back", self.come_back)
        self.guard.let_in_by_token(OIDC_LOGOUT)
        server.add_url_rule(OIDC_LOGOUT, "oidc_logout", self.ended, methods=["POST"])

    def leave(self) -> Any:
        """Send the browser to the provider."""

        def answer() -> Any:
            state, attempt = drawn(local(flask.request.args.get("next")))
            there = self.provider.way_in(
                state=state, nonce=attempt.nonce, verifier=attempt.verifier, back=self._back()
            )  # fmt: skip
            self.linking.begin(state, attempt, now=self.clock(), address=address())
            response = flask.redirect(there, 302)
            self.guard.put_cookie(response, _STATE, state, most_s=ATTEMPT_LASTS.total_seconds())
            return response

        return self._told(answer)

    def come_back(self) -> Any:
        """Let in whom the provider vouches for, or say why not."""

        def answer() -> Any:
            said = flask.request.args.to_dict()
            state = flask.request.cookies.get(self.guard.cookie(_STATE))
            if not state or said.get("state") != state:
                return self._door("over")
            attempt = self.linking.attempt(state, now=self.clock())
            return self._door("over") if attempt is None else self._let_in(said, attempt)

        response = self._told(answer)
        self.guard.drop_cookie(response, _STATE)
        return response

    def ended(self) -> Any:
        """End the sessions of whom the provider, not a browser, says it has signed out; its token proves that."""
        sent = flask.request.content_length or 0
        token = flask.request.form.get("logout_token", "") if sent <= _TOKEN_BYTES_MAX else ""
        try:
            ended, now = self.provider.ended(token), self.clock()
            count = self.linking.end(self.provider.issuer, ended, now=now, address=address())
        except OidcAnswerError as error:  # anybody can send one: nothing is kept of it
            _log.warning("nobody was signed out: %s", error, extra={"action": "oidc"})
            return _answer(400, {"error": "invalid_request", "error_description": str(error)})
        except (OidcUnavailableError, OidcRefusedError, DatabaseUnavailableError, DatabaseError) as error:
            _log.warning("nobody was signed out: %s", error, extra={"action": "oidc"})
            return _answer(503, {"error": "temporarily_unavailable"})
        _log.info("the provider ended %d sessions", count, extra={"action": "oidc"})
        return _answer(200, {})

    def gone(self) -> Any:
        """Return the answer that ends the session at the provider, too; None: it has no such address.

        A page that goes on by itself, for our own rules let no form lead to another site.
        """
        try:
            there = self.provider.way_out(self.guard.origin() + SIGN_IN)
        except (OidcUnavailableError, OidcRefusedError) as error:
            _log.warning("signed out here, not at the provider: %s", error, extra={"action": "oidc"})
            return None
        return there and flask.Response(_ELSEWHERE.format(escape(there)), mimetype="text/html")

    def _let_in(self, said: dict[str, str], attempt: Attempt) -> Any:
        provider, now = self.provider, self.clock()
        claims = provider.claims(said, nonce=attempt.nonce, verifier=attempt.verifier, back=self._back())
        scope = self.rules.scope(claims)
        if scope is None and self.rules.rules:
            raise OidcRefusedError(f"no rule fits the {self.rules.claim} of {claims['sub']}")
        sid = claims.get("sid") if isinstance(claims.get("sid"), str) else None
        person = Person(provider.issuer, str(claims["sub"]), login_of(claims), scope, sid)
        token = self.linking.sign_in(person, now=now, address=address())
        before = flask.request.cookies.get(self.guard.cookie("session"))
        if before:
            self.sessions.end(before, now=now, address=address())
        response = flask.redirect(local(attempt.way_back), 303)
        self.guard.put_cookie(response, "session", token, most_s=self.sessions.lasts.most.total_seconds())
        return response

    def _told(self, answer: Callable[[], Any]) -> Any:
        """Return the answer, or the way to the sign-in page, which says what went wrong."""
        try:
            return answer()
        except OidcUnavailableError as error:
            _log.warning("%s", error, extra={"action": "oidc"})
            return self._door("away")
        except OidcAnswerError as error:  # anybody can bring one: nothing is kept of it
            _log.warning("not let in: %s", error, extra={"action": "oidc"})
            return self._door("refused")
        except (OidcRefusedError, AccountError) as error:
            _log.warning("not let in: %s", error, extra={"action": "oidc"})
            self.linking.refused(str(error), now=self.clock(), address=address())
            return self._door("refused")
        except (DatabaseUnavailableError, DatabaseError):
            return self._door("away")

    def _door(self, why: str) -> Any:
        return flask.redirect(flask.url_for("sign_in_page", oidc=why), 303)

    def _back(self) -> str:
        return self.guard.origin() + OIDC_BACK


def _answer(status: int, body: dict[str, str]) -> flask.Response:
    response = flask.jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
