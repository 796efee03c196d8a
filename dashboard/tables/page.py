"""Which tables each page has: `/files/PAGE/TABLE.csv` or `.xlsx`, with the filters of the page's own address."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from analytics.tables import Table
from dashboard.components.account_form import fitting_accounts
from dashboard.components.event_words import wanted
from dashboard.errors import FileUnknownError, UnreadError
from dashboard.language import Language
from dashboard.pages.page import Services
from dashboard.reading.chain import Among
from dashboard.routes import PageName, Route
from dashboard.tables import chain, day, fleet, floor, past, trust

Made = Callable[[Services, Route, Language], Table]
#: What cannot be read is no empty table: the name of the part in a view's `failed`.
Part = str | None


def _past(make: Callable[..., Table], part: Part = None) -> Made:
    def made(services: Services, here: Route, lang: Language) -> Table:
        view = services.reading.history(here.store or "", here.period, here.first, here.last)
        return make(_whole(view, part), lang)

    return made


def _today(make: Callable[..., Table], part: Part = None) -> Made:
    return lambda services, here, lang: make(_whole(services.reading.live(here.store or ""), part), lang)


def _quarters(services: Services, here: Route, lang: Language) -> Table:
    view = _whole(services.reading.live(here.store or ""), "hours")
    return day.day_quarters(view, services.reading.quarters(view), lang)


def _floor(make: Callable[..., Table], part: str) -> Made:
    def made(services: Services, here: Route, lang: Language) -> Table:
        store = services.reading.store(here.store or "")
        return make(_whole(services.reading.floor(store.code), part), store, lang)

    return made


def _chain(make: Callable[..., Table], part: Part = None) -> Made:
    def made(services: Services, here: Route, lang: Language) -> Table:
        among = Among(here.region, here.format)
        return make(_whole(services.reading.network(here.period, here.first, here.last, among), part), here, lang)

    return made


def _trusted(services: Services, here: Route, lang: Language) -> Table:
    return chain.trusted(services.reading.chain_trust(here.period, here.first, here.last), here, lang)


def _trust(make: Callable[..., Table], part: Part = None) -> Made:
    return lambda services, here, lang: make(_whole(services.reading.store_trust(here.store or ""), part), lang)


def _boxes(services: Services, here: Route, lang: Language) -> Table:
    return fleet.boxes(services.reading.fleet(here.store), here, lang)


def _alarms(services: Services, here: Route, lang: Language) -> Table:
    return fleet.alarms(services.reading.alarms(here.store), here, lang)


def _rollouts(services: Services, _here: Route, lang: Language) -> Table:
    return fleet.rollouts(services.desk.rollouts(), lang)


def _users(services: Services, here: Route, lang: Language) -> Table:
    names = {store.code: store.name for store in services.reading.stores()}
    return fleet.users(fitting_accounts(services.accounts.listed(), names, here.find, lang), lang)


def _log(services: Services, here: Route, lang: Language) -> Table:
    return fleet.log(services.accounts.events(wanted(here), limit=LOG_MAX), lang)


#: Lines of the log in a file.
LOG_MAX: Final = 100_000
#: By the page and the table's name.
TABLES: Final[Mapping[tuple[PageName, str], Made]] = {
    ("history", "days"): _past(past.past_days, "days"),
    ("history", "hours"): _past(past.past_hours, "hours"),
    ("history", "funnel"): _past(past.past_funnel, "funnel"),
    ("history", "sales"): _past(past.past_sales),
    ("history", "zones"): _past(past.past_zones, "zones"),
    ("history", "changes"): _past(past.past_changes, "changes"),
    ("history", "queue"): _past(past.past_queue, "queue"),
    ("history", "steps"): _past(past.past_steps, "movement"),
    ("history", "warmth"): _past(past.past_warmth, "movement"),
    ("history", "forecast"): _past(past.past_ahead, "ahead"),
    ("history", "targets"): _past(past.past_targets, "targets"),
    ("store", "quarters"): _quarters,
    ("store", "now"): _today(day.day_now),
    ("store", "funnel"): _today(day.day_funnel),
    ("store", "sales"): _today(day.day_sales),
    ("store", "zones"): _today(day.day_zones),
    ("store", "findings"): _today(day.day_findings),
    ("store", "changes"): _today(day.day_changes, "changes"),
    ("store", "forecast"): _today(day.day_ahead, "ahead"),
    ("store", "targets"): _today(day.day_targets, "targets"),
    ("store", "targets-month"): _today(day.month_targets, "targets"),
    ("store", "staffing"): _floor(floor.staffing, "staffing"),
    ("store", "staff"): _floor(floor.staff, "staff"),
    ("store", "categories"): _floor(floor.categories, "categories"),
    ("store", "zone-funnels"): _floor(floor.zone_funnels, "zone-funnels"),
    ("stores", "stores"): _chain(chain.stores),
    ("stores", "changes"): _chain(chain.changes, "changes"),
    ("stores", "groups"): _chain(chain.groups, "groups"),
    ("stores", "weeks"): _chain(chain.weeks),
    ("stores", "unusual"): _chain(chain.unusual),
    ("trust", "trust"): _trusted,
    ("trust", "doors"): _trust(trust.doors, "reliance"),
    ("trust", "audits"): _trust(trust.audits),
    ("trust", "restated"): _trust(trust.restated, "restated"),
    ("trust", "cameras"): _trust(trust.cameras),
    ("devices", "boxes"): _boxes,
    ("alarms", "alarms"): _alarms,
    ("rollouts", "rollouts"): _rollouts,
    ("users", "users"): _users,
    ("log", "log"): _log,
}
#: Pages of the chain, whatever store an address names, and the one table of Trust; boxes are of one store or of all.
_OF_THE_CHAIN: Final = frozenset({"stores", "rollouts", "users", "log"})
_OF_EITHER: Final = frozenset({"devices", "alarms"})


def store_of(page: PageName, what: str, code: str | None) -> str | None:
    """Return the store that a page's table is of when its address names `code`; None: it is of the chain."""
    of_the_chain = page in _OF_THE_CHAIN or (page, what) == ("trust", "trust")
    if of_the_chain or (page in _OF_EITHER and not code):
        return None
    return code or ""


def table(services: Services, here: Route, what: str, lang: Language) -> Table:
    """Return a page's table.

    Raises:
        FileUnknownError: the page has none of this name.
        ForbiddenError: the viewer may not see what is in it.
        StoreUnknownError: no store has the code in the address.
        UnreadError: what is in it cannot be read.
        DatabaseError: the database could not be asked.
        SetUpError: this dashboard was started without what would know.
    """
    make = TABLES.get((here.page, what))
    if make is None:
        have = ", ".join(name for page, name in TABLES if page == here.page) or "no tables"
        raise FileUnknownError(f"expected one of {have} of the page, got {what!r}")
    return make(services, here, lang)


def _whole(view: Any, part: Part) -> Any:
    if part in view.failed:
        raise UnreadError(f"{part} cannot be read")
    return view
