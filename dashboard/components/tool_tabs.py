"""The ways between the pages of Set-up: stores, users, and the log of who did what."""

from typing import Any

from dash import dcc, html

from dashboard.accounts.viewer import Viewer
from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import Route


def tool_tabs(here: Route, viewer: Viewer, lang: Language) -> Any:
    """Return the ways that are open to the viewer; nothing where there is one alone."""
    if not viewer.may("accounts"):
        return None
    ways = (
        (lang.t("Stores"), here.to_set_up(), "set_up"),
        (lang.t("Users"), here.to_users(), "users"),
        (lang.t("Who did what"), here.to_log(), "log"),
    )
    links = [
        dcc.Link(name, href=there.href(), className="choice on" if here.page == page else "choice")
        for name, there, page in ways
    ]
    return html.Nav(links, className="choices tabs no-print", **aria(label=lang.t("Set-up")))
