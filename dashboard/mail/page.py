"""The page for the week by mail: an address to send it to, or an end to it; and where the links in mails lead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import flask

from analytics.clock import Clock
from analytics.definitions import mark
from analytics.errors import DatabaseError, DatabaseUnavailableError
from dashboard.accounts.register import By
from dashboard.accounts.viewer import Viewer
from dashboard.errors import ForbiddenError, MailError
from dashboard.forms import Form, asked_language, drawn, field, hidden, told
from dashboard.guard import Guard, address
from dashboard.language import Language
from dashboard.mail.confirming import Confirmations
from dashboard.mail.subscriptions import Subscription, Subscriptions, Week
from dashboard.mail.words import NO_LINK
from dashboard.routes import MAIL, MAIL_CONFIRM, MAIL_END

#: Within it the mail with the link is on its way.
_SOON: Final = timedelta(minutes=5)
_UNAVAILABLE: Final = mark("The server cannot reach its numbers right now. Try again in a moment.")
_COMES: Final = mark("From next Monday on your week comes by mail.")
_ASKED: Final = mark(
    "A mail with a link goes to {address}. Once the link is opened, your week comes there each Monday."
)
_REFUSED: Final = {
    "address": mark("That is no e-mail address."),
    "domain": mark("Reports may go to addresses of these domains only: {domains}"),
    "often": mark("The address was changed too often. Try again in an hour."),
}


@dataclass(frozen=True, slots=True)
class MailPages:
    """The pages around the week by mail."""

    guard: Guard
    subscriptions: Subscriptions
    confirmations: Confirmations
    clock: Clock

    def install(self, server: flask.Flask) -> None:
        """Serve the pages."""
        for path, name, shown, done in (
            (MAIL, "weekly", self.shown, self.set),
            (MAIL_CONFIRM, "weekly_confirm", self.asked_to_confirm, self.confirmed),
            (MAIL_END, "weekly_end", self.asked_to_end, self.ended),
        ):
            server.add_url_rule(path, name, shown)
            server.add_url_rule(path, f"{name}_done", done, methods=["POST"])
        for path in (MAIL_CONFIRM, MAIL_END):
            self.guard.let_in_by_token(path)

    def shown(self) -> Any:
        """Answer the form."""
        return self._answered("")

    def set(self) -> Any:
        """Take an address, or end it."""
        form, lang = flask.request.form, asked_language()
        try:
            viewer = self._viewer()
            by = By(viewer.account_id, address())
            if form.get("end"):
                self.subscriptions.end(viewer.account_id, viewer.login, now=self.clock(), by=by)
                return self._answered(lang.t("No more mails are sent to you."))
            wanted = form.get("address", "").strip()
            known = self.subscriptions.want(viewer.account_id, viewer.login, wanted, lang.code, now=self.clock(), by=by)
        except MailError as error:
            domains = ", ".join(self.subscriptions.domains)
            return self._answered(lang.t(_REFUSED[error.what], domains=domains), 422)
        except ForbiddenError:
            return self._answered("", 403)
        except (DatabaseUnavailableError, DatabaseError):
            return self._answered(lang.t(_UNAVAILABLE), 503)
        return self._answered(lang.t(_COMES if known else _ASKED, address=wanted))

    def asked_to_confirm(self) -> Any:
        """Answer the question whether it may come: a mail program that looks at links confirms nothing."""
        lang = asked_language()
        form = Form(
            title=lang.t("The week by mail"), action=MAIL_CONFIRM,
            fields=(hidden("t", flask.request.args.get("t", "")), hidden("lang", lang.code)),
            submit=lang.t("Yes, send it to this address"), said=(),
            advice=lang.t("On Monday morning: your stores' week in a sentence, and the report as a PDF."),
        )  # fmt: skip
        return drawn(form, lang)

    def confirmed(self) -> Any:
        """Confirm the address whose mail brought the token."""
        lang = asked_language()
        token = flask.request.form.get("t", "")
        try:
            found = self.confirmations.confirm(token, now=self.clock(), address=address())
        except (DatabaseUnavailableError, DatabaseError):
            return flask.Response(lang.t(_UNAVAILABLE) + "\n", 503, mimetype="text/plain")
        said = lang.t(_COMES) if found else lang.t("This link has ended already.")
        return flask.Response(_only_said(said, lang), 200 if found else 404)

    def asked_to_end(self) -> Any:
        """Answer the question whether to end it: a mail program that looks at links ends nothing."""
        lang = asked_language()
        form = Form(
            title=lang.t("The week by mail"), action=MAIL_END,
            fields=(hidden("t", flask.request.args.get("t", "")), hidden("lang", lang.code)),
            submit=lang.t("No more of these mails"), said=(),
            advice=lang.t("You can ask for them again under your name at the top of the pages."),
        )  # fmt: skip
        return drawn(form, lang)

    def ended(self) -> Any:
        """End what the token names; a mail program's one click comes here, too."""
        lang = asked_language()
        token = flask.request.values.get("t", "")
        try:
            found = self.subscriptions.end_by_token(token, now=self.clock(), address=address())
        except (DatabaseUnavailableError, DatabaseError):
            return flask.Response(lang.t(_UNAVAILABLE) + "\n", 503, mimetype="text/plain")
        said = lang.t("No more mails are sent to you.") if found else lang.t("This link has ended already.")
        return flask.Response(_only_said(said, lang), 200 if found else 404)

    def _viewer(self) -> Viewer:
        viewer = self.guard.who()
        if not viewer.may("figures"):
            raise ForbiddenError(f"{viewer.login} ({viewer.role}) has no right to figures")
        return viewer

    def _answered(self, text: str, status: int = 200) -> Any:
        lang = asked_language()
        try:
            viewer = self._viewer()
            known = self.subscriptions.of(viewer.account_id)
            last = self.subscriptions.last_week(viewer.account_id)
        except ForbiddenError:
            said = lang.t("Your account does not show this page. Head office can change that.")
            return flask.Response(said + "\n", 403, mimetype="text/plain")
        except (DatabaseUnavailableError, DatabaseError):
            return flask.Response(lang.t(_UNAVAILABLE) + "\n", 503, mimetype="text/plain")
        lines = (text or _state(known, lang), why_not(known, lang, self.clock()), _skipped(last, lang))
        typed = flask.request.form.get("address", "") or (known.address if known else "")
        fields = [field("address", lang.t("E-mail address"), "email", "email", value=typed), hidden("lang", lang.code)]
        form = Form(
            title=lang.t("The week by mail"), action=MAIL, fields=fields, submit=lang.t("Save"), said=lines,
            advice=lang.t("On Monday morning: your stores' week in a sentence, and the report as a PDF."),
            more=end_form(lang) if known else "",
        )  # fmt: skip
        return flask.Response(drawn(form, lang), status)


