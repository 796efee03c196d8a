"""One account: its role and stores, a new password, signing it out everywhere, shutting it out."""

from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.accounts.register import Listed, Scope
from dashboard.components.account_form import (
    ROLE_ID,
    asked_scope,
    one_time_sheet,
    password_fields,
    scope_fields,
    seen_words,
    standing_words,
)
from dashboard.components.account_menu import ROLE_NAMES
from dashboard.components.attributes import data
from dashboard.components.figures import joined, section
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.errors import AccountError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.routes import Route


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page of the account in the address.

    Raises:
        ForbiddenError: the viewer may not see accounts.
    """
    try:
        one = services.accounts.account(here.store or "")
    except AccountError:
        return html.Div([html.H1(here.store), wrong("login_unknown", lang)], className="page set-up-page")
    scope = Scope(one.role, tuple(one.stores), tuple(one.regions))
    lead = html.P(_lead(services, one, lang), id="user-lead", className="lead")
    role = html.Div(
        [
            html.Div(scope_fields(services.reading.stores(), scope, lang), className="fields"),
            html.Div(html.Button(lang.t("Save"), id="user-save", className="button"), className="act"),
        ],
        className="opening",
    )
    return html.Div(
        [
            dcc.Store(id="user-shown", data={"login": one.login, "lang": lang.code}),
            dcc.Link(lang.t("All users"), href=here.to_users().href(), className="quiet back-to-users"),
            html.Div(html.Div([html.H1(one.login), lead]), className="answer"),
            html.Div(id="user-result"),
            html.Div(section(lang.t("Role and stores"), role, name="role"), className="row row-one"),
            html.Div(
                [section(lang.t("Password"), _password(lang), name="password"),
                 section(lang.t("Access"), html.Div(_access(one, lang), id="user-access"), name="access")],
                className="row row-money",
            ),
        ],
        className="page set-up-page",
        **data(account=one.login),
    )  # fmt: skip


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do."""

    @app.callback(
        Output("user-result", "children"),
        Output("user-lead", "children"),
        Output("user-access", "children"),
        Input("user-save", "n_clicks"),
        Input("user-reset", "n_clicks"),
        Input("user-sign-out", "n_clicks"),
        Input("user-disable", "n_clicks"),
        State("account-password", "value"),
        State(ROLE_ID, "value"),
        State("account-stores", "value"),
        State("account-regions", "value"),
        State("user-shown", "data"),
        prevent_initial_call=True,
    )
    def act(*values: Any) -> Any:
        *_, password, role, stores, regions, shown = values
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        return acted(services, str(ctx.triggered_id), password, (role, stores, regions), shown)


def acted(services: Services, do: str, password: str | None, scope: Any, shown: dict[str, str]) -> tuple[Any, Any, Any]:
    """Do what the button with the id `do` says; return what to say, and the account as it stands then."""
    lang, login, desk = language_of(shown["lang"]), shown["login"], services.accounts
    try:
        if do == "user-save":
            desk.set_scope(login, asked_scope(*scope))
            result = said(lang.t("Saved: it holds from the next click on."))
        elif do == "user-reset":
            once = desk.set_password(login, password or None)
            done = lang.t("{n} has another password and is signed out everywhere.", n=login)
            result = one_time_sheet(login, once, services.origin(), lang) if once else said(done)
        elif do == "user-sign-out":
            ended = desk.sign_out(login)
            result = said(lang.many("Signed out in {n} browser.", "Signed out in {n} browsers.", ended))
        else:
            result = _shut(services, login, lang)
        one = desk.account(login)
    except EXPECTED as error:
        return problem(error, lang), no_update, no_update
    return result, _lead(services, one, lang), _access(one, lang)


def _shut(services: Services, login: str, lang: Language) -> Any:
    disabled = services.accounts.account(login).disabled_at is not None
    if disabled:
        services.accounts.enable(login)
        return said(lang.t("{n} may sign in again.", n=login))
    services.accounts.disable(login)
    return said(lang.t("{n} is shut out.", n=login))


def _lead(services: Services, one: Listed, lang: Language) -> str:
    words = (lang.t(ROLE_NAMES[one.role]), standing_words(one, services.accounts.now(), lang), seen_words(one, lang))
    return joined(words)


def _password(lang: Language) -> Any:
    button = html.Button(lang.t("Give another password"), id="user-reset", className="quiet")
    return html.Div([*password_fields(lang), html.Div(button, className="act")], className="opening")


def _access(one: Listed, lang: Language) -> Any:
    disabled = one.disabled_at is not None
    words = lang.t("Let in again") if disabled else lang.t("Shut out")
    return [
        html.P(lang.t("After a lost phone: every browser has to sign in again.")),
        html.Div(html.Button(lang.t("Sign out everywhere"), id="user-sign-out", className="quiet"), className="act"),
        html.P(lang.t("Who left: no sign-in from the next click on. What the account did stays on record.")),
        html.Div(
            html.Button(words, id="user-disable", className="quiet" if disabled else "button danger"), className="act"
        ),
    ]
