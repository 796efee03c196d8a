"""Users: who may sign in, in which role and over which stores; adding somebody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError
from dashboard.accounts.register import Listed
from dashboard.components.account_form import (
    ROLE_ID,
    asked_scope,
    bounds_words,
    fitting_accounts,
    one_time_sheet,
    password_fields,
    scope_fields,
    seen_words,
    standing_words,
)
from dashboard.components.account_menu import ROLE_NAMES
from dashboard.components.address import address_of, keep_in_address
from dashboard.components.attributes import aria, data
from dashboard.components.figures import empty, joined, section
from dashboard.components.file_links import file_links
from dashboard.components.wrong import EXPECTED, problem, said
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.routes import Route, route

#: What of the page stands in the address.
_KEPT: Final = (("find", "users-search", ""),)


def layout(services: Services, here: Route, lang: Language) -> Any:
    """Return the page.

    Raises:
        ForbiddenError: the viewer may not see accounts.
    """
    found = services.accounts.listed()
    head, find = lang.many("{n} account", "{n} accounts", len(found)), lang.t("Find a name, a role or a store")
    form = html.Div(
        [
            html.Div(
                [
                    dmc.TextInput(id="account-login", label=lang.t("User name"), placeholder="anna@example.com"),
                    *password_fields(lang),
                    *scope_fields(services.reading.stores(), None, lang),
                ],
                className="fields",
            ),
            html.Div(html.Button(lang.t("Add"), id="account-add", className="button"), className="act"),
        ],
        className="opening",
    )
    return html.Div(
        [
            dcc.Store(id="users-shown", data={"lang": lang.code, "href": here.href()}),
            html.Div(html.H1(head, id="users-head"), className="answer"),
            html.Div(id="users-result"),
            html.Div(
                [
                    dmc.TextInput(
                        id="users-search", value=here.find, placeholder=find, debounce=200, **aria(label=find)
                    ),
                    html.Div(file_links(here, "users", lang), id="users-file"),
                ],
                className="devices-filter",
            ),
            address_of("users-address", _KEPT),
            html.Div(account_list(services, found, here.find, here, lang), id="users-list"),
            html.Div(section(lang.t("Add somebody"), form, name="add"), className="row row-one"),
        ],
        className="page set-up-page users-page",
    )  # fmt: skip


def account_list(services: Services, found: Sequence[Listed], search: str, here: Route, lang: Language) -> Any:
    """Return a row for each account that fits `search`."""
    names = {store.code: store.name for store in services.reading.stores()}
    fitting = fitting_accounts(found, names, search, lang)
    rows = [_row(services, one, names, here, lang) for one in fitting]
    return html.Ul(rows, className="accounts") if rows else empty(lang.t("No account is called so."))


def register(app: Any, services: Services) -> None:
    """Register what the page does; Dash gives `clientside_callback` no types."""
    app.clientside_callback(
        ClientsideFunction("footfall", "bounds"),
        Output("account-stores-field", "style"),
        Output("account-regions-field", "style"),
        Input(ROLE_ID, "value"),
    )
    keep_in_address(app, "users-address", _KEPT)
    _register_list(app, services)


def _register_list(app: Dash, services: Services) -> None:
    @app.callback(
        Output("users-list", "children"),
        Output("users-file", "children"),
        Input("users-search", "value"),
        State("users-shown", "data"),
        prevent_initial_call=True,
    )
    def search(text: str | None, shown: dict[str, str]) -> Any:
        return listed(services, text or "", shown)

    @app.callback(
        Output("users-result", "children"),
        Output("users-list", "children", allow_duplicate=True),
        Output("users-head", "children"),
        Input("account-add", "n_clicks"),
        State("account-login", "value"),
        State("account-password", "value"),
        State(ROLE_ID, "value"),
        State("account-stores", "value"),
        State("account-regions", "value"),
        State("users-shown", "data"),
        running=[(Output("account-add", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def add(_n: int, login: str | None, password: str | None, *scope_and_shown: Any) -> Any:
        *scope, shown = scope_and_shown
        return added(services, (login or "").strip().lower(), password, scope, shown)


def listed(services: Services, search: str, shown: dict[str, str]) -> tuple[Any, Any]:
    """Return the list's rows that fit `search`, and their file; what is there stays while the database is away."""
    here, lang = _place(shown)
    here = replace(here, find=search)
    try:
        rows = account_list(services, services.accounts.listed(), search, here, lang)
    except DatabaseUnavailableError:
        return no_update, no_update
    except ForbiddenError as error:
        return problem(error, lang), no_update
    return rows, file_links(here, "users", lang)


def added(
    services: Services, login: str, password: str | None, scope: Sequence[Any], shown: dict[str, str]
) -> tuple[Any, Any, Any]:
    """Add an account; return what to hand on, the list and its heading as they are then, or what was wrong."""
    here, lang = _place(shown)
    try:
        once = services.accounts.add(login, asked_scope(*scope), password or None)
        found = services.accounts.listed()
        result = (
            one_time_sheet(login, once, services.origin(), lang) if once else said(lang.t("{n} is added.", n=login))
        )
        head = lang.many("{n} account", "{n} accounts", len(found))
        return result, account_list(services, found, "", here, lang), head
    except EXPECTED as error:
        return problem(error, lang), no_update, no_update


def _row(services: Services, one: Listed, names: dict[str, str], here: Route, lang: Language) -> Any:
    role, bounds = lang.t(ROLE_NAMES[one.role]), bounds_words(one, names, lang)
    return html.Li(
        dcc.Link(
            [
                html.B(one.login),
                html.Span(joined([role, bounds]), className="account-scope"),
                html.Span(
                    joined([standing_words(one, services.accounts.now(), lang), seen_words(one, lang)]), className="of"
                ),
            ],
            href=here.to_users(one.login).href(),
        ),
        className="disabled" if one.disabled_at else "",
        **data(account=one.login),
    )


def _place(shown: dict[str, str]) -> tuple[Route, Language]:
    path, _, query = shown["href"].partition("?")
    lang = language_of(shown["lang"])
    return route(path, query), lang
