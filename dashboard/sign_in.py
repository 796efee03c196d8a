"""The sign-in page and the page for another password: plain forms that work before anything else is loaded."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import flask

from analytics.clock import Clock
from analytics.definitions import mark
from analytics.errors import DatabaseError, DatabaseUnavailableError
from dashboard.accounts.passwords import LENGTH_MIN
from dashboard.accounts.register import Register
from dashboard.accounts.sessions import Sessions
from dashboard.accounts.signing_in import Door
from dashboard.errors import AccountError, LockedOutError, WrongPasswordError
from dashboard.forms import Form, asked_language, drawn, field, hidden, in_asked_language
from dashboard.guard import Guard, address, local
from dashboard.language import Language
from dashboard.oidc.words import REFUSED
from dashboard.routes import OIDC, PASSWORD, SIGN_IN, SIGN_OUT

if TYPE_CHECKING:
    from dashboard.oidc.entrance import OidcEntrance

_BROWSER_S: Final = 400 * 24 * 3600.0  # the longest that browsers keep a cookie
_FIRST: Final = "footfall user add NAME --role head_office"
_UNAVAILABLE: Final = mark("The server cannot reach its numbers right now. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Entrance:
    """The pages around signing in and out; `oidc` is another way in, where there is one."""

    guard: Guard
    door: Door
    sessions: Sessions
    register: Register
    clock: Clock
    oidc: "OidcEntrance | None" = None

    def install(self, server: flask.Flask) -> None:
        """Serve the pages."""
        server.add_url_rule(SIGN_IN, "sign_in_page", self.sign_in_page)
        server.add_url_rule(SIGN_IN, "sign_in", self.sign_in, methods=["POST"])
        server.add_url_rule(PASSWORD, "password_page", self.password_page)
        server.add_url_rule(PASSWORD, "password", self.password, methods=["POST"])
        server.add_url_rule(SIGN_OUT, "sign_out", self.sign_out, methods=["POST"])

    def sign_in_page(self) -> Any:
        """Answer the form."""
        try:
            nobody = self.register.empty()
        except (DatabaseUnavailableError, DatabaseError):
            return self._form(503, asked_language().t(_UNAVAILABLE))
        back = REFUSED.get(flask.request.args.get("oidc", ""))
        if back and not nobody:
            return self._form(200, asked_language().t(back))
        first = asked_language().t("Nobody has an account yet. On the server: {command}", command=_FIRST)
        return self._form(200, first if nobody else "")

    def sign_in(self) -> Any:
        """Let somebody in, or say why not."""
        form, lang = flask.request.form, asked_language()
        known = flask.request.cookies.get(self.guard.cookie("browser"))
        try:
            done = self.door.sign_in(
                form.get("login", ""), form.get("password", ""), now=self.clock(), address=address(), browser=known
            )
        except LockedOutError as error:
            text = lang.t("Too many wrong passwords. Wait {n} min, then type it with care.", n=_minutes(error))
            return self._form(429, text, more=lang.t("Where you signed in before, you still can."), wait=error)
        except WrongPasswordError:
            return self._form(401, lang.t("User name or password is wrong."))
        except (DatabaseUnavailableError, DatabaseError):
            return self._form(503, asked_language().t(_UNAVAILABLE))
        self._forget(flask.request.cookies.get(self.guard.cookie("session")))
        after = local(form.get("next"))
        response = flask.redirect(in_asked_language(PASSWORD if done.must_change else after), 303)
        self.guard.put_cookie(response, "session", done.token, most_s=self.sessions.lasts.most.total_seconds())
        self.guard.put_cookie(response, "browser", done.browser, most_s=_BROWSER_S)
        return response

    def password_page(self) -> Any:
        """Answer the form for another password."""
        return self._password_form(200, "")

    def password(self) -> Any:
        """Take another password, or say what is wrong with it."""
        form, lang = flask.request.form, asked_language()
        new = form.get("new", "")
        try:
            viewer = self.guard.who()
            if new != form.get("again"):
                return self._password_form(422, lang.t("The two new passwords differ."))
            token = self.door.change_password(
                viewer, form.get("old", ""), new, now=self.clock(), address=address()
            )  # fmt: skip
        except LockedOutError as error:
            text = lang.t("Too many wrong passwords. Wait {n} min, then type it with care.", n=_minutes(error))
            return self._password_form(429, text)
        except WrongPasswordError:
            return self._password_form(401, lang.t("The present password is another."))
        except AccountError:
            return self._password_form(422, _rules(lang))
        except (DatabaseUnavailableError, DatabaseError):
            return self._password_form(503, lang.t(_UNAVAILABLE))
        response = flask.redirect(in_asked_language("/"), 303)
        self.guard.put_cookie(response, "session", token, most_s=self.sessions.lasts.most.total_seconds())
        return response

    def sign_out(self) -> Any:
        """End the session, at the provider too where it began there."""
        there = self._forget(flask.request.cookies.get(self.guard.cookie("session")))
        gone = self.oidc.gone() if self.oidc and there else None
        response = gone or flask.redirect(in_asked_language(SIGN_IN), 303)
        self.guard.drop_cookie(response, "session")
        return response

    def _forget(self, token: str | None) -> bool:
        return bool(token) and self.sessions.end(token or "", now=self.clock(), address=address())

    def _form(self, status: int, text: str, *, more: str = "", wait: LockedOutError | None = None) -> Any:
        lang, values = asked_language(), flask.request.values
        after = local(values.get("next"))
        form = Form(
            title=lang.t("Sign in"),
            action=SIGN_IN,
            fields=(
                field("login", lang.t("User name"), "text", "username", value=flask.request.form.get("login", "")),
                field("password", lang.t("Password"), "password", "current-password"),
                hidden("next", after),
                hidden("lang", lang.code),
            ),
            submit=lang.t("Sign in"),
            said=(text, more),
            advice=lang.t("No account, or the password is lost? Ask head office for a new one."),
            after=after,
            other=self._other(after, lang),
        )
        headers = {"Retry-After": str(math.ceil(wait.left.total_seconds()))} if wait else {}
        return flask.Response(drawn(form, lang), status, headers=headers)

    def _other(self, after: str, lang: Language) -> tuple[str, str] | None:
        """Return the way to the provider, and its name."""
        if self.oidc is None:
            return None
        there = OIDC if after == "/" else flask.url_for("oidc", next=after)
        return lang.t("Sign in with {name}", name=self.oidc.name), there

    def _password_form(self, status: int, text: str) -> Any:
        lang = asked_language()
        form = Form(
            title=lang.t("Choose a password"),
            action=PASSWORD,
            fields=(
                field("old", lang.t("Present password"), "password", "current-password"),
                field("new", lang.t("New password"), "password", "new-password"),
                field("again", lang.t("New password once more"), "password", "new-password"),
                hidden("lang", lang.code),
            ),
            submit=lang.t("Save"),
            said=(text,),
            advice=_rules(lang),
        )
        return flask.Response(drawn(form, lang), status)


def _rules(lang: Language) -> str:
    return lang.t(
        "At least {n} characters, not your name, not the old one. A few words are easy to keep.", n=LENGTH_MIN
    )


def _minutes(error: LockedOutError) -> int:
    return math.ceil(error.left.total_seconds() / 60)
