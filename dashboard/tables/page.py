"""Which tables each page has: `/files/PAGE/TABLE.csv` or `.xlsx`, with the filters of the page's own address."""

from collections.abc import Callable, Mapping
from typing import Final

from analytics.tables import Table
from dashboard.errors import FileUnknownError
from dashboard.language import Language
from dashboard.pages.page import Services
from dashboard.reading.chain import Among
from dashboard.routes import PageName, Route
from dashboard.tables import chain, store

Made = Callable[[Services, Route, Language], Table]


def _past(make: Callable[..., Table]) -> Made:
    def made(services: Services, here: Route, lang: Language) -> Table:
        return make(services.reading.history(here.store or "", here.period, here.first, here.last), lang)

    return made


def _today(make: Callable[..., Table]) -> Made:
    return lambda services, here, lang: make(services.reading.live(here.store or ""), lang)


def _stores(services: Services, here: Route, lang: Language) -> Table:
    return chain.stores(
        services.reading.network(here.period, here.first, here.last, Among(here.region, here.format)), lang
    )


def _trusted(services: Services, here: Route, lang: Language) -> Table:
    return chain.trusted(services.reading.chain_trust(here.period, here.first, here.last), lang)


def _doors(services: Services, here: Route, lang: Language) -> Table:
    return chain.doors(services.reading.store_trust(here.store or ""), lang)


def _boxes(services: Services, here: Route, lang: Language) -> Table:
    return chain.boxes(services.reading.fleet(here.store), lang)


#: By the page and the table's name.
TABLES: Final[Mapping[tuple[PageName, str], Made]] = {
    ("history", "days"): _past(store.past_days),
    ("history", "hours"): _past(store.past_hours),
    ("history", "funnel"): _past(store.past_funnel),
    ("history", "sales"): _past(store.past_sales),
    ("history", "zones"): _past(store.past_zones),
    ("store", "hours"): _today(store.day_hours),
    ("store", "funnel"): _today(store.day_funnel),
    ("store", "sales"): _today(store.day_sales),
    ("store", "zones"): _today(store.day_zones),
    ("stores", "stores"): _stores,
    ("trust", "trust"): _trusted,
    ("trust", "doors"): _doors,
    ("devices", "boxes"): _boxes,
}
#: Tables of the chain, whatever store an address names; those of boxes are of one store or of all.
_OF_THE_CHAIN: Final = frozenset({("stores", "stores"), ("trust", "trust")})
_OF_EITHER: Final = frozenset({("devices", "boxes")})


def store_of(page: PageName, what: str, code: str | None) -> str | None:
    """Return the store that a page's table is of when its address names `code`; None: it is of the chain."""
    if (page, what) in _OF_THE_CHAIN or ((page, what) in _OF_EITHER and not code):
        return None
    return code or ""


def table(services: Services, here: Route, what: str, lang: Language) -> Table:
    """Return a page's table.

    Raises:
        FileUnknownError: the page has none of this name.
        ForbiddenError: the viewer may not see what is in it.
        StoreUnknownError: no store has the code in the address.
    """
    make = TABLES.get((here.page, what))
    if make is None:
        have = ", ".join(name for page, name in TABLES if page == here.page) or "no tables"
        raise FileUnknownError(f"expected one of {have} of the page, got {what!r}")
    return make(services, here, lang)
