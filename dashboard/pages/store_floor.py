"""The floor on a store's page: staffing, categories and sales by alias, read beside the live figures.

Four weeks are read for it, once in ten minutes: so the page is there before it, and it comes in when it is read. Where
many pages are opened at once it asks again until it has its turn.
"""

from functools import partial
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html, no_update

from analytics.errors import BusyError, DatabaseUnavailableError, StoreUnknownError
from analytics.stores import Store
from dashboard.components.categories_table import categories_table
from dashboard.components.file_links import file_links
from dashboard.components.staffing_card import staff_sales_card, staffing_card
from dashboard.components.zone_funnels import zone_funnels_table
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.pages.page import Services, readable
from dashboard.reading.floor import Floor
from dashboard.reading.live import FLOOR_S
from dashboard.routes import Route

_EVERY_MS: Final = int(1000 * FLOOR_S)
_AGAIN_MS: Final = 2000
_PLACES: Final = ("staffing", "zone-funnels", "categories", "staff")


def floor_places() -> list[Any]:
    """Return where the cards come, and what asks for them."""
    staffing, *others = (html.Div(id=f"store-{name}") for name in _PLACES)
    return [
        dcc.Interval(id="store-floor-tick", interval=_EVERY_MS),
        staffing,
        html.Div(others, className="row row-floor"),
    ]


def register(app: Dash, services: Services) -> None:
    """Register what fills the places."""

    @app.callback(
        *(Output(f"store-{name}", "children") for name in _PLACES),
        Output("store-floor-tick", "interval"),
        Input("store-floor-tick", "n_intervals"),
        State("store-code", "data"),
    )
    def fill(_tick: int, shown: dict[str, str]) -> list[Any]:
        try:
            return [*filled(services, shown), _EVERY_MS]
        except BusyError:
            return [*[no_update] * len(_PLACES), _AGAIN_MS]


def filled(services: Services, shown: dict[str, str]) -> list[Any]:
    """Return what comes to the places; nothing new while the database is away: the page says so.

    Raises:
        BusyError: other stores' floors are being read.
    """
    lang = language_of(shown["lang"])
    try:
        floor = services.reading.floor(shown["store"])
        store = services.reading.store(shown["store"])
    except (DatabaseUnavailableError, ForbiddenError, StoreUnknownError):
        return [no_update] * len(_PLACES)
    return cards(floor, Route("store", lang.code, shown["store"]), store, lang.at(store.zone))


def cards(floor: Floor, here: Route, store: Store, lang: Language) -> list[Any]:
    """Return the cards in the order of their places."""
    files, card = partial(file_links, here, lang=lang), partial(readable, floor.failed, lang)
    staffing = floor.staffing
    return [
        card("staffing", lang.t("Staff against visitors"), lambda: "" if staffing is None else staffing_card(
            staffing, lang, files=files("staffing")
        )),
        card("zone-funnels", lang.t("From the shelf to the till"), lambda: zone_funnels_table(
            floor.zones, lang, called=store.zone_called, files=files("zone-funnels")
        )),
        card("categories", lang.t("Categories"), lambda: categories_table(
            floor.categories, store.currency, lang, called=store.zone_called, files=files("categories")
        )),
        card("staff", lang.t("Sales by staff"), lambda: staff_sales_card(
            floor.staff, store.currency, lang, files=files("staff")
        )),
    ]  # fmt: skip