def _only_said(text: str, lang: Language) -> str:
    return told(lang.t("The week by mail"), text, lang)


def end_form(lang: Language) -> str:
    """Return the button that ends it, as a form of its own."""
    inside = hidden("lang", lang.code) + hidden("end", "1")
    words = lang.t("No more mails")
    return f'<form method="post" action="{MAIL}">{inside}<button class="quiet">{words}</button></form>'


def _state(known: Subscription | None, lang: Language) -> str:
    if known is None:
        return ""
    if known.confirmed_at is not None:
        return lang.t("Sent to {address} each Monday.", address=known.address)
    if known.ask_failure is not None:
        return lang.t("The mail with the link did not get to {address}. Save sends it again.", address=known.address)
    return lang.t(
        "{address} is not confirmed yet: open the link in the mail. Save sends it again.", address=known.address
    )


def why_not(known: Subscription | None, lang: Language, now: datetime) -> str:
    """Return why the mail with the link does not come, as far as whoever waits for it can have it mended."""
    if known is None:
        return ""
    if known.ask_failure == NO_LINK:
        return lang.t("It cannot be sent: {why}.", why=lang.t(NO_LINK))
    if known.unasked_since is not None and now - known.unasked_since > _SOON:
        return lang.t("Nothing sends mail here yet: head office sets FOOTFALL_SMTP_HOST and starts it again.")
    return ""


def _skipped(last: Week | None, lang: Language) -> str:
    if last is None or last.state != "skipped" or last.failure is None:
        return ""
    day = lang.short_day(last.monday)
    return lang.t("The week from {day} was not sent: {why}.", day=day, why=lang.t(last.failure))
