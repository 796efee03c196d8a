"""Who is signed in, with the ways to another password and out."""

from typing import Any, Final

from dash import html

from analytics.definitions import mark
from dashboard.accounts.viewer import Role, Viewer
from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import PASSWORD, SIGN_OUT

ROLE_NAMES: Final[dict[Role, str]] = {
    "manager": mark("Store manager"),
    "region": mark("Region"),
    "head_office": mark("Head office"),
    "installer": mark("Installer"),
}


def account_menu(viewer: Viewer | None, lang: Language) -> Any:
    """Return the menu, which opens without any script; nothing where nobody is known."""
    if viewer is None:
        return None
    out = html.Form(
        html.Button(lang.t("Sign out"), type="submit", className="plain", id="sign-out"), action=SIGN_OUT, method="post"
    )
    return html.Details(
        [
            html.Summary([html.I(className="person"), html.Span(viewer.login)], **aria(label=lang.t("Your account"))),
            html.Div(
                [
                    html.Div([html.B(viewer.login), html.Span(lang.t(ROLE_NAMES[viewer.role]))], className="whoami"),
                    html.A(lang.t("Change password"), href=f"{PASSWORD}?lang={lang.code}"),
                    out,
                ],
                className="menu",
            ),
        ],
        className="account",
    )
