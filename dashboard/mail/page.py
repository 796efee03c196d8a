"""The page for the week by mail: an address to send it to, or an end to it; and where a mail's link leads."""

from dataclasses import dataclass
from typing import Any, Final

import flask

from analytics.clock import Clock
from analytics.definitions import mark
from analytics.errors import DatabaseError, DatabaseUnavailableError
from dashboard.accounts.register import By
from dashboard.accounts.viewer import Viewer
from dashboard.errors import ForbiddenError, MailError
from dashboard.forms import Form, drawn, field, hidden
from dashboard.guard import Guard, address
from dashboard.language import Language, best, language
from dashboard.mail.subscriptions import Subscriptions
from dashboard.routes import MAIL, MAIL_END

_UNAVAILABLE: Final = mark("The database does not answer. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class MailPages:
    """The pages around the week by mail."""

    guard: Guard
    subscriptions: Subscriptions
    clock: Clock

    def install(self, server: flask.Flask) -> None:
        """Serve the pages."""
        self.guard.let_in_by_token(MAIL_END)
        for path, name, view in ((MAIL, "weekly", self.shown), (MAIL_END, "weekly_end", self.asked_to_end)):
            server.add_url_rule(path, name, view)
        for path, name, view in ((MAIL, "weekly_set", self.set), (MAIL_END, "weekly_ended", self.ended)):
            server.add_url_rule(path, name, view, methods=["POST"])

    def shown(self) -> Any:
        """Answer the form."""
        return self._answered("")

    def set(self) -> Any:
        """Take an address, or end it."""
        form, lang = flask.request.form, _lang()
        try:
            viewer = self._viewer()
            by = By(viewer.account_id, address())
            if form.get("end"):
                self.subscriptions.end(viewer.account_id, viewer.login, now=self.clock(), by=by)
                return self._answered(lang.t("No more mails are sent to you."))
            wanted = form.get("address", "").strip()
            self.subscriptions.want(viewer.account_id, viewer.login, wanted, lang.code, now=self.clock(), by=by)
        except MailError:
            return self._answered(lang.t("That is no e-mail address."), 422)
        except ForbiddenError:
            return self._answered("", 403)
        except (DatabaseUnavailableError, DatabaseError):
            return self._answered(lang.t(_UNAVAILABLE), 503)
        return self._answered(lang.t("From next Monday on your week comes by mail."))

    def asked_to_end(self) -> Any:
        """Answer the question whether to end it: a mail program that looks at links ends nothing."""
        lang = _lang()
        form = Form(
            title=lang.t("The week by mail"), action=MAIL_END, fields=(hidden("t", flask.request.args.get("t", "")),),
            submit=lang.t("No more of these mails"), said=(),
            advice=lang.t("You can ask for them again under your name at the top of the pages."),
        )  # fmt: skip
        return drawn(form, lang)

    def ended(self) -> Any:
        """End what the token names; a mail program's one click comes here, too."""
        lang = _lang()
        token = flask.request.values.get("t", "")
        try:
            found = self.subscriptions.end_by_token(token, now=self.clock(), address=address())
        except (DatabaseUnavailableError, DatabaseError):
            return flask.Response(lang.t(_UNAVAILABLE) + "\n", 503, mimetype="text/plain")
        said = lang.t("No more mails are sent to you.") if found else lang.t("This link has ended already.")
        return flask.Response(said + "\n", 200 if found else 404, mimetype="text/plain")

    def _viewer(self) -> Viewer:
        viewer = self.guard.who()
        if not viewer.may("figures"):
            raise ForbiddenError(f"{viewer.login} ({viewer.role}) has no right to figures")
        return viewer

    def _answered(self, text: str, status: int = 200) -> Any:
        lang = _lang()
        try:
            viewer = self._viewer()
            known = self.subscriptions.of(viewer.account_id)
        except ForbiddenError:
            said = lang.t("Your account does not show this page. Head office can change that.")
            return flask.Response(said + "\n", 403, mimetype="text/plain")
        except (DatabaseUnavailableError, DatabaseError):
            return flask.Response(lang.t(_UNAVAILABLE) + "\n", 503, mimetype="text/plain")
        now = lang.t("Sent to {address} each Monday.", address=known.address) if known else ""
        typed = flask.request.form.get("address", "") or (known.address if known else "")
        fields = [field("address", lang.t("E-mail address"), "email", "email", value=typed), hidden("lang", lang.code)]
        form = Form(
            title=lang.t("The week by mail"), action=MAIL, fields=fields, submit=lang.t("Save"), said=(text or now,),
            advice=lang.t("On Monday morning: your stores' week in a sentence, and the report as a PDF."),
            more=end_form(lang) if known else "",
        )  # fmt: skip
        return flask.Response(drawn(form, lang), status)


def end_form(lang: Language) -> str:
    """Return the button that ends it, as a form of its own."""
    inside = hidden("lang", lang.code) + hidden("end", "1")
    words = lang.t("No more mails")
    return f'<form method="post" action="{MAIL}">{inside}<button class="quiet">{words}</button></form>'


def _lang() -> Language:
    values = flask.request.values
    return language(best(values.get("lang"), flask.request.headers.get("Accept-Language", "")))
