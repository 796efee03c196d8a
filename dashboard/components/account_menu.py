"""Who is signed in, with the ways to another password and out."""

from typing import Any, Final

from dash import dcc, html

from analytics.definitions import mark
from dashboard.accounts.viewer import Right, Role, Viewer
from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import MAIL, PASSWORD, SIGN_OUT, Route

ROLE_NAMES: Final[dict[Role, str]] = {
    "manager": mark("Store manager"),
    "region": mark("Region"),
    "head_office": mark("Head office"),
    "installer": mark("Installer"),
}


def section_links(route: Route, viewer: Viewer | None, lang: Language) -> list[Any]:
    """Return the ways to what the viewer may see."""
    if viewer is None:
        return []
    ways: tuple[tuple[Right, str, Route, tuple[str, ...]], ...] = (
        ("figures", lang.t("Stores"), route.to_stores(), ("stores", "store", "history")),
        ("figures", lang.t("Trust"), route.to_trust(), ("trust",)),
        ("devices", lang.t("Devices"), route.to_devices(), ("devices", "alarms", "rollouts")),
        ("set_up", lang.t("Set-up"), route.to_set_up(), ("set_up", "users", "log")),
    )
    return [
        dcc.Link(name, href=there.href(), className="section on" if route.page in pages else "section")
        for right, name, there, pages in ways
        if viewer.may(right)
    ]


def account_menu(viewer: Viewer | None, lang: Language, links: list[Any]) -> Any:
    """Return the menu, which opens without any script; nothing where nobody is known. A phone has the `links` in it."""
    if viewer is None:
        return None
    out = html.Form(
        html.Button(lang.t("Sign out"), type="submit", className="plain", id="sign-out"),
        action=f"{SIGN_OUT}?lang={lang.code}",
        method="post",
    )
    return html.Details(
        [
            html.Summary(
                [html.I(className="person"), html.Span(viewer.login)],
                **aria(label=lang.t("Your account: {login}", login=viewer.login)),
            ),
            html.Div(
                [
                    html.Div([html.B(viewer.login), html.Span(lang.t(ROLE_NAMES[viewer.role]))], className="whoami"),
                    html.Div(links, className="sections-small"),
                    html.A(lang.t("The week by mail"), href=f"{MAIL}?lang={lang.code}")
                    if viewer.may("figures")
                    else None,
                    html.A(lang.t("Change password"), href=f"{PASSWORD}?lang={lang.code}"),
                    out,
                ],
                className="menu",
            ),
        ],
        className="account",
    )
