"""The pages about one store, side by side."""

from typing import Any

from dash import dcc, html

from dashboard.components.attributes import aria
from dashboard.language import Language
from dashboard.routes import Route


def store_tabs(route: Route, code: str, lang: Language) -> Any:
    """Return the ways between a store's pages; language and period are kept."""
    ways = (
        (lang.t("Today"), route.to_store(code), ""),
        (lang.t("Look back"), route.to_history(code), ""),
        (lang.t("Trust"), route.to_trust(code), ""),
        (lang.t("Wall screen"), route.to_wall(code), " tab-wall"),
    )
    return html.Nav(
        [
            dcc.Link(name, href=there.href(), className="choice on" if there.page == route.page else f"choice{more}")
            for name, there, more in ways
        ],
        className="choices tabs",
        **aria(label=lang.t("Pages of this store")),
    )
