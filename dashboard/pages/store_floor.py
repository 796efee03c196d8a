"""The floor on a store's page: staffing, categories and sales by alias, read beside the live figures.

Four weeks are read for it, once in ten minutes: so the page is there before it, and it comes in when it is read.
"""

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import DatabaseUnavailableError, StoreUnknownError
from dashboard.components.categories_table import categories_table
from dashboard.components.staffing_card import staff_sales_card, staffing_card
from dashboard.components.zone_funnels import zone_funnels_table
from dashboard.errors import ForbiddenError
from dashboard.language import language_of
from dashboard.pages.page import Services
from dashboard.reading.live import FLOOR_S

_PLACES: Final = ("staffing", "zone-funnels", "categories", "staff")


def floor_places() -> list[Any]:
    """Return where the cards come, and what asks for them."""
    staffing, *others = (html.Div(id=f"store-{name}") for name in _PLACES)
    return [
        dcc.Interval(id="store-floor-tick", interval=int(1000 * FLOOR_S)),
        staffing,
        html.Div(others, className="row row-floor"),
    ]


def register(app: Dash, services: Services) -> None:
    """Register what fills the places."""

    @app.callback(
        *(Output(f"store-{name}", "children") for name in _PLACES),
        Input("store-floor-tick", "n_intervals"),
        State("store-code", "data"),
    )
    def fill(_tick: int, shown: dict[str, str]) -> list[Any]:
        return filled(services, shown)


def filled(services: Services, shown: dict[str, str]) -> list[Any]:
    """Return the callback's answer; nothing new while the database is away: the page says so."""
    lang = language_of(shown["lang"])
    try:
        floor = services.reading.floor(shown["store"])
        currency = services.reading.store(shown["store"]).currency
    except (DatabaseUnavailableError, ForbiddenError, StoreUnknownError):
        return [no_update] * len(_PLACES)
    return [
        staffing_card(floor.staffing, lang),
        zone_funnels_table(floor.zones, lang),
        categories_table(floor.categories, currency, lang),
        staff_sales_card(floor.staff, currency, lang),
    ]
