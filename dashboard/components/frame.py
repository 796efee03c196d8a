"""What stands around every page: name, way back, language, colours, and messages about the connection."""

from datetime import datetime
from typing import Any, Final

from dash import dcc, html

from dashboard.accounts.viewer import Viewer
from dashboard.components.account_menu import account_menu, section_links
from dashboard.components.attributes import aria, data
from dashboard.language import CODES, NAMES, Language
from dashboard.routes import Route

CONTENT_ID: Final = "content"
BANNER_ID: Final = "banner"
THEME_ID: Final = "theme-toggle"
TAG_ID: Final = "page-tag"


def frame(
    route: Route,
    lang: Language,
    body: Any,
    *,
    title: str,
    picker: Any = None,
    alone: bool = False,
    viewer: Viewer | None = None,
    tabs: Any = None,
) -> Any:
    """Return a whole page; `alone` is a shop without others, which needs no way back; `tabs` are a store's pages."""
    links = section_links(route, viewer, lang)
    back = None if alone else dcc.Link(lang.t("All stores"), href=route.to_stores().href(), className="back")
    return html.Div(
        [
            dcc.Store(id=TAG_ID, data={"lang": lang.tag, "title": f"{title} · Footfall"}),
            html.A(lang.t("To the content"), href=f"#{CONTENT_ID}", className="skip no-print"),
            html.Header(
                [
                    html.Div(["Footfall"], className="brand"),
                    html.Nav([back, picker], className="where"),
                    html.Nav(links, className="sections", **aria(label=lang.t("Pages"))),
                    html.Div(
                        [_languages(route, lang), _theme(lang), account_menu(viewer, lang, links)], className="settings"
                    ),
                ]
            ),
            tabs,
            html.Div(id=BANNER_ID, role="status", **aria(live="polite")),
            html.Div(lang.t("No connection to the server. The page goes on by itself."), id="lost", hidden=True),
            html.Main(body, id=CONTENT_ID, tabIndex=-1),
        ],
        className="frame",
        lang=lang.tag,
    )


def no_database(since: datetime, lang: Language) -> Any:
    """Return the message while the database does not answer; times are the server's, in UTC."""
    return html.Div(
        [
            html.B(lang.t("No new numbers since {at} UTC.", at=f"{since:%H:%M:%S}")),
            html.Span(lang.t("What you see is from before. The page goes on by itself.")),
        ],
        className="banner",
        **data(banner="database"),
    )


def trouble(lang: Language) -> Any:
    """Return the message after an error that nobody foresaw."""
    return html.Div(
        [html.B(lang.t("Something went wrong here.")), html.Span(lang.t("It is in the log; the page tries again."))],
        className="banner",
        **data(banner="trouble"),
    )


def forbidden(lang: Language) -> Any:
    """Return the message where the account may not see what is shown any more."""
    return html.Div(
        [html.B(lang.t("Not for this account")), html.Span(lang.t("Head office can change that."))],
        className="banner",
        **data(banner="forbidden"),
    )


def message(title: str, text: str, link: Any = None) -> Any:
    """Return a page that has only something to say."""
    return html.Div([html.H1(title), html.P(text, className="lead"), link], className="message")


def skeleton() -> Any:
    """Return the page's shape before its numbers: nothing moves when they come."""
    bones = [html.Div(className=f"bone bone-{name}") for name in ("head", "lead", "chart", "side", "wide", "wide")]
    return html.Div(
        [html.Header(html.Div("Footfall", className="brand")), html.Main(html.Div(bones, className="bones"))],
        className="frame",
        **aria(busy="true"),
    )


def _languages(route: Route, lang: Language) -> Any:
    return html.Div(
        [
            dcc.Link(
                NAMES[code],
                href=route.in_language(code).href(),
                className="choice on" if code == lang.code else "choice",
                id=f"lang-{code}",
            )
            for code in CODES
        ],
        className="choices languages",
    )


def _theme(lang: Language) -> Any:
    names = {"auto": lang.t("Auto"), "light": lang.t("Light"), "dark": lang.t("Dark")}
    return html.Button(
        [html.I(className="theme-icon"), *(html.Span(text, className=f"when-{name}") for name, text in names.items())],
        id=THEME_ID,
        className="theme",
        title=lang.t("Colours: as the system, light or dark"),
        n_clicks=0,
    )
